/* The parts of a running evaluation, for evaluate.c alone: slots of the pipeline, workers, and what metrics share. */
#ifndef GB_RUN_EVALUATE_STATE_H
#define GB_RUN_EVALUATE_STATE_H

#include "run/evaluate.h"

/* What is kept of frames for temporal metrics: of a unit's first frame, for the unit before, and of two in turn. */
enum { KEPT_PLACES = 3 };

/* One generated frame: what happened and its scores, [metric]. */
typedef struct frame_outcome {
    gb_status status, pair_status; /* of the frame; of the pair that it makes with the one before */
    char why[256], pair_why[256];
    gb_scores *scores;
    int centre_maxabs, delivered_centre; /* the latter of foreign ones: before compositing */
} frame_outcome;

/* One unit of the pipeline: up to `batch` frames and everything made from them. */
typedef struct unit_slot {
    int first, count;    /* picks */
    gb_image *truth, *input;
    gb_image *output;    /* [contender][frame] */
    int *pick;           /* [frame] */
    frame_outcome *outcome;    /* [contender][frame] */
    gb_flow *flow;       /* [frame]: the truth's, from the frame before; where the pack has it */
    bool *has_flow;      /* [frame] */
    void **kept;         /* [metric][contender, then the truth][place]; NULL where nothing is kept */
    double *truth_change, *truth_hold; /* [frame]: the truth's own change over the strips; NaN: none */
} unit_slot;

typedef struct evaluation_worker {
    gb_contender_worker *contender;
    void **metric;
} evaluation_worker;

typedef struct evaluation_state {
    gb_evaluation *e;
    int contenders, batch;
    void **shared;        /* per metric */
    int *source;          /* per metric: the one that it shares with, or -1 */
    bool uses_flow;       /* some metric does */
    evaluation_worker *worker;
    unit_slot *slot;
    int slots;
    double truth_change, truth_hold; /* sums over pairs */
} evaluation_state;

bool gb_evaluate_takes_part(const evaluation_state *s, int contender);

/* Where metric m keeps what it needs of frame f; `contender` one past the last is the truth. */
void **gb_evaluate_kept(const evaluation_state *s, const unit_slot *slot, int m, int contender, int f);

/* Allocates and opens everything from s->e, s->contenders and s->batch; gb_evaluate_close also after a failure. */
gb_status gb_evaluate_open(evaluation_state *s, gb_error *err) GB_MUST_CHECK;
void gb_evaluate_close(evaluation_state *s);

#endif
