/* A finished run, as every report sees it. run.json and frames.jsonl are this, written down; reading them back gives it
 * again, so any report can be made later from a run's folder. */
#ifndef GB_REPORT_RUN_H
#define GB_REPORT_RUN_H

#include <cjson/cJSON.h>

#include "report/row.h"

#define GB_RUN_SCHEMA "ganime-bench/run/1"

typedef struct gb_run_dataset {
    char *id, *title, *domain, *split, *licence, *source, *content;
    char *flow_from;           /* "exact", or how the truth's flow in it was estimated; NULL: it holds none */
    gb_geometry geometry;
    int frames, shots;         /* scored here */
    gb_state state;            /* OK or SKIPPED */
    char *why;                 /* and how to get it */
    double truth_mae_dt_sides; /* the truth's own mean |change| over the strips, 8-bit levels; NaN when unknown */
    double truth_flicker_hold; /* the same on hold pairs: the ideal of flicker_hold; NaN when there are none */
    int hold_pairs, pairs, cut_pairs;
} gb_run_dataset;

typedef struct gb_run_generator {
    char *id, *title, *source;
    gb_state state;            /* OK, NO_WEIGHTS or FAILED */
    char *why;
    char *weights, *weights_sha256; /* NULL for baselines */
    char *batchnorm;           /* "running", "batch", NULL */
    double parameters, gflop;  /* 0 for baselines */
    int centre_maxabs;         /* largest over all frames; -1 when nothing was generated */
    char *kind;                /* "net", "baseline", "external", "exec" */
    char *origin;              /* external: the folder or file; exec: the command; else NULL */
    char *frames_sha256;       /* of external and exec: over name, newline, pixels of each frame as scored; or NULL */
    bool composited;           /* the input's centre was put over what it gave */
    int delivered_centre;      /* as centre_maxabs, before that; -1: unknown */
    char *filter;              /* what is done to its strips over time, with its constants; NULL: nothing */
} gb_run_generator;

typedef struct gb_run_metric {
    char *id, *title, *unit, *recipe, *direction; /* "higher", "lower", "informative" */
    int digits;
    char *computed_on; /* "processor", or the device that kept the frames: "cuda"; NULL: not said */
} gb_run_metric;

typedef struct gb_run_summary {
    char *generator, *dataset, *metric;
    gb_region region;
    gb_state state;
    char *why;
    double mean, lo, hi;       /* 95 % by bootstrap over shots; lo = hi = NaN with one shot */
    int frames, shots;
} gb_run_summary;

/* A generator less the one that comes next in the dataset's table, over the frames that both have. */
typedef struct gb_run_difference {
    char *generator, *other, *dataset, *metric;
    gb_region region;
    double mean, lo, hi;       /* 95 %, paired, over shots (stats/decide.h); lo = hi = NaN with fewer than three */
    int frames, shots;
} gb_run_difference;

/* A generator outside its training domain less inside: means over datasets, each counted once. Rows exist when datasets
 * of both domains were scored. */
typedef struct gb_run_gap {
    char *generator, *metric;
    gb_region region;
    double inside, outside;
    double mean, lo, hi;       /* 95 % by bootstrap over the shots of every dataset (stats/contrast.h); may be NaN */
    int inside_shots, outside_shots;
} gb_run_gap;

/* A generator on the shots of a dataset that have a tag, and on the rest; of the strips, or of the whole frame where
 * nothing was invented. */
typedef struct gb_run_tag {
    char *generator, *dataset, *tag, *metric;
    gb_region region;
    double mean, lo, hi;       /* as in the summary */
    int frames, shots;
    double rest;               /* mean of the other shots; NaN without any */
    double difference, difference_lo, difference_hi; /* mean less rest, 95 % by bootstrap over both kinds of shots */
    int rest_shots;
} gb_run_tag;

typedef struct gb_run_throughput {
    char *generator, *stage, *device, *precision;
    int batch, threads;
    double p50_ms, p90_ms, p99_ms, fps, gflops, roof_fraction; /* NaN where it makes no sense */
    double *samples_ms;
    int samples;
    double *round_ms, *clock_ms, *yardstick_ms; /* of each undisturbed round: median time of a frame, and of two fixed
                                                 * pieces of work beside it, one that tells the clock and one that tells
                                                 * what is left of the core (machine/yardstick.h);
                                                 * NULL without rounds */
    int rounds, disturbed;           /* `disturbed` rounds were thrown away */
    bool random_weights;
} gb_run_throughput;

typedef struct gb_run_picture {
    char *label;   /* "truth", "input" or a generator's id */
    char *path;    /* PNG, relative to the run's folder */
    double lpips;  /* full, or NaN */
    char *heat;    /* PNG of where that LPIPS comes from, relative likewise; NULL: none */
} gb_run_picture;

typedef struct gb_run_panel {
    char *dataset, *clip, *why; /* why this frame: "worst for lama-fourier", "middle of the shot" */
    int shot, frame;
    gb_run_picture *pictures;
    int picture_count;
} gb_run_panel;

/* The audit that timed runs are scored runs: of what a generator made while it was timed, a seeded sample is compared
 * byte for byte with what was scored. */
