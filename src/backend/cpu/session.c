#include <omp.h>
#include <stdlib.h>

#include "backend/cpu/plan.h"
#include "core/memory.h"

typedef struct session {
    const gb_cpu_plan *plan;
    dnnl_stream_t stream;
    char *arena, *scratch;
    gb_primitive_call *call;
    size_t bound; /* calls that are ready */
} session;

static gb_status bind_calls(session *s, gb_error *err)
{
    for (size_t i = 0; i < s->plan->count; i++) {
        const gb_cpu_step *const step = &s->plan->step[i];
        for (size_t k = 0; k < step->primitives; k++) {
            GB_TRY(gb_primitive_bind(&step->primitive[k], &s->call[s->bound], err));
            s->bound++;
        }
    }
    return GB_OK;
}

gb_status gb_cpu_session_new(void *plan, void **out, gb_error *err)
{
    const gb_cpu_plan *const p = plan;
    session *s = gb_alloc(1, sizeof *s);
    if (!s) return gb_fail_memory(err, "a session", sizeof *s);
    gb_status status;
    s->plan = p;
    s->arena = (char *)gb_cpu_alloc_floats(p->arena.bytes / sizeof(float) + 1);
    s->scratch = (char *)gb_cpu_alloc_floats(p->scratch / sizeof(float) + 1);
    s->call = gb_alloc(p->calls, sizeof *s->call);
    if (!s->arena || !s->scratch || !s->call)
        GB_GO(gb_fail_memory(err, "a session's activations", p->arena.bytes + p->scratch));
    GB_GO(gb_primitive_status(dnnl_stream_create(&s->stream, p->engine, dnnl_stream_default_flags), "start", err));
    GB_GO(bind_calls(s, err));
    *out = s;
    s = NULL;
done:
    gb_cpu_session_free(s);
    return status;
}

void gb_cpu_session_free(void *state)
{
    session *const s = state;
    if (!s) return;
    for (size_t i = 0; i < s->bound; i++) gb_primitive_unbind(&s->call[i]);
    dnnl_stream_destroy(s->stream);
    free(s->call);
    free(s->scratch);
    free(s->arena);
    free(s);
}

static float *value(const session *s, gb_value x)
{
    return (float *)(s->arena + s->plan->arena.offset[x]);
}

float *gb_cpu_session_input(void *state, size_t index)
{
    const session *const s = state;
    return value(s, s->plan->inputs[index]);
}

const float *gb_cpu_session_output(void *state, size_t index)
{
    const session *const s = state;
    return value(s, s->plan->outputs[index]);
}

static gb_status run_step(session *s, size_t index, gb_cpu_pass pass, gb_primitive_call *call, gb_error *err)
{
    const gb_cpu_step *const step = &s->plan->step[index];
    const gb_node *const node = &step->node;
    gb_cpu_frame frame = {.out = value(s, (gb_value)index), .scratch = s->scratch, .call = call, .stream = s->stream,
                          .pass = pass};
    size_t size[3] = {0};
    for (int k = 0; k < 3; k++) {
        if (node->in[k] < 0) continue;
        const gb_shape shape = s->plan->step[node->in[k]].node.shape;
        frame.in[k] = value(s, node->in[k]);
        size[k] = gb_shape_size(shape) / (size_t)shape.n;
    }
    const int64_t runs = step->all_frames ? 1 : node->shape.n;
    const size_t out_size = gb_shape_size(node->shape) / (size_t)node->shape.n;
    for (int64_t n = 0; n < runs; n++) {
        GB_TRY(step->run(step, &frame, err));
        for (int k = 0; k < 3; k++)
            if (frame.in[k]) frame.in[k] += size[k];
        frame.out += out_size;
    }
    return GB_OK;
}

/* Steps without a column to compute are left out. The number of OpenMP threads is a property of the calling thread: set
 * for the run, and put back. */
static gb_status run_pass(session *s, gb_cpu_pass pass, gb_error *err)
{
    const int threads = omp_get_max_threads();
    gb_primitive_call *call = s->call;
    gb_status status = GB_OK;
    omp_set_num_threads(1);
    for (size_t i = 0; i < s->plan->count && status == GB_OK; i++) {
        const gb_cpu_step *const step = &s->plan->step[i];
        if (step->run && gb_columns_any(step->columns[pass], step->node.shape.w))
            status = run_step(s, i, pass, call, err);
        call += step->primitives;
    }
    omp_set_num_threads(threads);
    return status;
}

gb_status gb_cpu_session_run(void *state, gb_error *err)
{
    return run_pass(state, GB_CPU_RUN, err);
}

gb_status gb_cpu_session_rerun(void *state, gb_error *err)
{
    const session *const s = state;
    return run_pass(state, s->plan->columns[GB_CPU_RERUN].node ? GB_CPU_RERUN : GB_CPU_RUN, err);
}
