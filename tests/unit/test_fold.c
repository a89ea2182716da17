#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "engine/builder.h"
#include "support/support.h"

/* A net being described, with weights that are made as they are asked for. */
typedef struct sketch {
    gb_weights *weights;
    gb_builder *b;
    gb_graph *graph, *folded;
} sketch;

static void add_tensor(sketch *s, const char *layer, const char *part, int rank, const int64_t *dim, double a, double b)
{
    gb_error err;
    char name[64];
    snprintf(name, sizeof name, "%s.%s", layer, part);
    size_t size = 1;
    for (int i = 0; i < rank; i++) size *= (size_t)dim[i];
    float *const data = gb_alloc_aligned(size, sizeof *data);
    assert_non_null(data);
    for (size_t i = 0; i < size; i++) data[i] = gb_random_weight(gb_random_hash(name), i, a, b);
    assert_ok(gb_weights_add(s->weights, name, rank, dim, data, &err), &err);
}

static void sketch_open(sketch *s, bool batch_stats)
{
    gb_error err;
    *s = (sketch){0};
    assert_ok(gb_weights_new(&s->weights, &err), &err);
    assert_ok(gb_builder_new(s->weights, batch_stats, &s->b, &err), &err);
}

static void sketch_fold(sketch *s, const gb_value *outputs, size_t count)
{
    gb_error err;
    assert_ok(gb_builder_finish(s->b, outputs, count, &s->graph, &err), &err);
    assert_ok(gb_graph_fold(s->graph, &s->folded, &err), &err);
}

static void sketch_close(sketch *s)
{
    gb_graph_free(s->folded);
    gb_graph_free(s->graph);
    gb_builder_free(s->b);
    gb_weights_free(s->weights);
}

static gb_value input(sketch *s)
{
    return gb_build_input(s->b, (gb_shape){1, 5, 6, 3});
}

static gb_value conv(sketch *s, gb_value x, const char *name, bool bias)
{
    add_tensor(s, name, "weight", 4, (int64_t[]){3, 3, 3, 3}, 0.5, 0.0);
    if (bias) add_tensor(s, name, "bias", 1, (int64_t[]){3}, 0.5, 0.0);
    return gb_build_conv(s->b, x, name, (gb_conv_spec){.out = 3, .kernel_h = 3, .pad = 1, .bias = bias});
}

static gb_value norm(sketch *s, gb_value x, const char *name)
{
    const int64_t c = gb_build_shape(s->b, x).c;
    add_tensor(s, name, "weight", 1, &c, 0.5, 1.0);
    add_tensor(s, name, "bias", 1, &c, 0.5, 0.0);
    add_tensor(s, name, "running_mean", 1, &c, 0.5, 0.0);
    add_tensor(s, name, "running_var", 1, &c, 0.4, 0.6);
    return gb_build_batchnorm(s->b, x, name);
}

static size_t count_of(const gb_graph *graph, gb_op op)
{
    size_t count, found = 0;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    for (size_t i = 0; i < count; i++) found += node[i].op == op;
    return found;
}

static const gb_node *named(const gb_graph *graph, const char *name)
{
    size_t count;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(node[i].name, name)) return &node[i];
    fail_msg("no layer %s", name);
    return NULL;
}

static void assert_ops(const gb_graph *graph, size_t nodes, size_t norms, size_t acts, size_t adds)
{
    size_t count;
    gb_graph_nodes(graph, &count);
    assert_int_equal(count, nodes);
    assert_int_equal(count_of(graph, GB_OP_BATCHNORM), norms);
    assert_int_equal(count_of(graph, GB_OP_ACTIVATION), acts);
    assert_int_equal(count_of(graph, GB_OP_ADD), adds);
}

static double scale_of(const gb_node *bn, size_t k)
{
    return (double)bn->gamma[k] / sqrt((double)bn->var[k] + (double)bn->eps);
}

/* Weights and biases are the exact double products, rounded once; names and unchanged weights are kept. */
static void norm_goes_into_weights(void **state)
{
    (void)state;
    sketch s;
    sketch_open(&s, false);
    const gb_value x = gb_build_relu(s.b, conv(&s, input(&s), "plain", false));
    const gb_value y = gb_build_activation(s.b, norm(&s, conv(&s, x, "a", true), "n"), GB_ACT_LEAKY_RELU, 0.25f);
    sketch_fold(&s, &y, 1);
    assert_ops(s.folded, 3, 0, 0, 0);
    const gb_node *const a = named(s.folded, "a"), *const before = named(s.graph, "a"), *const bn = named(s.graph, "n");
    assert_int_equal(a->act, GB_ACT_LEAKY_RELU);
    assert_true(a->slope == 0.25f);
    assert_true(named(s.folded, "plain")->weight == named(s.graph, "plain")->weight);
    for (size_t o = 0; o < 3; o++) {
        const double scale = scale_of(bn, o), shift = (double)bn->beta[o] - (double)bn->mean[o] * scale;
        for (size_t i = o * 27; i < (o + 1) * 27; i++) assert_true(a->weight[i] == (float)(before->weight[i] * scale));
        assert_true(a->bias[o] == (float)(before->bias[o] * scale + shift));
    }
    sketch_close(&s);
}

