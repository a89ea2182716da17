/* What the cpu backend does by kernels of its own, chosen by shape: each path against the oracle, frame by frame, in
 * several threads; and that these checks can fail. The table of operations at large is in test_ops.c. */
#include "support/support.h"

#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "support/parity.h"

#define MAX_FRAMES 5
#define MAX_NODES 16

typedef struct path {
    const char *name;
    gb_shape input; /* n is given by the test */
    gb_value (*build)(gb_builder *b, gb_value x, const struct path *p);
    gb_conv_spec spec;
    gb_activation act;
} path;

static gb_value convolve(gb_builder *b, gb_value x, const path *p)
{
    return gb_build_activation(b, gb_build_conv(b, x, "layer", p->spec), p->act, 0.2f);
}

static gb_value deconvolve(gb_builder *b, gb_value x, const path *p)
{
    return gb_build_activation(b, gb_build_deconv(b, x, "layer", p->spec), p->act, 0.2f);
}

/* act(layer + other) + third: an addend and a residual on one layer. */
static gb_value joined(gb_builder *b, gb_value x, gb_value layer, const path *p)
{
    const gb_shape shape = gb_build_shape(b, layer);
    const gb_conv_spec one = {.out = shape.c, .kernel_h = 1};
    const gb_value other = gb_build_conv(b, layer, "other", one), third = gb_build_conv(b, other, "third", one);
    (void)x;
    const gb_value sum = gb_build_add(b, other, gb_build_conv(b, other, "layer", p->spec));
    return gb_build_add(b, gb_build_activation(b, sum, p->act, 0.2f), third);
}

static gb_value convolve_joined(gb_builder *b, gb_value x, const path *p)
{
    return joined(b, x, gb_build_conv(b, x, "first", (gb_conv_spec){.out = p->spec.out, .kernel_h = 1}), p);
}

/* A transposed convolution whose result has an addend and a residual, both as large as the result. */
static gb_value deconvolve_joined(gb_builder *b, gb_value x, const path *p)
{
    const gb_value side = gb_build_deconv(b, x, "side", p->spec), far = gb_build_deconv(b, x, "far", p->spec);
    const gb_value sum = gb_build_add(b, side, gb_build_deconv(b, x, "layer", p->spec));
    return gb_build_add(b, gb_build_activation(b, sum, p->act, 0.2f), far);
}

/* The residual is the convolution's own input: it must not be overwritten before it is read. */
static gb_value convolve_onto_input(gb_builder *b, gb_value x, const path *p)
{
    const gb_conv_spec one = {.out = p->spec.out, .kernel_h = 1};
    const gb_value y = gb_build_relu(b, gb_build_conv(b, x, "first", one));
    return gb_build_add(b, y, gb_build_activation(b, gb_build_conv(b, y, "layer", p->spec), p->act, 0.2f));
}

static gb_value spectrum(gb_builder *b, gb_value x, const path *p)
{
    const gb_shape shape = gb_build_shape(b, x);
    const gb_value z = gb_build_conv(b, gb_build_rfft2(b, x), "layer", p->spec);
    return gb_build_irfft2(b, gb_build_relu(b, z), shape.w);
}

static gb_value pooled_and_joined(gb_builder *b, gb_value x, const path *p)
{
    x = gb_build_pad_reflect(b, x, 2);
    const gb_value y = gb_build_conv(b, gb_build_maxpool(b, x, 3, 2), "layer", p->spec);
    return gb_build_concat(b, gb_build_maxpool(b, x, 3, 2), gb_build_activation(b, y, p->act, 0.2f));
}

