/* From a decoded frame to what a generator sees, and from what it made to the wide frame: the centre is copied
 * sample by sample as it was decoded (any depth), only the strips pass through 8-bit RGB. One thread a widener. */
#ifndef GB_VIDEO_WIDENER_H
#define GB_VIDEO_WIDENER_H

#include "image/image.h"
#include "video/layout.h"
#include "video/pixels.h"

typedef struct gb_widener gb_widener;

/* `source` and `target`: pixels of the decoded and of the wide frames; where their formats differ the centre is
 * converted by swscale. */
gb_status gb_widener_new(const gb_layout *layout, const gb_pixels *source, const gb_pixels *target, gb_widener **out,
                         gb_error *err) GB_MUST_CHECK;
void gb_widener_free(gb_widener *widener);

/* `input` (reserved here) becomes layout->work in size: the centre in 8-bit RGB, bicubic, and black strips. */
gb_status gb_widener_look(gb_widener *widener, const AVFrame *source, gb_image *input, gb_error *err) GB_MUST_CHECK;

/* `*out` becomes a new frame of the target's pixels; `generated` is of layout->work's size. */
gb_status gb_widener_join(gb_widener *widener, const AVFrame *source, const gb_image *generated, AVFrame **out,
                          gb_error *err) GB_MUST_CHECK;

/* For inputs that were 16:9: the frame as it was, in the target's pixels. */
gb_status gb_widener_whole(gb_widener *widener, const AVFrame *source, AVFrame **out, gb_error *err) GB_MUST_CHECK;

#endif
