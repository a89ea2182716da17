/* Columns computed alone: the wanted ones of a run, the changing ones of a rerun, each with the bits of a whole run. */
#include "support/support.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "engine/columns.h"
#include "models/net.h"
#include "parity/cpu_paths.h"

static const gb_backend *backend(const char *id)
{
    gb_error err;
    const gb_backend *found = NULL;
    assert_ok(gb_backend_select(id, &found, NULL, &err), &err);
    return found;
}

/* ---- Nets: one for each kernel, and whole ones ---- */

static gb_value build_path(gb_builder *b, const void *which, int width, int height)
{
    const path *const p = which;
    (void)width, (void)height;
    return p->build(b, gb_build_input(b, p->input), p);
}

/* What the trunk of a perceptual metric is made of. */
static gb_value build_trunk(gb_builder *b, const void *which, int width, int height)
{
    (void)which;
    gb_value x = gb_build_input(b, (gb_shape){1, height, width, 3});
    const gb_conv_spec spec[] = {{.out = 64, .kernel_h = 11, .stride = 4, .pad = 2, .bias = true},
                                 {.out = 48, .kernel_h = 5, .pad = 2, .bias = true},
                                 {.out = 32, .kernel_h = 3, .pad = 1, .bias = true},
                                 {.out = 16, .kernel_h = 3, .pad = 1, .bias = true}};
    for (int i = 0; i < 4; i++) {
        if (i == 1 || i == 2) x = gb_build_maxpool(b, x, 3, 2);
        x = gb_build_relu(b, gb_build_conv(b, x, gb_build_name(b, "conv%d", i), spec[i]));
    }
    return x;
}

/* What ends a generator with reflections, pairs of parts and transposed convolutions; a norm that is not folded. */
static gb_value build_tail(gb_builder *b, const void *which, int width, int height)
{
    (void)which;
    const gb_conv_spec three = {.out = 32, .kernel_h = 3};
    const gb_conv_spec up = {.out = 32, .kernel_h = 3, .stride = 2, .pad = 1, .output_pad = 1, .bias = true};
    gb_value x = gb_build_input(b, (gb_shape){1, height / 4, width / 4, 32});
    const gb_value near = gb_build_conv(b, gb_build_pad_reflect(b, x, 1), "near", three);
    const gb_value far = gb_build_conv(b, gb_build_pad_reflect(b, near, 1), "far", three);
    x = gb_build_concat(b, gb_build_add(b, x, near), gb_build_batchnorm(b, gb_build_relu(b, far), "norm"));
    x = gb_build_relu(b, gb_build_deconv(b, x, "up1", up));
    x = gb_build_relu(b, gb_build_deconv(b, x, "up2", up));
    x = gb_build_conv(b, gb_build_pad_reflect(b, x, 3), "last", (gb_conv_spec){.out = 3, .kernel_h = 7, .bias = true});
    return gb_build_activation(b, x, GB_ACT_TANH, 0);
}

typedef gb_value build_fn(gb_builder *b, const void *which, int width, int height);

typedef struct net {
    gb_weights *weights;
    gb_builder *builder;
    gb_graph *graph; /* folded */
    gb_shape input, output;
} net;

/* `everything`: all values are outputs, after the net's own. */
static void net_open(net *n, build_fn *build, const void *which, int width, int height, gb_graph_use use)
{
    gb_error err;
    gb_graph *plain = NULL;
    size_t count;
    assert_ok(gb_weights_new_random(5, &n->weights, &err), &err);
    assert_ok(gb_builder_new(n->weights, false, &n->builder, &err), &err);
    const gb_value y = build(n->builder, which, width, height);
    n->output = gb_build_shape(n->builder, y);
    assert_ok(gb_builder_finish(n->builder, &y, 1, &plain, &err), &err);
    gb_graph_set_use(plain, use);
    assert_ok(gb_graph_fold(plain, &n->graph, &err), &err);
    gb_graph_free(plain);
    n->input = gb_graph_nodes(n->graph, &count)[0].shape;
}

static void net_close(net *n)
{
    gb_graph_free(n->graph);
    gb_builder_free(n->builder);
    gb_weights_free(n->weights);
}

static gb_column_runs strips(int64_t left, int64_t right, int64_t width)
{
    gb_column_runs runs = {0};
    if (left > 0) runs.run[runs.count].from = 0, runs.run[runs.count++].to = left < width ? left : width;
    if (right > 0 && left + right < width)
        runs.run[runs.count].from = width - right, runs.run[runs.count++].to = width;
    return runs;
}

static void fill(float *data, gb_shape shape, uint64_t seed)
{
    for (size_t i = 0; i < gb_shape_size(shape); i++) data[i] = gb_random_weight(seed, i, 1.0, 0.1);
}