#define SPEC(...) {__VA_ARGS__}
static const path paths[] = {
    {"tiles 4x4", {1, 21, 30, 16}, convolve, SPEC(.out = 32, .kernel_h = 3, .pad = 1, .bias = true), GB_ACT_RELU},
    {"tiles unpadded", {1, 26, 27, 48}, convolve, SPEC(.out = 16, .kernel_h = 3), GB_ACT_LEAKY_RELU},
    {"tiles padded by 2", {1, 19, 21, 32}, convolve, SPEC(.out = 64, .kernel_h = 3, .pad = 2), GB_ACT_NONE},
    {"tiles in blocks", {1, 51, 50, 16}, convolve, SPEC(.out = 16, .kernel_h = 3, .pad = 1, .bias = true), GB_ACT_RELU},
    {"tiles dilated by 2", {1, 33, 31, 16}, convolve,
     SPEC(.out = 16, .kernel_h = 3, .pad = 2, .dilation = 2), GB_ACT_RELU},
    {"tiles dilated by 3", {1, 37, 47, 16}, convolve,
     SPEC(.out = 16, .kernel_h = 3, .pad = 3, .dilation = 3), GB_ACT_NONE},
    {"tiles 5x5", {1, 25, 32, 16}, convolve, SPEC(.out = 32, .kernel_h = 5, .pad = 2, .bias = true), GB_ACT_RELU},
    {"tiles 5x5 dilated", {1, 31, 32, 16}, convolve,
     SPEC(.out = 16, .kernel_h = 5, .pad = 4, .dilation = 2), GB_ACT_NONE},
    {"tiles 2x3", {1, 25, 30, 16}, convolve, SPEC(.out = 16, .kernel_h = 2, .kernel_w = 3, .pad = 1), GB_ACT_NONE},
    {"tiles 1x3", {1, 21, 30, 16}, convolve, SPEC(.out = 16, .kernel_h = 1, .kernel_w = 3), GB_ACT_RELU},
    {"tiles 4x4 stride 2", {1, 48, 41, 16}, convolve,
     SPEC(.out = 32, .kernel_h = 4, .stride = 2, .pad = 1), GB_ACT_LEAKY_RELU},
    {"tiles 3x3 stride 2", {1, 81, 97, 16}, convolve,
     SPEC(.out = 16, .kernel_h = 3, .stride = 2, .bias = true), GB_ACT_RELU},
    {"tiles 7x7 stride 3", {1, 49, 62, 16}, convolve,
     SPEC(.out = 16, .kernel_h = 7, .stride = 3, .pad = 3), GB_ACT_NONE},
    {"tiles doubled", {1, 17, 20, 16}, deconvolve,
     SPEC(.out = 32, .kernel_h = 4, .stride = 2, .pad = 1, .bias = true), GB_ACT_RELU},
    {"tiles doubled 3x3", {1, 24, 32, 16}, deconvolve,
     SPEC(.out = 16, .kernel_h = 3, .stride = 2, .pad = 1, .output_pad = 1), GB_ACT_LEAKY_RELU},
    {"tiles doubled 5x5", {1, 20, 24, 16}, deconvolve,
     SPEC(.out = 16, .kernel_h = 5, .stride = 2, .pad = 2), GB_ACT_NONE},
    {"tiles turned", {1, 20, 20, 16}, deconvolve, SPEC(.out = 16, .kernel_h = 3, .pad = 1), GB_ACT_NONE},
    {"tiles doubled, joined", {1, 16, 20, 16}, deconvolve_joined,
     SPEC(.out = 16, .kernel_h = 4, .stride = 2, .pad = 1), GB_ACT_RELU},
    {"tiles joined", {1, 20, 21, 16}, convolve_joined, SPEC(.out = 16, .kernel_h = 3, .pad = 1), GB_ACT_RELU},
    {"tiles onto input", {1, 20, 21, 16}, convolve_onto_input, SPEC(.out = 16, .kernel_h = 3, .pad = 1), GB_ACT_RELU},
    {"picture 3x3", {1, 11, 21, 32}, convolve, SPEC(.out = 3, .kernel_h = 3, .pad = 1, .bias = true), GB_ACT_TANH},
    {"picture 7x7", {1, 15, 33, 16}, convolve, SPEC(.out = 3, .kernel_h = 7, .bias = true), GB_ACT_SIGMOID},
    {"picture 7x7 padded", {1, 5, 4, 64}, convolve, SPEC(.out = 3, .kernel_h = 7, .pad = 3), GB_ACT_NONE},
    {"picture dilated", {1, 12, 30, 16}, convolve, SPEC(.out = 3, .kernel_h = 3, .pad = 4, .dilation = 4), GB_ACT_RELU},
    {"picture doubled", {1, 6, 13, 32}, deconvolve, SPEC(.out = 3, .kernel_h = 4, .stride = 2, .pad = 1), GB_ACT_TANH},
    {"picture tripled", {1, 4, 5, 16}, deconvolve, SPEC(.out = 3, .kernel_h = 5, .stride = 3, .pad = 1), GB_ACT_NONE},
    {"picture joined", {1, 6, 9, 16}, deconvolve_joined,
     SPEC(.out = 3, .kernel_h = 4, .stride = 2, .pad = 1), GB_ACT_RELU},
    {"dense", {1, 5, 7, 17}, convolve, SPEC(.out = 70, .kernel_h = 5, .kernel_w = 7, .bias = true), GB_ACT_LEAKY_RELU},
    {"dense, few", {1, 2, 3, 16}, convolve, SPEC(.out = 3, .kernel_h = 2, .kernel_w = 3), GB_ACT_TANH},
    {"dense, spread", {1, 1, 1, 70}, deconvolve,
     SPEC(.out = 20, .kernel_h = 3, .kernel_w = 5, .bias = true), GB_ACT_RELU},
    {"dense, joined", {1, 1, 1, 40}, deconvolve_joined, SPEC(.out = 20, .kernel_h = 3), GB_ACT_RELU},
    {"phases 4x4", {1, 7, 9, 32}, deconvolve,
     SPEC(.out = 24, .kernel_h = 4, .stride = 2, .pad = 1, .bias = true), GB_ACT_RELU},
    {"phases 3x3", {1, 7, 9, 17}, deconvolve,
     SPEC(.out = 16, .kernel_h = 3, .stride = 2, .pad = 1, .output_pad = 1), GB_ACT_NONE},
    {"phases cropped", {1, 5, 6, 16}, deconvolve, SPEC(.out = 20, .kernel_h = 3, .pad = 3), GB_ACT_NONE},
    {"phases with gaps", {1, 4, 5, 16}, deconvolve,
     SPEC(.out = 8, .kernel_h = 2, .stride = 3, .bias = true), GB_ACT_RELU},
    {"phases joined", {1, 5, 8, 16}, deconvolve_joined,
     SPEC(.out = 20, .kernel_h = 4, .stride = 2, .pad = 1), GB_ACT_RELU},
    {"direct joined", {1, 8, 9, 16}, convolve_joined, SPEC(.out = 17, .kernel_h = 3, .pad = 1), GB_ACT_RELU},
    {"direct onto input", {1, 8, 9, 16}, convolve_onto_input, SPEC(.out = 17, .kernel_h = 3, .pad = 1), GB_ACT_TANH},
    {"spectrum", {1, 36, 64, 20}, spectrum, SPEC(.out = 40, .kernel_h = 1), GB_ACT_NONE},
    {"spectrum, odd", {1, 9, 15, 66}, spectrum, SPEC(.out = 132, .kernel_h = 1), GB_ACT_NONE},
    {"pooled and joined", {1, 9, 12, 16}, pooled_and_joined, SPEC(.out = 32, .kernel_h = 3, .pad = 1), GB_ACT_NONE},
};
#define PATHS (sizeof paths / sizeof paths[0])

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
    const double limit = parity_bound_of(n.graph, values, PARITY_SUMS_FLOAT);
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
    assert_ok(backend("cpu")->probe(&info, &err), &err);
    assert_true(strlen(info.name) > 0);
    assert_string_equal(info.precision, "fp32");
    assert_int_equal(strncmp(info.library, "oneDNN ", 7), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_agree_with_ref), cmocka_unit_test(faults_are_seen),
        cmocka_unit_test(batches_equal_frames), cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(openmp_does_not_matter), cmocka_unit_test(says_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
