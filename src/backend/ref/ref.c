#include "backend/ref/ref.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/ref/ops.h"
#include "core/memory.h"

#define MAX_TABLES 4
#define PACK_BLOCK 16 /* output channels repacked together: one cache line is written whole */

/* One node with its own copies of what it reads. */
typedef struct step {
    gb_node node;
    gb_shape in;              /* of in[0] */
    void *table[MAX_TABLES];  /* weights, or twiddle factors of height and width */
} step;

typedef struct ref_plan {
    step *steps;
    size_t count;
    gb_value *inputs, *outputs; /* node indices */
    size_t input_count, output_count;
    gb_arena_plan arena;
    size_t scratch; /* doubles */
} ref_plan;

typedef struct ref_session {
    const ref_plan *plan;
    char *arena;
    double *scratch;
} ref_session;

static gb_status probe(int ordinal, gb_device_info *info, gb_error *err)
{
    (void)ordinal;
    (void)err;
    *info = (gb_device_info){0};
    snprintf(info->name, sizeof info->name, "any processor, one core");
    snprintf(info->library, sizeof info->library, "plain loops");
    snprintf(info->precision, sizeof info->precision, "fp64-accumulate");
    return GB_OK;
}

static void ref_plan_free(void *handle)
{
    ref_plan *const plan = handle;
    if (!plan) return;
    for (size_t i = 0; plan->steps && i < plan->count; i++)
        for (int k = 0; k < MAX_TABLES; k++) free(plan->steps[i].table[k]);
    free(plan->steps);
    free(plan->inputs);
    free(plan->outputs);
    gb_arena_plan_free(&plan->arena);
    free(plan);
}

/* Copies `count` floats into the step's table `slot`; NULL stays NULL. */
static gb_status copy_table(step *s, int slot, const float **data, size_t count, gb_error *err)
{
    if (!*data) return GB_OK;
    float *const copy = gb_alloc_aligned(count, sizeof *copy);
    if (!copy) return gb_fail_memory(err, s->node.name, count * sizeof *copy);
    memcpy(copy, *data, count * sizeof *copy);
    s->table[slot] = copy;
    *data = copy;
    return GB_OK;
}

/* O,I,kh,kw or I,O,kh,kw -> kh,kw,I,O: output channels side by side. */
static gb_status pack_weight(step *s, gb_error *err)
{
    gb_node *const node = &s->node;
    const size_t in = (size_t)s->in.c, out = (size_t)node->shape.c;
    const size_t taps = (size_t)node->kernel_h * (size_t)node->kernel_w;
    float *const packed = gb_alloc_aligned(taps * in * out, sizeof *packed);
    if (!packed) return gb_fail_memory(err, node->name, taps * in * out * sizeof *packed);
    s->table[0] = packed;
    for (size_t i = 0; i < in; i++)
        for (size_t first = 0; first < out; first += PACK_BLOCK)
            for (size_t t = 0; t < taps; t++)
                for (size_t o = first; o < out && o < first + PACK_BLOCK; o++)
                    packed[(t * in + i) * out + o] =
                        node->weight[(node->op == GB_OP_CONV ? o * in + i : i * out + o) * taps + t];
    node->weight = packed;
    return copy_table(s, 1, &node->bias, out, err);
}

static gb_status make_twiddles(step *s, gb_shape real, gb_error *err)
{
    const int64_t side[2] = {real.h, real.w};
    for (int k = 0; k < 2; k++) {
        double *const table = gb_alloc_aligned(2 * (size_t)side[k], sizeof *table);
        if (!table) return gb_fail_memory(err, s->node.name, 2 * (size_t)side[k] * sizeof *table);
        gb_ref_twiddles(side[k], table);
        s->table[k] = table;
    }
    return GB_OK;
}

/* The tables of one step; *scratch is set to the doubles that it needs. */
static gb_status prepare(step *s, size_t *scratch, gb_error *err)
{
    gb_node *const node = &s->node;
    const size_t c = (size_t)node->shape.c;
    *scratch = 0;
    switch (node->op) {
    case GB_OP_CONV:
    case GB_OP_DECONV:
        *scratch = gb_ref_conv_scratch(node);
        return pack_weight(s, err);
    case GB_OP_BATCHNORM:
        *scratch = 2 * c;
        GB_TRY(copy_table(s, 0, &node->gamma, c, err));
        GB_TRY(copy_table(s, 1, &node->beta, c, err));
        GB_TRY(copy_table(s, 2, &node->mean, c, err));
        return copy_table(s, 3, &node->var, c, err);
    case GB_OP_RFFT2:
        *scratch = gb_ref_spectrum_scratch(s->in);
        return make_twiddles(s, s->in, err);
    case GB_OP_IRFFT2:
        *scratch = gb_ref_spectrum_scratch(node->shape);
        return make_twiddles(s, node->shape, err);
    default:
        return GB_OK;
    }
}

