/* The comparison of a run with its baseline: one record, which every output is made from. */
#ifndef GB_GATE_GATE_H
#define GB_GATE_GATE_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "gate/pace.h"
#include "report/limits.h"
#include "report/sheet.h"

typedef struct gb_gate_row {
    const char *generator, *dataset, *metric; /* borrowed from the sheets, as all below */
    const char *against;         /* the generator it is compared with, when that is another one; else NULL */
    gb_region region;
    const gb_run_metric *about;
    gb_decision decision;        /* a MISSING one has no numbers */
    char note[400];              /* why it is missing, or not judged; "" else */
} gb_gate_row;

typedef struct gb_gate_speed {
    const char *generator, *stage;
    int threads;                 /* that were timed at once */
    gb_pace pace;                /* while it is judged; without timings when it is missing */
    gb_decision decision;        /* of the time of one frame; difference, lo, hi as shares of the baseline's */
    char note[200];
} gb_gate_speed;

typedef struct gb_gate {
    const gb_sheet *base, *run;
    gb_gate_row *row;
    size_t count, capacity;
    gb_gate_speed *speed;
    size_t speed_count, speed_capacity;
    char speed_note[300];        /* why speed was not compared, or "" */
    int tally[GB_VERDICT_COUNT]; /* rows of each verdict, speed apart */
    int speed_tally[GB_VERDICT_COUNT];
    bool strict_speed;           /* speed that is undecided or unconfirmed fails */
    int exact;                   /* of those that pass: equal bit for bit */
    int fresh;                   /* rows that only the run has */
} gb_gate;

/* Judges every row that the baseline has (quality). `generators` (count 0: all) limits them; a base name
 * stands for its sized variants, too. GB_E_NOT_FOUND for one that neither has. The sheets have to be alike
 * (gb_gate_check_alike) and to outlive the gate. */
gb_status gb_gate_judge(const gb_sheet *base, const gb_sheet *run, const gb_limits *limits,
                        const char *const *generators, int generator_count, gb_gate **out, gb_error *err) GB_MUST_CHECK;

/* Within one run: `generators` in order, each against the one before it. GB_E_NOT_FOUND for one that the run lacks, or
 * has several of. */
gb_status gb_gate_judge_within(const gb_sheet *run, const gb_limits *limits, const char *const *generators,
                               int generator_count, gb_gate **out, gb_error *err) GB_MUST_CHECK;
void gb_gate_free(gb_gate *gate);

/* "worse", "missing", "undecided", "better" or "pass": the worst there is. Slower counts as worse; speed that is
 * undecided or unconfirmed counts as undecided under strict_speed, else not (gb_gate_open_ends counts it). */
gb_verdict gb_gate_verdict(const gb_gate *gate);

/* Speed rows that were not decided, one way or the other. */
int gb_gate_open_ends(const gb_gate *gate);

/* GB_OK for pass and better, else GB_E_WORSE with the counts and the first row in one line. */
gb_status gb_gate_status(const gb_gate *gate, gb_error *err) GB_MUST_CHECK;

/* Outputs, one file each. The Markdown and JUnit are written atomically. */
void gb_gate_print(FILE *out, const gb_gate *gate);
cJSON *gb_gate_json(const gb_gate *gate); /* schema in results/schema/gate.schema.json; NULL when memory is short */
gb_status gb_gate_write_markdown(const gb_gate *gate, const char *path, gb_error *err) GB_MUST_CHECK;
gb_status gb_gate_write_junit(const gb_gate *gate, const char *path, gb_error *err) GB_MUST_CHECK;

#define GB_GATE_SCHEMA "ganime-bench/gate/1"

#endif