static void fill_columns(float *data, gb_shape shape, gb_column_runs runs, uint64_t seed)
{
    for (int r = 0; r < runs.count; r++)
        for (int64_t y = 0; y < shape.h; y++)
            for (int64_t i = (y * shape.w + runs.run[r].from) * shape.c, end = (y * shape.w + runs.run[r].to) * shape.c;
                 i < end; i++)
                data[i] = gb_random_weight(seed, (uint64_t)i, 1.0, 0.1);
}

static gb_session *session_of(const net *n, const char *on, gb_plan **plan)
{
    gb_error err;
    gb_session *session = NULL;
    assert_ok(gb_plan_new(backend(on), n->graph, plan, &err), &err);
    assert_ok(gb_session_new(*plan, &session, &err), &err);
    return session;
}

static void go(gb_session *session, bool again)
{
    gb_error err;
    assert_ok((again ? gb_session_rerun : gb_session_run)(session, &err), &err);
}

static bool columns_equal(const float *a, const float *b, gb_shape shape, gb_column_runs runs)
{
    for (int r = 0; r < runs.count; r++)
        for (int64_t y = 0; y < shape.h; y++) {
            const int64_t at = (y * shape.w + runs.run[r].from) * shape.c;
            const size_t size = (size_t)((runs.run[r].to - runs.run[r].from) * shape.c) * sizeof *a;
            if (memcmp(a + at, b + at, size)) return false;
        }
    return true;
}

/* A net in which all columns count beside the same in which only those of `runs` do. */
typedef struct twins {
    net all, some;
    gb_column_runs runs;
    gb_plan *plan[2];
    gb_session *whole, *part;
} twins;

typedef struct strip_pair {
    int64_t left, right;
} strip_pair;

static void twins_open(twins *t, build_fn *build, const void *which, int width, int height, strip_pair sides,
                       bool changing)
{
    gb_graph_use use = {0};
    *t = (twins){0};
    net_open(&t->all, build, which, width, height, use);
    t->runs = strips(sides.left, sides.right, changing ? t->all.input.w : t->all.output.w);
    *(changing ? &use.changing : &use.wanted) = t->runs;
    net_open(&t->some, build, which, width, height, use);
    t->whole = session_of(&t->all, "cpu", &t->plan[0]);
    t->part = session_of(&t->some, "cpu", &t->plan[1]);
}

static void twins_close(twins *t)
{
    gb_session_free(t->whole);
    gb_session_free(t->part);
    gb_plan_free(t->plan[0]);
    gb_plan_free(t->plan[1]);
    net_close(&t->all);
    net_close(&t->some);
}

/* Wanted columns have the bits of a run in which all are, with memory that was full of large numbers. */
static void hold_wanted(const char *name, build_fn *build, const void *which, int width, int height, strip_pair sides)
{
    twins t;
    twins_open(&t, build, which, width, height, sides, false);
    for (uint64_t seed = 1; seed <= 2; seed++) {
        fill(gb_session_input(t.whole, 0), t.all.input, seed);
        fill(gb_session_input(t.part, 0), t.all.input, seed);
        go(t.whole, false);
        go(t.part, false);
        if (!columns_equal(gb_session_output(t.whole, 0), gb_session_output(t.part, 0), t.all.output, t.runs))
            fail_msg("%s %dx%d: %d and %d wanted columns have other bits", name, width, height, (int)sides.left,
                     (int)sides.right);
    }
    twins_close(&t);
}

/* A run, then reruns with other contents of the changing columns: each with the bits of a run of its own. */
static void hold_changing(const char *name, build_fn *build, const void *which, int width, int height,
                          strip_pair sides)
{
    twins t;
    twins_open(&t, build, which, width, height, sides, true);
    for (uint64_t seed = 1; seed <= 2; seed++) {
        fill(gb_session_input(t.part, 0), t.all.input, seed);
        fill(gb_session_input(t.whole, 0), t.all.input, seed);
        go(t.part, false);
        for (uint64_t turn = 1; turn <= 3; turn++) {
            fill_columns(gb_session_input(t.part, 0), t.all.input, t.runs, 10 * seed + turn);
            fill_columns(gb_session_input(t.whole, 0), t.all.input, t.runs, 10 * seed + turn);
            go(t.part, true);
            go(t.whole, false);
            if (memcmp(gb_session_output(t.part, 0), gb_session_output(t.whole, 0),
                       gb_shape_size(t.all.output) * sizeof(float)))
                fail_msg("%s %dx%d: a rerun with %d and %d changed columns has other bits", name, width, height,
                         (int)sides.left, (int)sides.right);
        }
    }
    twins_close(&t);
}

static const strip_pair sides[] = {{1, 0}, {0, 2}, {3, 3}, {7, 5}, {1000, 0}};

static void each_kernel_computes_columns_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < PATHS; i++)
        for (size_t k = 0; k < sizeof sides / sizeof *sides; k++) {
            hold_wanted(paths[i].name, build_path, &paths[i], 0, 0, sides[k]);
            hold_changing(paths[i].name, build_path, &paths[i], 0, 0, sides[k]);
        }
}

