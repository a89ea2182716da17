#include "backend/cuda/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cards.h"
#include "core/memory.h"

/* No trained net has a weight of this size; sums of them overflow. */
#define MOST_WEIGHT 0x1p32f

static bool all_sound(const float *data, size_t count)
{
    for (size_t i = 0; data && i < count; i++)
        if (!(fabsf(data[i]) <= MOST_WEIGHT)) return false;
    return true;
}

/* A ReLU within cuDNN may take a NaN for nothing: no engine but one says that it does not. Ours does not, so a net with
 * damaged weights is not fused anywhere, and its output shows it. */
static bool weights_are_sound(const gb_node *node, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const gb_node *const n = &node[i];
        const size_t c = (size_t)n->shape.c;
        if (!all_sound(n->bias, c) || !all_sound(n->gamma, c) || !all_sound(n->beta, c)) return false;
        if (!n->batch_stats && (!all_sound(n->mean, c) || !all_sound(n->var, c))) return false;
        if (n->in[0] < 0 || !n->weight) continue;
        const size_t in = (size_t)node[n->in[0]].shape.c;
        if (!all_sound(n->weight, in * c * (size_t)n->kernel_h * (size_t)n->kernel_w)) return false;
    }
    return true;
}

/* `make gpu-check` compares both ways. */
static bool fusing_is_wanted(void)
{
    const char *const chosen = getenv("GANIME_CUDA_FUSED");
    return !chosen || strcmp(chosen, "0") != 0;
}

static gb_status make_steps(gb_cuda_plan *plan, const gb_node *node, const gb_precision *stored,
                            const gb_cuda_target *target, gb_error *err)
{
    const bool may_fuse = fusing_is_wanted() && weights_are_sound(node, plan->count);
    for (size_t i = 0; i < plan->count; i++) {
        gb_cuda_step *const step = &plan->step[i];
        if (gb_shape_size(node[i].shape) > GB_CUDA_MOST_VALUES)
            return gb_fail(err, GB_E_UNSUPPORTED, "layer %s: %zu values, a card takes at most %zu", node[i].name,
                           gb_shape_size(node[i].shape), GB_CUDA_MOST_VALUES);
        step->node = node[i];
        step->precision = plan->precision;
        step->stored = stored[i];
        for (int k = 0; k < 3; k++)
            if (node[i].in[k] >= 0) step->stored_in[k] = stored[node[i].in[k]];
        if (node[i].in[0] >= 0) step->in = node[node[i].in[0]].shape;
        if (node[i].in[1] >= 0) step->second = node[node[i].in[1]].shape;
        step->fuses = may_fuse && gb_card_fuses(&node[i], plan->precision, stored[i], step->stored_in[1]);
        if (gb_cuda_step_make(&node[i], target, step, err) != GB_OK) return gb_fail_in(err, "layer %s", node[i].name);
        if (plan->scratch < step->scratch) plan->scratch = step->scratch;
    }
    return GB_OK;
}

/* Ends are float32 in every precision. */
static void add_end(gb_cuda_plan *plan, size_t index, gb_value value)
{
    const size_t bytes = gb_shape_size(plan->step[value].node.shape) * sizeof(float);
    plan->end[index] = (gb_cuda_end){.value = value, .offset = plan->ends};
    plan->ends += (bytes + GB_CUDA_ALIGNMENT - 1) / GB_CUDA_ALIGNMENT * GB_CUDA_ALIGNMENT;
}

static gb_status keep_ends(gb_cuda_plan *plan, const gb_graph *graph, gb_error *err)
{
    const gb_value *const output = gb_graph_outputs(graph, &plan->outputs);
    plan->end = gb_alloc(plan->count + plan->outputs, sizeof *plan->end);
    if (!plan->end) return gb_fail_memory(err, "a plan", plan->count * sizeof *plan->end);
    for (size_t i = 0; i < plan->count; i++)
        if (plan->step[i].node.op == GB_OP_INPUT) add_end(plan, plan->inputs++, (gb_value)i);
    for (size_t i = 0; i < plan->outputs; i++) add_end(plan, plan->inputs + i, output[i]);
    return GB_OK;
}

/* The steps, and memory for what they compute; a rerun is a whole run here, so nothing needs to be kept for one. */
static gb_status make_all(gb_cuda_plan *plan, const gb_graph *graph, const gb_cuda_target *target, gb_error *err)
{
    const gb_node *const node = gb_graph_nodes(graph, &plan->count);
    gb_precision *const stored = gb_alloc(plan->count, sizeof *stored);
    uint8_t *const element = gb_alloc(plan->count, sizeof *element);
    gb_status status;
    plan->step = gb_alloc(plan->count, sizeof *plan->step);
    if (!plan->step || !stored || !element) GB_GO(gb_fail_memory(err, "a plan", plan->count * sizeof *plan->step));
    gb_card_storage(graph, plan->precision, stored);
    for (size_t i = 0; i < plan->count; i++)
        element[i] = stored[i] == GB_PRECISION_FP32 ? sizeof(float) : sizeof(uint16_t);
    GB_GO(make_steps(plan, node, stored, target, err));
    const gb_arena_wish wish = {.element = element};
    GB_GO(gb_graph_plan_arena_as(graph, &wish, &plan->arena, err));
done:
    free(element);
    free(stored);
    return status;
}

/* What a plan may depend on: a part of a card (MIG) has fewer processors than the whole one. */
static gb_status name_card(int card, char *out, size_t size, gb_error *err)
{
    struct cudaDeviceProp facts;
    GB_TRY(gb_cuda_check(cudaGetDeviceProperties(&facts, card), "ask the card", err));
    snprintf(out, size, "%.250s %d.%d with %d processors", facts.name, facts.major, facts.minor,
             facts.multiProcessorCount);
    return GB_OK;
}

gb_status gb_cuda_plan_new(const gb_graph *graph, const gb_plan_options *options, void **out, gb_error *err)
{
    gb_status status;
    char card[320];
    gb_cuda_target target = {.workspace_limit = GB_CUDA_WORKSPACE, .card = card};
    gb_cuda_plan *plan = gb_alloc(1, sizeof *plan);
    if (!plan) return gb_fail_memory(err, "a plan", sizeof *plan);
    plan->card = options->ordinal;
    plan->precision = options->precision;
    GB_GO(gb_cuda_check(cudaSetDevice(plan->card), "use the card", err));
    GB_GO(gb_cudnn_check(cudnnCreate(&target.handle), "start", err));
    GB_GO(name_card(plan->card, card, sizeof card, err));
    GB_GO(make_all(plan, graph, &target, err));
    GB_GO(keep_ends(plan, graph, err));
    /* Sessions' streams do not wait for the one on which weights were copied. */
    GB_GO(gb_cuda_check(cudaStreamSynchronize(NULL), "copy weights", err));
    *out = plan;
    plan = NULL;
done:
    if (target.handle) (void)cudnnDestroy(target.handle);
    gb_cuda_plan_free(plan);
    return status;
}

void gb_cuda_plan_free(void *plan)
{
    gb_cuda_plan *const p = plan;
    if (!p) return;
    (void)cudaSetDevice(p->card);
    for (size_t i = 0; p->step && i < p->count; i++) gb_cuda_step_clear(&p->step[i]);
    free(p->step);
    (void)cudaGetLastError(); /* what a release says is not the next launch's error */
    gb_arena_plan_free(&p->arena);
    free(p->end);
    (void)cudaGetLastError(); /* as in gb_cuda_session_free */
    free(p);
}
