#include "backend/cuda/choice.h"

#include <string.h>

#define MOST_CONFIGURATIONS 64
#define MOST_NOTES 16

/* Everything that one choice holds on the way. */
typedef struct choice {
    gb_descriptor device, heuristics, engine;
    gb_descriptor configuration[MOST_CONFIGURATIONS];
    int64_t count;
} choice;

static void release(choice *c)
{
    for (int i = 0; i < MOST_CONFIGURATIONS; i++) gb_descriptor_free(c->configuration[i]);
    gb_descriptor_free(c->engine);
    gb_descriptor_free(c->heuristics);
    gb_descriptor_free(c->device);
    memset(c, 0, sizeof *c);
}

static gb_status describe_device(choice *c, const char *json, gb_error *err)
{
    const gb_attribute attribute = {CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, (int64_t)strlen(json),
                                    json};
    return gb_descriptor_make(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, &attribute, 1, "understand the device", &c->device,
                              err);
}

static gb_status ask_heuristics(choice *c, gb_descriptor graph, cudnnBackendHeurMode_t mode, gb_error *err)
{
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &graph},
        {CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode},
        {CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &c->device},
    };
    GB_TRY(gb_descriptor_make(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, attribute, c->device ? 3 : 2, "choose an engine",
                              &c->heuristics, err));
    for (int i = 0; i < MOST_CONFIGURATIONS; i++)
        GB_TRY(gb_descriptor_new(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, &c->configuration[i], err));
    return gb_descriptor_get(c->heuristics, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                             MOST_CONFIGURATIONS, &c->count, c->configuration, err);
}

/* Notes of an engine about its numbers or its behaviour. */
static gb_status has_note(gb_descriptor engine, cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                          const int *unwanted, size_t unwanted_count, bool *found, gb_error *err)
{
    int note[MOST_NOTES];
    int64_t count = 0;
    GB_TRY(gb_descriptor_get(engine, name, type, MOST_NOTES, &count, note, err));
    *found = false;
    for (int64_t i = 0; i < count && i < MOST_NOTES; i++)
        for (size_t k = 0; k < unwanted_count; k++) *found |= note[i] == unwanted[k];
    return GB_OK;
}

/* By the notes alone: deterministic, and of the precision asked for. */
static gb_status allowed(choice *c, int index, gb_cuda_precision precision, bool *out, gb_error *err)
{
    static const int unwanted[] = {
        CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC,
        CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS,
        CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION,
        CUDNN_NUMERICAL_NOTE_FFT,
        CUDNN_NUMERICAL_NOTE_WINOGRAD,
        CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4,
        CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6,
        CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13,
        CUDNN_NUMERICAL_NOTE_TENSOR_CORE, /* last: for float32 tensors, TF32 */
    };
    const size_t count = sizeof unwanted / sizeof unwanted[0] - (precision == GB_CUDA_TF32);
    bool found = false;
    int64_t engines = 0;
    if (!c->engine) GB_TRY(gb_descriptor_new(CUDNN_BACKEND_ENGINE_DESCRIPTOR, &c->engine, err));
    GB_TRY(gb_descriptor_get(c->configuration[index], CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
                             &engines, &c->engine, err));
    GB_TRY(
        has_note(c->engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, unwanted, count, &found, err));
    *out = !found;
    return GB_OK;
}

/* *plan stays NULL where the configuration makes none, or one that needs too much. */
static gb_status try_plan(const choice *c, int index, const gb_cuda_target *target, gb_descriptor *plan,
                          gb_cuda_plan_facts *facts, gb_error *err)
{
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &c->configuration[index]},
        target->handle
            ? (gb_attribute){CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &target->handle}
            : (gb_attribute){CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &c->device},
    };
    gb_descriptor made = NULL;
    gb_error refused; /* heuristics also offer what the engine then declines: the next one is tried */
    if (gb_descriptor_make(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, attribute, 2, "plan a layer", &made, &refused) !=
        GB_OK)
        return GB_OK;
    int64_t count = 0, workspace = 0;
    gb_status status;
    GB_GO(gb_descriptor_get(made, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &count, &workspace,
                            err));
    if (workspace < 0 || (uint64_t)workspace > target->workspace_limit) goto done;
    GB_GO(
        gb_descriptor_get(c->engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, &count, &facts->engine, err));
    facts->workspace = (size_t)workspace;
    *plan = made;
    made = NULL;
done:
    gb_descriptor_free(made);
    return status;
}

static gb_status choose_by(cudnnBackendHeurMode_t mode, gb_descriptor graph, const gb_cuda_target *target,
                           gb_cuda_precision precision, gb_descriptor *plan, gb_cuda_plan_facts *facts, gb_error *err)
{
    choice c = {0};
    gb_status status;
    if (!target->handle) GB_GO(describe_device(&c, target->device, err));
    GB_GO(ask_heuristics(&c, graph, mode, err));
    facts->offered += (int)c.count;
    for (int i = 0; i < c.count && i < MOST_CONFIGURATIONS && !*plan; i++) {
        bool fits = false;
        GB_GO(allowed(&c, i, precision, &fits, err));
        if (fits) GB_GO(try_plan(&c, i, target, plan, facts, err));
        if (!*plan) facts->refused++;
    }
done:
    release(&c);
    return status;
}

gb_status gb_cuda_choose(gb_descriptor graph, const gb_cuda_target *target, gb_cuda_precision precision,
                         gb_descriptor *plan, gb_cuda_plan_facts *facts, gb_error *err)
{
    static const cudnnBackendHeurMode_t modes[] = {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK};
    *plan = NULL;
    *facts = (gb_cuda_plan_facts){0};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0] && !*plan; i++)
        GB_TRY(choose_by(modes[i], graph, target, precision, plan, facts, err));
    if (*plan) return GB_OK;
    return gb_fail(err, GB_E_UNSUPPORTED,
                   "cuDNN offers %d engines, none of them deterministic, precise and within %zu MB of workspace",
                   facts->offered, target->workspace_limit >> 20);
}
