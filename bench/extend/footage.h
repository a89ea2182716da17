/* What is to be widened, frame by frame in the decoder's own pixels: a video, also from standard input, an image, a
 * folder of images (sorted by name, all of one size). Video that is marked as turned is turned upright. One thread;
 * constant memory. */
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
    bool piped;                    /* cannot be read twice */
    int streams;                   /* of all kinds in a video's container */
    const char *retouch;           /* what is done to its frames first, in libavfilter's language; "": nothing */
} gb_footage_info;

/* Of interlaced video: refuse it; one whole frame from each (fields taken apart and filled in); or put film's own
 * frames together again (24 a second out of 30, as most animation is on DVDs). */
typedef enum gb_deinterlace { GB_DEINTERLACE_NO, GB_DEINTERLACE_YES, GB_DEINTERLACE_FILM } gb_deinterlace;

typedef struct gb_footage_options {
    long end; /* frames of the source; 0: all */
    int rate; /* of a folder's frames, a second */
    gb_deinterlace deinterlace;
} gb_footage_options;

#define GB_FOOTAGE_STDIN "-"

typedef struct gb_footage gb_footage;

/* Refused, in one line: no frames, a file cut short (unless `end` frames come before). */
gb_status gb_footage_open(const char *path, const gb_footage_options *options, gb_footage **out, gb_error *err)
    GB_MUST_CHECK;
void gb_footage_close(gb_footage *footage);
gb_footage_info gb_footage_get_info(const gb_footage *footage);

/* The first frame, which gb_footage_next gives too; borrowed. */
const AVFrame *gb_footage_first(const gb_footage *footage);

/* The next frame into `frame` (unreferenced before), with its time; *end after the last one. Interlaced frames, unless
 * something is to be done about them, and times that do not grow are refused, naming the frame. */
gb_status gb_footage_next(gb_footage *footage, AVFrame *frame, gb_frame_time *time, bool *end, gb_error *err)
    GB_MUST_CHECK;
/* Name of the file that the frame given last came from, without its extension; "" in a video. */
const char *gb_footage_name(const gb_footage *footage);

/* Where its picture lies, by black bars at its edges, of standard input by those of the first GB_FOOTAGE_AHEAD frames;
 * see gb_bars_picture. */
#define GB_FOOTAGE_AHEAD 24
gb_status gb_footage_picture(const gb_footage *footage, gb_rect *out, gb_error *err) GB_MUST_CHECK;

#endif
