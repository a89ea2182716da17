/* One stretch of frames into packets. Each stretch begins with a key frame and refers to nothing outside itself, so
 * stretches encoded apart can be joined. The same frames give the same bytes, however many threads the machine has. */
#ifndef GB_VIDEO_ENCODER_H
#define GB_VIDEO_ENCODER_H

#include "video/codec.h"

typedef struct gb_encoder_spec {
    const gb_codec *codec;
    gb_pixels pixels;
    int width, height;
    AVRational sar, rate; /* 0/1: not said */
    int quality;          /* CRF; ignored by lossless codecs */
    int key_interval;     /* frames; a stretch is no longer than this */
} gb_encoder_spec;

typedef struct gb_encoder gb_encoder;
gb_status gb_encoder_new(const gb_encoder_spec *spec, gb_encoder **out, gb_error *err) GB_MUST_CHECK;
void gb_encoder_free(gb_encoder *encoder);

/* The stream's parameters with its headers: borrowed. */
const AVCodecContext *gb_encoder_context(const gb_encoder *encoder);

/* Takes a frame whose pts is its index in the stretch; NULL: the last has been given. */
gb_status gb_encoder_send(gb_encoder *encoder, const AVFrame *frame, gb_error *err) GB_MUST_CHECK;
/* The next packet that is ready (*got), pts and dts in frames of the stretch; call until none. */
gb_status gb_encoder_receive(gb_encoder *encoder, AVPacket *packet, bool *got, gb_error *err) GB_MUST_CHECK;

#endif
