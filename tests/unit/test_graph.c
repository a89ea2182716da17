#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/cards.h"
#include "core/memory.h"
#include "engine/builder.h"
#include "support/support.h"

#include <math.h>

/* Weights that exist whatever is asked, so that shapes alone are tested. */
static gb_builder *open_builder(gb_weights **weights, bool batch_stats)
{
    gb_error err;
    gb_builder *builder = NULL;
    assert_ok(gb_weights_new_random(1, weights, &err), &err);
    assert_ok(gb_builder_new(*weights, batch_stats, &builder, &err), &err);
    return builder;
}

static void close_builder(gb_builder *builder, gb_weights *weights)
{
    gb_builder_free(builder);
    gb_weights_free(weights);
}

static void assert_shape(const gb_builder *builder, gb_value x, int64_t n, int64_t h, int64_t w, int64_t c)
{
    const gb_shape s = gb_build_shape(builder, x);
    if (s.n != n || s.h != h || s.w != w || s.c != c)
        fail_msg("shape %dx%dx%dx%d, expected %dx%dx%dx%d", (int)s.n, (int)s.h, (int)s.w, (int)s.c, (int)n, (int)h,
                 (int)w, (int)c);
}

/* Sizes as torch.nn gives them for the same arguments. */
static void shapes_follow_pytorch(void **state)
{
    (void)state;
    gb_weights *weights;
    gb_builder *const b = open_builder(&weights, false);
    const gb_value x = gb_build_input(b, (gb_shape){2, 9, 14, 6});
    const gb_conv_spec strided = {.out = 5, .kernel_h = 4, .stride = 2, .pad = 1};
    const gb_conv_spec dilated = {.out = 1, .kernel_h = 3, .pad = 4, .dilation = 4};
    const gb_conv_spec whole = {.out = 7, .kernel_h = 9, .kernel_w = 14};
    const gb_conv_spec uneven = {.out = 3, .kernel_h = 3, .stride = 2, .pad = 1, .output_pad = 1};
    assert_shape(b, gb_build_conv(b, x, "a", strided), 2, 4, 7, 5);
    assert_shape(b, gb_build_conv(b, x, "b", dilated), 2, 9, 14, 1);
    assert_shape(b, gb_build_conv(b, x, "c", whole), 2, 1, 1, 7);
    assert_shape(b, gb_build_deconv(b, x, "d", strided), 2, 18, 28, 5);
    assert_shape(b, gb_build_deconv(b, x, "e", uneven), 2, 18, 28, 3);
    assert_shape(b, gb_build_maxpool(b, x, 3, 2), 2, 4, 6, 6);
    assert_shape(b, gb_build_pad_reflect(b, x, 3), 2, 15, 20, 6);
    assert_shape(b, gb_build_concat(b, x, x), 2, 9, 14, 12);
    const gb_value z = gb_build_rfft2(b, x);
    assert_shape(b, z, 2, 9, 8, 12);
    assert_shape(b, gb_build_irfft2(b, z, 15), 2, 9, 15, 6);
    assert_shape(b, gb_build_add(b, gb_build_relu(b, x), gb_build_batchnorm(b, x, "f")), 2, 9, 14, 6);
    close_builder(b, weights);
}

/* What a misuse says; each on a fresh builder. */
typedef gb_value (*misuse)(gb_builder *, gb_value x);
static gb_value big_kernel(gb_builder *b, gb_value x)
{
    return gb_build_conv(b, x, "enc.0", (gb_conv_spec){.out = 5, .kernel_h = 7});
}
static gb_value no_channels(gb_builder *b, gb_value x)
{
    return gb_build_conv(b, x, "c", (gb_conv_spec){.kernel_h = 1});
}
static gb_value no_kernel(gb_builder *b, gb_value x) { return gb_build_conv(b, x, "c", (gb_conv_spec){.out = 1}); }
static gb_value bad_output_pad(gb_builder *b, gb_value x)
{
    return gb_build_deconv(b, x, "up", (gb_conv_spec){.out = 1, .kernel_h = 2, .stride = 2, .output_pad = 2});
}
static gb_value empty_output(gb_builder *b, gb_value x)
{
    return gb_build_deconv(b, x, "up", (gb_conv_spec){.out = 1, .kernel_h = 1, .pad = 3});
}
static gb_value wide_reflect(gb_builder *b, gb_value x) { return gb_build_pad_reflect(b, x, 4); }
static gb_value wide_pool(gb_builder *b, gb_value x) { return gb_build_maxpool(b, x, 5, 2); }
static gb_value wrong_width(gb_builder *b, gb_value x) { return gb_build_irfft2(b, x, 5); }
static gb_value unlike_add(gb_builder *b, gb_value x) { return gb_build_add(b, x, gb_build_pad_reflect(b, x, 1)); }
static gb_value unlike_concat(gb_builder *b, gb_value x) { return gb_build_concat(b, x, gb_build_maxpool(b, x, 2, 2)); }
static gb_value foreign_value(gb_builder *b, gb_value x) { return gb_build_relu(b, x + 99); }
static gb_value huge_input(gb_builder *b, gb_value x)
{
    (void)x;
    return gb_build_input(b, (gb_shape){1 << 20, 1 << 20, 1, 1});
}

