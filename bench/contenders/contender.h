/* A generator that takes part in a run: which weights it has, whether it can run, and its state per worker. */
#ifndef GB_CONTENDERS_CONTENDER_H
#define GB_CONTENDERS_CONTENDER_H

#include "cli/cli.h"
#include "contenders/foreign.h"
#include "models/net.h"
#include "models/stabiliser.h"
#include "report/row.h"

typedef struct gb_contender {
    char id[96];                  /* "lama-fourier", "ce@b256", "ce@b256+hold" */
    const gb_generator *generator;
    bool holds;                   /* its frames go through a gb_stabiliser, in order; here they are made as without */
    const struct gb_contender *base; /* of one that holds: the same without, where that takes part too, before it in the
                                        list; what it has opened is then used */
    gb_foreign *foreign;          /* owned, unless there is a base; NULL for the program's own */
    char *weights;                /* file, or NULL */
    char weights_sha256[65];
    bool own_weights;             /* the user gave them */
    bool asked;                   /* by name, so that not being able to is a failure */
    bool has_opened;              /* for one dataset or more */
    gb_state state;               /* OK, NO_WEIGHTS; for the dataset that it was last opened for also FAILED, or
                                     SKIPPED: a net, not asked for, that does not take frames of that size */
    char why[1024];               /* unless OK */
    bool batch_stats;
    int frames;                   /* that one run takes together, of nets; without batch_stats each for itself */
    gb_net_info info;             /* of a net, once open */
    gb_net_plan *plan, *tail;     /* nets only; `tail`: for the last, smaller batch with batch statistics */
    bool borrows;                 /* these are its base's */
} gb_contender;

typedef struct gb_contenders {
    gb_contender *item;
    int count;
} gb_contenders;

/* The contenders that the options select. Each generator that --generator names (none: all) is there once for every
 * weights file found for it, or once without weights. --weights are the user's own files, "FILE", "GENERATOR=FILE" or
 * "GENERATOR@VARIANT=FILE": the contender's id is what precedes "=", or the only selected net's, and what was found for
 * that generator is left out, unless --generator names it in full.
 * Those of --external and --exec are always there. "NAME+hold" is NAME with its strips stabilised; with
 * options->stabilise all are, and none is there without. Unknown names are GB_E_USAGE with a near miss. */
gb_status gb_contenders_select(const gb_options *options, gb_contenders *out, gb_error *err) GB_MUST_CHECK;
/* Where one is of that very name, or is that one stabilised, what else the name stands for goes. */
void gb_contenders_keep_named(gb_contenders *contenders, const char *name);
void gb_contenders_free(gb_contenders *contenders);

/* What opening a net needs to know; `batch` and `tail` are numbers of frames, 1 and 0 unless batch_stats. `frames`: how
 * many are given to gb_contender_generate at a time; of these a device takes together what suits it (0: one). */
typedef struct gb_contender_env {
    const gb_backend *backend;
    gb_geometry geometry;
    gb_precision precision;
    bool batch_stats;
    int batch, tail, frames;
    int threads;           /* that may plan it; 0: one */
    const char *dataset;   /* for foreign ones, with what follows; borrowed until they are closed */
    int dataset_frames;
    const gb_picks *picks;
} gb_contender_env;

/* Reads the weights and plans, also after a dataset for which that went wrong. What goes wrong becomes the contender's
 * state and why: it never stops the others. */
void gb_contender_open(gb_contender *contender, const gb_contender_env *env);
void gb_contender_close(gb_contender *contender);

/* A net without weights, planned with random ones: for timing only. GB_E_NOMEM when it would not fit in memory. */
gb_status gb_contender_open_random(gb_contender *contender, const gb_contender_env *env, gb_error *err) GB_MUST_CHECK;

/* One worker's state of one contender. */
typedef struct gb_contender_worker {
    const gb_contender *contender;
    gb_net_worker *net, *tail;
    gb_foreign_worker *foreign;
} gb_contender_worker;
gb_status gb_contender_worker_open(const gb_contender *contender, gb_contender_worker *out, gb_error *err)
    GB_MUST_CHECK;
void gb_contender_worker_close(gb_contender_worker *worker);

/* The stabiliser of one that holds, for one sequence of frames; NULL for others. */
gb_status gb_contender_stabiliser(const gb_contender *contender, gb_geometry geometry, gb_stabiliser **out,
                                  gb_error *err) GB_MUST_CHECK;

/* Of a net on a device where frames stay: once, before the first call of the second. That is gb_contender_generate
 * from frames with the known centre to frames there. */
gb_status gb_contender_keep_there(gb_contender_worker *worker, gb_rounding rounding, gb_error *err) GB_MUST_CHECK;
gb_status gb_contender_generate_there(gb_contender_worker *worker, const gb_place *from, const gb_place *to, int count,
                                      gb_error *err) GB_MUST_CHECK;

/* Widens `count` frames, without stabilising them: `inputs` have the known centre and black strips; `outputs` (same
 * size, allocated) become the result, centre bit for bit. `rounding` is to 8 bits. `picks` are the frames' indices
 * among the run's picks, which foreign contenders go by. With batch statistics, and where gb_contender.frames is above
 * 1, a failure is all frames'. */
gb_status gb_contender_generate(gb_contender_worker *worker, const gb_image *inputs, const int *picks, int count,
                                int side, gb_rounding rounding, gb_image *outputs, gb_error *err) GB_MUST_CHECK;

#endif
