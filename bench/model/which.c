#include "model/which.h"

#include <string.h>

#include "cli/cli.h"

#define MAX_NETS 32

gb_status gb_model_which(const char *id, const gb_generator **out, gb_error *err)
{
    const char *known[MAX_NETS];
    size_t count, nets = 0;
    const gb_generator *const *generators = gb_generators(&count);
    for (size_t i = 0; i < count && nets < MAX_NETS; i++)
        if (generators[i]->net) known[nets++] = generators[i]->id;
    const gb_generator *found = gb_generator_find(id);
    if (found && !found->net) return gb_fail(err, GB_E_USAGE, "%s is a baseline: it has no weights", id);
    if (found) {
        *out = found;
        return GB_OK;
    }
    return gb_cli_unknown("net", id, known, nets, err);
}

/* The last net in the registry's order that these tensors fit: big-lama before lama-fourier, which takes any LaMa. */
static gb_status tell(gb_weights *weights, const gb_generator **out, const char **prefix, gb_error *err)
{
    size_t count;
    const gb_generator *const *generators = gb_generators(&count);
    const gb_generator *like = NULL;
    gb_error why;
    *prefix = NULL;
    for (size_t i = count; i-- > 0;) {
        const gb_net *net = generators[i]->net;
        const char *under = net ? gb_net_prefix(net, weights) : NULL;
        if (!under) continue;
        if (!*prefix) *prefix = under; /* the next round finds it stripped */
        gb_weights_keep_prefix(weights, under);
        gb_net_params params;
        like = generators[i];
        if (net->infer(weights, &params, &why) != GB_OK) continue;
        *out = like;
        return GB_OK;
    }
    if (like)
        return gb_fail(err, GB_E_MISMATCH, "%s: looks like %s, but: %s", gb_weights_path(weights), like->id, why.text);
    return gb_fail(err, GB_E_MISMATCH, "%s: expected the weights of a known net, found %zu tensors of none",
                   gb_weights_path(weights), gb_weights_count(weights));
}

/* A frame that every net takes: the study's, or what a Context Encoder's bottleneck was made for. */
static gb_net_options frame_for(const gb_net *net, gb_weights *weights)
{
    gb_net_options options = {.batch = 1, .width = 512, .height = 288, .side = 64};
    gb_net_params params;
    if (net->infer(weights, &params, NULL) == GB_OK && params.kernel_h && params.kernel_h <= 256 &&
        params.kernel_w <= 256) {
        options.width = 32 * params.kernel_w;
        options.height = 32 * params.kernel_h;
        options.side = options.width / 8;
    }
    return options;
}

gb_status gb_model_examine(const char *id, gb_weights *weights, gb_model_facts *out, gb_error *err)
{
    gb_model_facts facts = {0};
    gb_graph *graph = NULL;
    gb_status status;
    if (id) {
        GB_GO(gb_model_which(id, &facts.generator, err));
        facts.prefix = gb_net_prefix(facts.generator->net, weights);
        if (facts.prefix) gb_weights_keep_prefix(weights, facts.prefix);
    } else {
        GB_GO(tell(weights, &facts.generator, &facts.prefix, err));
    }
    const gb_net_options options = frame_for(facts.generator->net, weights);
    facts.width = options.width;
    facts.height = options.height;
    GB_GO(gb_net_graph(facts.generator->net, weights, &options, &facts.params, &graph, err));
    facts.cost = gb_graph_cost(graph);
    *out = facts;
done:
    gb_graph_free(graph);
    return status;
}

void gb_model_describe(const gb_model_facts *facts, gb_buffer *text)
{
    const gb_net_params *p = &facts->params;
    gb_buffer_printf(text, "%s: ", facts->generator->id);
    if (p->width) gb_buffer_printf(text, "ngf %lld, ", (long long)p->width);
    if (p->bottleneck)
        gb_buffer_printf(text, "bottleneck %lld, kernel %dx%d, ", (long long)p->bottleneck, p->kernel_h, p->kernel_w);
    if (p->blocks) gb_buffer_printf(text, "%d blocks, ", p->blocks);
    gb_buffer_printf(text, "%.2f M parameters, %.4g GFLOP at %dx%d", (double)facts->cost.parameters * 1e-6,
                     facts->cost.flops * 1e-9, facts->width, facts->height);
}
