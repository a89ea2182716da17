#include "support/parity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "support/support.h"

#define MAX_NODES 64

/* A case made ready to run. */
typedef struct subject {
    const parity_case *of;
    parity_net net;
    gb_graph *graph;
    float *input;
} subject;

static float extreme(float noise, size_t i)
{
    const float factor[] = {3e4f, 1.0f, 1e-30f, 0.0f, -3e4f};
    return noise * factor[i % 5];
}

static float *make_input(const parity_case *c, parity_input kind, uint64_t seed)
{
    const size_t size = gb_shape_size(c->input);
    float *const data = gb_alloc_aligned(size, sizeof *data);
    char key[128];
    assert_non_null(data);
    snprintf(key, sizeof key, "%s/input", c->name);
    const uint64_t hash = gb_random_hash(key) + seed;
    for (size_t i = 0; i < size; i++) {
        const float noise = gb_random_weight(hash, i, 1.0, 0.0);
        data[i] = kind == PARITY_ZERO ? 0.0f : kind == PARITY_EXTREME ? extreme(noise, i) : noise;
    }
    return data;
}

/* The case's graph; with `all`, every value is an output too, after the case's own. */
static gb_graph *build(parity_net *net, bool all)
{
    gb_error err;
    gb_graph *graph = NULL;
    gb_builder_free(net->builder);
    net->builder = NULL;
    assert_ok(gb_builder_new(net->weights, net->of->batch_stats, &net->builder, &err), &err);
    gb_value outputs[MAX_NODES + 1];
    size_t count = 1;
    outputs[0] = net->of->build(net, gb_build_input(net->builder, net->of->input));
    for (gb_value v = 0; all && gb_build_shape(net->builder, v).n > 0; v++) {
        assert_true(count <= MAX_NODES);
        outputs[count++] = v;
    }
    assert_ok(gb_builder_finish(net->builder, outputs, count, &graph, &err), &err);
    assert_ok(gb_weights_check(net->weights, NULL, &err), &err);
    return graph;
}

static void subject_open(subject *s, const parity_case *c, parity_input kind, uint64_t seed)
{
    gb_error err;
    *s = (subject){.of = c, .net = {.seed = seed, .of = c}, .input = make_input(c, kind, seed)};
    assert_ok(gb_weights_new(&s->net.weights, &err), &err);
    s->graph = build(&s->net, false);
}

/* The bound of parity_bound_of from the values that the reference backend computes. */
static double bound_of(subject *s, parity_sums sums, gb_precision precision)
{
    gb_error err = {0};
    const gb_backend *ref = NULL;
    gb_plan *plan = NULL;
    gb_session *session = NULL;
    const float *values[MAX_NODES];
    size_t count;
    gb_graph *const graph = build(&s->net, true);
    gb_graph_nodes(graph, &count);
    assert_ok(gb_backend_select("ref", &ref, NULL, &err), &err);
    assert_ok(gb_plan_new(ref, graph, &plan, &err), &err);
    assert_ok(gb_session_new(plan, &session, &err), &err);
    memcpy(gb_session_input(session, 0), s->input, gb_shape_size(s->of->input) * sizeof *s->input);
    assert_ok(gb_session_run(session, &err), &err);
    for (size_t i = 0; i < count; i++) values[i] = gb_session_output(session, i + 1);
    const double bound = parity_bound_of(graph, values, sums, precision);
    gb_session_free(session);
    gb_plan_free(plan);
    gb_graph_free(graph);
    return bound;
}

static void subject_close(subject *s)
{
    gb_graph_free(s->graph);
    gb_builder_free(s->net.builder);
    gb_weights_free(s->net.weights);
    free(s->input);
}

/* Tests alone may change a graph: the nodes are writable behind the const view. */
static gb_graph *side_graph(const subject *s, const parity_side *side)
{
    gb_error err;
    gb_graph *graph = NULL;
    if (!side->fold) return s->graph;
    assert_ok(gb_graph_fold(s->graph, &graph, &err), &err);
    return graph;
}

/* Runs one side three times in one session (a run must not depend on those before it, nor on its being recorded by the
 * second and played by the third); the caller frees the output. */