static void misuse_is_named(void **state)
{
    (void)state;
    const struct {
        misuse call;
        gb_status code;
        const char *text;
    } cases[] = {
        {big_kernel, GB_E_MISMATCH, "layer enc.0 (input 1x4x6x2, NHWC): a 7x7 kernel"},
        {no_channels, GB_E_ARG, "0 output channels"},
        {no_kernel, GB_E_ARG, "must be positive"},
        {bad_output_pad, GB_E_ARG, "output padding 2"},
        {empty_output, GB_E_ARG, "its output would be 1x-2x0x1"},
        {wide_reflect, GB_E_MISMATCH, "reflecting 4 pixels"},
        {wide_pool, GB_E_MISMATCH, "a window of 5"},
        {wrong_width, GB_E_MISMATCH, "needs 3 columns"},
        {unlike_add, GB_E_MISMATCH, "the other operand is 1x6x8x2"},
        {unlike_concat, GB_E_MISMATCH, "the other operand is 1x2x3x2"},
        {foreign_value, GB_E_ARG, "no value of this net"},
        {huge_input, GB_E_ARG, "1048576x1048576"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gb_error err;
        gb_weights *weights;
        gb_graph *graph = NULL;
        gb_builder *const b = open_builder(&weights, false);
        const gb_value x = gb_build_input(b, (gb_shape){1, 4, 6, 2});
        const gb_value bad = cases[i].call(b, x);
        assert_int_equal(bad, GB_NONE);
        assert_int_equal(gb_build_relu(b, x), GB_NONE); /* later calls do nothing */
        assert_fails(gb_builder_finish(b, &bad, 1, &graph, &err), cases[i].code, &err, cases[i].text);
        assert_null(graph);
        close_builder(b, weights);
    }
}

static void add_tensor(gb_weights *weights, const char *name, int rank, const int64_t *dim, float value)
{
    gb_error err;
    size_t size = 1;
    for (int i = 0; i < rank; i++) size *= (size_t)dim[i];
    float *const data = gb_alloc_aligned(size, sizeof *data);
    assert_non_null(data);
    for (size_t i = 0; i < size; i++) data[i] = value;
    assert_ok(gb_weights_add(weights, name, rank, dim, data, &err), &err);
}

/* Missing and misshapen tensors are all listed; the net is not made. */
static void wrong_tensors_are_listed(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights;
    gb_builder *b;
    gb_graph *graph = NULL;
    assert_ok(gb_weights_new(&weights, &err), &err);
    add_tensor(weights, "a.weight", 4, (int64_t[]){2, 3, 3, 3}, 1.0f);
    add_tensor(weights, "b.weight", 4, (int64_t[]){2, 2, 3, 3}, 1.0f);
    assert_ok(gb_builder_new(weights, false, &b, &err), &err);
    gb_value x = gb_build_input(b, (gb_shape){1, 8, 8, 3});
    x = gb_build_conv(b, x, "a", (gb_conv_spec){.out = 2, .kernel_h = 3, .bias = true});
    x = gb_build_conv(b, x, "b", (gb_conv_spec){.out = 2, .kernel_h = 1});
    x = gb_build_batchnorm(b, x, "c");
    assert_true(x >= 0);
    assert_int_equal(gb_weights_check(weights, NULL, &err), GB_E_MISMATCH);
    const char *const listed[] = {"a.bias", "b.weight", "c.weight", "c.bias", "c.running_mean", "c.running_var"};
    for (size_t i = 0; i < sizeof listed / sizeof listed[0]; i++) assert_non_null(strstr(err.text, listed[i]));
    assert_fails(gb_builder_finish(b, &x, 1, &graph, &err), GB_E_MISMATCH, &err, "a.bias");
    assert_null(graph);
    close_builder(b, weights);
}

static void negative_variance_is_refused(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights;
    gb_builder *b;
    gb_graph *graph = NULL;
    assert_ok(gb_weights_new(&weights, &err), &err);
    const char *const part[] = {"n.weight", "n.bias", "n.running_mean"};
    for (int i = 0; i < 3; i++) add_tensor(weights, part[i], 1, (int64_t[]){2}, 1.0f);
    add_tensor(weights, "n.running_var", 1, (int64_t[]){2}, -1.0f);
    assert_ok(gb_builder_new(weights, false, &b, &err), &err);
    const gb_value x = gb_build_batchnorm(b, gb_build_input(b, (gb_shape){1, 2, 2, 2}), "n");
    assert_fails(gb_builder_finish(b, &x, 1, &graph, &err), GB_E_NUMERIC, &err, "running_var[0] is -1");
    close_builder(b, weights);
}

static void finished_builder_makes_no_more(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights;
    gb_graph *graph = NULL;
    gb_builder *const b = open_builder(&weights, false);
    const gb_value x = gb_build_input(b, (gb_shape){1, 2, 2, 2});
    assert_fails(gb_builder_finish(b, &x, 0, &graph, &err), GB_E_ARG, &err, "needs an output");
    close_builder(b, weights);
    gb_builder *const c = open_builder(&weights, false);
    const gb_value y = gb_build_relu(c, gb_build_input(c, (gb_shape){1, 2, 2, 2}));
    assert_ok(gb_builder_finish(c, &y, 1, &graph, &err), &err);
    assert_int_equal(gb_build_relu(c, y), GB_NONE);
    assert_shape(c, y, 0, 0, 0, 0);
    gb_graph_free(graph);
    close_builder(c, weights);
}

/* conv -> relu -> conv -> add(relu) -> relu, over a small picture. */
static gb_graph *small_net(gb_builder *b, gb_value named[5])
{
    gb_error err;
    gb_graph *graph = NULL;
    const gb_conv_spec spec = {.out = 3, .kernel_h = 3, .pad = 1, .bias = true};
    named[0] = gb_build_conv(b, gb_build_input(b, (gb_shape){1, 5, 7, 3}), "a", spec);
    named[1] = gb_build_relu(b, named[0]);
    named[2] = gb_build_conv(b, named[1], "b", spec);
    named[3] = gb_build_add(b, named[2], named[1]);
    named[4] = gb_build_relu(b, named[3]);
    assert_ok(gb_builder_finish(b, &named[4], 1, &graph, &err), &err);
    return graph;
}

static size_t bytes_of(const gb_node *node)
{
    return gb_shape_size(node->shape) * sizeof(float);
}

/* First and last node at which value x is in use; inputs and outputs to the end. */
static void lifetime(const gb_graph *graph, size_t x, size_t *first, size_t *last)
{
    size_t count, outputs;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    const gb_value *const output = gb_graph_outputs(graph, &outputs);
    *first = node[x].op == GB_OP_INPUT ? 0 : x;
    *last = node[x].op == GB_OP_INPUT ? count : x;
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < 3; k++)
            if (node[i].in[k] == (gb_value)x && i > *last) *last = i;
    for (size_t i = 0; i < outputs; i++)
        if (output[i] == (gb_value)x) *last = count;
}

