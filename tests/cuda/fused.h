/* Nets whose layers are fused, beside the same with no layer fused: what a card has to be asked. */
#ifndef TESTS_CUDA_FUSED_H
#define TESTS_CUDA_FUSED_H

#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cards.h"
#include "core/memory.h"
#include "core/random.h"
#include "engine/graph_edit.h"
#include "models/net.h"
#include "support/parity.h"

/* A net, or one of its layers. */
typedef struct fused_net {
    const char *name;
    gb_graph *folded;
    float *input[2]; /* [1]: an addend's, or NULL */
    float *bias;     /* of a layer by itself */
    size_t in, out;
} fused_net;

static inline const gb_backend *fused_backend(const char *id)
{
    gb_error err;
    const gb_backend *found = NULL;
    assert_ok(gb_backend_select(id, &found, NULL, &err), &err);
    return found;
}

/* One run; the caller frees what comes out. */
static inline float *fused_run(const fused_net *n, const char *device, gb_precision precision, bool fused)
{
    gb_error err;
    gb_plan *plan = NULL;
    gb_session *session = NULL;
    float *const copy = gb_alloc_aligned(n->out, sizeof *copy);
    assert_non_null(copy);
    setenv("GANIME_CUDA_FUSED", fused ? "1" : "0", 1);
    assert_ok(gb_plan_new_in(fused_backend(device), n->folded, precision, &plan, &err), &err);
    unsetenv("GANIME_CUDA_FUSED");
    assert_ok(gb_session_new(plan, &session, &err), &err);
    memcpy(gb_session_input(session, 0), n->input[0], n->in * sizeof *copy);
    if (n->input[1]) memcpy(gb_session_input(session, 1), n->input[1], n->out * sizeof *copy);
    assert_ok(gb_session_run(session, &err), &err);
    memcpy(copy, gb_session_output(session, 0), n->out * sizeof *copy);
    gb_session_free(session);
    gb_plan_free(plan);
    return copy;
}

static inline float *fused_noise(uint64_t seed, size_t count)
{
    float *const noise = gb_alloc_aligned(count, sizeof *noise);
    assert_non_null(noise);
    for (size_t i = 0; i < count; i++) noise[i] = gb_random_weight(seed, i, 1.0, 0.0);
    return noise;
}

static inline void fused_open(fused_net *n, const char *name, const gb_net *net, const gb_net_options *options,
                              gb_weights *weights)
{
    gb_error err;
    gb_net_params params;
    gb_graph *graph = NULL;
    size_t count, outputs;
    *n = (fused_net){.name = name};
    assert_ok(gb_net_graph(net, weights, options, &params, &graph, &err), &err);
    assert_ok(gb_graph_fold(graph, &n->folded, &err), &err);
    gb_graph_free(graph);
    const gb_node *const node = gb_graph_nodes(n->folded, &count);
    n->in = gb_shape_size(node[0].shape);
    n->out = gb_shape_size(node[gb_graph_outputs(n->folded, &outputs)[0]].shape);
    n->input[0] = fused_noise(7, n->in);
}

static inline void fused_close(fused_net *n)
{
    gb_graph_free(n->folded);
    free(n->input[0]);
    free(n->input[1]);
    free(n->bias);
}

/* ---- A layer by itself ------------------------------------------------------------------------------------------- */

static inline gb_value append(gb_graph *graph, gb_node node)
{
    gb_error err;
    gb_value value = GB_NONE;
    assert_ok(gb_graph_append(graph, &node, &value, &err), &err);
    return value;
}

static inline gb_value append_one(gb_graph *graph, gb_op op, gb_shape shape, gb_value x, gb_value y)
{
    return append(graph, (gb_node){.op = op, .shape = shape, .in = {x, y, GB_NONE}, .kernel_h = 1, .kernel_w = 1,
                                   .stride = 1, .act = op == GB_OP_ACTIVATION ? GB_ACT_RELU : GB_ACT_NONE});
}

