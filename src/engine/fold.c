/* Each rule rewrites the last node of its pattern into the convolution that the pattern amounts to, so whatever else
 * the pattern reads has been computed by then; the nodes before it lose their only reader and are dropped at the end.
 * Scales of folded batch norms are kept in double beside the nodes and rounded into the weights once, at the end. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "engine/graph_edit.h"

/* What is to be multiplied into and added to each output channel of a convolution; NULL: nothing. */
typedef struct affine {
    double *scale, *shift;
} affine;

typedef struct folding {
    gb_node *node;
    size_t count;
    int *uses;     /* readers of each value, outputs included */
    affine *later; /* per node */
    bool *live;
    gb_value *place; /* of each kept node in the new graph */
} folding;

static void folding_free(folding *f)
{
    for (size_t i = 0; f->later && i < f->count; i++) free(f->later[i].scale);
    free(f->node);
    free(f->uses);
    free(f->later);
    free(f->live);
    free(f->place);
}

/* Inputs stay even when unused: callers number them. */
static void mark_live(folding *f, const gb_graph *graph)
{
    memset(f->live, 0, f->count * sizeof *f->live);
    for (size_t i = 0; i < graph->output_count; i++) f->live[graph->outputs[i]] = true;
    for (size_t i = f->count; i-- > 0;) {
        if (f->node[i].op == GB_OP_INPUT) f->live[i] = true;
        for (int k = 0; f->live[i] && k < 3; k++)
            if (f->node[i].in[k] >= 0) f->live[f->node[i].in[k]] = true;
    }
}

static gb_status folding_init(folding *f, const gb_graph *graph, gb_error *err)
{
    f->count = graph->count;
    f->node = gb_alloc(f->count, sizeof *f->node);
    f->uses = gb_alloc(f->count, sizeof *f->uses);
    f->later = gb_alloc(f->count, sizeof *f->later);
    f->live = gb_alloc(f->count, sizeof *f->live);
    f->place = gb_alloc(f->count, sizeof *f->place);
    if (!f->node || !f->uses || !f->later || !f->live || !f->place)
        return gb_fail_memory(err, "folding a graph", f->count * sizeof *f->node);
    memcpy(f->node, graph->nodes, f->count * sizeof *f->node);
    mark_live(f, graph);
    for (size_t i = 0; i < f->count; i++)
        for (int k = 0; f->live[i] && k < 3; k++)
            if (f->node[i].in[k] >= 0) f->uses[f->node[i].in[k]]++;
    for (size_t i = 0; i < graph->output_count; i++) f->uses[graph->outputs[i]]++;
    return GB_OK;
}

static bool is_convolution(const gb_node *node)
{
    return node->op == GB_OP_CONV || node->op == GB_OP_DECONV;
}

/* A convolution that node i alone reads, onto whose end something can still be put. */
static bool is_open(const folding *f, gb_value x)
{
    return x >= 0 && f->uses[x] == 1 && is_convolution(&f->node[x]) && f->node[x].in[2] == GB_NONE;
}

/* Node i becomes the convolution `x`, whose reads pass to it; x is left reading nothing. */
static void take_over(folding *f, size_t i, gb_value x)
{
    for (int k = 0; k < 3; k++)
        if (f->node[i].in[k] >= 0) f->uses[f->node[i].in[k]]--;
    f->node[i] = f->node[x];
    f->later[i] = f->later[x];
    f->later[x] = (affine){0};
    for (int k = 0; k < 3; k++) f->node[x].in[k] = GB_NONE;
}

/* All that is summed into `x` is made by convolutions whose weights can be scaled. */
static bool can_scale(const folding *f, gb_value x)
{
    while (is_open(f, x) && f->node[x].act == GB_ACT_NONE) {
        x = f->node[x].in[1];
        if (x == GB_NONE) return true;
    }
    return false;
}

/* later[x] = later[x] * scale + shift; without `shift` the sum's other part carries it. */
static gb_status apply_affine(folding *f, gb_value x, const double *scale, const double *shift, gb_error *err)
{
    const size_t c = (size_t)f->node[x].shape.c;
    affine *const a = &f->later[x];
    if (!a->scale) {
        a->scale = gb_alloc(2 * c, sizeof *a->scale);
        if (!a->scale) return gb_fail_memory(err, "a folded batch norm", 2 * c * sizeof *a->scale);
        a->shift = a->scale + c;
        for (size_t i = 0; i < c; i++) a->scale[i] = 1.0;
    }
    for (size_t i = 0; i < c; i++) {
        a->scale[i] *= scale[i];
        a->shift[i] = a->shift[i] * scale[i] + (shift ? shift[i] : 0.0);
    }
    return GB_OK;
}

