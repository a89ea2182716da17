/* The flow of the drawn shows: the next frame, brought back by it, is the frame it came from. Not so with a flow of the
 * wrong sign or of another pair. Every kind of camera and of place. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/toon/toon.h"

#define WIDTH 512
#define HEIGHT 288
#define PIXELS (WIDTH * HEIGHT)

typedef struct pair {
    gb_image now, next, back;
    gb_flow flow;
} pair;

static gb_toon_show *open_show(const char *id, int test)
{
    gb_error err = {0};
    gb_toon_show *show = NULL;
    assert_ok(gb_toon_open(id, &(gb_toon_size){0, 0, test}, &show, &err), &err);
    return show;
}

static void draw_pair(const gb_toon_show *show, int shot, int frame, int next, pair *p)
{
    gb_error err = {0};
    assert_ok(gb_toon_draw(show, shot, frame, WIDTH, HEIGHT, &p->now, &err), &err);
    assert_ok(gb_toon_draw(show, shot, next, WIDTH, HEIGHT, &p->next, &err), &err);
    assert_ok(gb_toon_flow(show, shot, frame, next, WIDTH, HEIGHT, &p->flow, &err), &err);
}

static void free_pair(pair *p)
{
    gb_image_free(&p->now);
    gb_image_free(&p->next);
    gb_image_free(&p->back);
    gb_flow_free(&p->flow);
}

static double valid_share(const gb_flow *flow)
{
    long valid = 0;
    for (int i = 0; i < PIXELS; i++) valid += flow->valid[i];
    return (double)valid / PIXELS;
}

/* Whether the colour is between those of `next` around (x, y), give or take 12 levels: what any interpolation gives. */
static int is_found(const uint8_t *colour, const gb_image *next, float x, float y)
{
    const int left = (int)floorf(x) - 1, top = (int)floorf(y) - 1;
    for (int c = 0; c < 3; c++) {
        int low = 255, high = 0;
        for (int j = top; j < top + 4; j++)
            for (int i = left; i < left + 4; i++) {
                const int row = j < 0 ? 0 : j >= HEIGHT ? HEIGHT - 1 : j;
                const int column = i < 0 ? 0 : i >= WIDTH ? WIDTH - 1 : i;
                const int level = next->rgb[3 * (row * WIDTH + column) + c];
                if (level < low) low = level;
                if (level > high) high = level;
            }
        if (colour[c] < low - 12 || colour[c] > high + 12) return 0;
    }
    return 1;
}

/* The share of valid pixels whose colour is not where the flow, times `way`, says. */
static double lost_share(const pair *p, float way)
{
    long valid = 0, lost = 0;
    for (int i = 0; i < PIXELS; i++) {
        if (!p->flow.valid[i]) continue;
        valid++;
        const float *uv = p->flow.uv + 2 * i;
        const float x = (float)(i % WIDTH) + way * uv[0], y = (float)(i / WIDTH) + way * uv[1];
        lost += !is_found(p->now.rgb + 3 * i, &p->next, x, y);
    }
    return valid ? (double)lost / (double)valid : 1;
}

/* Mean absolute difference over the valid pixels, in levels. */
static double difference(const gb_flow *flow, const gb_image *a, const gb_image *b)
{
    double sum = 0, count = 0;
    for (int i = 0; i < PIXELS; i++)
        for (int c = 0; flow->valid[i] && c < 3; c++, count++) sum += abs(a->rgb[3 * i + c] - b->rgb[3 * i + c]);
    return count > 0 ? sum / count : INFINITY;
}

static void check_show(const char *id, int shots)
{
    gb_error err = {0};
    gb_toon_show *show = open_show(id, shots);
    pair p = {0};
    double all = 0, moved = 0, unmoved = 0;
    for (int shot = 0; shot < shots; shot++) {
        gb_toon_shot about;
        assert_ok(gb_toon_shot_get(show, shot, &about, &err), &err);
        const int frame = 3 + shot % 5;
        draw_pair(show, shot, frame, frame + 1, &p);
        assert_ok(gb_flow_warp(&p.flow, &p.next, &p.back, &err), &err);
        const double valid = valid_share(&p.flow), lost = lost_share(&p, 1);
        const double error = difference(&p.flow, &p.now, &p.back);
        all += valid / shots;
        moved += error;
        unmoved += difference(&p.flow, &p.now, &p.next);
        if (valid < 0.3 || lost > 0.02 || error > (about.still ? 0.5 : 8))
            fail_msg("%s %s: %.2f valid, %.4f lost, error %.2f", id, about.clip, valid, lost, error);
    }
    if (all < 0.7 || moved > 0.4 * unmoved)
        fail_msg("%s: %.2f valid on average, error %.1f of %.1f without flow", id, all, moved, unmoved);
    free_pair(&p);
    gb_toon_close(show);
}

