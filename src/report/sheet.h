/* A run as comparisons see it: for every row of its summary, the sums of each shot that the mean is made of. Read from
 * a run's folder, or from a baseline file, which is a run's record with these sums and nothing more. */
#ifndef GB_REPORT_SHEET_H
#define GB_REPORT_SHEET_H

#include <stdint.h>

#include "report/run.h"
#include "stats/decide.h"

typedef struct gb_sheet_shot {
    int shot;           /* index in the pack */
    int values, blanks; /* frames (or pairs) with a value and without */
    uint64_t which;     /* hash of which frames those are */
    double num, den;    /* sums in the order of the frames */
} gb_sheet_shot;

typedef struct gb_sheet_row {
    gb_sheet_shot *shot; /* by shot */
    size_t count, capacity;
} gb_sheet_row;

typedef struct gb_sheet {
    char *path;         /* as it was named, for messages */
    gb_run *run;        /* without panels when it comes from a baseline file */
    gb_sheet_row *row;  /* [run->summary_count] */
    char *who, *when, *why, *replaces; /* of a baseline file; NULL else */
} gb_sheet;

/* `path` is a run's folder, its run.json, or a baseline file. What was changed by hand is refused in one line: a
 * baseline by its checksum, a run because its means, counts and medians must follow from its rows and samples, which
 * must stand in the order of the frames. GB_E_NOT_FOUND when there is nothing at `path`. */
gb_status gb_sheet_read(const char *path, gb_sheet **out, gb_error *err) GB_MUST_CHECK;
void gb_sheet_free(gb_sheet *sheet);

/* The row of these names, or NULL; its sums are sheet->row[row - sheet->run->summary]. */
const gb_run_summary *gb_sheet_find(const gb_sheet *sheet, const char *generator, const char *dataset,
                                    const char *metric, gb_region region);
const gb_sheet_row *gb_sheet_sums(const gb_sheet *sheet, const gb_run_summary *row);

/* Writes a baseline file, small enough to be committed. `why` is the reason for it in one line. */
gb_status gb_sheet_write(const gb_sheet *sheet, const char *path, const char *why, gb_error *err) GB_MUST_CHECK;

/* Pairs two rows by shot and decides. GB_E_MISMATCH, saying where, when they do not have a value for the same frames:
 * what only one of them has cannot be compared. */
gb_status gb_sheet_decide(const gb_sheet_row *base, const gb_sheet_row *run, const gb_effect *effect, gb_decision *out,
                          gb_error *err) GB_MUST_CHECK;

#define GB_BASELINE_SCHEMA "ganime-bench/baseline/1"

#endif
