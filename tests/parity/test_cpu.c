/* What the cpu backend does by kernels of its own, chosen by shape: each path against the oracle, frame by frame, in
 * several threads; and that these checks can fail. The table of operations at large is in test_ops.c. */
#include "support/support.h"

#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/bf16.h"
#include "backend/cpu/plan.h"
#include "core/memory.h"
#include "core/random.h"
#include "parity/cpu_paths.h"
#include "support/parity.h"

#define MAX_FRAMES 5
#define MAX_NODES 16

static const gb_backend *backend(const char *id)
{
    gb_error err;
    const gb_backend *found = NULL;
    assert_ok(gb_backend_select(id, &found, NULL, &err), &err);
    return found;
}

/* A path's plan; the graph and its weights are gone by the time it is used. */
typedef struct subject {
    const path *of;
    gb_plan *plan;
    gb_shape in, out; /* of one frame */
} subject;

/* A path's net for some frames. Its first output is the result; with `everything` all values follow. */
typedef struct net {
    gb_weights *weights;
    gb_builder *builder;
    gb_graph *graph;
} net;

static gb_shape one_frame(gb_shape shape)
{
    shape.n = 1;
    return shape;
}

static void fill_input(const path *p, int frame, float *data)
{
    const uint64_t hash = gb_random_hash(p->name) + (uint64_t)frame;
    const size_t size = gb_shape_size(p->input);
    for (size_t i = 0; i < size; i++) data[i] = gb_random_weight(hash, i, 1.0, 0.25);
}

static void net_open(net *n, const path *p, int frames, bool everything)
{
    gb_error err;
    gb_shape input = p->input;
    gb_value outputs[MAX_NODES];
    size_t count = 1;
    input.n = frames;
    assert_ok(gb_weights_new_random(11, &n->weights, &err), &err);
    assert_ok(gb_builder_new(n->weights, false, &n->builder, &err), &err);
    outputs[0] = p->build(n->builder, gb_build_input(n->builder, input), p);
    for (gb_value v = 0; everything && v <= outputs[0]; v++) {
        assert_true(count < MAX_NODES);
        outputs[count++] = v;
    }
    assert_ok(gb_builder_finish(n->builder, outputs, count, &n->graph, &err), &err);
}

static void net_close(net *n)
{
    gb_graph_free(n->graph);
    gb_builder_free(n->builder);
    gb_weights_free(n->weights);
}

/* Tests alone may change a graph or its weights: both are writable behind the const view. */
typedef void fault_fn(gb_node *layer, gb_shape in);

static void break_layer(gb_graph *graph, fault_fn *fault)
{
    size_t count;
    gb_node *const node = (gb_node *)(uintptr_t)gb_graph_nodes(graph, &count);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(node[i].name, "layer")) fault(&node[i], node[node[i].in[0]].shape);
}

/* False when the backend refuses the plan: allowed, and a fault seen, where the graph was broken on purpose. */
static bool subject_open(subject *s, const path *p, const char *on, int frames, bool fold, fault_fn *fault)
{
    gb_error err;
    gb_graph *folded = NULL;
    net n;
    net_open(&n, p, frames, false);
    assert_ok(gb_graph_fold(n.graph, &folded, &err), &err);
    if (fault) break_layer(fold ? folded : n.graph, fault);
    *s = (subject){.of = p, .in = one_frame(p->input)};
    const gb_status status = gb_plan_new(backend(on), fold ? folded : n.graph, &s->plan, &err);
    if (!fault) assert_ok(status, &err);
    if (status == GB_OK) s->out = one_frame(gb_plan_output_shape(s->plan, 0));
    gb_graph_free(folded);
    net_close(&n);
    return status == GB_OK;
}

/* How far from exact the first two frames may be. */
static double limit_of(const path *p)
{
    gb_error err;
    net n;
    gb_plan *plan = NULL;
    gb_session *session = NULL;
    const float *values[MAX_NODES];
    net_open(&n, p, 2, true);
    assert_ok(gb_plan_new(backend("ref"), n.graph, &plan, &err), &err);
    assert_ok(gb_session_new(plan, &session, &err), &err);
    for (int f = 0; f < 2; f++)
        fill_input(p, f, gb_session_input(session, 0) + (size_t)f * gb_shape_size(p->input));
    assert_ok(gb_session_run(session, &err), &err);
    for (size_t i = 0; i + 1 < gb_plan_output_count(plan); i++) values[i] = gb_session_output(session, i + 1);
    const double limit = parity_bound_of(n.graph, values, PARITY_SUMS_FLOAT, GB_PRECISION_FP32);
    gb_session_free(session);
    gb_plan_free(plan);
    net_close(&n);
    return limit;
}

