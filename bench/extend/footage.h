/* What is to be widened, frame by frame in the decoder's own pixels: a video, an image, a folder of images (sorted by
 * name, all of one size). One thread; constant memory. */
#ifndef GB_EXTEND_FOOTAGE_H
#define GB_EXTEND_FOOTAGE_H

#include <libavutil/frame.h>

#include "video/scan.h"
#include "video/segment.h"

typedef enum gb_footage_kind { GB_FOOTAGE_VIDEO, GB_FOOTAGE_IMAGE, GB_FOOTAGE_FOLDER } gb_footage_kind;

typedef struct gb_footage_info {
    gb_footage_kind kind;
    int width, height;             /* stored */
    AVRational sar, rate;          /* 0/1: not said */
    AVRational time_base;
    long frames;                   /* expected; 0: not known */
} gb_footage_info;

typedef struct gb_footage_options {
    long end; /* frames; 0: all */
    int rate; /* of a folder's frames, a second */
} gb_footage_options;

typedef struct gb_footage gb_footage;

/* Refused, in one line: no frames, a file cut short (unless `end` frames come before), rotated video. */
gb_status gb_footage_open(const char *path, const gb_footage_options *options, gb_footage **out, gb_error *err)
    GB_MUST_CHECK;
void gb_footage_close(gb_footage *footage);
gb_footage_info gb_footage_get_info(const gb_footage *footage);

/* The first frame, which gb_footage_next gives too; borrowed. */
const AVFrame *gb_footage_first(const gb_footage *footage);

/* The next frame into `frame` (unreferenced before), with its time; *end after the last one. Interlaced frames and
 * times that do not grow are refused, naming the frame. */
gb_status gb_footage_next(gb_footage *footage, AVFrame *frame, gb_frame_time *time, bool *end, gb_error *err)
    GB_MUST_CHECK;
/* Name of the file that the frame given last came from, without its extension; "" in a video. */
const char *gb_footage_name(const gb_footage *footage);

/* Where its picture lies, by black bars at its edges; see gb_bars_picture. */
gb_status gb_footage_picture(const gb_footage *footage, gb_rect *out, gb_error *err) GB_MUST_CHECK;

#endif