static void arena_keeps_living_values_apart(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights;
    gb_value named[5];
    gb_builder *const b = open_builder(&weights, false);
    gb_graph *const graph = small_net(b, named);
    gb_arena_plan plan;
    assert_ok(gb_graph_plan_arena(graph, NULL, &plan, &err), &err);
    size_t count, total = 0;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    for (size_t i = 0; i < count; i++) {
        size_t first, last;
        lifetime(graph, i, &first, &last);
        total += bytes_of(&node[i]);
        assert_int_equal(plan.offset[i] % GB_ALIGNMENT, 0);
        assert_true(plan.offset[i] + bytes_of(&node[i]) <= plan.bytes);
        for (size_t j = 0; j < i; j++) {
            size_t first_j, last_j;
            lifetime(graph, j, &first_j, &last_j);
            if (last < first_j || last_j < first) continue;
            assert_true(plan.offset[i] + bytes_of(&node[i]) <= plan.offset[j] ||
                        plan.offset[j] + bytes_of(&node[j]) <= plan.offset[i]);
        }
    }
    assert_true(plan.bytes < total); /* memory is shared */
    gb_arena_plan_free(&plan);
    gb_graph_free(graph);
    close_builder(b, weights);
}

/* In place only where the input dies: not the relu that is read again, not the net's input. */
static void arena_honours_safe_aliases_alone(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights;
    gb_value named[5];
    gb_builder *const b = open_builder(&weights, false);
    gb_graph *const graph = small_net(b, named);
    gb_arena_plan plan;
    gb_value alias[6] = {GB_NONE, 0, named[0], named[1], named[2], named[3]};
    assert_ok(gb_graph_plan_arena(graph, alias, &plan, &err), &err);
    assert_true(plan.offset[1] != plan.offset[0]);
    assert_true(plan.offset[2] == plan.offset[1]);
    assert_true(plan.offset[3] != plan.offset[2]);
    assert_true(plan.offset[4] == plan.offset[3]);
    assert_true(plan.offset[5] == plan.offset[4]);
    gb_arena_plan_free(&plan);
    gb_graph_free(graph);
    close_builder(b, weights);
}

