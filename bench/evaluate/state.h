/* The parts of a running evaluation, for this room alone: which cells there are and what has to be computed of them,
 * slots of the pipeline, workers, and what metrics share. */
#ifndef GB_EVALUATE_STATE_H
#define GB_EVALUATE_STATE_H

#include "cells/cell.h"
#include "evaluate/evaluate.h"
#include "metrics/region_sums.h"

/* What is kept of frames for temporal metrics: of a unit's first frame, for the unit before, and of two in turn. On a
 * device, where a unit's frames are scored before its pairs are, of every frame. */
enum { KEPT_PLACES = 3 };

/* Frames of a cell at most; with batch statistics the most whole batches that fit. */
enum { CELL_FRAMES = 32 };

/* As many frames as may lie before a cell's first one and still change its numbers: a whole batch. */
enum { RECENT = 16 };

/* One unit of the pipeline: up to `batch` frames of one cell and everything made from them. */
typedef struct unit_slot {
    int cell, first, count;    /* picks */
    bool end;                  /* no unit: all are through */
    bool run_up;               /* only for what the next units' frames depend on */
    bool far;                  /* of a run-up what lies before the frame that makes a pair: only filters go by it */
    bool last;                 /* of its cell */
    const bool *need;          /* [contender]: whose outputs are wanted */
    gb_image *truth, *input;
    gb_image *output;          /* [contender][frame] */
    int *pick;                 /* [frame] */
    char (*unread)[256];       /* [frame]: why it could not be read; "": it was */
    char (*hash)[GB_SHA256_HEX]; /* [frame]: of what was read */
    gb_frame_outcome *outcome; /* [contender][frame] */
    gb_flow *flow;             /* [frame]: the truth's, from the frame before; where the pack has it */
    bool *has_flow;            /* [frame] */
    void **kept;               /* [metric][contender, then the truth][place]; NULL where nothing is kept; a gb_memory
                                  of metrics that are computed on the device */
    double *truth_change, *truth_hold; /* [frame]: the truth's own change over the strips; NaN: none */
    /* Where metrics are computed on a device (on_device.h): its frames, [truth, input, contender][frame]; NULL: not.
     * [contender][frame]: whether the frame is there, and whether `output` has it. */
    gb_memory *frames;
    bool *there, *here;
} unit_slot;

/* Two consecutive frames: frame g of `before`, which may be the same slot, and frame f of `slot`. */
typedef struct pair_place {
    const unit_slot *before;
    unit_slot *slot;
    int g, f;
} pair_place;

typedef struct evaluation_worker {
    gb_contender_worker *contender;
    void **metric;             /* of gb_metric, or of gb_metric_on_device where the state says so */
    gb_scorer *scorer;         /* NULL: nothing is scored on a device */
    gb_region_sums regions;    /* of frames there */
    pair_place *pair;          /* room for a unit's pairs */
} evaluation_worker;

/* The temporal filter of a contender that has one. */
typedef struct evaluation_filter {
    gb_stabiliser *stabiliser; /* NULL: none */
    int last;                  /* the pick that went through it last; -1: none, or it failed */
} evaluation_filter;

typedef struct cell_place {
    int first, count;             /* picks */
    char frames[GB_SHA256_HEX];   /* gb_key_parts.frames; "" until it is known */
} cell_place;

/* What is decoded next. */
typedef struct cell_feed {
    int cell, at, left;           /* the rest of the cell that is being decoded */
    int next;                     /* the cell after it */
    int run_up;                   /* frames to decode before `at` first */
    int reached;                  /* the pick after the last unit's last; -1: none */
    const bool *reached_need;
    gb_image truth, input;        /* of frames that are only hashed */
    gb_flow flow;
    gb_cell probe;                /* what is kept of a cell, looked at */
} cell_feed;

typedef struct evaluation_state {
    gb_evaluation *e;
    int contenders, batch;
    cell_place *cell;
    int cells, begin, end;        /* all; [begin, end) are this run's part */
    bool *need;                   /* [cell][contender] */
    char (*history)[GB_SHA256_HEX]; /* [cell]: see gb_evaluate_learn_history; NULL where nobody asks */
    char *protocol;               /* gb_key_parts.protocol */
    cell_feed feed;
    gb_cell building;             /* the cell that is being collected */
    int gathered;                 /* cells before this one have gone into rows and tally */
    char recent[RECENT][GB_SHA256_HEX]; /* hashes of the frames collected last, by pick */
    gb_sha256 *frames;            /* of the cell that is being collected */
    bool started;                 /* what computes is open: see gb_evaluate_start */
    void *const *shared;          /* per metric: s->e->states', once started */
    const gb_scoring *scoring;    /* NULL: every metric is computed by the processor */
    gb_scorer *uploads;           /* of the thread that decodes; NULL without scoring */
    bool *on_device;              /* per metric: where it is computed */
    bool pictures;                /* some metric is computed from pictures */
    int kept_places;              /* of each metric and contender in a slot */
    int *source;                  /* per metric: the one that it shares with, or -1 */
    bool uses_flow;               /* some metric does */
    evaluation_filter *filter;    /* [contender] */
    evaluation_worker *worker;
    unit_slot *slot;
    int slots;
    double truth_change, truth_hold; /* sums over pairs */
} evaluation_state;

bool gb_evaluate_takes_part(const evaluation_state *s, int contender);
/* The contender whose frames this one stabilises, or -1: it makes its own. */
int gb_evaluate_base(const evaluation_state *s, int contender);
/* Whether its frames of this unit are made: it is needed, or one that stabilises them is. */
bool gb_evaluate_makes(const evaluation_state *s, const unit_slot *slot, int contender);

/* Where metric m keeps what it needs of frame f; `contender` one past the last is the truth. */
void **gb_evaluate_kept(const evaluation_state *s, const unit_slot *slot, int m, int contender, int f);

/* Failures stay with the frame or pair that they belong to. */
void gb_evaluate_note_failure(gb_frame_outcome *outcome, gb_status status, const char *why);
void gb_evaluate_fail_pairs(const evaluation_state *s, const pair_place *pair, gb_status status, const char *why);
/* Whether frame f of the slot is scored at all; of a run-up the last alone is. */
bool gb_evaluate_is_scored(const unit_slot *slot, int f);
/* The truth's pictures of a pair, and how they move. */
gb_frame_pair gb_evaluate_truth_pair(const pair_place *pair);
/* Where the truth's own movement over the strips is noted that metric m measures; NULL: it measures none. */
double *gb_evaluate_truth_place(const evaluation_state *s, const pair_place *pair, int m);

#endif