/* Frames [first, first + count) through one session made for that many; the caller frees. */
static float *run(const subject *s, int first, int count)
{
    gb_error err;
    gb_session *session = NULL;
    const size_t in = gb_shape_size(s->in), out = gb_shape_size(s->out) * (size_t)count;
    float *const copy = gb_alloc_aligned(out, sizeof *copy);
    assert_non_null(copy);
    assert_ok(gb_session_new(s->plan, &session, &err), &err);
    for (int f = 0; f < count; f++) fill_input(s->of, first + f, gb_session_input(session, 0) + (size_t)f * in);
    assert_ok(gb_session_run(session, &err), &err);
    memcpy(copy, gb_session_output(session, 0), out * sizeof *copy);
    gb_session_free(session);
    return copy;
}

/* The largest difference; infinite when either is not finite somewhere. */
static double distance(const float *a, const float *b, size_t size)
{
    double max = 0.0;
    for (size_t i = 0; i < size; i++) {
        if (!isfinite(a[i]) || !isfinite(b[i])) return INFINITY;
        max = fmax(max, fabs((double)a[i] - (double)b[i]));
    }
    return max;
}

static double distance_from_ref(const path *p, bool fold, fault_fn *fault)
{
    subject right, other;
    subject_open(&right, p, "ref", 2, false, NULL);
    if (!subject_open(&other, p, "cpu", 2, fold, fault)) {
        gb_plan_free(right.plan);
        return INFINITY;
    }
    float *const a = run(&right, 0, 2), *const b = run(&other, 0, 2);
    const double d = distance(a, b, 2 * gb_shape_size(right.out));
    free(a);
    free(b);
    gb_plan_free(right.plan);
    gb_plan_free(other.plan);
    return d;
}

/* The names of paths say which kernel they are about: it must be the one that is chosen. */
static void paths_are_taken(void **state)
{
    (void)state;
    const struct {
        const char *prefix;
        bool (*fits)(const gb_node *node, gb_shape in);
    } kernels[] = {{"dense", gb_cpu_dense_fits}, {"picture", gb_cpu_rgb_fits}, {"tiles", gb_cpu_winograd_fits}};
    for (size_t i = 0; i < PATHS; i++) {
        net n;
        size_t count;
        net_open(&n, &paths[i], 1, false);
        const gb_node *const node = gb_graph_nodes(n.graph, &count);
        for (size_t k = 0; k < count; k++) {
            if (strcmp(node[k].name, "layer") != 0) continue;
            for (size_t f = 0; f < sizeof kernels / sizeof kernels[0]; f++) {
                const bool meant = !strncmp(paths[i].name, kernels[f].prefix, strlen(kernels[f].prefix));
                if (kernels[f].fits(&node[k], node[node[k].in[0]].shape) != meant)
                    fail_msg("%s: %s kernel %s", paths[i].name, kernels[f].prefix, meant ? "left out" : "taken");
                if (meant) break; /* the first that fits is taken */
            }
        }
        net_close(&n);
    }
}

static void paths_agree_with_ref(void **state)
{
    (void)state;
    for (size_t i = 0; i < PATHS; i++) {
        const double limit = limit_of(&paths[i]);
        for (int fold = 0; fold <= 1; fold++) {
            const double d = distance_from_ref(&paths[i], fold != 0, NULL);
            if (!(d <= limit)) fail_msg("%s: differs from ref by %g, limit %g", paths[i].name, d, limit);
        }
    }
}

/* One tap of one channel lost. */
static void lose_a_weight(gb_node *layer, gb_shape in)
{
    const size_t size = (size_t)(layer->kernel_h * layer->kernel_w) * (size_t)(layer->shape.c * in.c);
    float *const weight = (float *)(uintptr_t)layer->weight;
    size_t largest = 0;
    for (size_t i = 0; i < size; i++)
        if (fabsf(weight[i]) > fabsf(weight[largest])) largest = i;
    weight[largest] = 0.0f;
}

static void shift_padding(gb_node *layer, gb_shape in)
{
    (void)in;
    layer->pad--;
}

static void lose_addend(gb_node *layer, gb_shape in)
{
    (void)in;
    layer->in[1] = GB_NONE;
}

static void lose_residual(gb_node *layer, gb_shape in)
{
    (void)in;
    layer->in[2] = GB_NONE;
}

static void lose_activation(gb_node *layer, gb_shape in)
{
    (void)in;
    layer->act = GB_ACT_NONE;
}

