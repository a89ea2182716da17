#include "backend/cpu/plan.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/memory.h"
#include "core/parallel.h"

#define HUGE_PAGE ((size_t)2 << 20)

typedef struct maker {
    gb_op op;
    bool (*fits)(const gb_node *node, gb_shape in); /* NULL: always */
    gb_cpu_make_fn *make;
    bool loose; /* rounds more than a direct sum does; not for graphs that magnify it */
} maker;

/* The first that fits is taken. */
static const maker makers[] = {
    {GB_OP_CONV, gb_cpu_dense_fits, gb_cpu_make_dense, false},
    {GB_OP_CONV, gb_cpu_rgb_fits, gb_cpu_make_rgb, false},
    {GB_OP_CONV, gb_cpu_winograd_fits, gb_cpu_make_winograd, true},
    {GB_OP_CONV, NULL, gb_cpu_make_convolution, false},
    {GB_OP_DECONV, gb_cpu_dense_fits, gb_cpu_make_dense, false},
    {GB_OP_DECONV, gb_cpu_rgb_fits, gb_cpu_make_rgb, false},
    {GB_OP_DECONV, gb_cpu_winograd_fits, gb_cpu_make_winograd, true},
    {GB_OP_DECONV, NULL, gb_cpu_make_deconvolution, false},
    {GB_OP_BATCHNORM, NULL, gb_cpu_make_batchnorm, false},
    {GB_OP_ACTIVATION, NULL, gb_cpu_make_activation, false},
    {GB_OP_ADD, NULL, gb_cpu_make_add, false},
    {GB_OP_CONCAT, NULL, gb_cpu_make_concat, false},
    {GB_OP_MAXPOOL, NULL, gb_cpu_make_maxpool, false},
    {GB_OP_PAD_REFLECT, NULL, gb_cpu_make_pad_reflect, false},
    {GB_OP_RFFT2, NULL, gb_cpu_make_rfft2, false},
    {GB_OP_IRFFT2, NULL, gb_cpu_make_irfft2, false},
};

float *gb_cpu_alloc_floats(size_t count)
{
    if (count > SIZE_MAX / sizeof(float) - HUGE_PAGE) return NULL;
    const size_t bytes = count * sizeof(float);
    if (bytes < 4 * HUGE_PAGE) return gb_alloc_aligned(count, sizeof(float));
    const size_t whole = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    float *const memory = aligned_alloc(HUGE_PAGE, whole);
    if (memory) madvise(memory, whole, MADV_HUGEPAGE); /* a wish: ordinary pages do as well */
    return memory;
}

static gb_status add_primitive(gb_cpu_step *step, gb_primitive primitive, gb_error *err)
{
    if (gb_grow(&step->primitive, &step->primitive_capacity, step->primitives + 1, sizeof primitive)) {
        gb_primitive_clear(&primitive);
        return gb_fail_memory(err, "a step", (step->primitives + 1) * sizeof primitive);
    }
    step->primitive[step->primitives++] = primitive;
    if (step->scratch < gb_primitive_scratch(&primitive)) step->scratch = gb_primitive_scratch(&primitive);
    return GB_OK;
}

gb_status gb_cpu_step_convolution(dnnl_engine_t engine, gb_cpu_step *step, const gb_convolution *convolution,
                                  gb_error *err)
{
    gb_primitive primitive;
    GB_TRY(gb_primitive_convolution(engine, convolution, &primitive, err));
    return add_primitive(step, primitive, err);
}

gb_status gb_cpu_step_products(dnnl_engine_t engine, gb_cpu_step *step, const gb_products *products, gb_error *err)
{
    gb_primitive primitive;
    GB_TRY(gb_primitive_products(engine, products, &primitive, err));
    return add_primitive(step, primitive, err);
}

/* A batch norm on the statistics of its input divides by a deviation that may be far below the mean: what rounding lost
 * before it weighs that much more. */
static bool magnifies(const gb_node *node, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (node[i].op == GB_OP_BATCHNORM && node[i].batch_stats) return true;
    return false;
}

static bool takes(const maker *m, const gb_node *node, gb_shape in, bool strict)
{
    return m->op == node->op && !(strict && m->loose) && (!m->fits || m->fits(node, in));
}

static gb_status make_step(dnnl_engine_t engine, const gb_node *node, bool strict, gb_cpu_step *step, gb_error *err)
{
    step->node = *node;
    step->node.name = NULL;
    step->node.weight = step->node.bias = step->node.gamma = step->node.beta = step->node.mean = step->node.var = NULL;
    step->alias = GB_NONE;
    if (node->op == GB_OP_INPUT) return GB_OK;
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        if (!takes(&makers[i], node, step->in, strict)) continue;
        const gb_status status = makers[i].make(engine, node, step, err);
        return status == GB_OK ? GB_OK : gb_fail_in(err, "layer %s", node->name);
    }
    return gb_fail(err, GB_E_UNSUPPORTED, "layer %s: operation %d is not known to the cpu backend", node->name,
                   (int)node->op);
}

/* A plan that is being made: steps are made apart from each other, by several threads. */
typedef struct making {
    gb_cpu_plan *plan;
    const gb_node *node;
    const gb_plan_options *options;
    bool strict;
} making;

static gb_status make_turn(void *user, int lane, size_t i, gb_error *err)
{
    const making *const m = user;
    gb_cpu_step *const step = &m->plan->step[i];
    (void)lane;
    omp_set_num_threads(1); /* primitives cut their work for as many as there are: for one, as in a session */
    if (m->node[i].in[0] >= 0) step->in = m->node[m->node[i].in[0]].shape;
    step->precision = m->options->precision;
    return make_step(m->plan->engine, &m->node[i], m->strict, step, err);
}