static void cost_is_counted(void **state)
{
    (void)state;
    gb_weights *weights;
    gb_value named[5];
    gb_builder *const b = open_builder(&weights, false);
    gb_graph *const graph = small_net(b, named);
    const gb_cost cost = gb_graph_cost(graph);
    assert_true(cost.flops == 2.0 * 2.0 * 3 * 3 * 9 * 35); /* two convolutions of 3x3, 3 -> 3, at 35 pixels */
    assert_int_equal(cost.parameters, 2 * (3 * 3 * 9 + 3));
    assert_true(cost.weight_bytes == 4.0 * 2 * (3 * 3 * 9 + 3));
    assert_true(cost.activation_bytes == 4.0 * 105 * (6 + 6)); /* 6 values written, 6 reads */
    gb_graph_free(graph);
    close_builder(b, weights);
}

/* On a card, in bf16: four values of 105 between input and output take 2 bytes, written once and read five times; a
 * convolution's input is rounded where it is the net's. */
static void cost_on_a_card_is_counted(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights;
    gb_value named[5];
    gb_builder *const b = open_builder(&weights, false);
    gb_graph *const graph = small_net(b, named);
    gb_precision stored[6];
    gb_cost cost;
    int64_t launches[2];
    gb_card_storage(graph, GB_PRECISION_BF16, stored);
    for (int i = 0; i < 6; i++) assert_int_equal(stored[i], i % 5 ? GB_PRECISION_BF16 : GB_PRECISION_FP32);
    assert_ok(gb_card_cost(graph, GB_PRECISION_BF16, &cost, &err), &err);
    assert_true(cost.activation_bytes == 105.0 * (2 * 9 + 4 * 3));
    assert_true(cost.weight_bytes == 2.0 * 2 * (3 * 3 * 9 + 3));
    assert_ok(gb_card_cost(graph, GB_PRECISION_TF32, &cost, &err), &err);
    assert_true(cost.activation_bytes == 4.0 * 105 * 12);
    assert_ok(gb_card_launches(graph, GB_PRECISION_FP32, &launches[0], &err), &err);
    assert_ok(gb_card_launches(graph, GB_PRECISION_FP16, &launches[1], &err), &err);
    assert_int_equal(launches[0], 5); /* both convolutions with their biases and what else follows as one */
    assert_int_equal(launches[1], 8);
    assert_ok(gb_card_cost(graph, GB_PRECISION_FP16, &cost, &err), &err);
    assert_true(cost.activation_bytes == 105.0 * (2 * 9 + 4 * 3 + 2 * 2 * 2)); /* not in fp16: once more each */
    gb_graph_free(graph);
    close_builder(b, weights);
}