/* Step by step, as nothing is folded; pools of one pixel, so that what goes in and out of the layer is kept as it is
 * within a net. Outputs: the last value, then all. */
static inline gb_graph *unfolded_layer(const gb_node *layer, gb_shape in, const float *bias)
{
    gb_error err;
    gb_graph *graph = NULL;
    gb_value outputs[16];
    gb_node conv = *layer;
    assert_ok(gb_graph_new(&graph, &err), &err);
    const gb_value x = append_one(graph, GB_OP_INPUT, in, GB_NONE, GB_NONE);
    const gb_value y = layer->in[1] >= 0 ? append_one(graph, GB_OP_INPUT, layer->shape, GB_NONE, GB_NONE) : GB_NONE;
    conv.act = GB_ACT_NONE;
    conv.bias = bias;
    conv.in[0] = append_one(graph, GB_OP_MAXPOOL, in, x, GB_NONE);
    conv.in[1] = GB_NONE;
    const gb_value addend = y >= 0 ? append_one(graph, GB_OP_MAXPOOL, layer->shape, y, GB_NONE) : GB_NONE;
    gb_value last = append(graph, conv);
    if (addend >= 0) last = append_one(graph, GB_OP_ADD, layer->shape, last, addend);
    if (layer->act == GB_ACT_RELU) last = append_one(graph, GB_OP_ACTIVATION, layer->shape, last, GB_NONE);
    outputs[0] = last = append_one(graph, GB_OP_MAXPOOL, layer->shape, last, GB_NONE);
    for (gb_value v = 0; v <= last; v++) outputs[v + 1] = v;
    assert_ok(gb_graph_set_outputs(graph, outputs, (size_t)last + 2, &err), &err);
    return graph;
}

/* How far from exact the layer may be, from the values that the processor computes. */
static inline void layer_bounds(const fused_net *n, const gb_graph *graph, double bound[GB_PRECISION_COUNT])
{
    gb_error err;
    size_t count;
    gb_plan *plan = NULL;
    gb_session *session = NULL;
    const float *values[16];
    gb_graph_nodes(graph, &count);
    assert_ok(gb_plan_new(fused_backend("cpu"), graph, &plan, &err), &err);
    assert_ok(gb_session_new(plan, &session, &err), &err);
    memcpy(gb_session_input(session, 0), n->input[0], n->in * sizeof(float));
    if (n->input[1]) memcpy(gb_session_input(session, 1), n->input[1], n->out * sizeof(float));
    assert_ok(gb_session_run(session, &err), &err);
    for (size_t i = 0; i < count; i++) values[i] = gb_session_output(session, i + 1);
    for (int p = 0; p < GB_PRECISION_COUNT; p++)
        bound[p] = parity_bound_of(graph, values, PARITY_SUMS_FLOAT, (gb_precision)p);
    gb_session_free(session);
    gb_plan_free(plan);
}

static inline void layer_open(fused_net *n, const gb_node *layer, gb_shape in, double bound[GB_PRECISION_COUNT])
{
    gb_error err;
    size_t count;
    *n = (fused_net){.name = layer->name, .in = gb_shape_size(in), .out = gb_shape_size(layer->shape)};
    n->bias = fused_noise(9, (size_t)layer->shape.c);
    for (int64_t c = 0; c < layer->shape.c; c++) n->bias[c] *= 4.0f; /* so that it is more than what bf16 rounds */
    gb_graph *const graph = unfolded_layer(layer, in, n->bias);
    n->input[0] = fused_noise(7, n->in);
    if (layer->in[1] >= 0) n->input[1] = fused_noise(8, n->out);
    layer_bounds(n, graph, bound);
    gb_graph_nodes(graph, &count);
    const gb_value last = (gb_value)count - 1;
    assert_ok(gb_graph_set_outputs(graph, &last, 1, &err), &err);
    assert_ok(gb_graph_fold(graph, &n->folded, &err), &err);
    gb_graph_free(graph);
}