static bool partial_in_runs(const void *user, size_t i)
{
    const gb_cpu_plan *const plan = user;
    return plan->step[i].partial == GB_CPU_ALWAYS;
}

static bool partial_in_reruns(const void *user, size_t i)
{
    const gb_cpu_plan *const plan = user;
    return plan->step[i].partial != GB_CPU_NEVER;
}

static bool mark(const void *user, size_t i, int64_t column, uint8_t *marks)
{
    const gb_cpu_step *const step = &((const gb_cpu_plan *)user)->step[i];
    if (step->mark) step->mark(step, column, marks);
    return step->mark != NULL;
}

static gb_status find_columns(gb_cpu_plan *plan, const gb_graph *graph, gb_error *err)
{
    const gb_column_rules runs = {plan, partial_in_runs, mark}, reruns = {plan, partial_in_reruns, mark};
    GB_TRY(gb_columns_of_run(graph, &runs, &plan->columns[GB_CPU_RUN], err));
    if (gb_graph_get_use(graph).changing.count)
        GB_TRY(gb_columns_of_rerun(graph, &reruns, &plan->columns[GB_CPU_RERUN], err));
    for (size_t i = 0; i < plan->count; i++)
        for (int pass = 0; pass < GB_CPU_PASSES; pass++)
            if (plan->columns[pass].node) plan->step[i].columns[pass] = plan->columns[pass].node[i];
    return GB_OK;
}

static gb_status prepare_turn(void *user, int lane, size_t i, gb_error *err)
{
    const making *const m = user;
    gb_cpu_step *const step = &m->plan->step[i];
    (void)lane;
    omp_set_num_threads(1);
    if (!step->prepare || step->prepare(m->plan->engine, &m->node[i], step, err) == GB_OK) return GB_OK;
    return gb_fail_in(err, "layer %s", m->node[i].name);
}

static gb_status prepare_steps(making *m, gb_error *err)
{
    gb_cpu_plan *const plan = m->plan;
    GB_TRY(gb_parallel(m->options->threads, plan->count, prepare_turn, m, err));
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->scratch < plan->step[i].scratch) plan->scratch = plan->step[i].scratch;
        plan->calls += plan->step[i].primitives;
    }
    return GB_OK;
}

static gb_status plan_memory(gb_cpu_plan *plan, const gb_graph *graph, gb_error *err)
{
    gb_value *const alias = gb_alloc(plan->count, sizeof *alias);
    if (!alias) return gb_fail_memory(err, "a plan", plan->count * sizeof *alias);
    for (size_t i = 0; i < plan->count; i++) alias[i] = plan->step[i].alias;
    const gb_status status = gb_graph_plan_arena(graph, alias, &plan->arena, err);
    free(alias);
    return status;
}

static gb_status keep_ends(gb_cpu_plan *plan, const gb_graph *graph, gb_error *err)
{
    size_t outputs, inputs = 0;
    const gb_value *const output = gb_graph_outputs(graph, &outputs);
    plan->inputs = gb_alloc(plan->count, sizeof *plan->inputs);
    plan->outputs = gb_alloc(outputs, sizeof *plan->outputs);
    if (!plan->inputs || !plan->outputs) return gb_fail_memory(err, "a plan", plan->count * sizeof *plan->inputs);
    for (size_t i = 0; i < plan->count; i++)
        if (plan->step[i].node.op == GB_OP_INPUT) plan->inputs[inputs++] = (gb_value)i;
    memcpy(plan->outputs, output, outputs * sizeof *output);
    return GB_OK;
}

gb_status gb_cpu_plan_new(const gb_graph *graph, const gb_plan_options *options, void **out, gb_error *err)
{
    gb_cpu_plan *plan = gb_alloc(1, sizeof *plan);
    if (!plan) return gb_fail_memory(err, "a plan", sizeof *plan);
    const gb_node *const node = gb_graph_nodes(graph, &plan->count);
    making m = {.plan = plan, .node = node, .options = options, .strict = magnifies(node, plan->count)};
    const int threads = omp_get_max_threads();
    gb_status status;
    GB_GO(gb_primitive_status(dnnl_engine_create(&plan->engine, dnnl_cpu, 0), "start", err));
    plan->step = gb_alloc(plan->count, sizeof *plan->step);
    if (!plan->step) GB_GO(gb_fail_memory(err, "a plan", plan->count * sizeof *plan->step));
    GB_GO(gb_parallel(options->threads, plan->count, make_turn, &m, err));
    GB_GO(find_columns(plan, graph, err));
    GB_GO(prepare_steps(&m, err));
    GB_GO(plan_memory(plan, graph, err));
    GB_GO(keep_ends(plan, graph, err));
    *out = plan;
    plan = NULL;
done:
    omp_set_num_threads(threads);
    gb_cpu_plan_free(plan);
    return status;
}

void gb_cpu_plan_free(void *plan)
{
    gb_cpu_plan *const p = plan;
    if (!p) return;
    for (size_t i = 0; p->step && i < p->count; i++) {
        for (size_t k = 0; k < p->step[i].primitives; k++) gb_primitive_clear(&p->step[i].primitive[k]);
        free(p->step[i].primitive);
        free(p->step[i].state);
        free(p->step[i].weights);
    }
    free(p->step);
    gb_arena_plan_free(&p->arena);
    for (int pass = 0; pass < GB_CPU_PASSES; pass++) gb_column_maps_free(&p->columns[pass]);
    free(p->inputs);
    free(p->outputs);
    dnnl_engine_destroy(p->engine);
    free(p);
}
