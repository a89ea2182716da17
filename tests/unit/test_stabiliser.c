/* The temporal filter of the strips, against what it promises: held drawings bit for bit, what left the known centre
 * exactly, nothing where the motion explains nothing, the same after an interruption. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "models/border_motion.h"
#include "models/stabiliser.h"
#include "support/support.h"

enum { WIDTH = 160, HEIGHT = 90, SIDE = 20, BYTES = WIDTH * HEIGHT * 3, WORLD = 400 };

/* A wide picture of smooth, unrepeated texture. */
static double world(double x, double y, int channel)
{
    return 128 + 50 * sin(0.19 * x + 0.7 * channel) + 40 * sin(0.11 * y + 0.057 * x) + 25 * sin(0.31 * y - 0.23 * x);
}

static gb_image new_frame(void)
{
    gb_error err = {0};
    gb_image frame = {0};
    assert_ok(gb_image_new(WIDTH, HEIGHT, &frame, &err), &err);
    return frame;
}

/* The world from column `left` on. */
static void look(gb_image *frame, double left)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            for (int c = 0; c < 3; c++)
                frame->rgb[(y * WIDTH + x) * 3 + c] = (uint8_t)lround(world(left + x, y, c));
}

static bool in_strip(int x)
{
    return x < SIDE || x >= WIDTH - SIDE;
}

/* Strips of noise, as of a generator that makes up something else each time. */
static void make_up_strips(gb_image *frame, uint64_t seed)
{
    gb_random random = {.state = seed};
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            for (int c = 0; c < 3 && in_strip(x); c++)
                frame->rgb[(y * WIDTH + x) * 3 + c] = (uint8_t)gb_random_below(&random, 256);
}

static void add_noise(gb_image *frame, uint64_t seed)
{
    gb_random random = {.state = seed};
    for (int i = 0; i < BYTES; i++) frame->rgb[i] = (uint8_t)(frame->rgb[i] + (int)gb_random_below(&random, 2));
}

static gb_stabiliser *fresh(void)
{
    gb_error err = {0};
    gb_stabiliser *stabiliser = NULL;
    assert_ok(gb_stabiliser_new(WIDTH, HEIGHT, SIDE, &stabiliser, &err), &err);
    return stabiliser;
}

static void same_columns(const gb_image *a, const gb_image *b, int from, int to)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = from; x < to; x++)
            if (memcmp(a->rgb + (y * WIDTH + x) * 3, b->rgb + (y * WIDTH + x) * 3, 3) != 0)
                fail_msg("column %d, row %d differs", x, y);
}

static void held_drawings_keep_their_strips(void **state)
{
    (void)state;
    gb_stabiliser *stabiliser = fresh();
    gb_image frame = new_frame(), first = new_frame();
    for (int t = 0; t < 6; t++) {
        look(&frame, 50);
        add_noise(&frame, (uint64_t)t); /* half a level on average, as of a codec */
        make_up_strips(&frame, 100 + (uint64_t)t);
        gb_stabiliser_step(stabiliser, t > 0, &frame);
        if (t == 0) memcpy(first.rgb, frame.rgb, BYTES);
        same_columns(&frame, &first, 0, SIDE);
        same_columns(&frame, &first, WIDTH - SIDE, WIDTH);
    }
    gb_image_free(&frame);
    gb_image_free(&first);
    gb_stabiliser_free(stabiliser);
}

/* What pans out of the known centre stays in the strip, as it was, however little the generator thinks so. */
static void what_was_known_is_kept(void **state)
{
    (void)state;
    const int step = 3, frames = 5;
    for (int way = -1; way <= 1; way += 2) {
        gb_stabiliser *stabiliser = fresh();
        gb_image frame = new_frame(), truth = new_frame();
        for (int t = 0; t < frames; t++) {
            look(&truth, 100 + way * step * t);
            memcpy(frame.rgb, truth.rgb, BYTES);
            make_up_strips(&frame, (uint64_t)t);
            gb_stabiliser_step(stabiliser, t > 0, &frame);
            same_columns(&frame, &truth, SIDE, WIDTH - SIDE);
        }
        const int seen = step * (frames - 1);
        if (way > 0) same_columns(&frame, &truth, SIDE - seen, SIDE);
        else same_columns(&frame, &truth, WIDTH - SIDE, WIDTH - SIDE + seen);
        gb_image_free(&frame);
        gb_image_free(&truth);
        gb_stabiliser_free(stabiliser);
    }
}

