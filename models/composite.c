#include "models/net_plan.h"

/* 2^23: a float that large has no fraction left, so adding it rounds to an integer, halves to even. */
#define ROUNDER 8388608.0f

static uint8_t to_level(float value, float offset, float scale, gb_rounding rounding)
{
    const float level = (value + offset) * scale;
    const float inside = level > 0.0f ? level < 255.0f ? level : 255.0f : 0.0f;
    return (uint8_t)(rounding == GB_ROUND_NEAREST ? inside + ROUNDER - ROUNDER : inside);
}

gb_status gb_net_composite(const gb_net_plan *plan, const float *output, int index, gb_rounding rounding,
                           gb_image *frame, gb_error *err)
{
    const int width = plan->options.width, height = plan->options.height, side = plan->options.side;
    if (plan->output.w != width || plan->output.h != height || frame->width != width || frame->height != height)
        return gb_fail(err, GB_E_MISMATCH, "the net's output of %dx%d does not fit a frame of %dx%d (made for %dx%d)",
                       (int)plan->output.w, (int)plan->output.h, frame->width, frame->height, width, height);
    if (index < 0 || index >= plan->options.batch)
        return gb_fail(err, GB_E_ARG, "expected a frame of a batch of %d, found index %d", plan->options.batch, index);

    const bool is_signed = plan->net->output == GB_NET_TANH;
    const float offset = is_signed ? 1.0f : 0.0f, scale = is_signed ? 127.5f : 255.0f;
    const size_t pitch = (size_t)width * 3, strip = (size_t)side * 3;
    for (int y = 0; y < height; y++) {
        const float *from = output + ((size_t)index * (size_t)height + (size_t)y) * pitch;
        uint8_t *to = frame->rgb + (size_t)y * pitch;
        for (size_t i = 0; i < strip; i++) to[i] = to_level(from[i], offset, scale, rounding);
        for (size_t i = pitch - strip; i < pitch; i++) to[i] = to_level(from[i], offset, scale, rounding);
    }
    return GB_OK;
}