static void test_next_frame_comes_back(void **state)
{
    (void)state;
    check_show("toon", 22);
    check_show("toon_b", 15);
}

/* The check above can fail: the wrong sign, and the flow of another pair of the shot. */
static void test_wrong_flow_is_told(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_toon_show *show = open_show("toon", 10);
    pair p = {0};
    int moving = 0;
    for (int shot = 0; shot < 10; shot++) {
        gb_toon_shot about;
        assert_ok(gb_toon_shot_get(show, shot, &about, &err), &err);
        if (about.still) continue;
        moving++;
        draw_pair(show, shot, 2, 6, &p); /* four frames apart, so that slow cameras count, too */
        const double right = lost_share(&p, 1), wrong = lost_share(&p, -1);
        if (wrong < 0.08 || wrong < 8 * right) fail_msg("%s: %.4f lost, backwards %.4f", about.clip, right, wrong);
        assert_ok(gb_toon_flow(show, shot, 6, 2, WIDTH, HEIGHT, &p.flow, &err), &err);
        assert_true(lost_share(&p, 1) > 8 * right);
    }
    assert_true(moving > 5);
    free_pair(&p);
    gb_toon_close(show);
}

/* With a still camera nothing moves; what changes, be it a mouth or an actor with a new drawing, is not valid. */
static void test_holds_do_not_move(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_toon_show *show = open_show("toon", 15);
    pair p = {0};
    int seen = 0;
    for (int shot = 0; shot < 15; shot++) {
        gb_toon_shot about;
        assert_ok(gb_toon_shot_get(show, shot, &about, &err), &err);
        if (!about.still || !strstr(about.clip, "kitchen")) continue;
        seen++;
        draw_pair(show, shot, 6, 7, &p);
        assert_true(about.talk ? valid_share(&p.flow) > 0.98 : valid_share(&p.flow) == 1);
        for (int i = 0; i < 2 * PIXELS; i++) assert_true(fabsf(p.flow.uv[i]) < 1e-3f);
        draw_pair(show, shot, 4 * about.hold - 1, 4 * about.hold, &p); /* the body has a new drawing, too */
        const double valid = valid_share(&p.flow);
        assert_true(valid > 0.5 && valid < 0.995);
        assert_memory_not_equal(p.now.rgb, p.next.rgb, 3 * PIXELS);
        for (int i = 0; i < 3 * PIXELS; i++) /* all that changed is not valid, but for the last trace of a soft edge */
            if (p.flow.valid[i / 3]) assert_true(abs(p.now.rgb[i] - p.next.rgb[i]) <= 4);
    }
    assert_true(seen > 0);
    free_pair(&p);
    gb_toon_close(show);
}

/* What the default pack holds is the flow of its frames, to half a unit, and the same from any number of threads. */
static void test_pack_holds_the_flow(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_pack *pack = NULL;
    gb_toon_show *show = NULL;
    gb_flow stored = {0}, drawn = {0};
    const gb_build_options options = {.geometry = {128, 72, 16}};
    assert_ok(gb_toon_build("toon_b", &options, test_scratch("b.h5"), &err), &err);
    assert_ok(gb_pack_open(test_scratch("b.h5"), &pack, &err), &err);
    assert_ok(gb_toon_open("toon_b", NULL, &show, &err), &err);
    assert_true(gb_pack_get_info(pack)->has_flow);
    for (int shot = 0; shot < gb_pack_get_info(pack)->shots; shot += 3) {
        const gb_shot *about = &gb_pack_shots(pack)[shot];
        assert_ok(gb_pack_read_flow(pack, about->first + 5, &stored, &err), &err);
        assert_ok(gb_toon_flow(show, shot, 5, 6, 128, 72, &drawn, &err), &err);
        assert_memory_equal(stored.valid, drawn.valid, 128 * 72);
        for (int i = 0; i < 2 * 128 * 72; i++)
            if (drawn.valid[i / 2]) assert_true(fabsf(stored.uv[i] - drawn.uv[i]) <= 0.5001f / GB_FLOW_UNIT);
        assert_fails(gb_pack_read_flow(pack, about->first + about->count - 1, &stored, &err), GB_E_ARG, &err, "frame");
    }
    assert_fails(gb_toon_flow(show, 0, 5, 20, 128, 72, &drawn, &err), GB_E_ARG, &err, "found 20");
    gb_flow_free(&stored);
    gb_flow_free(&drawn);
    gb_toon_close(show);
    gb_pack_close(pack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next_frame_comes_back),
        cmocka_unit_test(test_wrong_flow_is_told),
        cmocka_unit_test(test_holds_do_not_move),
        cmocka_unit_test(test_pack_holds_the_flow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
