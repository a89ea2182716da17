/* Which frames of a pack a run looks at. */
#ifndef GB_PROTOCOL_FRAMES_H
#define GB_PROTOCOL_FRAMES_H

#include "datasets/dataset.h"

typedef struct gb_pick {
    int frame, shot;
    bool follows; /* the pick before it is the frame before it in the same shot */
} gb_pick;

typedef struct gb_picks {
    gb_pick *pick;
    int count, shots;     /* shots that have at least one pick */
    int cut_pairs;        /* neighbouring frames of the pack that lie on either side of a cut: never compared */
} gb_picks;

/* `split` "all" or one split; `limit` 0: every frame; else that many, in one run of consecutive frames in the middle of
 * each of evenly spread shots (runs of at least two frames where the limit allows). Increasing frame order. A split
 * without frames is GB_E_NOT_FOUND and names those that there are. */
gb_status gb_frames_pick(const gb_pack *pack, const char *split, long limit, gb_picks *out, gb_error *err)
    GB_MUST_CHECK;
/* The first `limit` frames of the split (0: all), as sorted names give them. */
gb_status gb_frames_pick_first(const gb_pack *pack, const char *split, long limit, gb_picks *out, gb_error *err)
    GB_MUST_CHECK;
void gb_picks_free(gb_picks *picks);

/* A frame's name outside the program, the same wherever frames leave it or come back: "<dataset>-<frame>", the frame's
 * index in the pack with at least six digits. Whatever cannot be in a file's name is '_'. */
#define GB_FRAME_NAME 96
void gb_frame_name(const char *dataset, int frame, char name[GB_FRAME_NAME]);

#endif