static gb_status fold_batchnorm(folding *f, size_t i, gb_error *err)
{
    const gb_node *const bn = &f->node[i];
    const gb_value x = bn->in[0];
    if (bn->batch_stats || !can_scale(f, x)) return GB_OK;
    const size_t c = (size_t)bn->shape.c;
    double *const scale = gb_alloc(2 * c, sizeof *scale), *const shift = scale + c;
    if (!scale) return gb_fail_memory(err, "a folded batch norm", 2 * c * sizeof *scale);
    for (size_t k = 0; k < c; k++) {
        scale[k] = (double)bn->gamma[k] / sqrt((double)bn->var[k] + (double)bn->eps);
        shift[k] = (double)bn->beta[k] - (double)bn->mean[k] * scale[k];
    }
    gb_status status = apply_affine(f, x, scale, shift, err);
    for (gb_value a = f->node[x].in[1]; a != GB_NONE && status == GB_OK; a = f->node[a].in[1])
        status = apply_affine(f, a, scale, NULL, err);
    free(scale);
    if (status == GB_OK) take_over(f, i, x);
    return status;
}

static void fuse_activation(folding *f, size_t i)
{
    const gb_value x = f->node[i].in[0];
    if (!is_open(f, x) || f->node[x].act != GB_ACT_NONE) return;
    const gb_activation act = f->node[i].act;
    const float slope = f->node[i].slope;
    take_over(f, i, x);
    f->node[i].act = act;
    f->node[i].slope = slope;
}

/* The operand computed last carries the sum, so that the other one is ready. */
static void fuse_add(folding *f, size_t i)
{
    const gb_value a = f->node[i].in[0], b = f->node[i].in[1];
    gb_value carrier = a > b ? a : b, other = a > b ? b : a;
    if (!is_open(f, carrier)) {
        const gb_value swap = carrier;
        carrier = other;
        other = swap;
    }
    if (!is_open(f, carrier)) return;
    const int slot = f->node[carrier].act == GB_ACT_NONE && f->node[carrier].in[1] == GB_NONE ? 1 : 2;
    take_over(f, i, carrier);
    f->node[i].in[slot] = other;
    f->uses[other]++;
}

static gb_status rewrite(folding *f, gb_error *err)
{
    for (size_t i = 0; i < f->count; i++) {
        if (!f->live[i]) continue;
        if (f->node[i].op == GB_OP_BATCHNORM) GB_TRY(fold_batchnorm(f, i, err));
        else if (f->node[i].op == GB_OP_ACTIVATION) fuse_activation(f, i);
        else if (f->node[i].op == GB_OP_ADD) fuse_add(f, i);
    }
    return GB_OK;
}

/* The rounding of scaled weights and biases to float32, into tensors of the new graph. */
static gb_status materialise(gb_graph *out, gb_node *node, const affine *a, int64_t in_channels, gb_error *err)
{
    if (!a->scale) return GB_OK;
    const size_t c = (size_t)node->shape.c, taps = (size_t)node->kernel_h * (size_t)node->kernel_w;
    const bool transposed = node->op == GB_OP_DECONV;
    const size_t rows = (size_t)in_channels * c, inner = transposed ? 1 : (size_t)in_channels;
    float *weight, *bias;
    GB_TRY(gb_graph_new_tensor(out, rows * taps, &weight, err));
    GB_TRY(gb_graph_new_tensor(out, c, &bias, err));
    for (size_t row = 0; row < rows; row++) { /* O,I,(kh,kw) or I,O,(kh,kw) */
        const double scale = a->scale[row / inner % c];
        for (size_t t = 0; t < taps; t++) weight[row * taps + t] = (float)(node->weight[row * taps + t] * scale);
    }
    for (size_t o = 0; o < c; o++) bias[o] = (float)((node->bias ? node->bias[o] : 0.0) * a->scale[o] + a->shift[o]);
    node->weight = weight;
    node->bias = bias;
    return GB_OK;
}

static gb_status emit(folding *f, const gb_graph *graph, gb_graph *out, gb_error *err)
{
    for (size_t i = 0; i < f->count; i++) {
        f->place[i] = GB_NONE;
        if (!f->live[i]) continue;
        gb_node node = f->node[i];
        const int64_t in_channels = node.in[0] >= 0 ? f->node[node.in[0]].shape.c : 0;
        for (int k = 0; k < 3; k++)
            if (node.in[k] >= 0) node.in[k] = f->place[node.in[k]];
        GB_TRY(materialise(out, &node, &f->later[i], in_channels, err));
        GB_TRY(gb_graph_append(out, &node, &f->place[i], err));
    }
    GB_TRY(gb_graph_set_outputs(out, graph->outputs, graph->output_count, err));
    for (size_t i = 0; i < out->output_count; i++) out->outputs[i] = f->place[out->outputs[i]];
    return GB_OK;
}

gb_status gb_graph_fold(const gb_graph *graph, gb_graph **out, gb_error *err)
{
    folding f = {0};
    gb_graph *folded = NULL;
    gb_status status;
    GB_GO(folding_init(&f, graph, err));
    GB_GO(gb_graph_new(&folded, err));
    folded->use = graph->use;
    GB_GO(rewrite(&f, err));
    mark_live(&f, graph);
    GB_GO(emit(&f, graph, folded, err));
    *out = folded;
    folded = NULL;
done:
    gb_graph_free(folded);
    folding_free(&f);
    return status;
}