static void nothing_is_done_where_motion_explains_nothing(void **state)
{
    (void)state;
    gb_stabiliser *stabiliser = fresh();
    gb_image frame = new_frame(), made = new_frame();
    gb_random random = {.state = 3};
    for (int t = 0; t < 4; t++) {
        for (int i = 0; i < BYTES; i++) frame.rgb[i] = (uint8_t)gb_random_below(&random, 256);
        memcpy(made.rgb, frame.rgb, BYTES);
        gb_stabiliser_step(stabiliser, t > 0, &frame);
        assert_memory_equal(frame.rgb, made.rgb, BYTES);
    }
    gb_image_free(&frame);
    gb_image_free(&made);
    gb_stabiliser_free(stabiliser);
}

/* A slowly panning shot; frame `t`. */
static void play(gb_stabiliser *stabiliser, int t, bool follows, gb_image *frame)
{
    look(frame, 60 + 1.4 * t);
    make_up_strips(frame, 1000 + (uint64_t)t);
    gb_stabiliser_step(stabiliser, follows, frame);
}

static void a_shot_begins_anew(void **state)
{
    (void)state;
    gb_stabiliser *used = fresh(), *new = fresh();
    gb_image a = new_frame(), b = new_frame();
    for (int t = 40; t < 44; t++) play(used, t, t > 40, &a);
    for (int t = 0; t < 5; t++) {
        play(used, t, t > 0, &a);
        play(new, t, t > 0, &b);
        assert_memory_equal(a.rgb, b.rgb, BYTES);
        if (t) continue;
        look(&b, 60);
        make_up_strips(&b, 1000);
        assert_memory_equal(a.rgb, b.rgb, BYTES); /* the first frame is as it was made */
    }
    gb_image_free(&a);
    gb_image_free(&b);
    gb_stabiliser_free(used);
    gb_stabiliser_free(new);
}

static void goes_on_from_a_kept_state(void **state)
{
    (void)state;
    gb_stabiliser *whole = fresh(), *rest = fresh();
    gb_image a = new_frame(), b = new_frame();
    uint8_t *kept = gb_alloc(gb_stabiliser_state_size(whole), 1);
    assert_non_null(kept);
    assert_null(gb_stabiliser_last(rest));
    for (int t = 0; t < 9; t++) {
        play(whole, t, t > 0, &a);
        if (t == 4) gb_stabiliser_save(whole, kept);
        if (t == 4) gb_stabiliser_load(rest, kept);
        if (t == 4) assert_memory_equal(gb_stabiliser_last(rest)->rgb, a.rgb, BYTES);
        if (t < 5) continue;
        play(rest, t, true, &b);
        assert_memory_equal(a.rgb, b.rgb, BYTES);
    }
    free(kept);
    gb_image_free(&a);
    gb_image_free(&b);
    gb_stabiliser_free(whole);
    gb_stabiliser_free(rest);
}

/* Strips are never looked at: whatever is in them, the same motion is found. */
static void motion_is_that_of_the_centre(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_border_matcher *matcher = NULL;
    gb_image before = new_frame(), now = new_frame();
    assert_ok(gb_border_matcher_new(WIDTH, HEIGHT, SIDE, &matcher, &err), &err);
    const double shift[] = {0.0, 1.0, -3.0, 2.5, -5.75, 8.0};
    for (size_t i = 0; i < sizeof shift / sizeof *shift; i++)
        for (int border = 0; border < 2; border++) {
            look(&before, 100);
            look(&now, 100 - shift[i]);
            make_up_strips(&now, i);
            const gb_motion found = gb_border_match(matcher, &before, &now, (gb_border)border);
            if (fabs(found.dx / 256.0 - shift[i]) > 0.2 || abs(found.dy) > 64)
                fail_msg("shift %g: found %g, %g", shift[i], found.dx / 256.0, found.dy / 256.0);
            const double left = gb_border_mismatch(matcher, found, 0, HEIGHT);
            if (left > 2.0) fail_msg("shift %g leaves %g levels", shift[i], left);
        }
    gb_border_matcher_free(matcher);
    gb_image_free(&before);
    gb_image_free(&now);
}

static void strips_must_leave_a_centre(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_stabiliser *none = NULL;
    assert_fails(gb_stabiliser_new(40, 30, 20, &none, &err), GB_E_ARG, &err, "side 20 in a frame of 40x30");
    assert_null(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held_drawings_keep_their_strips),
        cmocka_unit_test(what_was_known_is_kept),
        cmocka_unit_test(nothing_is_done_where_motion_explains_nothing),
        cmocka_unit_test(a_shot_begins_anew),
        cmocka_unit_test(goes_on_from_a_kept_state),
        cmocka_unit_test(motion_is_that_of_the_centre),
        cmocka_unit_test(strips_must_leave_a_centre),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
