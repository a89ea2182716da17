/* An engine of cuDNN's as numbers, so that the same one can be asked for again, for another graph or another day. */
#ifndef GB_BACKEND_CUDA_ENGINE_H
#define GB_BACKEND_CUDA_ENGINE_H

#include "backend/cuda/notes.h"

#define GB_CUDA_KNOBS 32

typedef struct gb_cuda_knob {
    cudnnBackendKnobType_t type;
    int64_t value;
} gb_cuda_knob;

typedef struct gb_cuda_engine {
    int64_t index; /* cuDNN's number of it */
    gb_cuda_notes notes;
    int64_t knobs;
    gb_cuda_knob knob[GB_CUDA_KNOBS];
} gb_cuda_engine;

/* Where a graph is to run: a handle, or a card that is described. */
typedef struct gb_cuda_place {
    cudnnHandle_t handle; /* or NULL: then `device` */
    gb_descriptor device;
} gb_cuda_place;

/* What a configuration of the heuristics is set to; `engine` is an engine descriptor to read into. */
gb_status gb_cuda_engine_read(gb_descriptor configuration, gb_descriptor engine, gb_cuda_engine *out,
                              gb_error *err) GB_MUST_CHECK;

/* A configuration of the same engine for `graph`. */
gb_status gb_cuda_engine_configure(const gb_cuda_engine *engine, gb_descriptor graph, const gb_cuda_place *place,
                                   gb_descriptor *configuration, gb_error *err) GB_MUST_CHECK;

/* An execution plan, and the workspace that it wants, in bytes. */
gb_status gb_cuda_engine_plan(gb_descriptor configuration, const gb_cuda_place *place, gb_descriptor *plan,
                              int64_t *workspace, gb_error *err) GB_MUST_CHECK;

/* A plan as cuDNN writes it down (the caller frees), and the plan that such a text is of. */
gb_status gb_cuda_engine_plan_text(gb_descriptor plan, char **text, gb_error *err) GB_MUST_CHECK;
gb_status gb_cuda_engine_plan_of(const char *text, const gb_cuda_place *place, gb_descriptor *plan, int64_t *workspace,
                                 gb_error *err) GB_MUST_CHECK;

#endif