static gb_status ref_plan_new(const gb_graph *graph, const gb_plan_options *options, void **out, gb_error *err)
{
    (void)options; /* one device, one precision */
    size_t count, outputs;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    const gb_value *const output = gb_graph_outputs(graph, &outputs);
    gb_status status = GB_OK;
    ref_plan *plan = gb_alloc(1, sizeof *plan);
    if (!plan) return gb_fail_memory(err, "a plan", sizeof *plan);
    plan->steps = gb_alloc(count, sizeof *plan->steps);
    plan->inputs = gb_alloc(count, sizeof *plan->inputs);
    plan->outputs = gb_alloc(outputs, sizeof *plan->outputs);
    if (!plan->steps || !plan->inputs || !plan->outputs) {
        status = gb_fail_memory(err, "a plan", count * sizeof *plan->steps);
        goto done;
    }
    plan->count = count;
    for (size_t i = 0; i < count; i++) {
        step *const s = &plan->steps[i];
        *s = (step){.node = node[i]};
        if (node[i].in[0] >= 0) s->in = node[node[i].in[0]].shape;
        if (node[i].op == GB_OP_INPUT) plan->inputs[plan->input_count++] = (gb_value)i;
        size_t scratch;
        GB_GO(prepare(s, &scratch, err));
        if (scratch > plan->scratch) plan->scratch = scratch;
        s->node.name = NULL; /* belongs to the graph, which may be freed */
    }
    memcpy(plan->outputs, output, outputs * sizeof *output);
    plan->output_count = outputs;
    GB_GO(gb_graph_plan_arena(graph, NULL, &plan->arena, err));
    *out = plan;
    plan = NULL;
done:
    ref_plan_free(plan);
    return status;
}

static void ref_session_free(void *handle)
{
    ref_session *const session = handle;
    if (!session) return;
    free(session->arena);
    free(session->scratch);
    free(session);
}

static gb_status ref_session_new(void *plan_handle, void **out, gb_error *err)
{
    const ref_plan *const plan = plan_handle;
    ref_session *const session = gb_alloc(1, sizeof *session);
    if (!session) return gb_fail_memory(err, "a session", sizeof *session);
    session->plan = plan;
    session->arena = gb_alloc_aligned(plan->arena.bytes, 1);
    session->scratch = gb_alloc_aligned(plan->scratch, sizeof *session->scratch);
    if (!session->arena || !session->scratch) {
        ref_session_free(session);
        return gb_fail_memory(err, "a session", plan->arena.bytes + plan->scratch * sizeof(double));
    }
    memset(session->arena, 0, plan->arena.bytes);
    *out = session;
    return GB_OK;
}

static float *value_at(const ref_session *session, gb_value x)
{
    return x < 0 ? NULL : (float *)(void *)(session->arena + session->plan->arena.offset[x]);
}

static float *ref_session_input(void *handle, size_t index)
{
    const ref_session *const session = handle;
    return value_at(session, session->plan->inputs[index]);
}

static const float *ref_session_output(void *handle, size_t index)
{
    const ref_session *const session = handle;
    return value_at(session, session->plan->outputs[index]);
}

static void run_step(const ref_session *session, const step *s, float *y)
{
    const gb_node *const node = &s->node;
    const float *const x = value_at(session, node->in[0]);
    const float *const second = value_at(session, node->in[1]), *const third = value_at(session, node->in[2]);
    double *const scratch = session->scratch;
    switch (node->op) {
    case GB_OP_CONV:
        gb_ref_conv(node, s->in, x, second, third, scratch, y);
        break;
    case GB_OP_DECONV:
        gb_ref_deconv(node, s->in, x, second, third, scratch, y);
        break;
    case GB_OP_BATCHNORM:
        gb_ref_batchnorm(node, x, scratch, y);
        break;
    case GB_OP_ACTIVATION:
        gb_ref_activation(node, x, y);
        break;
    case GB_OP_ADD:
        gb_ref_add(node, x, second, y);
        break;
    case GB_OP_CONCAT:
        gb_ref_concat(node, s->in.c, x, second, y);
        break;
    case GB_OP_MAXPOOL:
        gb_ref_maxpool(node, s->in, x, y);
        break;
    case GB_OP_PAD_REFLECT:
        gb_ref_pad_reflect(node, s->in, x, y);
        break;
    case GB_OP_RFFT2:
        gb_ref_rfft2(s->in, s->table[0], s->table[1], x, scratch, y);
        break;
    case GB_OP_IRFFT2:
        gb_ref_irfft2(node->shape, s->table[0], s->table[1], x, scratch, y);
        break;
    case GB_OP_INPUT:
    case GB_OP_COUNT:
        break;
    }
}

static gb_status ref_session_run(void *handle, gb_error *err)
{
    (void)err;
    const ref_session *const session = handle;
    for (size_t i = 0; i < session->plan->count; i++)
        run_step(session, &session->plan->steps[i], value_at(session, (gb_value)i));
    return GB_OK;
}

const gb_backend gb_backend_ref = {
    .id = "ref",
    .summary = "plain loops with double accumulators: the oracle, slow",
    .probe = probe,
    .plan_new = ref_plan_new,
    .plan_free = ref_plan_free,
    .session_new = ref_session_new,
    .session_free = ref_session_free,
    .session_input = ref_session_input,
    .session_output = ref_session_output,
    .session_run = ref_session_run,
};
