#include "selftest/injection.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "selftest/chance.h"

static bool in_strip(const gb_scene *scene, int x)
{
    return x < scene->geometry.side || x >= scene->geometry.width - scene->geometry.side;
}

/* Adds an amount to every pixel of the strips, by channel; `left` and `right` may differ. */
static void add_levels(const gb_scene *scene, const double left[3], const double right[3], gb_image *frame)
{
    for (int i = 0; i < frame->width * frame->height; i++) {
        const int x = i % frame->width;
        if (!in_strip(scene, x)) continue;
        const double *change = x < scene->geometry.side ? left : right;
        for (int c = 0; c < 3; c++) {
            uint8_t *level = &frame->rgb[3 * i + c];
            *level = (uint8_t)lrint(fmin(fmax(*level + change[c], 0.0), 255.0));
        }
    }
}

static gb_status noise_weights(const gb_scene *scene, double size, int twin, int net, gb_image *frame, gb_error *err)
{
    (void)size;
    (void)twin;
    return gb_noisy_net_add(scene->net, net, frame, err);
}

/* Both strips move left; the left one takes columns of the centre in, the last column is repeated. */
static gb_status shift_seam(const gb_scene *scene, double size, int twin, int net, gb_image *frame, gb_error *err)
{
    (void)twin;
    (void)net;
    (void)err;
    const gb_image *made = &scene->made[scene->frame];
    for (int y = 0; y < frame->height; y++)
        for (int x = 0; x < frame->width; x++) {
            if (!in_strip(scene, x)) continue;
            const int from = x + (int)size < frame->width ? x + (int)size : frame->width - 1;
            memcpy(&frame->rgb[3 * (y * frame->width + x)], &made->rgb[3 * (y * frame->width + from)], 3);
        }
    return GB_OK;
}

static gb_status shift_colour(const gb_scene *scene, double size, int twin, int net, gb_image *frame, gb_error *err)
{
    (void)twin;
    (void)net;
    (void)err;
    const double warmer[3] = {size, 0.0, -size};
    add_levels(scene, warmer, warmer, frame);
    return GB_OK;
}

static gb_status compress(const gb_scene *scene, double size, int twin, int net, gb_image *frame, gb_error *err)
{
    (void)scene;
    (void)twin;
    (void)net;
    uint8_t *bytes = NULL;
    size_t count = 0;
    gb_image decoded = {0};
    GB_TRY(gb_image_encode_jpeg(frame, (int)size, &bytes, &count, err));
    const gb_status status = gb_image_decode(bytes, count, "JPEG", &decoded, err);
    free(bytes);
    if (status != GB_OK) return status;
    memcpy(frame->rgb, decoded.rgb, (size_t)frame->width * (size_t)frame->height * 3);
    gb_image_free(&decoded);
    return GB_OK;
}

/* The strips stand still for `size` frames at a time. */
static gb_status freeze(const gb_scene *scene, double size, int twin, int net, gb_image *frame, gb_error *err)
{
    (void)twin;
    (void)net;
    (void)err;
    const gb_image *kept = &scene->made[scene->frame - scene->frame % (int)size];
    const size_t strip = (size_t)scene->geometry.side * 3, row = (size_t)frame->width * 3;
    for (size_t y = 0; y < (size_t)frame->height; y++) {
        memcpy(&frame->rgb[y * row], &kept->rgb[y * row], strip);
        memcpy(&frame->rgb[(y + 1) * row - strip], &kept->rgb[(y + 1) * row - strip], strip);
    }
    return GB_OK;
}

/* The strips' brightness wavers from frame to frame, each strip by itself. */
static gb_status flicker(const gb_scene *scene, double size, int twin, int net, gb_image *frame, gb_error *err)
{
    (void)net;
    (void)err;
    const uint64_t shot = (uint64_t)scene->shot * 2 + (uint64_t)twin;
    gb_random random = {.state = gb_chance_seed("flicker", shot, (uint64_t)scene->frame)};
    const double l = size * gb_chance_normal(&random), r = size * gb_chance_normal(&random);
    const double left[3] = {l, l, l}, right[3] = {r, r, r};
    add_levels(scene, left, right, frame);
    return GB_OK;
}

/* Every value of the strips up or down by at most `size` levels, anew in every frame. */
static gb_status dither(const gb_scene *scene, double size, int twin, int net, gb_image *frame, gb_error *err)
{
    (void)net;
    (void)err;
    const uint64_t shot = (uint64_t)scene->shot * 2 + (uint64_t)twin;
    gb_random random = {.state = gb_chance_seed("dither", shot, (uint64_t)scene->frame)};
    for (int i = 0; i < frame->width * frame->height; i++) {
        if (!in_strip(scene, i % frame->width)) continue;
        for (int c = 3 * i; c < 3 * i + 3; c++) {
            const double change = size * (2.0 * gb_random_uniform(&random) - 1.0);
            frame->rgb[c] = (uint8_t)lrint(fmin(fmax(frame->rgb[c] + change, 0.0), 255.0));
        }
    }
    return GB_OK;
}

static const gb_injection injections[] = {
    {"weights", "every weight of a net is off by", "of itself", {0.01, 0.03, 0.1}, true, noise_weights},
    {"seam", "the strips are shifted against the centre by", "px", {1, 2, 4}, false, shift_seam},
    {"colour", "the strips' red is up and their blue down by", "levels", {2, 6, 16}, false, shift_colour},
    {"jpeg", "the frame went through JPEG of quality", "", {95, 80, 50}, false, compress},
    {"frozen", "the strips stand still for", "frames at a time", {2, 3, 20}, false, freeze},
    {"flicker", "the strips' brightness wavers by", "levels", {0.5, 2, 8}, true, flicker},
    {"dither", "the strips have pixel noise of up to", "levels", {2, 6, 16}, true, dither},
};

static bool is_weights(const gb_injection *injection)
{
    return injection->apply == noise_weights;
}

int gb_variants(gb_variant out[GB_MAX_VARIANTS])
{
    const size_t count = sizeof injections / sizeof injections[0];
    int n = 0, nets = 0;
    out[n++] = (gb_variant){0};
    for (size_t i = 0; i < count; i++)
        for (int s = 0; s < 3; s++)
            out[n++] = (gb_variant){&injections[i], injections[i].size[s], 0, is_weights(&injections[i]) ? nets++ : -1};
    for (size_t i = 0; i < count; i++)
        if (injections[i].twins)
            out[n++] = (gb_variant){&injections[i], injections[i].size[1], 1, is_weights(&injections[i]) ? nets++ : -1};
    return n;
}

int gb_variant_noises(gb_weight_noise out[GB_NOISY_NET_MAX])
{
    gb_variant variant[GB_MAX_VARIANTS];
    const int count = gb_variants(variant);
    int nets = 0;
    for (int v = 0; v < count; v++)
        if (variant[v].net >= 0)
            out[nets++] = (gb_weight_noise){.size = variant[v].size, .seed = (uint64_t)(1 + variant[v].twin)};
    return nets;
}
