#include <string.h>

#include "support/support.h"
#include "video/layout.h"
#include "video/scan.h"

static gb_layout plan(int width, int height, int num, int den, int grain, int work)
{
    gb_error err = {0};
    gb_layout out = {0};
    const gb_layout_ask ask = {{0, 0, width, height}, num, den, grain, grain, work};
    assert_ok(gb_layout_plan(&ask, "clip", &out, &err), &err);
    return out;
}

static void widens_to_16_9_by_whole_chroma_samples(void **state)
{
    (void)state;
    const struct {
        int width, height, num, den, grain, side, out_width;
    } cases[] = {
        {640, 480, 1, 1, 2, 106, 852},   /* 106.67: even */
        {640, 480, 1, 1, 1, 107, 854},
        {384, 288, 0, 1, 2, 64, 512},    /* no aspect said: square */
        {1440, 1080, 1, 1, 2, 240, 1920},
        {720, 480, 8, 9, 2, 120, 960},   /* a DVD: stored columns, 16:9 with the same sample aspect */
        {720, 576, 16, 15, 2, 120, 960},
        {704, 480, 10, 11, 2, 118, 940},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const gb_layout l = plan(cases[i].width, cases[i].height, cases[i].num, cases[i].den, cases[i].grain, 0);
        assert_int_equal(l.side, cases[i].side);
        assert_int_equal(l.width, cases[i].out_width);
        assert_int_equal(l.height, cases[i].height);
        assert_int_equal(l.centre.width, cases[i].width);
        assert_false(l.was_wide);
    }
}

static void wide_inputs_lose_their_sides(void **state)
{
    (void)state;
    const gb_layout l = plan(1920, 1080, 1, 1, 2, 0);
    assert_true(l.was_wide);
    assert_int_equal(l.width, 1920);
    assert_int_equal(l.side, 240);
    assert_int_equal(l.centre.x, 240);
    assert_int_equal(l.centre.width, 1440);
}

static void works_in_square_pixels(void **state)
{
    (void)state;
    gb_layout l = plan(1440, 1080, 1, 1, 2, 288);
    assert_int_equal(l.work.width, 512);
    assert_int_equal(l.work.height, 288);
    assert_int_equal(l.work.side, 64);
    l = plan(720, 480, 8, 9, 2, 0);
    assert_int_equal(l.work.height, 480);
    assert_int_equal(l.work.width - 2 * l.work.side, 640);
    assert_int_equal(l.work.side, 107);
    l = plan(320, 240, 1, 1, 2, 288); /* never enlarged */
    assert_int_equal(l.work.height, 240);
    assert_int_equal(l.work.side, l.side);
}

static void odd_edges_are_left_out_where_colour_is_shared(void **state)
{
    (void)state;
    const gb_layout l = plan(321, 241, 1, 1, 2, 0);
    assert_true(l.trimmed);
    assert_int_equal(l.centre.width, 320);
    assert_int_equal(l.height, 240);
    assert_false(plan(321, 241, 1, 1, 1, 0).trimmed);
}

static void other_shapes_are_refused(void **state)
{
    (void)state;
    const int shapes[][2] = {{2350, 1000}, {480, 640}, {1, 1000}};
    for (size_t i = 0; i < 3; i++) {
        gb_error err = {0};
        gb_layout out;
        const gb_layout_ask ask = {{0, 0, shapes[i][0], shapes[i][1]}, 1, 1, 1, 1, 0};
        assert_fails(gb_layout_plan(&ask, "clip.mkv", &out, &err), GB_E_UNSUPPORTED, &err, "expected a 4:3 or 16:9");
    }
}

/* A picture of 200 by 100 with a bright box, about which `soft` columns and lines are dim. */
static gb_rect soft_bars_of(int left, int right, int top, int bottom, int soft)
{
    gb_error err = {0};
    gb_image picture = {0};
    gb_bars bars = {0};
    assert_ok(gb_image_new(200, 100, &picture, &err), &err);
    memset(picture.rgb, 10, 200 * 100 * 3);
    for (int y = top - soft; soft && y < 100 - bottom + soft; y++)
        for (int x = left - soft; x < 200 - right + soft; x++) picture.rgb[(y * 200 + x) * 3] = 28;
    for (int y = top; y < 100 - bottom; y++)
        for (int x = left; x < 200 - right; x++) picture.rgb[(y * 200 + x) * 3 + 1] = (uint8_t)(60 + x % 7);
    assert_ok(gb_bars_add(&bars, &picture, &err), &err);
    const gb_rect found = gb_bars_picture(&bars);
    gb_bars_free(&bars);
    gb_image_free(&picture);
    return found;
}

static gb_rect bars_of(int left, int right, int top, int bottom)
{
    return soft_bars_of(left, right, top, bottom, 0);
}

static void what_bled_into_a_bar_is_left_out(void **state)
{
    (void)state;
    gb_rect r = soft_bars_of(25, 25, 12, 12, 3);
    assert_int_equal(r.x, 25);
    assert_int_equal(r.width, 150);
    assert_int_equal(r.y, 12);
    assert_int_equal(r.height, 76);
    r = soft_bars_of(25, 25, 12, 12, 5); /* as wide as that is the picture's own */
    assert_int_equal(r.x, 20);
    assert_int_equal(r.width, 160);
}

static void bars_are_found_on_opposite_edges_only(void **state)
{
    (void)state;
    gb_rect r = bars_of(25, 25, 0, 0);
    assert_int_equal(r.x, 25);
    assert_int_equal(r.width, 150);
    assert_int_equal(r.height, 100);
    r = bars_of(0, 0, 12, 12);
    assert_int_equal(r.y, 12);
    assert_int_equal(r.height, 76);
    r = bars_of(30, 0, 0, 0); /* something dark at one side */
    assert_int_equal(r.width, 200);
    r = bars_of(30, 20, 0, 0); /* not centred */
    assert_int_equal(r.width, 200);
    r = bars_of(4, 2, 1, 1); /* the blank edges of a DVD, at the sides alone */
    assert_int_equal(r.x, 4);
    assert_int_equal(r.width, 194);
    assert_int_equal(r.height, 100);
    r = bars_of(30, 3, 0, 0);
    assert_int_equal(r.x, 0);
    assert_int_equal(r.width, 197);
    r = bars_of(200, 0, 100, 0); /* all black */
    assert_int_equal(r.width, 200);
    assert_int_equal(r.height, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widens_to_16_9_by_whole_chroma_samples), cmocka_unit_test(wide_inputs_lose_their_sides),
        cmocka_unit_test(works_in_square_pixels),
        cmocka_unit_test(odd_edges_are_left_out_where_colour_is_shared),
        cmocka_unit_test(other_shapes_are_refused),
        cmocka_unit_test(what_bled_into_a_bar_is_left_out),
        cmocka_unit_test(bars_are_found_on_opposite_edges_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
