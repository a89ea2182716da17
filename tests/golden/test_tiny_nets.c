/* Every net, small, on every backend, against what PyTorch computed (golden/tiny_nets.h); and that the check can
 * fail. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "golden/tiny_nets.h"

#define TINY_COUNT (sizeof tiny_nets / sizeof tiny_nets[0])

static const tiny_net *find_tiny(const char *prefix)
{
    for (size_t i = 0; i < TINY_COUNT; i++)
        if (!strcmp(tiny_nets[i].prefix, prefix)) return &tiny_nets[i];
    fail_msg("no tiny net %s", prefix);
    return NULL;
}

static const gb_net *net_of(const tiny_net *tiny)
{
    return gb_generator_find(tiny->generator)->net;
}

static gb_weights *weights_of(const tiny_net *tiny)
{
    return formula_weights(tiny->prefix, tiny->tensors, tiny->tensor_count);
}

static gb_net_options options_of(const tiny_net *tiny)
{
    return (gb_net_options){.batch_stats = tiny->batch_stats,
                            .batch = tiny->batch_stats ? tiny->frames : 1,
                            .width = tiny->width,
                            .height = tiny->height,
                            .side = tiny->side};
}

static const gb_backend *ref_backend(void)
{
    gb_error err;
    gb_device_info info;
    const gb_backend *ref = NULL;
    assert_ok(gb_backend_select("ref", &ref, &info, &err), &err);
    return ref;
}

/* The net's difference from PyTorch's samples with these weights, which are freed. */
static net_difference difference_in(gb_precision precision, const tiny_net *tiny, gb_weights *weights,
                                    const gb_backend *backend)
{
    gb_error err;
    gb_net_options options = options_of(tiny);
    options.precision = precision;
    gb_image *frames = formula_frames(tiny->prefix, tiny->frames, tiny->height, tiny->width);
    float *output = NULL;
    assert_ok(net_output(net_of(tiny), weights, &options, backend, frames, tiny->frames, &output, &err), &err);
    const net_difference difference = net_compare(tiny->samples, output, tiny->sample_count, tiny->stride);
    free(output);
    frames_free(frames, tiny->frames);
    gb_weights_free(weights);
    return difference;
}

static net_difference difference_of(const tiny_net *tiny, gb_weights *weights, const gb_backend *backend)
{
    return difference_in(GB_PRECISION_FP32, tiny, weights, backend);
}

/* As it is, but in larger frames where the net takes any: columns enough to be left out. */
static tiny_net enlarged(const tiny_net *tiny)
{
    tiny_net large = *tiny;
    if (!strcmp(tiny->generator, "ce")) return large;
    large.height += 2 * 16;
    large.width += 7 * 24;
    large.side *= 6;
    return large;
}

/* With only the strips computed they have the same bits, on every backend. */
static void check_strips(const tiny_net *tiny, const gb_backend *backend)
{
    gb_error err;
    gb_net_options options = options_of(tiny);
    gb_image *frames = formula_frames(tiny->prefix, tiny->frames, tiny->height, tiny->width);
    float *output[2] = {NULL};
    for (int k = 0; k < 2; k++) {
        gb_weights *weights = weights_of(tiny);
        options.strips_only = k == 1;
        assert_ok(net_output(net_of(tiny), weights, &options, backend, frames, tiny->frames, &output[k], &err), &err);
        gb_weights_free(weights);
    }
    for (int i = 0; i < tiny->frames * 3 * tiny->height * tiny->width; i++) {
        const int column = i % tiny->width;
        if (column >= tiny->side && column < tiny->width - tiny->side) continue;
        if (memcmp(&output[0][i], &output[1][i], sizeof(float)))
            fail_msg("%s on %s: column %d has other bits when the strips alone are computed", tiny->prefix, backend->id,
                     column);
    }
    free(output[0]);
    free(output[1]);
    frames_free(frames, tiny->frames);
}

