/* A time slice of one long sequence: one row of the strips over all its frames, side by side, which shows at a glance
 * what flickers, what is frozen and what moves as it should (the x-t picture of video work). */
#ifndef GB_PICTURES_SLICE_H
#define GB_PICTURES_SLICE_H

#include "contenders/contender.h"
#include "datasets/dataset.h"
#include "protocol/frames.h"
#include "report/run.h"

#define GB_SLICE_FRAMES 48 /* of a sequence: the first */

typedef struct gb_slice gb_slice;

/* Of the longest sequence of the picks (the first of equals), and of its row in which the truth's strips change most
 * from frame to frame; NULL where none has two frames, or nothing was invented. Reads these frames of the pack. */
gb_status gb_slice_new(int contenders, gb_pack *pack, const gb_picks *picks, gb_slice **out, gb_error *err)
    GB_MUST_CHECK;
void gb_slice_free(gb_slice *slice);

/* A contender's frame of a pick, NULL where there is none (left grey); picks of other sequences are passed over. */
void gb_slice_add(gb_slice *slice, int pick, int contender, const gb_image *truth, const gb_image *frame);

/* A PNG of one contender, panels/<dataset>-slice-<contender>.png, and its record: above the truth, below the contender;
 * from top to bottom the left strip from the frame's edge to the seam, then the right one from the seam to the edge; a
 * column a frame. */
gb_status gb_slice_write(const gb_slice *slice, gb_run *run, const char *dataset, const gb_pack *pack,
                         const gb_contender *contender, int index, gb_error *err) GB_MUST_CHECK;

#endif
