#include <stdlib.h>

#include "backend/backend.h"
#include "core/memory.h"

struct gb_plan {
    const gb_backend *backend;
    void *impl;
    gb_cost cost;
    gb_shape *inputs, *outputs;
    size_t input_count, output_count;
};

struct gb_session {
    const gb_plan *plan;
    void *impl;
};

static bool has_weights(const gb_node *node)
{
    switch (node->op) {
    case GB_OP_CONV:
    case GB_OP_DECONV:
        return node->weight != NULL;
    case GB_OP_BATCHNORM:
        return node->gamma && node->beta && (node->batch_stats || (node->mean && node->var));
    default:
        return true;
    }
}

/* What every backend takes for granted. */
static gb_status check_graph(const gb_graph *graph, gb_error *err)
{
    size_t count, outputs;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    gb_graph_outputs(graph, &outputs);
    if (outputs == 0) return gb_fail(err, GB_E_ARG, "a graph without outputs cannot be planned");
    for (size_t i = 0; i < count; i++) {
        if ((int)node[i].op < 0 || node[i].op >= GB_OP_COUNT)
            return gb_fail(err, GB_E_UNSUPPORTED, "layer %s: operation %d is not known", node[i].name, (int)node[i].op);
        if (!has_weights(&node[i])) return gb_fail(err, GB_E_ARG, "layer %s: its weights are missing", node[i].name);
        for (int k = 0; k < 3; k++)
            if (node[i].in[k] != GB_NONE && (node[i].in[k] < 0 || (size_t)node[i].in[k] >= i))
                return gb_fail(err, GB_E_ARG, "layer %s: input %d is not computed before it", node[i].name, k);
    }
    return GB_OK;
}

static gb_status keep_shapes(gb_plan *plan, const gb_graph *graph, gb_error *err)
{
    size_t count, outputs;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    const gb_value *const output = gb_graph_outputs(graph, &outputs);
    plan->inputs = gb_alloc(count, sizeof *plan->inputs);
    plan->outputs = gb_alloc(outputs, sizeof *plan->outputs);
    if (!plan->inputs || !plan->outputs) return gb_fail_memory(err, "a plan", count * sizeof *plan->inputs);
    for (size_t i = 0; i < count; i++)
        if (node[i].op == GB_OP_INPUT) plan->inputs[plan->input_count++] = node[i].shape;
    for (size_t i = 0; i < outputs; i++) plan->outputs[plan->output_count++] = node[output[i]].shape;
    return GB_OK;
}

gb_status gb_backend_accepts(const gb_backend *backend, gb_precision precision, gb_error *err)
{
    if (backend->accepts) return backend->accepts(backend->ordinal, precision, err);
    if (precision == GB_PRECISION_FP32) return GB_OK;
    return gb_fail(err, GB_E_UNSUPPORTED, "device %s has no %s, only fp32", backend->id, gb_precision_name(precision));
}

gb_status gb_plan_new(const gb_backend *backend, const gb_graph *graph, gb_plan **out, gb_error *err)
{
    return gb_plan_new_in(backend, graph, GB_PRECISION_FP32, out, err);
}

gb_status gb_plan_new_in(const gb_backend *backend, const gb_graph *graph, gb_precision precision, gb_plan **out,
                         gb_error *err)
{
    return gb_plan_new_by(backend, graph, precision, 1, out, err);
}

gb_status gb_plan_new_by(const gb_backend *backend, const gb_graph *graph, gb_precision precision, int threads,
                         gb_plan **out, gb_error *err)
{
    const gb_plan_options options = {
        .ordinal = backend->ordinal, .precision = precision, .threads = threads > 1 ? threads : 1};
    GB_TRY(check_graph(graph, err));
    GB_TRY(gb_backend_accepts(backend, precision, err));
    gb_plan *plan = gb_alloc(1, sizeof *plan);
    if (!plan) return gb_fail_memory(err, "a plan", sizeof *plan);
    gb_status status;
    plan->backend = backend;
    GB_GO(gb_graph_wanted_cost(graph, &plan->cost, err));
    GB_GO(keep_shapes(plan, graph, err));
    GB_GO(backend->plan_new(graph, &options, &plan->impl, err));
    *out = plan;
    plan = NULL;
done:
    gb_plan_free(plan);
    return status;
}

void gb_plan_free(gb_plan *plan)
{
    if (!plan) return;
    if (plan->impl) plan->backend->plan_free(plan->impl);
    free(plan->inputs);
    free(plan->outputs);
    free(plan);
}

gb_cost gb_plan_cost(const gb_plan *plan)
{
    return plan->cost;
}

size_t gb_plan_output_count(const gb_plan *plan)
{
    return plan->output_count;
}

gb_shape gb_plan_input_shape(const gb_plan *plan, size_t index)
{
    return index < plan->input_count ? plan->inputs[index] : (gb_shape){0};
}

gb_shape gb_plan_output_shape(const gb_plan *plan, size_t index)
{
    return index < plan->output_count ? plan->outputs[index] : (gb_shape){0};
}

