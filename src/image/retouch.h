/* What is done to decoded frames before anything else, by libavfilter: turned upright, deinterlaced. One thread. */
#ifndef GB_IMAGE_RETOUCH_H
#define GB_IMAGE_RETOUCH_H

#include <libavutil/frame.h>
#include <stdbool.h>

#include "core/status.h"

typedef struct gb_retouch_spec {
    const char *chain;             /* in libavfilter's language */
    AVRational sar, rate, time_base; /* of the frames that go in; sar and rate 0/1: not said */
} gb_retouch_spec;

typedef struct gb_retouch gb_retouch;

/* For frames like `first`. GB_E_UNSUPPORTED, naming the pixels, where the chain cannot take them as they are. */
gb_status gb_retouch_new(const gb_retouch_spec *spec, const AVFrame *first, gb_retouch **out, gb_error *err)
    GB_MUST_CHECK;
void gb_retouch_free(gb_retouch *retouch);

AVRational gb_retouch_sar(const gb_retouch *retouch); /* of the frames that come out; 0/1 likewise */
AVRational gb_retouch_rate(const gb_retouch *retouch);

/* The next frame, whose pts is set; it stays the caller's. NULL: the last has been given. */
gb_status gb_retouch_send(gb_retouch *retouch, const AVFrame *frame, gb_error *err) GB_MUST_CHECK;
/* The next one that is ready (*got) into `out`, unreferenced before; its pts is in the same time base. */
gb_status gb_retouch_receive(gb_retouch *retouch, AVFrame *out, bool *got, gb_error *err) GB_MUST_CHECK;

#endif