static void faults_are_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < PATHS; i++) {
        const path *const p = &paths[i];
        const double limit = limit_of(p);
        const bool joined_path = p->build == convolve_joined || p->build == deconvolve_joined;
        const struct {
            bool applies;
            const char *name;
            fault_fn *fault;
        } faults[] = {
            {true, "a lost weight", lose_a_weight},
            {p->spec.pad && p->build == convolve, "a shifted padding", shift_padding},
            {joined_path, "a lost addend", lose_addend},
            {joined_path, "a lost residual", lose_residual},
            {joined_path, "a lost activation", lose_activation},
        };
        for (size_t k = 0; k < sizeof faults / sizeof faults[0]; k++) {
            if (!faults[k].applies) continue;
            const double d = distance_from_ref(p, true, faults[k].fault);
            if (d <= limit) fail_msg("%s: %s was not seen: %g, limit %g", p->name, faults[k].name, d, limit);
        }
    }
}

static float *run_in(const path *p, const char *on, gb_precision precision, gb_shape *shape)
{
    gb_error err;
    gb_graph *folded = NULL;
    net n;
    subject s = {.of = p, .in = one_frame(p->input)};
    net_open(&n, p, 1, false);
    assert_ok(gb_graph_fold(n.graph, &folded, &err), &err);
    assert_ok(gb_plan_new_in(backend(on), folded, precision, &s.plan, &err), &err);
    s.out = *shape = one_frame(gb_plan_output_shape(s.plan, 0));
    float *const output = run(&s, 0, 1);
    gb_plan_free(s.plan);
    gb_graph_free(folded);
    net_close(&n);
    return output;
}

/* Every kernel that multiplies rounds its factors, and then is off by hundredths at most; those that end in a picture
 * stay in fp32. How far whole nets are off is in the golden tests. */
static void bf16_is_near(void **state)
{
    (void)state;
    gb_error err;
    if (gb_backend_accepts(backend("cpu"), GB_PRECISION_BF16, &err) != GB_OK) skip_because("%s", err.text);
    for (size_t i = 0; i < PATHS; i++) {
        gb_shape shape;
        float *const exact = run_in(&paths[i], "ref", GB_PRECISION_FP32, &shape);
        float *const found = run_in(&paths[i], "cpu", GB_PRECISION_BF16, &shape);
        float *const strict = run_in(&paths[i], "cpu", GB_PRECISION_FP32, &shape);
        const size_t size = gb_shape_size(shape);
        double largest = 0.0;
        for (size_t k = 0; k < size; k++) largest = fmax(largest, fabs((double)exact[k]));
        const double d = distance(exact, found, size);
        if (!(d <= 0.04 * largest)) fail_msg("%s: off by %g of %g", paths[i].name, d, largest);
        if (strncmp(paths[i].name, "picture", 7) && !(d > 8.0 * distance(exact, strict, size)))
            fail_msg("%s: as near as in fp32 (%g)", paths[i].name, d);
        free(exact);
        free(strict);
        free(found);
    }
}

/* To the nearest, halves to even; NaN and infinity stay what they are. */
static void bf16_rounds_to_nearest(void **state)
{
    (void)state;
    static const struct {
        uint32_t from;
        gb_bf16 to;
    } of[] = {{0x3f800000, 0x3f80}, {0x3f808000, 0x3f80}, {0x3f818000, 0x3f82}, {0x3f808001, 0x3f81},
              {0xbf7fffff, 0xbf80}, {0x7f800000, 0x7f80}, {0xff800000, 0xff80}, {0x7f7fffff, 0x7f80},
              {0x7fffffff, 0x7fff}, {0x7f800001, 0x7fc0}, {0x00000001, 0x0000}, {0x80000000, 0x8000}};
    enum { COUNT = sizeof of / sizeof *of };
    for (size_t shift = 0; shift < 20; shift += 5) { /* in whole vectors and in the rest */
        float x[COUNT + 20] = {0};
        gb_bf16 rounded[COUNT + 20];
        for (size_t i = 0; i < COUNT; i++) memcpy(&x[shift + i], &of[i].from, sizeof *x);
        gb_to_bf16(x, shift + COUNT, rounded);
        for (size_t i = 0; i < COUNT; i++) assert_int_equal(rounded[shift + i], of[i].to);
    }
}

static void other_precisions_are_refused(void **state)
{
    (void)state;
    gb_error err;
    assert_fails(gb_backend_accepts(backend("cpu"), GB_PRECISION_FP16, &err), GB_E_UNSUPPORTED, &err,
                 "device cpu has no fp16, only fp32");
    assert_ok(gb_backend_accepts(backend("cpu"), GB_PRECISION_FP32, &err), &err);
}