/* Whether both ways are as near to each other as either may be to what is exact; `*share`: of that limit. */
static inline bool layer_agrees(const fused_net *n, gb_precision precision, double bound, double *share)
{
    float *const fused = fused_run(n, "cuda", precision, true), *const plain = fused_run(n, "cuda", precision, false);
    double apart = 0.0;
    for (size_t i = 0; i < n->out; i++) {
        const double d = fabs((double)fused[i] - (double)plain[i]);
        if (!(d <= apart)) apart = d; /* a NaN stays */
    }
    free(plain);
    free(fused);
    *share = apart / (2.0 * bound);
    return apart <= 2.0 * bound;
}

/* What engines are chosen by. */
static inline bool same_layer(const gb_node *a, gb_shape a_in, const gb_node *b, gb_shape b_in)
{
    return !memcmp(&a->shape, &b->shape, sizeof a->shape) && !memcmp(&a_in, &b_in, sizeof a_in) &&
           a->kernel_h == b->kernel_h && a->kernel_w == b->kernel_w && a->stride == b->stride && a->pad == b->pad &&
           a->dilation == b->dilation && a->act == b->act && (a->in[1] >= 0) == (b->in[1] >= 0);
}

static inline bool is_new(const gb_node *node, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (node[k].op == GB_OP_CONV && same_layer(&node[i], node[node[i].in[0]].shape, &node[k],
                                                   node[node[k].in[0]].shape))
            return false;
    return true;
}

/* ---- Damage that has to come out -------------------------------------------------------------------------------- */

typedef enum fused_damage { FUSED_INPUT, FUSED_WEIGHT, FUSED_OVERFLOW, FUSED_DAMAGES } fused_damage;
static const char *const fused_damages[] = {"a NaN in the input", "a NaN in a weight", "an overflow on the way"};

/* Tests alone may change a graph; what is changed is a copy that the node is given. The caller frees. */
static inline float *own_weights(const gb_node *all, gb_node *node)
{
    const size_t count = (size_t)(all[node->in[0]].shape.c * node->shape.c * node->kernel_h * node->kernel_w);
    float *const own = gb_alloc_aligned(count, sizeof *own);
    assert_non_null(own);
    memcpy(own, node->weight, count * sizeof *own);
    node->weight = own;
    return own;
}

/* In the tap in the middle, which every pixel sees. */
static inline void plant(const gb_node *all, gb_node *node)
{
    own_weights(all, node)[node->kernel_h / 2 * node->kernel_w + node->kernel_w / 2] = NAN;
}

static inline void scale_to(float *weight, size_t count, float most)
{
    float largest = 0.0f;
    for (size_t i = 0; i < count; i++) largest = fmaxf(largest, fabsf(weight[i]));
    for (size_t i = 0; i < count; i++) weight[i] *= most / largest;
}

enum { FUSED_MOST_LAYERS = 512, FUSED_LARGE = 5 }; /* five layers of weights of 2^31 overflow any float */