typedef struct gb_run_audit {
    char *generator, *dataset;
    int sampled, equal;        /* frames */
    gb_state state;            /* OK: all equal; FAILED; SKIPPED: nothing to compare */
    char *why;
} gb_run_audit;

/* One step of the way from the strict protocol to the one that was run, with all steps before it. */
typedef struct gb_run_step {
    char *dataset, *generator, *metric;
    gb_region region;
    char *step;                /* "strict", "+ batch statistics", ... */
    gb_state state;
    char *why;
    double mean, lo, hi;       /* as in a summary row */
    double change;             /* of the mean from the step before; NaN at the first */
    int frames, shots;
} gb_run_step;

/* How much the strips change over so many frames, for a generator and the truth, over the same pairs. */
typedef struct gb_run_change {
    char *generator, *dataset;
    gb_region region;          /* sides; full where nothing was invented */
    int distance;              /* frames of the dataset, 1 to 24 */
    double mean, truth;        /* |difference|, 8-bit levels, over pixels and channels */
    int pairs, shots;          /* pairs lie within one sequence of consecutive frames of one shot */
} gb_run_change;

/* A time slice: a picture of one row of the strips over a sequence of frames, the truth above the generator. */
typedef struct gb_run_slice {
    char *generator, *dataset, *clip;
    int shot, frame, frames, row; /* frame: the first */
    char *path;                /* PNG, relative to the run's folder */
} gb_run_slice;

typedef struct gb_run {
    char *directory;            /* where it lives */
    const char *out;            /* where reports are written, borrowed; NULL: where it lives */
    char *created, *command;
    char fingerprint[65];
    cJSON *protocol, *environment;
    gb_run_dataset *datasets;
    gb_run_generator *generators;
    gb_run_metric *metrics;
    gb_run_summary *summary;
    gb_run_difference *differences;
    gb_run_gap *gaps;
    gb_run_tag *by_tag;
    gb_run_throughput *throughput;
    gb_run_panel *panels;
    gb_run_audit *audit;        /* empty without a timing pass */
    gb_run_step *ladder;        /* empty under the strict protocol */
    gb_run_change *changes;
    gb_run_slice *slices;       /* empty without pictures */
    size_t change_count, slice_count;
    size_t dataset_count, generator_count, metric_count, summary_count, difference_count, gap_count, tag_count,
        throughput_count, panel_count, audit_count, ladder_count;
    int threads;                /* how many a report may use; 0: one. Not a part of the record */
} gb_run;

gb_status gb_run_new(gb_run **out, gb_error *err) GB_MUST_CHECK;
void gb_run_free(gb_run *run);

/* One throughput row as run.json holds it; NULL when memory is short. */
/* Frees what the row holds, and zeroes it; for one that is in no run. */
void gb_run_throughput_clear(gb_run_throughput *row);
cJSON *gb_run_throughput_json(const gb_run_throughput *row);

/* run.json of a folder, strictly: another schema or a damaged file is refused in one line. */
gb_status gb_run_read(const char *directory, gb_run **out, gb_error *err) GB_MUST_CHECK;

/* Before another run is written to `directory`: removes the reports of the one that is there, run.json first, and the
 * pictures that it names, so that nothing of it is taken for a part of the next. Other files stay. A folder without
 * run.json is left as it is. */
gb_status gb_run_forget(const char *directory, gb_error *err) GB_MUST_CHECK;

const char *gb_run_out(const gb_run *run);

/* The same from run.json's value; `path` names it in errors; `directory` stays NULL. */
gb_status gb_run_parse(const char *path, const cJSON *root, gb_run **out, gb_error *err) GB_MUST_CHECK;

/* frames.jsonl, row by row: `visit` gets each row (strings valid during the call); a status other than GB_OK stops. */
typedef gb_status gb_row_visitor(void *user, const gb_row *row, gb_error *err);
gb_status gb_run_read_rows(const char *directory, gb_row_visitor *visit, void *user, gb_error *err) GB_MUST_CHECK;

/* frames.jsonl while the run goes: rows are on disk as they come. */
typedef struct gb_row_writer gb_row_writer;
gb_status gb_row_writer_open(const char *path, gb_row_writer **out, gb_error *err) GB_MUST_CHECK;
gb_status gb_row_writer_put(gb_row_writer *writer, const gb_row *row, gb_error *err) GB_MUST_CHECK;
gb_status gb_row_writer_close(gb_row_writer *writer, gb_error *err) GB_MUST_CHECK; /* flushed and synced */

/* One kind of report. A new one is one file here and one line in registry.c. */
typedef struct gb_report {
    const char *id;       /* "html" */
    const char *file;     /* "report.html"; several: "figures/<any>.png" */
    const char *summary;
    bool on_request;      /* made only when it is named */
    /* Writes `file` (atomically) into gb_run_out, reading run->directory/frames.jsonl if it needs rows. */
    gb_status (*write)(const gb_run *run, gb_error *err);
} gb_report;

const gb_report *const *gb_reports(size_t *count);
const gb_report *gb_report_find(const char *id);

#endif