static float *run_side(const subject *s, const parity_side *side, size_t *size)
{
    gb_error err;
    gb_plan *plan = NULL;
    gb_session *session = NULL;
    gb_graph *const graph = side_graph(s, side);
    size_t nodes;
    gb_node *const node = (gb_node *)(uintptr_t)gb_graph_nodes(graph, &nodes);
    if (side->fault && side->fault->graph) side->fault->graph(node, nodes);
    assert_ok(gb_plan_new_in(side->backend, graph, side->precision, &plan, &err), &err);
    if (side->fold) gb_graph_free(graph); /* a plan keeps nothing of its graph */
    assert_ok(gb_session_new(plan, &session, &err), &err);
    const gb_shape shape = gb_plan_output_shape(plan, 0);
    *size = gb_shape_size(shape);
    float *const copy = gb_alloc_aligned(*size, sizeof *copy);
    assert_non_null(copy);
    for (int run = 0; run < 3; run++) {
        float *const input = gb_session_input(session, 0);
        memcpy(input, s->input, gb_shape_size(s->of->input) * sizeof *input);
        if (side->fault && side->fault->input) side->fault->input(input, s->of->input);
        assert_ok(gb_session_run(session, &err), &err);
        const float *const output = gb_session_output(session, 0);
        if (run > 0 && memcmp(copy, output, *size * sizeof *copy) != 0)
            fail_msg("%s on %s: another run gives other bits", s->of->name, side->backend->id);
        memcpy(copy, output, *size * sizeof *copy);
    }
    if (side->fault && side->fault->output) side->fault->output(copy, shape);
    gb_session_free(session);
    gb_plan_free(plan);
    return copy;
}

static void describe(parity_report *report, const char *what, const subject *s, size_t i, double a, double b)
{
    size_t count, outputs;
    const gb_node *const node = gb_graph_nodes(s->graph, &count);
    const gb_shape y = node[gb_graph_outputs(s->graph, &outputs)[0]].shape, x = s->of->input;
    const size_t c = (size_t)y.c, w = (size_t)y.w, h = (size_t)y.h;
    snprintf(report->text, sizeof report->text,
             "%s, input %dx%dx%dx%d, seed %llu: %s at n %zu, h %zu, w %zu, c %zu: %.9g and %.9g, difference %.3g, "
             "limit %.3g",
             s->of->name, (int)x.n, (int)x.h, (int)x.w, (int)x.c, (unsigned long long)s->net.seed, what, i / c / w / h,
             i / c / w % h, i / c % w, i % c, a, b, report->difference, report->limit);
}

static bool compare(const subject *s, const float *a, const float *b, size_t size, parity_report *report)
{
    size_t worst = 0;
    report->text[0] = '\0';
    report->difference = 0.0;
    for (size_t i = 0; i < size; i++) {
        if (isfinite(a[i]) && isfinite(b[i])) continue;
        report->difference = INFINITY;
        describe(report, "not finite", s, i, (double)a[i], (double)b[i]);
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        const double difference = fabs((double)a[i] - (double)b[i]);
        if (difference <= report->difference) continue;
        report->difference = difference;
        worst = i;
    }
    if (report->difference <= report->limit) return true;
    describe(report, "worst", s, worst, (double)a[worst], (double)b[worst]);
    return false;
}

bool parity_holds(const parity_case *c, parity_input kind, uint64_t seed, parity_side a, parity_side b,
                  parity_report *report)
{
    subject s;
    size_t size_a, size_b;
    subject_open(&s, c, kind, seed);
    report->limit = bound_of(&s, PARITY_SUMS_FLOAT, b.precision);
    float *const first = run_side(&s, &a, &size_a);
    float *const second = run_side(&s, &b, &size_b);
    assert_int_equal(size_a, size_b);
    const bool holds = compare(&s, first, second, size_a, report);
    free(first);
    free(second);
    subject_close(&s);
    return holds;
}

bool parity_matches(const parity_case *c, parity_side side, const float *expected, size_t count, parity_report *report)
{
    subject s;
    size_t size;
    subject_open(&s, c, PARITY_NOISE, 0);
    report->limit = bound_of(&s, PARITY_SUMS_DOUBLE, side.precision);
    double largest = 0.0;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs((double)expected[i]));
    report->limit += 0x1p-24 * largest; /* `expected` is rounded too */
    float *const found = run_side(&s, &side, &size);
    assert_int_equal(size, count);
    const bool holds = compare(&s, expected, found, size, report);
    free(found);
    subject_close(&s);
    return holds;
}