static void test_strips_alone(void **state)
{
    (void)state;
    size_t count;
    const gb_backend *const *backends = gb_backends(&count);
    for (size_t b = 0; b < count; b++) {
        gb_device_info info;
        gb_error err;
        if (backends[b]->probe(0, &info, &err) != GB_OK) continue;
        for (size_t i = 0; i < sizeof tiny_nets / sizeof *tiny_nets; i++) {
            const tiny_net large = enlarged(&tiny_nets[i]);
            check_strips(strcmp(backends[b]->id, "ref") ? &large : &tiny_nets[i], backends[b]);
        }
    }
}

/* Products of 8-bit factors cost accuracy: how much is in src/backend/cpu/README.md. */
static void test_bf16(void **state)
{
    (void)state;
    size_t count, compared = 0;
    gb_error err;
    const gb_backend *const *backends = gb_backends(&count);
    for (size_t b = 0; b < count; b++) {
        if (backends[b]->probe(0, &(gb_device_info){0}, &err) != GB_OK) continue;
        if (gb_backend_accepts(backends[b], GB_PRECISION_BF16, &err) != GB_OK) continue;
        compared++;
        for (size_t i = 0; i < TINY_COUNT; i++) {
            const tiny_net *const tiny = &tiny_nets[i];
            const net_difference d = difference_in(GB_PRECISION_BF16, tiny, weights_of(tiny), backends[b]);
            print_message("%-5s %-22s bf16 max %.2e mean %.2e\n", backends[b]->id, tiny->prefix, d.max, d.mean);
            if (!net_within_bf16(d, tiny->batch_stats)) fail_msg("%s on %s in bf16", tiny->prefix, backends[b]->id);
            if (net_within(d)) fail_msg("%s on %s in bf16 is as good as in fp32", tiny->prefix, backends[b]->id);
        }
    }
    if (!compared) skip_because("no device here has bf16");
}

static void test_every_backend(void **state)
{
    (void)state;
    size_t count;
    const gb_backend *const *backends = gb_backends(&count);
    for (size_t b = 0; b < count; b++) {
        gb_device_info info;
        gb_error err;
        if (backends[b]->probe(0, &info, &err) != GB_OK) {
            test_note_skip("%s: %s", backends[b]->id, err.text);
            continue;
        }
        for (size_t i = 0; i < TINY_COUNT; i++) {
            const net_difference d = difference_of(&tiny_nets[i], weights_of(&tiny_nets[i]), backends[b]);
            print_message("%-5s %-22s max %.2e mean %.2e\n", backends[b]->id, tiny_nets[i].prefix, d.max, d.mean);
            if (!net_within(d)) fail_msg("%s on %s", tiny_nets[i].prefix, backends[b]->id);
        }
    }
}

/* A hundredth of a tensor's range, on one tensor, must show: first, middle and last layers, and batch norms. */
static void test_a_changed_weight_shows(void **state)
{
    (void)state;
    static const struct {
        const char *net, *tensor;
    } fault[] = {
        {"tiny/ce", "main.0.weight"},         {"tiny/ce", "main.9.running_mean"},   {"tiny/ce", "main.14.weight"},
        {"tiny/ce", "main.26.weight"},        {"tiny/glcic", "conv1.weight"},       {"tiny/glcic", "dilconv4.bias"},
        {"tiny/glcic", "batch_norm32.bias"},  {"tiny/glcic", "conv11.weight"},
        {"tiny/fourier-lite", "model.10.conv_layer.weight"}, {"tiny/fourier-lite", "model.12.bn.running_var"},
        {"tiny/lama", "model.1.ffc.convl2l.weight"}, {"tiny/lama", "model.5.conv1.ffc.convg2g.fu.conv_layer.weight"},
        {"tiny/lama", "model.5.conv2.ffc.convg2l.weight"}, {"tiny/lama", "model.5.conv2.bn_g.running_mean"},
        {"tiny/lama", "model.17.bias"},
    };
    for (size_t i = 0; i < sizeof fault / sizeof fault[0]; i++) {
        const tiny_net *tiny = find_tiny(fault[i].net);
        gb_weights *weights = weights_of(tiny);
        const gb_tensor *tensor = gb_weights_find(weights, fault[i].tensor);
        if (!tensor) fail_msg("%s has no %s", fault[i].net, fault[i].tensor);
        double range = 0;
        for (size_t t = 0; t < tiny->tensor_count; t++)
            if (!strcmp(tiny->tensors[t].name, fault[i].tensor)) range = 2 * tiny->tensors[t].a;
        for (int64_t k = 0; k < gb_tensor_size(tensor); k++) tensor->data[k] += (float)(0.01 * range);
        const net_difference d = difference_of(tiny, weights, ref_backend());
        if (net_within(d)) fail_msg("%s %s: max %.2e mean %.2e", fault[i].net, fault[i].tensor, d.max, d.mean);
    }
}

