/* Change against distance and time slices, on sequences whose values can be said beforehand. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "pictures/distances.h"
#include "support/support.h"

enum { WIDTH = 96, HEIGHT = 64, SIDE = 12, FRAMES = 40, BYTES = WIDTH * HEIGHT * 3, FROZEN = 0, NOISE, FADE, MISSING };

static gb_image new_frame(void)
{
    gb_error err = {0};
    gb_image frame = {0};
    assert_ok(gb_image_new(WIDTH, HEIGHT, &frame, &err), &err);
    return frame;
}

static void noise(gb_image *frame, uint64_t seed)
{
    gb_random random = {.state = seed};
    for (int i = 0; i < BYTES; i++) frame->rgb[i] = (uint8_t)gb_random_below(&random, 256);
}

static const gb_run_change *find(const gb_run *run, const char *generator, int distance)
{
    for (size_t i = 0; i < run->change_count; i++)
        if (run->changes[i].distance == distance && !strcmp(run->changes[i].generator, generator))
            return &run->changes[i];
    return NULL;
}

/* Two shots of FRAMES and 10 frames: the truth fades by 2 levels a frame. */
static gb_run *measure(void)
{
    gb_error err = {0};
    gb_contender item[] = {{.id = "frozen"}, {.id = "noise"}, {.id = "fade"}, {.id = "missing"}};
    gb_distances *distances = NULL;
    gb_run *run = NULL;
    gb_image truth = new_frame(), frozen = new_frame(), noisy = new_frame(), fading = new_frame();
    memset(frozen.rgb, 100, BYTES);
    assert_ok(gb_distances_new(4, (gb_geometry){WIDTH, HEIGHT, SIDE}, &distances, &err), &err);
    for (int t = 0; t < FRAMES + 10; t++) {
        memset(truth.rgb, 20 + 2 * (t % FRAMES), BYTES);
        memset(fading.rgb, 20 + 3 * (t % FRAMES), BYTES);
        noise(&noisy, (uint64_t)t);
        const gb_image *const frames[] = {&frozen, &noisy, &fading, t % 2 ? NULL : &frozen};
        gb_distances_add(distances, t != 0 && t != FRAMES, &truth, frames);
    }
    assert_ok(gb_run_new(&run, &err), &err);
    assert_ok(gb_distances_record(distances, run, "d", item, &err), &err);
    gb_distances_free(distances);
    gb_image_free(&truth);
    gb_image_free(&frozen);
    gb_image_free(&noisy);
    gb_image_free(&fading);
    return run;
}

/* A still picture changes by nothing, a fade in proportion to the distance, independent noise by the mean difference of
 * two uniform levels, (256^2 - 1) / (3 * 256) = 85.33, at every distance. No pair lies across the cut. */
static void theory_is_found_at_every_distance(void **state)
{
    (void)state;
    gb_run *run = measure();
    const double samples = 2.0 * SIDE * HEIGHT * 3;
    for (int distance = 1; distance <= GB_MOST_DISTANCE; distance++) {
        const gb_run_change *frozen = find(run, "frozen", distance), *noisy = find(run, "noise", distance);
        const gb_run_change *fade = find(run, "fade", distance), *missing = find(run, "missing", distance);
        const int pairs = FRAMES - distance + (distance < 10 ? 10 - distance : 0);
        assert_int_equal(frozen->pairs, pairs);
        assert_int_equal(frozen->shots, distance < 10 ? 2 : 1);
        assert_true(frozen->mean == 0.0 && frozen->truth == 2.0 * distance);
        assert_true(fade->mean == 3.0 * distance);
        /* Standard deviation of |a - b|: 60.3; pairs that share a frame are correlated by less than 1/2. */
        assert_true(fabs(noisy->mean - 65535.0 / 768.0) < 5.0 * 60.3 * sqrt(2.0 / (samples * pairs)));
        if (distance % 2) assert_null(missing);
        else assert_true(missing->pairs < pairs && missing->truth == 2.0 * distance);
    }
    assert_null(find(run, "frozen", GB_MOST_DISTANCE + 1));
    gb_run_free(run);
}

/* Without strips the whole frame counts. */
static void without_strips_the_frame_counts(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_contender item[] = {{.id = "one"}};
    gb_distances *distances = NULL;
    gb_run *run = NULL;
    gb_image frame = new_frame();
    assert_ok(gb_distances_new(1, (gb_geometry){WIDTH, HEIGHT, 0}, &distances, &err), &err);
    for (int t = 0; t < 3; t++) {
        const gb_image *const frames[] = {&frame};
        memset(frame.rgb, 0, BYTES);
        frame.rgb[BYTES / 2] = (uint8_t)(t * 90); /* in the middle of the frame */
        gb_distances_add(distances, t > 0, &frame, frames);
    }
    assert_ok(gb_run_new(&run, &err), &err);
    assert_ok(gb_distances_record(distances, run, "d", item, &err), &err);
    assert_int_equal(find(run, "one", 1)->region, GB_REGION_FULL);
    assert_true(find(run, "one", 2)->mean == 180.0 / BYTES);
    gb_distances_free(distances);
    gb_run_free(run);
    gb_image_free(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(theory_is_found_at_every_distance),
                                       cmocka_unit_test(without_strips_the_frame_counts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
