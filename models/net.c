#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "models/net_plan.h"

#define MAX_BATCH 1024

const char *gb_net_prefix(const gb_net *net, const gb_weights *weights)
{
    for (const char *const *prefix = net->prefixes; *prefix; prefix++) {
        char name[256];
        snprintf(name, sizeof name, "%s%s", *prefix, net->key);
        if (gb_weights_find(weights, name)) return *prefix;
    }
    return NULL;
}

/* Says what is there instead: another net's state dict, or the first names. */
static gb_status fail_unlike(const gb_net *net, const gb_weights *weights, gb_error *err)
{
    size_t count;
    const gb_generator *const *generators = gb_generators(&count);
    for (size_t i = 0; i < count; i++)
        if (generators[i]->net && gb_net_prefix(generators[i]->net, weights))
            return gb_fail(err, GB_E_MISMATCH, "expected a tensor %s, found the weights of %s", net->key,
                           generators[i]->id);
    gb_buffer names;
    gb_buffer_init(&names, 4096);
    const size_t total = gb_weights_count(weights);
    for (size_t i = 0; i < total && i < 3; i++)
        gb_buffer_printf(&names, "%s%.80s", i ? ", " : ": ", gb_weights_at(weights, i)->name);
    gb_fail(err, GB_E_MISMATCH, "expected a tensor %s (at the top or under %s), found %zu tensors%s%s", net->key,
            net->prefixes[0], total, names.data ? names.data : "", total > 3 ? ", ..." : "");
    gb_buffer_free(&names);
    return GB_E_MISMATCH;
}

static gb_status check_options(const gb_net_options *o, gb_error *err)
{
    if (o->width < 1 || o->height < 1 || o->width > GB_IMAGE_MAX_SIDE || o->height > GB_IMAGE_MAX_SIDE)
        return gb_fail(err, GB_E_ARG, "expected frames of 1 to %d pixels a side, found %dx%d", GB_IMAGE_MAX_SIDE,
                       o->width, o->height);
    if (o->side < 1 || o->side > (o->width - 1) / 2)
        return gb_fail(err, GB_E_ARG, "expected strips that leave a centre, found side %d in a frame of %dx%d", o->side,
                       o->width, o->height);
    if (o->batch < 1 || o->batch > MAX_BATCH)
        return gb_fail(err, GB_E_ARG, "expected a batch of 1 to %d frames, found %d", MAX_BATCH, o->batch);
    return GB_OK;
}

/* The frame's size rounded up to the net's multiple; a reflection reaches at most one pixel less than the picture. */
static gb_status padded_shape(const gb_net *net, const gb_net_options *o, gb_shape *out, gb_error *err)
{
    const int m = net->multiple;
    const int width = (o->width + m - 1) / m * m, height = (o->height + m - 1) / m * m;
    if (width > 2 * o->width - 1 || height > 2 * o->height - 1)
        return gb_fail(err, GB_E_ARG, "a frame of %dx%d is too small to be reflected to %dx%d", o->width, o->height,
                       width, height);
    *out = (gb_shape){o->batch, height, width, net->input == GB_NET_MASKED ? 4 : 3};
    return GB_OK;
}

static gb_status read_params(const gb_net *net, gb_weights *weights, gb_net_params *out, gb_error *err)
{
    if (gb_weights_are_random(weights)) {
        *out = net->defaults;
        return GB_OK;
    }
    const char *prefix = gb_net_prefix(net, weights);
    if (!prefix) return fail_unlike(net, weights, err);
    gb_weights_keep_prefix(weights, prefix);
    return net->infer(weights, out, err);
}

/* Says whose weights they are, where the message does not say it yet. */
static void name_file(const gb_weights *weights, gb_error *err)
{
    const char *const path = gb_weights_path(weights);
    const size_t length = strlen(path);
    const bool named = err && !strncmp(err->text, path, length) && err->text[length] == ':';
    if (length && !named) gb_fail_in(err, "%s", path);
}

gb_status gb_net_takes(const gb_net *net, gb_weights *weights, int width, int height, gb_error *err)
{
    gb_net_params params = {0};
    const gb_status status = read_params(net, weights, &params, err);
    if (status != GB_OK) {
        name_file(weights, err);
        return status;
    }
    const int grid = net->grid ? net->grid : 1, least_w = grid * (params.kernel_w ? params.kernel_w : 1),
              least_h = grid * (params.kernel_h ? params.kernel_h : 1);
    if (width % grid == 0 && height % grid == 0 && width >= least_w && height >= least_h) return GB_OK;
    return gb_fail(err, GB_E_UNSUPPORTED, "takes frames of %dx%d and larger in steps of %d pixels, found %dx%d",
                   least_w, least_h, grid, width, height);
}

