/* Frames that are on their way to a card while others are made and scored there, on the stand-in: nothing waits that
 * need not, and every wait that there is, is needed: where one is passed over, other bits come out. */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "cuda/open_standin.h"
#include "cuda/with_standin.h"
#include "engine/builder.h"
#include "metrics/region_sums.h"

enum { WIDTH = 16, HEIGHT = 12, SIDE = 4, UNITS = 2, FRAMES = 2, BYTES = 3 * WIDTH * HEIGHT };

/* A unit's memory: frames that a net is given, frames that it makes, and a truth beside a picture from elsewhere. */
typedef struct unit_memory {
    gb_memory *given, *made, *pair;
} unit_memory;

typedef struct station {
    const gb_backend *cuda;
    const gb_scoring *on;
    gb_scorer *sender, *second, *painter, *scorer; /* as threads have them: two send, one paints, one scores */
    gb_region_sums regions;
    unit_memory unit[UNITS];
    gb_weights *weights;
    gb_builder *builder;
    gb_graph *graph;
    gb_plan *plan;
    gb_session *session;
} station;

/* What comes back. */
typedef struct outcome {
    uint8_t made[UNITS][FRAMES][BYTES];
    double total[UNITS][2][GB_REGION_GROUPS];
} outcome;

static gb_place at(const gb_memory *memory, int frame)
{
    return (gb_place){.memory = memory, .offset = (size_t)frame * BYTES};
}

static gb_status open_net(station *s, gb_error *err)
{
    gb_frame_feed feed = {.width = WIDTH, .height = HEIGHT, .side = SIDE, .known = 1.0f, .scale = 255.0f};
    for (int i = 0; i < 3 * 256; i++) feed.level[i / 256][i % 256] = (float)(i % 256) / 255.0f;
    GB_TRY(gb_weights_new_random(9, &s->weights, err));
    GB_TRY(gb_builder_new(s->weights, false, &s->builder, err));
    gb_value x = gb_build_input(s->builder, (gb_shape){FRAMES, HEIGHT, WIDTH, 4});
    x = gb_build_conv(s->builder, x, "conv", (gb_conv_spec){.out = 3, .kernel_h = 3, .pad = 1, .bias = true});
    GB_TRY(gb_builder_finish(s->builder, &x, 1, &s->graph, err));
    GB_TRY(gb_plan_new(s->cuda, s->graph, &s->plan, err));
    GB_TRY(gb_session_new(s->plan, &s->session, err));
    return gb_session_feed(s->session, &feed, err);
}

static gb_status open_memory(station *s, gb_error *err)
{
    for (int u = 0; u < UNITS; u++) {
        GB_TRY(s->on->memory_new(0, FRAMES * BYTES, &s->unit[u].given, err));
        GB_TRY(s->on->memory_new(0, FRAMES * BYTES, &s->unit[u].made, err));
        GB_TRY(s->on->memory_new(0, 2 * BYTES, &s->unit[u].pair, err));
    }
    return GB_OK;
}

static gb_status station_open(station *s, gb_error *err)
{
    gb_scorer **const scorer[] = {&s->sender, &s->second, &s->painter, &s->scorer};
    *s = (station){.cuda = backend("cuda")};
    gb_metric_env env = {.geometry = {WIDTH, HEIGHT, SIDE}, .backend = s->cuda, .frames = 1};
    GB_TRY(gb_backend_scoring(env.backend, &s->on, err));
    env.scoring = s->on;
    for (int i = 0; i < 4; i++) GB_TRY(s->on->scorer_new(0, scorer[i], err));
    GB_TRY(gb_region_sums_open(&env, s->scorer, gb_pixel_grid(env.geometry), &s->regions, err));
    GB_TRY(open_memory(s, err));
    return open_net(s, err);
}

static void station_close(station *s)
{
    gb_scorer *const scorer[] = {s->sender, s->second, s->painter, s->scorer};
    gb_session_free(s->session);
    gb_plan_free(s->plan);
    gb_graph_free(s->graph);
    gb_builder_free(s->builder);
    gb_weights_free(s->weights);
    for (int u = 0; s->on && u < UNITS; u++) {
        gb_memory *const memory[] = {s->unit[u].given, s->unit[u].made, s->unit[u].pair};
        for (int i = 0; i < 3; i++) s->on->memory_free(memory[i]);
    }
    gb_region_sums_close(&s->regions);
    for (int i = 0; s->on && i < 4; i++) s->on->scorer_free(scorer[i]);
}

/* A noise of its own for each number; gone once the next is asked for. */
static const uint8_t *picture(int number)
{
    static uint8_t noise[BYTES];
    gb_random random = {.state = (uint64_t)number + 1};
    for (int i = 0; i < BYTES; i++) noise[i] = (uint8_t)(gb_random_next(&random) >> 56);
    return noise;
}

static gb_status send(const station *s, int u, gb_error *err)
{
    for (int f = 0; f < FRAMES; f++)
        GB_TRY(s->on->put(s->sender, at(s->unit[u].given, f), picture(10 * u + f), BYTES, err));
    return s->on->put(s->second, at(s->unit[u].pair, 0), picture(10 * u + 8), BYTES, err);
}

static gb_status submit(const station *s, int u, gb_error *err)
{
    gb_frame_run run = {.count = FRAMES};
    for (int f = 0; f < FRAMES; f++) {
        run.from[f] = at(s->unit[u].given, f);
        run.to[f] = at(s->unit[u].made, f);
    }
    return gb_session_submit_frames(s->session, u, &run, err);
}

