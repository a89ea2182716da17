/* Pictures, and a card with them on it, on which metrics are computed. */
#ifndef TESTS_CUDA_SEAT_H
#define TESTS_CUDA_SEAT_H

#include "support/support.h"

#include <string.h>

#include "core/random.h"
#include "metrics/on_device.h"

enum { WIDTH = 53, HEIGHT = 37, SIDE = 9, FRAMES = 9 };
static const gb_geometry geometry = {WIDTH, HEIGHT, SIDE};

/* Truths, and tests that differ from them everywhere, in the strips, or (the first) nowhere; how truths move to the
 * next one is known but for one pair. */
enum { UNKNOWN = 5 };
typedef struct pictures {
    gb_image truth[FRAMES], test[FRAMES];
    gb_flow flow[FRAMES];
} pictures;

/* Every pixel to a place of its own within the frame, but for some whose place nobody knows. */
static inline void flow_make(gb_flow *flow, gb_random *random)
{
    gb_error err;
    assert_ok(gb_flow_reserve(flow, WIDTH, HEIGHT, &err), &err);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        flow->uv[2 * i] = (float)(gb_random_uniform(random) * (WIDTH - 1)) - (float)(i % WIDTH);
        flow->uv[2 * i + 1] = (float)(gb_random_uniform(random) * (HEIGHT - 1)) - (float)(i / WIDTH);
        flow->valid[i] = i < WIDTH || gb_random_next(random) >> 62;
    }
}

static inline void pictures_make(pictures *p)
{
    gb_random random = {.state = 5};
    gb_error err;
    *p = (pictures){0};
    for (int f = 0; f < FRAMES; f++) flow_make(&p->flow[f], &random);
    for (int f = 0; f < FRAMES; f++) {
        assert_ok(gb_image_new(WIDTH, HEIGHT, &p->truth[f], &err), &err);
        assert_ok(gb_image_new(WIDTH, HEIGHT, &p->test[f], &err), &err);
        for (int i = 0; i < 3 * WIDTH * HEIGHT; i++) {
            const int x = i / 3 % WIDTH;
            const bool other = f > 0 && (f % 2 || x < SIDE || x >= WIDTH - SIDE);
            p->truth[f].rgb[i] = (uint8_t)(gb_random_next(&random) >> 56);
            p->test[f].rgb[i] = other ? (uint8_t)(gb_random_next(&random) >> 56) : p->truth[f].rgb[i];
        }
    }
}

static inline void pictures_free(pictures *p)
{
    for (int f = 0; f < FRAMES; f++) {
        gb_image_free(&p->truth[f]);
        gb_image_free(&p->test[f]);
        gb_flow_free(&p->flow[f]);
    }
}

static inline gb_frame_pair truth_pair(const pictures *p, int f)
{
    return (gb_frame_pair){.frame = {&p->truth[f], &p->truth[f + 1]}, .flow = f == UNKNOWN ? NULL : &p->flow[f]};
}

/* ---- A card with the pictures on it ------------------------------------------------------------------------------ */

#define FRAME_BYTES ((size_t)WIDTH * HEIGHT * 3)

typedef struct seat {
    const pictures *pictures;
    gb_metric_env env;
    gb_memory *frames; /* truths, then tests */
} seat;

static inline void seat_close(seat *c)
{
    if (!c->env.scoring) return;
    if (c->frames) c->env.scoring->memory_free(c->frames);
    c->env.scoring->scorer_free(c->env.scorer);
}

static inline gb_place place_of(const seat *c, int index)
{
    return (gb_place){.memory = c->frames, .offset = (size_t)index * FRAME_BYTES};
}

static inline gb_status seat_open(seat *c, const pictures *p, int frames, gb_error *err)
{
    *c = (seat){.pictures = p, .env = {.geometry = geometry, .frames = frames}};
    GB_TRY(gb_backend_select("cuda", &c->env.backend, NULL, err));
    GB_TRY(gb_backend_scoring(c->env.backend, &c->env.scoring, err));
    GB_TRY(c->env.scoring->scorer_new(0, &c->env.scorer, err));
    GB_TRY(c->env.scoring->memory_new(0, 2 * FRAMES * FRAME_BYTES, &c->frames, err));
    for (int f = 0; f < FRAMES; f++) {
        GB_TRY(c->env.scoring->put(c->env.scorer, place_of(c, f), p->truth[f].rgb, FRAME_BYTES, err));
        GB_TRY(c->env.scoring->put(c->env.scorer, place_of(c, FRAMES + f), p->test[f].rgb, FRAME_BYTES, err));
    }
    return GB_OK;
}

/* Frames [first, first + count) of the truths or the tests. */
static inline gb_device_frames frames_of(const seat *c, bool test, int first, int count)
{
    gb_device_frames frames = {.count = count};
    for (int i = 0; i < count; i++) {
        frames.frame[i] = place_of(c, (test ? FRAMES : 0) + first + i);
        frames.truth[i] = i;
    }
    return frames;
}

static inline gb_device_pairs pairs_of(const seat *c, bool test, int first, int count)
{
    const gb_device_frames before = frames_of(c, test, first, count), after = frames_of(c, test, first + 1, count);
    gb_device_pairs pairs = {.count = count};
    memcpy(pairs.frame[0], before.frame, sizeof before.frame);
    memcpy(pairs.frame[1], after.frame, sizeof after.frame);
    memcpy(pairs.truth, before.truth, sizeof before.truth);
    for (int i = 0; i < count && !test; i++) pairs.picture[i] = truth_pair(c->pictures, first + i);
    return pairs;
}

#endif