/* Frames have nothing to do with each other: together or alone, bit for bit. */
static void batches_equal_frames(void **state)
{
    (void)state;
    static const int sizes[] = {2, 3, MAX_FRAMES};
    for (size_t i = 0; i < PATHS; i++) {
        subject alone;
        subject_open(&alone, &paths[i], "cpu", 1, true, NULL);
        const size_t size = gb_shape_size(alone.out);
        for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
            subject together;
            subject_open(&together, &paths[i], "cpu", sizes[k], true, NULL);
            float *const all = run(&together, 0, sizes[k]);
            for (int f = 0; f < sizes[k]; f++) {
                float *const one = run(&alone, f, 1);
                if (memcmp(one, all + (size_t)f * size, size * sizeof *one))
                    fail_msg("%s: frame %d of %d has other bits than alone", paths[i].name, f, sizes[k]);
                free(one);
            }
            free(all);
            gb_plan_free(together.plan);
        }
        gb_plan_free(alone.plan);
    }
}

/* A worker with a session of its own, which runs frames by turns. */
typedef struct worker {
    gb_session *session;
    const subject *subject;
    float *const *expected;
    int seed, wrong;
    gb_status status;
} worker;

static void *work(void *argument)
{
    worker *const w = argument;
    gb_error err;
    for (int i = 0; i < 4 * MAX_FRAMES && w->status == GB_OK; i++) {
        const int frame = (i * (w->seed + 1) + w->seed) % MAX_FRAMES;
        fill_input(w->subject->of, frame, gb_session_input(w->session, 0));
        w->status = gb_session_run(w->session, &err);
        w->wrong += memcmp(w->expected[frame], gb_session_output(w->session, 0),
                           gb_shape_size(w->subject->out) * sizeof(float)) != 0;
    }
    return NULL;
}

static void run_workers(const subject *s, float *const *expected)
{
    gb_error err;
    worker w[3] = {{0}};
    pthread_t thread[3];
    for (int i = 0; i < 3; i++) {
        w[i] = (worker){.subject = s, .expected = expected, .seed = i};
        assert_ok(gb_session_new(s->plan, &w[i].session, &err), &err);
    }
    for (int i = 0; i < 3; i++) assert_int_equal(pthread_create(&thread[i], NULL, work, &w[i]), 0);
    for (int i = 0; i < 3; i++) pthread_join(thread[i], NULL);
    for (int i = 0; i < 3; i++) {
        gb_session_free(w[i].session);
        assert_int_equal(w[i].status, GB_OK);
        if (w[i].wrong) fail_msg("%s: %d runs in thread %d gave other bits", s->of->name, w[i].wrong, i);
    }
}

static void threads_do_not_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < PATHS; i++) {
        subject s;
        float *expected[MAX_FRAMES];
        subject_open(&s, &paths[i], "cpu", 1, true, NULL);
        for (int f = 0; f < MAX_FRAMES; f++) expected[f] = run(&s, f, 1);
        run_workers(&s, expected);
        for (int f = 0; f < MAX_FRAMES; f++) free(expected[f]);
        gb_plan_free(s.plan);
    }
}

/* OpenMP threads of the caller: neither used nor changed. */
static void openmp_does_not_matter(void **state)
{
    (void)state;
    const int before = omp_get_max_threads();
    for (size_t i = 0; i < PATHS; i++) {
        float *result[2];
        size_t size = 0;
        for (int k = 0; k < 2; k++) {
            subject s;
            omp_set_num_threads(1 + 3 * k);
            subject_open(&s, &paths[i], "cpu", 1, true, NULL);
            result[k] = run(&s, 0, 1);
            size = gb_shape_size(s.out);
            gb_plan_free(s.plan);
            assert_int_equal(omp_get_max_threads(), 1 + 3 * k);
        }
        if (memcmp(result[0], result[1], size * sizeof(float))) fail_msg("%s: other bits", paths[i].name);
        free(result[0]);
        free(result[1]);
    }
    omp_set_num_threads(before);
}

static void says_what_it_is(void **state)
{
    (void)state;
    gb_error err;
    gb_device_info info = {0};
    assert_ok(backend("cpu")->probe(0, &info, &err), &err);
    assert_true(strlen(info.name) > 0);
    assert_string_equal(info.precision, "fp32");
    assert_int_equal(strncmp(info.library, "oneDNN ", 7), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_taken),        cmocka_unit_test(paths_agree_with_ref),
        cmocka_unit_test(faults_are_seen),        cmocka_unit_test(batches_equal_frames),
        cmocka_unit_test(threads_do_not_matter),  cmocka_unit_test(openmp_does_not_matter),
        cmocka_unit_test(says_what_it_is),        cmocka_unit_test(bf16_is_near),
        cmocka_unit_test(bf16_rounds_to_nearest), cmocka_unit_test(other_precisions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