/* A transposed convolution keeps its output channels on the second axis. */
static void norm_goes_into_transposed_weights(void **state)
{
    (void)state;
    sketch s;
    sketch_open(&s, false);
    add_tensor(&s, "d", "weight", 4, (int64_t[]){3, 2, 2, 2}, 0.5, 0.0);
    const gb_value d = gb_build_deconv(s.b, input(&s), "d", (gb_conv_spec){.out = 2, .kernel_h = 2, .stride = 2});
    const gb_value y = norm(&s, d, "n");
    sketch_fold(&s, &y, 1);
    assert_ops(s.folded, 2, 0, 0, 0);
    const gb_node *const after = named(s.folded, "d"), *const before = named(s.graph, "d");
    for (size_t i = 0; i < 3; i++)
        for (size_t o = 0; o < 2; o++)
            for (size_t t = 0; t < 4; t++) {
                const size_t at = (i * 2 + o) * 4 + t;
                assert_true(after->weight[at] == (float)(before->weight[at] * scale_of(named(s.graph, "n"), o)));
            }
    sketch_close(&s);
}

/* Two norms in a row are one scale and one shift. */
static void norms_compose(void **state)
{
    (void)state;
    sketch s;
    sketch_open(&s, false);
    const gb_value y = norm(&s, norm(&s, conv(&s, input(&s), "a", false), "n"), "m");
    sketch_fold(&s, &y, 1);
    assert_ops(s.folded, 2, 0, 0, 0);
    const gb_node *const n = named(s.graph, "n"), *const m = named(s.graph, "m"), *const a = named(s.folded, "a");
    const double first = scale_of(n, 0), second = scale_of(m, 0);
    const double shift = ((double)n->beta[0] - (double)n->mean[0] * first) * second +
                         ((double)m->beta[0] - (double)m->mean[0] * second);
    assert_true(a->bias[0] == (float)shift);
    sketch_close(&s);
}

/* relu(norm(a + b)): both scaled, the shift once, the later convolution carries the earlier one. */
static void norm_passes_through_a_sum(void **state)
{
    (void)state;
    sketch s;
    sketch_open(&s, false);
    const gb_value x = input(&s), a = conv(&s, x, "a", true), b = conv(&s, x, "b", true);
    const gb_value y = gb_build_relu(s.b, norm(&s, gb_build_add(s.b, a, b), "n"));
    sketch_fold(&s, &y, 1);
    assert_ops(s.folded, 3, 0, 0, 0);
    const gb_node *const fa = named(s.folded, "a"), *const fb = named(s.folded, "b"), *const bn = named(s.graph, "n");
    size_t count;
    const gb_node *const node = gb_graph_nodes(s.folded, &count);
    assert_true(fb->in[1] >= 0 && &node[fb->in[1]] == fa);
    assert_int_equal(fb->act, GB_ACT_RELU);
    assert_int_equal(fa->act, GB_ACT_NONE);
    const double scale = scale_of(bn, 1), shift = (double)bn->beta[1] - (double)bn->mean[1] * scale;
    assert_true(fa->bias[1] == (float)(named(s.graph, "a")->bias[1] * scale));
    assert_true(fb->bias[1] == (float)(named(s.graph, "b")->bias[1] * scale + shift));
    assert_true(fa->weight[30] == (float)(named(s.graph, "a")->weight[30] * scale));
    sketch_close(&s);
}

static void residual_is_fused(void **state)
{
    (void)state;
    sketch s;
    sketch_open(&s, false);
    const gb_value x = input(&s), c = gb_build_relu(s.b, conv(&s, x, "a", false));
    const gb_value y = gb_build_add(s.b, c, x);
    sketch_fold(&s, &y, 1);
    assert_ops(s.folded, 2, 0, 0, 0);
    const gb_node *const a = named(s.folded, "a");
    assert_int_equal(a->in[0], 0);
    assert_int_equal(a->in[1], GB_NONE);
    assert_int_equal(a->in[2], 0);
    sketch_close(&s);
}