/* The output with that damage, which is undone; weights remain such as a net is fused with, but for the NaN. */
static inline float *damaged_run(fused_net *n, fused_damage damage, const char *device, gb_precision precision,
                                 bool fused)
{
    size_t count, layers = 0;
    gb_node *const node = (gb_node *)(uintptr_t)gb_graph_nodes(n->folded, &count), *layer[FUSED_MOST_LAYERS];
    const float *kept[FUSED_MOST_LAYERS];
    const float centre = n->input[0][n->in / 2];
    for (size_t i = 0; i < count; i++)
        if (node[i].op == GB_OP_CONV || node[i].op == GB_OP_DECONV) {
            assert_true(layers < FUSED_MOST_LAYERS);
            layer[layers] = &node[i];
            kept[layers++] = node[i].weight;
        }
    if (damage == FUSED_INPUT) n->input[0][n->in / 2] = NAN;
    if (damage == FUSED_WEIGHT) plant(node, layer[layers / 2]);
    for (size_t i = 1; damage == FUSED_OVERFLOW && i <= FUSED_LARGE; i++) {
        const gb_node *const of = layer[i];
        float *const own = own_weights(node, layer[i]);
        scale_to(own, (size_t)(node[of->in[0]].shape.c * of->shape.c * of->kernel_h * of->kernel_w), 0x1p31f);
    }
    float *const output = fused_run(n, device, precision, fused);
    n->input[0][n->in / 2] = centre;
    for (size_t i = 0; i < layers; i++) {
        if (layer[i]->weight != kept[i]) free((void *)(uintptr_t)layer[i]->weight);
        layer[i]->weight = kept[i];
    }
    return output;
}

static inline bool all_finite(float *output, size_t count) /* which is freed */
{
    bool finite = true;
    for (size_t i = 0; i < count; i++) finite = finite && isfinite(output[i]);
    free(output);
    return finite;
}

/* Whether the damage comes out. */
static inline bool damage_shows(fused_net *n, fused_damage damage, gb_precision precision, bool fused)
{
    return !all_finite(damaged_run(n, damage, "cuda", precision, fused), n->out);
}

/* ---- All that is asked ------------------------------------------------------------------------------------------- */

/* Layers of the net that differ, fused and not, in every precision. What is wrong, a line each; how many lines. */
static inline int layer_faults(const fused_net *net)
{
    size_t count, layers = 0;
    int faults = 0;
    double worst[GB_PRECISION_COUNT] = {0.0};
    const gb_node *const node = gb_graph_nodes(net->folded, &count);
    for (size_t i = 0; i < count; i++) {
        const gb_node *const layer = &node[i];
        double bound[GB_PRECISION_COUNT], share;
        fused_net n;
        if (!gb_card_fuses(layer, GB_PRECISION_FP32, GB_PRECISION_FP32, GB_PRECISION_FP32)) continue;
        if (!is_new(node, i)) continue;
        layer_open(&n, layer, node[layer->in[0]].shape, bound);
        layers++;
        for (int p = 0; p < GB_PRECISION_COUNT; p++) {
            const bool agrees = layer_agrees(&n, (gb_precision)p, bound[p], &share);
            if (!(share <= worst[p])) worst[p] = share;
            if (agrees) continue;
            print_message("%s %s: layer %s fused is %.3g of the limit from not fused\n", net->name,
                          gb_precision_name((gb_precision)p), n.name, share);
            faults++;
        }
        fused_close(&n);
    }
    print_message("%-20s %zu layers, fused and not, at most this share of the limit apart:", net->name, layers);
    for (int p = 0; p < GB_PRECISION_COUNT; p++)
        print_message(" %s %.2g", gb_precision_name((gb_precision)p), worst[p]);
    print_message("\n");
    return faults;
}

/* Damage of the whole net that does not come out, fused and not, in every precision. */
static inline int hidden_damages(fused_net *n)
{
    int hidden = 0;
    for (int d = 0; d < FUSED_DAMAGES; d++) {
        /* Else this would ask for nothing. */
        if (all_finite(damaged_run(n, (fused_damage)d, "cpu", GB_PRECISION_FP32, true), n->out))
            fail_msg("%s: the processor hides %s", n->name, fused_damages[d]);
        for (int p = 0; p < GB_PRECISION_COUNT; p++)
            for (int fused = 0; fused < 2; fused++) {
                if (damage_shows(n, (fused_damage)d, (gb_precision)p, fused)) continue;
                print_message("%s %s, %s: hides %s\n", n->name, gb_precision_name((gb_precision)p),
                              fused ? "fused" : "not fused", fused_damages[d]);
                hidden++;
            }
    }
    return hidden;
}

#endif