/* Missing, misshapen and surplus tensors are listed together; a build that could not go on comes first. */
static gb_status build_graph(const gb_net *net, gb_weights *weights, const gb_net_options *options,
                             const gb_net_params *params, gb_graph **out, gb_error *err)
{
    gb_builder *builder = NULL;
    gb_graph *graph = NULL;
    gb_status status;
    gb_shape shape;

    GB_GO(padded_shape(net, options, &shape, err));
    GB_GO(gb_builder_new(weights, options->batch_stats, &builder, err));
    const gb_value y = net->build(builder, gb_build_input(builder, shape), params);
    const gb_status built = gb_builder_finish(builder, &y, 1, &graph, err);
    if (y == GB_NONE) GB_GO(built);
    gb_error list;
    status = gb_weights_check(weights, net->ignore, &list);
    if (status != GB_OK && err) *err = list;
    if (status == GB_OK) status = built;
done:
    gb_builder_free(builder);
    if (status == GB_OK) *out = graph;
    else gb_graph_free(graph);
    return status;
}

/* Only where the net gives a frame of its input's size are the strips' columns known. */
static void want_strips(const gb_net_options *options, gb_graph *graph)
{
    size_t count, outputs;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    const int64_t width = options->width, side = options->side;
    if (node[gb_graph_outputs(graph, &outputs)[0]].shape.w != node[0].shape.w) return;
    const gb_column_runs strips = {.count = 2, .run = {{0, side}, {width - side, width}}};
    gb_graph_set_use(graph, (gb_graph_use){.wanted = strips});
}

gb_status gb_net_graph(const gb_net *net, gb_weights *weights, const gb_net_options *options, gb_net_params *params,
                       gb_graph **out, gb_error *err)
{
    GB_TRY(check_options(options, err));
    gb_net_params found = {0};
    gb_status status = read_params(net, weights, &found, err);
    if (status == GB_OK) status = build_graph(net, weights, options, &found, out, err);
    if (status == GB_OK && params) *params = found;
    if (status == GB_OK && options->strips_only) want_strips(options, *out);
    if (status != GB_OK) name_file(weights, err);
    return status;
}

static void fill_levels(gb_net_plan *plan)
{
    for (int i = 0; i < 256; i++)
        plan->level[i] = plan->net->input == GB_NET_SIGNED ? (float)i / 127.5f - 1.0f : (float)i / 255.0f;
}

/* Callers see the frame's own size unless the net gives another one for reasons of its own. */
static gb_status set_shapes(gb_net_plan *plan, gb_error *err)
{
    plan->input = gb_plan_input_shape(plan->plan, 0);
    plan->computed = plan->output = gb_plan_output_shape(plan->plan, 0);
    if (plan->computed.c != 3 || plan->computed.n != plan->options.batch)
        return gb_fail(err, GB_E_MISMATCH, "the net gives %lld pictures of %lld channels, expected %d of 3",
                       (long long)plan->computed.n, (long long)plan->computed.c, plan->options.batch);
    if (plan->computed.h == plan->input.h) plan->output.h = plan->options.height;
    if (plan->computed.w == plan->input.w) plan->output.w = plan->options.width;
    return GB_OK;
}

/* `ref` is the oracle: it runs the graph as it was described. */
static gb_status plan_graph(gb_net_plan *plan, const gb_graph *graph, const gb_backend *backend, gb_error *err)
{
    gb_graph *folded = NULL;
    gb_status status = GB_OK;
    if (strcmp(backend->id, "ref")) GB_GO(gb_graph_fold(graph, &folded, err));
    GB_GO(gb_plan_new_by(backend, folded ? folded : graph, plan->options.precision, plan->options.threads, &plan->plan,
                         err));
    plan->info.cost = gb_plan_cost(plan->plan);
    plan->info.cost.parameters = gb_graph_cost(graph).parameters;
done:
    gb_graph_free(folded);
    return status;
}

gb_status gb_net_plan_new(const gb_net *net, gb_weights *weights, const gb_net_options *options,
                          const gb_backend *backend, gb_net_plan **out, gb_error *err)
{
    gb_graph *graph = NULL;
    gb_status status;
    gb_net_plan *plan = gb_alloc(1, sizeof *plan);
    if (!plan) return gb_fail_memory(err, "a net's plan", sizeof *plan);
    plan->net = net;
    plan->options = *options;
    plan->info.random_weights = gb_weights_are_random(weights);
    fill_levels(plan);

    GB_GO(gb_net_graph(net, weights, options, &plan->info.params, &graph, err));
    GB_GO(plan_graph(plan, graph, backend, err));
    GB_GO(set_shapes(plan, err));
done:
    gb_graph_free(graph);
    if (status == GB_OK) *out = plan;
    else gb_net_plan_free(plan);
    return status;
}

void gb_net_plan_free(gb_net_plan *plan)
{
    if (!plan) return;
    gb_plan_free(plan->plan);
    free(plan);
}

gb_net_info gb_net_plan_info(const gb_net_plan *plan)
{
    return plan->info;
}

gb_shape gb_net_output_shape(const gb_net_plan *plan)
{
    return plan->output;
}
