/* A cell: a few consecutive frames with everything that every generator got for them. It is the piece in which a run is
 * computed, kept, taken up again, shared out and merged: what is added up later depends on cells alone. */
#ifndef GB_CELLS_CELL_H
#define GB_CELLS_CELL_H

#include "core/buffer.h"
#include "core/sha256.h"
#include "metrics/metric.h"

/* One generated frame: what happened and its scores, [metric]. */
typedef struct gb_frame_outcome {
    gb_status status, pair_status; /* of the frame; of the pair that it makes with the one before */
    char why[256], pair_why[256];
    gb_scores *scores;             /* per-layer terms are not kept */
    int centre_maxabs, delivered_centre; /* the latter of foreign ones: before compositing */
    char sha256[GB_SHA256_HEX];    /* of the frame as scored; "" where nobody asks */
} gb_frame_outcome;

typedef struct gb_cell {
    int contenders, metrics, room; /* room: frames at most */
    int frames;
    gb_frame_outcome *outcome;     /* [contender][room] */
    double *truth_change, *truth_hold; /* [room]: the truth's own change over the strips; NaN: none */
    char **text;                   /* owned: why scores that were read have no value */
    size_t texts, text_capacity;
} gb_cell;

/* `metrics` at most 32. Zeroed but for the room; gb_cell_free also after a failure. */
gb_status gb_cell_new(int contenders, int metrics, int room, gb_cell *out, gb_error *err) GB_MUST_CHECK;
void gb_cell_free(gb_cell *cell);
void gb_cell_clear(gb_cell *cell); /* no frames */

gb_frame_outcome *gb_cell_at(const gb_cell *cell, int contender, int frame);
/* Copies all but where the scores lie. */
void gb_frame_outcome_copy(gb_frame_outcome *to, const gb_frame_outcome *from, int metrics);
bool gb_cell_failed(const gb_cell *cell, int contender); /* some frame or pair did */

/* One contender's part as bytes, in this machine's order; one past the last contender is the truth's part. */
gb_status gb_cell_encode(const gb_cell *cell, int contender, gb_buffer *out, gb_error *err) GB_MUST_CHECK;
/* The opposite, into a cell that has no frames yet or as many as these bytes. `what` names them in errors: GB_E_FORMAT
 * for anything but what gb_cell_encode wrote for as many metrics. */
gb_status gb_cell_decode(gb_cell *cell, int contender, const void *bytes, size_t size, const char *what, gb_error *err)
    GB_MUST_CHECK;

#endif
