/* The HDF5 files of `model run`: 8-bit frames in, a net's raw output out, both N,3,H,W. HDF5 is not thread-safe: one
 * call at a time over all files. */
#ifndef GB_MODEL_FRAMES_FILE_H
#define GB_MODEL_FRAMES_FILE_H

#include "image/image.h"

typedef struct gb_frames_in gb_frames_in;
typedef struct gb_frames_out gb_frames_out;

/* The dataset `input_u8`, (N,3,H,W) uint8 with at least one frame. */
gb_status gb_frames_in_open(const char *path, gb_frames_in **out, gb_error *err) GB_MUST_CHECK;
void gb_frames_in_close(gb_frames_in *in);
long gb_frames_in_count(const gb_frames_in *in);
int gb_frames_in_width(const gb_frames_in *in);
int gb_frames_in_height(const gb_frames_in *in);
/* Frame `index` into `out`, which is allocated and of the file's size. */
gb_status gb_frames_in_read(gb_frames_in *in, long index, gb_image *out, gb_error *err) GB_MUST_CHECK;

/* The dataset `output`, (count,3,height,width) float32, one chunk a frame, in a file that appears under its name when
 * gb_frames_out_finish succeeds. */
gb_status gb_frames_out_open(const char *path, long count, int height, int width, gb_frames_out **out, gb_error *err)
    GB_MUST_CHECK;
/* `planes`: 3,H,W. */
gb_status gb_frames_out_write(gb_frames_out *out, long index, const float *planes, gb_error *err) GB_MUST_CHECK;
gb_status gb_frames_out_finish(gb_frames_out *out, gb_error *err) GB_MUST_CHECK; /* frees, also on failure */
void gb_frames_out_abandon(gb_frames_out *out);                                  /* removes what was written */

#endif
