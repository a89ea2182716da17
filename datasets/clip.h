/* From frames in order to shots in a pack. */
#ifndef GB_DATASETS_CLIP_H
#define GB_DATASETS_CLIP_H

#include "datasets/shot_writer.h"

/* One stretch of a source: a new one always begins a new shot, cuts inside it begin more. */
typedef struct gb_clip {
    const char *name, *split; /* split "" or NULL: decided at the end, see gb_pack_split_shots */
    int first, end;           /* source frames [first, end); end 0: to the end of the source */
    int stride;
    bool cropped;
    int crop_w, crop_h, crop_x, crop_y;
} gb_clip;

typedef struct gb_clip_writer {
    gb_shot_writer *shots;
    gb_geometry geometry;
    gb_progress_fn *progress; /* may be NULL */
    void *user;
    long done, total;         /* source frames seen, and expected (0: unknown) */
    /* Its own state. */
    gb_shot shot;
    gb_image previous;
    int index, since_cut;
    bool fresh;
} gb_clip_writer;

gb_status gb_clip_begin(gb_clip_writer *writer, const gb_clip *clip, double fps, gb_error *err) GB_MUST_CHECK;
/* The next source frame; every stride-th frame of a shot is kept, cuts are looked for between all. */
gb_status gb_clip_add(gb_clip_writer *writer, const gb_image *wide, const gb_image *narrow, gb_error *err)
    GB_MUST_CHECK;
void gb_clip_writer_clear(gb_clip_writer *writer); /* releases its own state */

/* A whole clip from a video. A video that has fewer frames than the clip asks for is an error. */
gb_status gb_clip_from_video(gb_clip_writer *writer, const gb_clip *clip, const char *path, gb_error *err)
    GB_MUST_CHECK;

/* Whether a picture of this size is a wide frame of `geometry` at another resolution (within one pixel); if not, the
 * line says what was found. */
gb_status gb_clip_check_shape(gb_geometry geometry, const char *path, int width, int height, gb_error *err)
    GB_MUST_CHECK;

#endif