/* What reads a value twice, or hands it out, keeps it as it is. */
static void values_in_use_stay(void **state)
{
    (void)state;
    sketch s;
    sketch_open(&s, false);
    const gb_value a = conv(&s, input(&s), "a", false);
    const gb_value outputs[] = {gb_build_relu(s.b, norm(&s, a, "n")), a}; /* a is an output itself */
    sketch_fold(&s, outputs, 2);
    assert_ops(s.folded, 4, 1, 1, 0);
    assert_true(named(s.folded, "a")->weight == named(s.graph, "a")->weight);
    sketch_close(&s);

    sketch_open(&s, false);
    const gb_value b = conv(&s, input(&s), "b", false);
    const gb_value y = gb_build_concat(s.b, gb_build_relu(s.b, b), norm(&s, b, "n"));
    sketch_fold(&s, &y, 1);
    assert_ops(s.folded, 5, 1, 1, 0);
    sketch_close(&s);

    sketch_open(&s, false);
    const gb_value c = conv(&s, input(&s), "c", false);
    const gb_value twice = gb_build_add(s.b, c, c);
    sketch_fold(&s, &twice, 1);
    assert_ops(s.folded, 3, 0, 0, 1);
    sketch_close(&s);
}

/* An addend that is read elsewhere cannot be scaled, so the norm stays; nor can one that was activated. */
static void sums_that_cannot_be_scaled_keep_their_norm(void **state)
{
    (void)state;
    sketch s;
    sketch_open(&s, false);
    const gb_value x = input(&s), a = conv(&s, x, "a", false), b = conv(&s, x, "b", false);
    const gb_value outputs[] = {norm(&s, gb_build_add(s.b, a, b), "n"), a};
    sketch_fold(&s, outputs, 2);
    assert_ops(s.folded, 4, 1, 0, 0);
    assert_true(named(s.folded, "b")->weight == named(s.graph, "b")->weight);
    sketch_close(&s);

    sketch_open(&s, false);
    const gb_value z = input(&s), c = gb_build_relu(s.b, conv(&s, z, "c", false)), d = conv(&s, z, "d", false);
    const gb_value y = norm(&s, gb_build_add(s.b, c, d), "n");
    sketch_fold(&s, &y, 1);
    assert_ops(s.folded, 4, 1, 0, 0);
    assert_true(named(s.folded, "d")->weight == named(s.graph, "d")->weight);
    sketch_close(&s);
}

static void batch_statistics_stay(void **state)
{
    (void)state;
    sketch s;
    sketch_open(&s, true);
    const gb_value y = gb_build_relu(s.b, norm(&s, conv(&s, input(&s), "a", false), "n"));
    sketch_fold(&s, &y, 1);
    assert_ops(s.folded, 4, 1, 1, 0);
    assert_true(named(s.folded, "n")->batch_stats);
    sketch_close(&s);
}

/* Unused layers go and do not count as readers; unused inputs stay, as callers number them. */
static void unused_nodes_go(void **state)
{
    (void)state;
    sketch s;
    sketch_open(&s, false);
    const gb_value x = input(&s);
    gb_build_input(s.b, (gb_shape){1, 2, 2, 1});
    const gb_value a = conv(&s, x, "a", false);
    gb_build_relu(s.b, gb_build_relu(s.b, a));
    const gb_value y = norm(&s, a, "n");
    sketch_fold(&s, &y, 1);
    assert_ops(s.folded, 3, 0, 0, 0);
    assert_int_equal(count_of(s.folded, GB_OP_INPUT), 2);
    size_t outputs;
    assert_int_equal(gb_graph_outputs(s.folded, &outputs)[0], 2);
    sketch_close(&s);
}

/* The original graph may go first, and folding what is folded changes nothing. */
static void folded_graph_stands_alone(void **state)
{
    (void)state;
    gb_error err;
    sketch s;
    gb_graph *again = NULL;
    sketch_open(&s, false);
    const gb_value y = gb_build_relu(s.b, norm(&s, conv(&s, input(&s), "a", true), "n"));
    sketch_fold(&s, &y, 1);
    gb_graph_free(s.graph);
    s.graph = NULL;
    assert_ok(gb_graph_fold(s.folded, &again, &err), &err);
    assert_ops(again, 2, 0, 0, 0);
    assert_true(named(again, "a")->weight == named(s.folded, "a")->weight);
    assert_true(named(again, "a")->weight[0] == named(s.folded, "a")->weight[0]);
    gb_graph_free(again);
    sketch_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norm_goes_into_weights),
        cmocka_unit_test(norm_goes_into_transposed_weights),
        cmocka_unit_test(norms_compose),
        cmocka_unit_test(norm_passes_through_a_sum),
        cmocka_unit_test(residual_is_fused),
        cmocka_unit_test(values_in_use_stay),
        cmocka_unit_test(sums_that_cannot_be_scaled_keep_their_norm),
        cmocka_unit_test(batch_statistics_stay),
        cmocka_unit_test(unused_nodes_go),
        cmocka_unit_test(folded_graph_stands_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