/* What a unit's scorer brings back once the unit is made. */
static gb_status take(const station *s, int u, outcome *out, gb_error *err)
{
    const gb_difference_sums sums = {.of = GB_DIFFERENCE_SQUARED, .count = 2, .width = WIDTH, .height = HEIGHT,
                                     .a = {at(s->unit[u].pair, 0), at(s->unit[u].pair, 1)},
                                     .b = {at(s->unit[u].made, 0), at(s->unit[u].made, 1)},
                                     .groups = s->regions.groups};
    for (int f = 0; f < FRAMES; f++)
        GB_TRY(s->on->get(s->scorer, at(s->unit[u].made, f), out->made[u][f], BYTES, err));
    return s->on->differences(s->scorer, &sums, out->total[u][0], err);
}

static gb_status score(const station *s, int u, outcome *out, gb_error *err)
{
    bool finite = false;
    GB_TRY(gb_session_collect_frames(s->session, u, &finite, err));
    return finite ? take(s, u, out, err) : gb_fail(err, GB_E_NUMERIC, "not finite");
}

/* The second unit is sent while the first is made. */
static gb_status fly(const station *s, outcome *out, gb_error *err)
{
    memset(out, 0, sizeof *out);
    for (int u = 0; u < UNITS; u++) {
        GB_TRY(send(s, u, err));
        GB_TRY(submit(s, u, err));
        GB_TRY(s->on->put(s->painter, at(s->unit[u].pair, 1), picture(10 * u + 9), BYTES, err));
    }
    for (int u = 0; u < UNITS; u++) GB_TRY(score(s, u, out, err));
    return GB_OK;
}

/* With a scorer that has its memory: an allocation waits for all that is queued. */
static gb_status whole(const standin *card, long skip, outcome *out, long *waits, gb_error *err)
{
    station s;
    gb_status status = station_open(&s, err);
    if (status == GB_OK) status = take(&s, 0, out, err);
    card->hesitate(skip);
    if (status == GB_OK) status = fly(&s, out, err);
    *waits = counts(card).waits;
    card->hesitate(-1);
    station_close(&s);
    return status;
}

static void test_every_wait_is_needed(void **state)
{
    (void)state;
    const standin s = standin_open();
    outcome expected, found;
    long waits, passed;
    gb_error err;
    assert_ok(whole(&s, -1, &expected, &waits, &err), &err);
    for (int i = 0; i < 20; i++) { /* by lot, and as late as may be */
        assert_ok(whole(&s, i ? -1 : 0, &found, &waits, &err), &err);
        assert_memory_equal(&found, &expected, sizeof found);
    }
    assert_clean(&s, "after frames in flight");
    for (long k = 1; k <= waits; k++) {
        const gb_status status = whole(&s, k, &found, &passed, &err);
        if (status == GB_OK && !memcmp(&found, &expected, sizeof found))
            fail_msg("wait %ld of %ld is passed over, and nothing shows", k, waits);
    }
    s.reset(0);
    print_message("%ld waits, each needed\n", waits);
    assert_true(waits > 10);
}

/* Frames are sent, and a net started on them, without the program waiting; a third copy waits for the first. */
static void test_nothing_waits_for_a_copy(void **state)
{
    (void)state;
    const standin card = standin_open();
    station s;
    gb_error err;
    assert_ok(station_open(&s, &err), &err);
    card.hesitate(0);
    for (int f = 0; f < FRAMES; f++)
        assert_ok(s.on->put(s.sender, at(s.unit[0].given, f), picture(f), BYTES, &err), &err);
    assert_ok(submit(&s, 0, &err), &err);
    assert_int_equal(counts(&card).stalls, 0);
    assert_true(counts(&card).queued > 0);
    assert_int_equal(counts(&card).launches, 0);
    assert_ok(s.on->put(s.sender, at(s.unit[1].given, 0), picture(3), BYTES, &err), &err);
    assert_int_equal(counts(&card).stalls, 1);
    assert_int_equal(counts(&card).launches, 0); /* what was sent may arrive, but nothing is computed yet */
    card.hesitate(-1);
    station_close(&s);
    assert_clean(&card, "after copies");
}

/* A session's own memory is written by its runs alone. */
static void test_nothing_is_put_into_a_session(void **state)
{
    (void)state;
    const standin card = standin_open();
    station s;
    gb_error err;
    assert_ok(station_open(&s, &err), &err);
    assert_fails(s.on->put(s.sender, gb_session_place(s.session, 0, 0), picture(0), BYTES, &err), GB_E_ARG, &err,
                 "a session's memory");
    station_close(&s);
    assert_clean(&card, "after a session's memory");
}

static void test_every_call_may_fail(void **state)
{
    (void)state;
    const standin s = standin_open();
    outcome out;
    long calls = 3, waits;
    for (long n = 0; n <= calls; n = n ? n + 1 : 3) { /* backend("cuda") asks the card before */
        gb_error err = {0};
        s.reset(n);
        const gb_status status = whole(&s, -1, &out, &waits, &err);
        if (n == 0) assert_ok(status, &err);
        if (n == 0) calls = counts(&s).calls;
        if (status != GB_OK && (!*err.text || strchr(err.text, '\n')))
            fail_msg("call %ld: not one line: \"%s\"", n, err.text);
        assert_clean(&s, "a call failing");
    }
    s.reset(0);
    print_message("%ld calls, each failed once\n", calls);
}

int main(int argc, char **argv)
{
    (void)argc;
    with_standin(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_wait_is_needed),
        cmocka_unit_test(test_nothing_waits_for_a_copy),
        cmocka_unit_test(test_nothing_is_put_into_a_session),
        cmocka_unit_test(test_every_call_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