/* Runs the described graph after `spoil` has changed its nodes. */
static net_difference difference_of_graph(const tiny_net *tiny, void (*spoil)(gb_node *nodes, size_t count))
{
    gb_error err;
    const gb_net *net = net_of(tiny);
    const gb_net_options options = options_of(tiny);
    gb_weights *weights = weights_of(tiny);
    gb_graph *graph = NULL;
    gb_plan *plan = NULL;
    gb_session *session = NULL;
    assert_ok(gb_net_graph(net, weights, &options, NULL, &graph, &err), &err);
    size_t count;
    gb_node *nodes = (gb_node *)(uintptr_t)gb_graph_nodes(graph, &count); /* spoiling it is the point */
    if (spoil) spoil(nodes, count);
    assert_ok(gb_plan_new(ref_backend(), graph, &plan, &err), &err);
    assert_ok(gb_session_new(plan, &session, &err), &err);
    gb_image *frames = formula_frames(tiny->prefix, 1, tiny->height, tiny->width);
    frame_to_input(frames, tiny->side, net->input == GB_NET_MASKED, gb_session_input(session, 0));
    assert_ok(gb_session_run(session, &err), &err);
    const float *output = gb_session_output(session, 0);
    const size_t pixels = (size_t)tiny->height * (size_t)tiny->width;
    float *planes = gb_alloc(3 * pixels, sizeof *planes);
    assert_non_null(planes);
    for (size_t i = 0; i < 3 * pixels; i++) planes[i] = output[i % pixels * 3 + i / pixels];
    const net_difference difference = net_compare(tiny->samples, planes, tiny->sample_count, tiny->stride);
    free(planes);
    frames_free(frames, 1);
    gb_session_free(session);
    gb_plan_free(plan);
    gb_graph_free(graph);
    gb_weights_free(weights);
    return difference;
}

static void drop_epsilon(gb_node *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nodes[i].op == GB_OP_BATCHNORM) nodes[i].eps = 0;
}

/* Convolutions behind a reflection by 1 pad with zeros themselves instead. */
static void pad_with_zeros(gb_node *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (nodes[i].op != GB_OP_CONV) continue;
        const gb_node *before = &nodes[nodes[i].in[0]];
        if (before->op != GB_OP_PAD_REFLECT || before->pad != 1) continue;
        nodes[i].in[0] = before->in[0];
        nodes[i].pad = 1;
    }
}

static void flatten_leaky(gb_node *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nodes[i].act == GB_ACT_LEAKY_RELU) nodes[i].slope *= 0.99f;
}

static void test_a_changed_graph_shows(void **state)
{
    (void)state;
    assert_true(net_within(difference_of_graph(find_tiny("tiny/lama"), NULL)));
    assert_true(net_within(difference_of_graph(find_tiny("tiny/ce"), NULL)));
    static const char *const normed[] = {"tiny/ce", "tiny/glcic", "tiny/fourier-lite", "tiny/lama"};
    for (size_t i = 0; i < 4; i++) assert_false(net_within(difference_of_graph(find_tiny(normed[i]), drop_epsilon)));
    assert_false(net_within(difference_of_graph(find_tiny("tiny/lama"), pad_with_zeros)));
    assert_false(net_within(difference_of_graph(find_tiny("tiny/ce"), flatten_leaky)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_backend),
        cmocka_unit_test(test_strips_alone),
        cmocka_unit_test(test_bf16),
        cmocka_unit_test(test_a_changed_weight_shows),
        cmocka_unit_test(test_a_changed_graph_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