static void chains_compute_columns_alone(void **state)
{
    (void)state;
    static const struct {
        int width, height, side;
    } sizes[] = {{512, 72, 64}, {516, 92, 65}, {331, 64, 40}, {256, 144, 32}, {95, 47, 3}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const int w = sizes[i].width, h = sizes[i].height, side = sizes[i].side;
        hold_changing("trunk", build_trunk, NULL, w, h, (strip_pair){side, side});
        hold_changing("trunk", build_trunk, NULL, w, h, (strip_pair){side, 0});
        hold_wanted("trunk", build_trunk, NULL, w, h, (strip_pair){2, 3});
        hold_wanted("tail", build_tail, NULL, w, h, (strip_pair){side, side});
        hold_changing("tail", build_tail, NULL, w, h, (strip_pair){side / 4 + 1, side / 4});
    }
}

/* ---- What the checks would see ---- */

/* Column `c` of the input alone is other; the maps say which columns of the output are not the same any more. */
static void maps_say_what_depends_on_what(void **state)
{
    (void)state;
    static const path *const of[] = {&paths[0], &paths[4], &paths[10], &paths[13], &paths[14], &paths[24], &paths[40]};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        net n;
        gb_error err;
        gb_plan *plan = NULL;
        size_t outputs;
        gb_column_maps maps;
        net_open(&n, build_path, of[i], 0, 0, (gb_graph_use){0});
        gb_session *const session = session_of(&n, "ref", &plan);
        float *const before = gb_alloc_aligned(gb_shape_size(n.output), sizeof *before);
        fill(gb_session_input(session, 0), n.input, 1);
        go(session, false);
        memcpy(before, gb_session_output(session, 0), gb_shape_size(n.output) * sizeof *before);
        for (int64_t c = 0; c < n.input.w; c += 4) {
            gb_graph_use use = {.changing = {.count = 1, .run = {{c, c + 1}}}};
            gb_graph_set_use(n.graph, use);
            assert_ok(gb_columns_of_rerun(n.graph, NULL, &maps, &err), &err);
            fill_columns(gb_session_input(session, 0), n.input, use.changing, 77);
            go(session, false);
            const uint8_t *const map = maps.node[gb_graph_outputs(n.graph, &outputs)[0]];
            for (int64_t o = 0; o < n.output.w; o++) {
                const gb_column_runs one = {.count = 1, .run = {{o, o + 1}}};
                const bool same = columns_equal(before, gb_session_output(session, 0), n.output, one);
                if (!same && !map[o]) fail_msg("%s: column %d changes %d unsaid", of[i]->name, (int)c, (int)o);
                if (same && map[o] && of[i]->act == GB_ACT_NONE)
                    fail_msg("%s: column %d does not change %d", of[i]->name, (int)c, (int)o);
            }
            fill(gb_session_input(session, 0), n.input, 1);
            gb_column_maps_free(&maps);
        }
        free(before);
        gb_session_free(session);
        gb_plan_free(plan);
        net_close(&n);
    }
}

/* Columns that change unsaid are not seen by a rerun: the comparison with a whole run is what finds that. */
static void unsaid_changes_are_not_seen(void **state)
{
    (void)state;
    net n;
    gb_plan *plan = NULL;
    net_open(&n, build_trunk, NULL, 256, 64, (gb_graph_use){.changing = strips(20, 20, 256)});
    gb_session *const session = session_of(&n, "cpu", &plan);
    fill(gb_session_input(session, 0), n.input, 1);
    go(session, false);
    const gb_column_runs centre = {.count = 1, .run = {{100, 110}}};
    fill_columns(gb_session_input(session, 0), n.input, centre, 9);
    float *const stale = gb_alloc_aligned(gb_shape_size(n.output), sizeof *stale);
    go(session, true);
    memcpy(stale, gb_session_output(session, 0), gb_shape_size(n.output) * sizeof *stale);
    go(session, false);
    assert_true(memcmp(stale, gb_session_output(session, 0), gb_shape_size(n.output) * sizeof *stale) != 0);
    free(stale);
    gb_session_free(session);
    gb_plan_free(plan);
    net_close(&n);
}

static void next_run_is_found(void **state)
{
    (void)state;
    static const uint8_t mark[] = {0, 1, 1, 0, 0, 1};
    int64_t from, to = 0;
    assert_true(gb_columns_next(mark, 6, &from, &to));
    assert_true(from == 1 && to == 3);
    assert_true(gb_columns_next(mark, 6, &from, &to));
    assert_true(from == 5 && to == 6);
    assert_false(gb_columns_next(mark, 6, &from, &to));
    assert_false(gb_columns_any(mark + 3, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kernel_computes_columns_alone), cmocka_unit_test(chains_compute_columns_alone),
        cmocka_unit_test(maps_say_what_depends_on_what),      cmocka_unit_test(unsaid_changes_are_not_seen),
        cmocka_unit_test(next_run_is_found),
    };
    mallopt(M_PERTURB, 1); /* fresh memory holds -1.7e38 */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