/* Half the bytes for all that is stored in two; values that live at once stay apart. */
static void arena_counts_each_value_s_bytes(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights;
    gb_value named[5];
    gb_builder *const b = open_builder(&weights, false);
    gb_graph *const graph = small_net(b, named);
    const uint8_t element[6] = {4, 2, 2, 2, 2, 4};
    const gb_arena_wish wish = {.element = element};
    gb_arena_plan narrow, wide;
    size_t count;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    assert_ok(gb_graph_plan_arena_as(graph, &wish, &narrow, &err), &err);
    assert_ok(gb_graph_plan_arena(graph, NULL, &wide, &err), &err);
    assert_true(narrow.bytes < wide.bytes);
    for (size_t i = 0; i < count; i++) {
        size_t first, last, first_j, last_j;
        lifetime(graph, i, &first, &last);
        for (size_t j = 0; j < i; j++) {
            const size_t bytes_i = bytes_of(&node[i]) / 4 * element[i], bytes_j = bytes_of(&node[j]) / 4 * element[j];
            lifetime(graph, j, &first_j, &last_j);
            if (last < first_j || last_j < first) continue;
            assert_true(narrow.offset[i] + bytes_i <= narrow.offset[j] ||
                        narrow.offset[j] + bytes_j <= narrow.offset[i]);
        }
    }
    gb_arena_plan_free(&narrow);
    gb_arena_plan_free(&wide);
    gb_graph_free(graph);
    close_builder(b, weights);
}

static void backends_are_chosen_by_name(void **state)
{
    (void)state;
    gb_error err;
    const gb_backend *backend = NULL;
    gb_device_info info;
    assert_ok(gb_backend_select("ref", &backend, &info, &err), &err);
    assert_string_equal(backend->id, "ref");
    assert_string_equal(info.precision, "fp64-accumulate");
    assert_ok(gb_backend_select("auto", &backend, NULL, &err), &err);
    assert_fails(gb_backend_select("reff", &backend, NULL, &err), GB_E_NOT_FOUND, &err, "did you mean \"ref\"?");
    assert_fails(gb_backend_select("ref:1", &backend, NULL, &err), GB_E_DEVICE, &err, "no such ref device");
    assert_fails(gb_backend_select("ref:x", &backend, NULL, &err), GB_E_NOT_FOUND, &err, "no device");
    assert_ok(gb_backend_select("ref:0", &backend, NULL, &err), &err);
    assert_ok(gb_backend_accepts(backend, GB_PRECISION_FP32, &err), &err);
    assert_fails(gb_backend_accepts(backend, GB_PRECISION_BF16, &err), GB_E_UNSUPPORTED, &err,
                 "device ref has no bf16");
}

/* NVIDIA's data sheets: A100 SXM 19.5, 156 and 312 TFLOP/s, 2039 GB/s; H100 SXM 495 and 990, 3.35 TB/s; B200 8 TB/s. */
static void test_cards(void **state)
{
    (void)state;
    size_t count;
    const gb_card *const card = gb_cards(&count);
    assert_int_equal(count, 4);
    assert_true(fabs(gb_card_flops(&card[0], GB_PRECISION_FP32) - 19.5e12) < 0.1e12);
    assert_true(fabs(gb_card_flops(&card[0], GB_PRECISION_TF32) - 156e12) < 1e12);
    assert_true(fabs(gb_card_flops(&card[0], GB_PRECISION_FP16) - 312e12) < 1e12);
    assert_true(fabs(gb_card_bytes(&card[0]) - 2039e9) < 1e9);
    assert_true(fabs(gb_card_flops(&card[2], GB_PRECISION_TF32) - 495e12) < 1e12);
    assert_true(fabs(gb_card_flops(&card[2], GB_PRECISION_BF16) - 990e12) < 2e12);
    assert_true(fabs(gb_card_bytes(&card[2]) - 3.35e12) < 0.01e12);
    assert_true(fabs(gb_card_bytes(&card[3]) - 8e12) < 0.2e12);
    const gb_card newer = {"unknown", 12, 0, 10, 1e9, 1e9, 64};
    assert_true(gb_card_flops(&newer, GB_PRECISION_FP32) == 256.0 * 10 * 1e9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cards),
        cmocka_unit_test(cost_on_a_card_is_counted),
        cmocka_unit_test(arena_counts_each_value_s_bytes),
        cmocka_unit_test(shapes_follow_pytorch),
        cmocka_unit_test(misuse_is_named),
        cmocka_unit_test(wrong_tensors_are_listed),
        cmocka_unit_test(negative_variance_is_refused),
        cmocka_unit_test(finished_builder_makes_no_more),
        cmocka_unit_test(arena_keeps_living_values_apart),
        cmocka_unit_test(arena_honours_safe_aliases_alone),
        cmocka_unit_test(cost_is_counted),
        cmocka_unit_test(backends_are_chosen_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
