#include "backend/cuda/engine.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

#define MOST_TEXT (1 << 22) /* bytes of a plan */
#define COUNT(array) ((int64_t)(sizeof(array) / sizeof(array)[0]))

static gb_status read_knob(gb_descriptor choice, gb_cuda_knob *out, gb_error *err)
{
    int64_t count = 0;
    GB_TRY(gb_descriptor_get(choice, CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, 1, &count, &out->type,
                             err));
    return gb_descriptor_get(choice, CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, CUDNN_TYPE_INT64, 1, &count, &out->value, err);
}

gb_status gb_cuda_engine_read(gb_descriptor configuration, gb_descriptor engine, gb_cuda_engine *out, gb_error *err)
{
    gb_descriptor choice[GB_CUDA_KNOBS] = {0};
    int64_t count = 0;
    gb_status status;
    *out = (gb_cuda_engine){0};
    GB_TRY(gb_descriptor_get(configuration, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &count,
                             &engine, err));
    GB_TRY(gb_descriptor_get(engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, &count, &out->index, err));
    GB_TRY(gb_cuda_notes_read(engine, &out->notes, err));
    for (int i = 0; i < GB_CUDA_KNOBS; i++)
        GB_GO(gb_descriptor_new(CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR, &choice[i], err));
    GB_GO(gb_descriptor_get(configuration, CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                            GB_CUDA_KNOBS, &out->knobs, choice, err));
    if (out->knobs > GB_CUDA_KNOBS)
        GB_GO(gb_fail(err, GB_E_UNSUPPORTED, "an engine of cuDNN's has %d knobs, at most %d are known",
                      (int)out->knobs, GB_CUDA_KNOBS));
    for (int i = 0; i < out->knobs; i++) GB_GO(read_knob(choice[i], &out->knob[i], err));
done:
    for (int i = 0; i < GB_CUDA_KNOBS; i++) gb_descriptor_free(choice[i]);
    return status;
}

static gb_status find_engine(const gb_cuda_engine *engine, gb_descriptor graph, const gb_cuda_place *place,
                             gb_descriptor *out, gb_error *err)
{
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_ENGINE_OPERATION_GRAPH, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &graph},
        {CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, &engine->index},
        {CUDNN_ATTR_ENGINE_DEVICEPROP, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &place->device},
    };
    return gb_descriptor_make(CUDNN_BACKEND_ENGINE_DESCRIPTOR, attribute, place->handle ? 2 : 3, "find an engine", out,
                              err);
}

static gb_status set_knob(const gb_cuda_knob *knob, gb_descriptor *out, gb_error *err)
{
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, 1, &knob->type},
        {CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, CUDNN_TYPE_INT64, 1, &knob->value},
    };
    return gb_descriptor_make(CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR, attribute, 2, "set an engine", out, err);
}

gb_status gb_cuda_engine_configure(const gb_cuda_engine *engine, gb_descriptor graph, const gb_cuda_place *place,
                                   gb_descriptor *configuration, gb_error *err)
{
    gb_descriptor found = NULL, choice[GB_CUDA_KNOBS] = {0};
    gb_status status;
    GB_GO(find_engine(engine, graph, place, &found, err));
    for (int i = 0; i < engine->knobs; i++) GB_GO(set_knob(&engine->knob[i], &choice[i], err));
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &found},
        {CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, CUDNN_TYPE_BACKEND_DESCRIPTOR, engine->knobs, choice},
    };
    GB_GO(gb_descriptor_make(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, attribute, engine->knobs ? 2 : 1, "set an engine",
                             configuration, err));
done:
    for (int i = 0; i < GB_CUDA_KNOBS; i++) gb_descriptor_free(choice[i]);
    gb_descriptor_free(found);
    return status;
}

/* By one attribute and the place. */
static gb_status make_plan(gb_attribute by, const gb_cuda_place *place, gb_descriptor *plan, int64_t *workspace,
                           gb_error *err)
{
    const gb_attribute attribute[] = {
        by,
        place->handle
            ? (gb_attribute){CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &place->handle}
            : (gb_attribute){CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &place->device},
    };
    gb_descriptor made = NULL;
    int64_t count = 0;
    gb_status status;
    GB_GO(gb_descriptor_make(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, attribute, COUNT(attribute), "plan a layer",
                             &made, err));
    GB_GO(gb_descriptor_get(made, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &count, workspace,
                            err));
    *plan = made;
    made = NULL;
done:
    gb_descriptor_free(made);
    return status;
}

gb_status gb_cuda_engine_plan(gb_descriptor configuration, const gb_cuda_place *place, gb_descriptor *plan,
                              int64_t *workspace, gb_error *err)
{
    const gb_attribute by = {CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
                             &configuration};
    return make_plan(by, place, plan, workspace, err);
}

gb_status gb_cuda_engine_plan_text(gb_descriptor plan, char **text, gb_error *err)
{
    int64_t size = 0, written = 0;
    GB_TRY(gb_descriptor_get(plan, CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, 0, &size, NULL,
                             err));
    if (size < 1 || size > MOST_TEXT) return gb_fail(err, GB_E_FORMAT, "a plan of %lld bytes", (long long)size);
    char *const out = gb_alloc((size_t)size + 1, 1);
    if (!out) return gb_fail_memory(err, "a plan", (size_t)size);
    const gb_status status = gb_descriptor_get(plan, CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
                                               size, &written, out, err);
    if (status == GB_OK) *text = out;
    else free(out);
    return status;
}

gb_status gb_cuda_engine_plan_of(const char *text, const gb_cuda_place *place, gb_descriptor *plan, int64_t *workspace,
                                 gb_error *err)
{
    const gb_attribute by = {CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, (int64_t)strlen(text),
                             text};
    return make_plan(by, place, plan, workspace, err);
}