gb_status gb_session_new(const gb_plan *plan, gb_session **out, gb_error *err)
{
    gb_session *session = gb_alloc(1, sizeof *session);
    if (!session) return gb_fail_memory(err, "a session", sizeof *session);
    session->plan = plan;
    const gb_status status = plan->backend->session_new(plan->impl, &session->impl, err);
    if (status != GB_OK) {
        free(session);
        return status;
    }
    *out = session;
    return GB_OK;
}

void gb_session_free(gb_session *session)
{
    if (!session) return;
    session->plan->backend->session_free(session->impl);
    free(session);
}

float *gb_session_input(gb_session *session, size_t index)
{
    return gb_session_slot_input(session, 0, index);
}

const float *gb_session_output(gb_session *session, size_t index)
{
    return gb_session_slot_output(session, 0, index);
}

gb_status gb_session_run(gb_session *session, gb_error *err)
{
    GB_TRY(gb_session_submit(session, 0, err));
    return gb_session_collect(session, 0, err);
}

int gb_session_slots(const gb_session *session)
{
    return session->plan->backend->slots ? session->plan->backend->slots : 1;
}

float *gb_session_slot_input(gb_session *session, int slot, size_t index)
{
    const gb_backend *const backend = session->plan->backend;
    if (index >= session->plan->input_count || slot < 0 || slot >= gb_session_slots(session)) return NULL;
    return backend->slots ? backend->slot_input(session->impl, slot, index)
                          : backend->session_input(session->impl, index);
}

const float *gb_session_slot_output(gb_session *session, int slot, size_t index)
{
    const gb_backend *const backend = session->plan->backend;
    if (index >= session->plan->output_count || slot < 0 || slot >= gb_session_slots(session)) return NULL;
    return backend->slots ? backend->slot_output(session->impl, slot, index)
                          : backend->session_output(session->impl, index);
}

gb_status gb_session_submit(gb_session *session, int slot, gb_error *err)
{
    const gb_backend *const backend = session->plan->backend;
    if (slot < 0 || slot >= gb_session_slots(session))
        return gb_fail(err, GB_E_ARG, "slot %d of %d", slot, gb_session_slots(session));
    return backend->slots ? backend->slot_submit(session->impl, slot, err) : backend->session_run(session->impl, err);
}

gb_status gb_session_collect(gb_session *session, int slot, gb_error *err)
{
    const gb_backend *const backend = session->plan->backend;
    return backend->slots ? backend->slot_collect(session->impl, slot, err) : GB_OK;
}

gb_status gb_session_rerun(gb_session *session, gb_error *err)
{
    const gb_backend *const backend = session->plan->backend;
    if (!backend->session_rerun) return gb_session_run(session, err);
    return backend->session_rerun(session->impl, err);
}

gb_status gb_backend_scoring(const gb_backend *backend, const gb_scoring **out, gb_error *err)
{
    *out = NULL;
    return backend->scoring ? backend->scoring(backend->ordinal, out, err) : GB_OK;
}

/* What the device takes for granted. */
static gb_status check_frames(const gb_session *session, int slot, gb_error *err)
{
    const gb_plan *const plan = session->plan;
    if (!plan->backend->scoring) return gb_fail(err, GB_E_UNSUPPORTED, "device %s keeps no frames", plan->backend->id);
    if (slot < 0 || slot >= gb_session_slots(session))
        return gb_fail(err, GB_E_ARG, "slot %d of %d", slot, gb_session_slots(session));
    return GB_OK;
}

gb_status gb_session_feed(gb_session *session, const gb_frame_feed *feed, gb_error *err)
{
    GB_TRY(check_frames(session, 0, err));
    const gb_shape in = session->plan->inputs[0];
    if (session->plan->input_count != 1 || (in.c != 3 && in.c != 4) || in.w < feed->width || in.h < feed->height ||
        in.w > 2 * feed->width - 1 || in.h > 2 * feed->height - 1)
        return gb_fail(err, GB_E_ARG, "an input of %lldx%lldx%lld cannot be made of frames of %dx%d", (long long)in.w,
                       (long long)in.h, (long long)in.c, feed->width, feed->height);
    return session->plan->backend->session_feed(session->impl, feed, err);
}

gb_status gb_session_submit_frames(gb_session *session, int slot, const gb_frame_run *run, gb_error *err)
{
    GB_TRY(check_frames(session, slot, err));
    const int64_t most = session->plan->inputs[0].n;
    if (run->count < 1 || run->count > most || run->count > GB_SCORING_FRAMES)
        return gb_fail(err, GB_E_ARG, "expected 1 to %d frames, found %d", (int)most, run->count);
    return session->plan->backend->slot_submit_frames(session->impl, slot, run, err);
}

gb_status gb_session_collect_frames(gb_session *session, int slot, bool *finite, gb_error *err)
{
    GB_TRY(check_frames(session, slot, err));
    return session->plan->backend->slot_collect_frames(session->impl, slot, finite, err);
}

gb_place gb_session_place(gb_session *session, int slot, size_t index)
{
    return session->plan->backend->slot_place(session->impl, slot, index);
}
