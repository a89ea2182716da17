#include "backend/cuda/choice.h"

#include <string.h>

#define MOST_CONFIGURATIONS 64
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Everything that one choice holds on the way. */
typedef struct choice {
    gb_cuda_place place;
    size_t workspace_limit;
    gb_descriptor heuristics, engine;
    gb_descriptor configuration[MOST_CONFIGURATIONS];
    int64_t count;
} choice;

static void release(choice *c)
{
    for (int i = 0; i < MOST_CONFIGURATIONS; i++) gb_descriptor_free(c->configuration[i]);
    gb_descriptor_free(c->engine);
    gb_descriptor_free(c->heuristics);
    gb_descriptor_free(c->place.device);
    memset(c, 0, sizeof *c);
}

static gb_status ask_heuristics(choice *c, gb_descriptor graph, cudnnBackendHeurMode_t mode, gb_error *err)
{
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &graph},
        {CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode},
        {CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &c->place.device},
    };
    GB_TRY(gb_descriptor_make(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, attribute, c->place.device ? 3 : 2,
                              "choose an engine", &c->heuristics, err));
    for (int i = 0; i < MOST_CONFIGURATIONS; i++)
        GB_TRY(gb_descriptor_new(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, &c->configuration[i], err));
    GB_TRY(gb_descriptor_new(CUDNN_BACKEND_ENGINE_DESCRIPTOR, &c->engine, err));
    return gb_descriptor_get(c->heuristics, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                             MOST_CONFIGURATIONS, &c->count, c->configuration, err);
}

/* Work shared out over the whole launch: where a sum is cut then depends on how many frames there are. */
static bool cuts_by_launch(const gb_cuda_engine *engine)
{
    for (int i = 0; i < engine->knobs; i++)
        if (engine->knob[i].type == CUDNN_KNOB_TYPE_STREAM_K && engine->knob[i].value != 0) return true;
    return false;
}

/* By its notes and settings alone: deterministic, and of the precision asked for. */
static bool allowed(const gb_cuda_engine *engine, gb_precision precision)
{
    return gb_cuda_notes_allow(&engine->notes, precision) && !cuts_by_launch(engine);
}

/* A plan of `engine` for `graph`. False where there is none, or one that needs too much: heuristics also offer what an
 * engine then declines. */
static bool plan_fits(const choice *c, const gb_cuda_engine *engine, gb_descriptor graph, gb_descriptor *plan,
                      int64_t *workspace)
{
    gb_error declined;
    gb_descriptor configuration = NULL, made = NULL;
    bool fits = gb_cuda_engine_configure(engine, graph, &c->place, &configuration, &declined) == GB_OK &&
                gb_cuda_engine_plan(configuration, &c->place, &made, workspace, &declined) == GB_OK;
    gb_descriptor_free(configuration);
    fits = fits && *workspace >= 0 && (uint64_t)*workspace <= c->workspace_limit;
    if (fits && plan) *plan = made;
    else gb_descriptor_free(made);
    return fits;
}

static bool plans_for_all(const choice *c, const gb_cuda_engine *engine, const gb_cuda_graphs *graphs,
                          gb_descriptor *plan, gb_cuda_plan_facts *facts)
{
    int64_t workspace = 0;
    if (graphs->one != graphs->own && !plan_fits(c, engine, graphs->one, NULL, &workspace)) return false;
    if (graphs->most != graphs->own && !plan_fits(c, engine, graphs->most, NULL, &workspace)) return false;
    if (!plan_fits(c, engine, graphs->own, plan, &workspace)) return false;
    facts->engine = engine->index;
    facts->workspace = (size_t)workspace;
    facts->notes = engine->notes;
    return true;
}

static gb_status choose_by(cudnnBackendHeurMode_t mode, const gb_cuda_graphs *graphs, const gb_cuda_target *target,
                           gb_precision precision, gb_descriptor *plan, gb_cuda_plan_facts *facts, gb_error *err)
{
    choice c = {.place = {.handle = target->handle}, .workspace_limit = target->workspace_limit};
    gb_status status;
    if (!target->handle) GB_GO(gb_descriptor_device(target->device, &c.place.device, err));
    GB_GO(ask_heuristics(&c, graphs->one, mode, err));
    facts->offered += (int)c.count;
    for (int i = 0; i < c.count && i < MOST_CONFIGURATIONS && !*plan; i++) {
        gb_cuda_engine engine;
        GB_GO(gb_cuda_engine_read(c.configuration[i], c.engine, &engine, err));
        if (!allowed(&engine, precision) || !plans_for_all(&c, &engine, graphs, plan, facts)) facts->refused++;
    }
done:
    release(&c);
    return status;
}

gb_status gb_cuda_choose(const gb_cuda_graphs *graphs, const gb_cuda_target *target, gb_precision precision,
                         gb_descriptor *plan, gb_cuda_plan_facts *facts, gb_error *err)
{
    static const cudnnBackendHeurMode_t modes[] = {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK};
    *plan = NULL;
    *facts = (gb_cuda_plan_facts){0};
    for (size_t i = 0; i < COUNT(modes) && !*plan; i++)
        GB_TRY(choose_by(modes[i], graphs, target, precision, plan, facts, err));
    if (*plan) return GB_OK;
    return gb_fail(err, GB_E_UNSUPPORTED,
                   "cuDNN offers %d engines, none of them deterministic, of %s and within %zu MB of workspace",
                   facts->offered, gb_precision_name(precision), target->workspace_limit >> 20);
}
