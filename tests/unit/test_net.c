/* Nets at work: weights found by prefix and held to the net, frames in and out. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "golden/tiny_nets.h"

/* tiny_nets.h, by index: CE, CE with a narrow bottleneck, GLCIC, GLCIC in a batch, Fourier, LaMa, LaMa reflected. */
enum { CE, CE_NARROW, GLCIC, GLCIC_BATCH, FOURIER, LAMA, LAMA_REFLECTED };

static const gb_net *net_called(const char *id)
{
    return gb_generator_find(id)->net;
}

static gb_net_options options_of(const tiny_net *tiny)
{
    return (gb_net_options){.batch = 1, .width = tiny->width, .height = tiny->height, .side = tiny->side};
}

/* The tensors of a tiny net, named "<prefix><name>". */
static gb_weights *weights_under(const tiny_net *tiny, const char *prefix)
{
    gb_error err;
    gb_weights *weights = NULL;
    assert_ok(gb_weights_new(&weights, &err), &err);
    for (size_t i = 0; i < tiny->tensor_count; i++) {
        char name[256];
        formula_tensor tensor = tiny->tensors[i];
        snprintf(name, sizeof name, "%s%s", prefix, tensor.name);
        tensor.name = name;
        formula_add(weights, tiny->prefix, &tensor);
    }
    return weights;
}

static void add_value(gb_weights *weights, const char *name, bool is_float)
{
    gb_error err;
    const int64_t dim[1] = {1};
    float *data = is_float ? gb_alloc_aligned(1, sizeof *data) : NULL;
    if (data) *data = 1.0f;
    assert_ok(gb_weights_add(weights, name, 1, dim, data, &err), &err);
}

static const gb_backend *ref_backend(void)
{
    gb_error err;
    gb_device_info info;
    const gb_backend *ref = NULL;
    assert_ok(gb_backend_select("ref", &ref, &info, &err), &err);
    return ref;
}

/* What gb_net_graph says to these weights, which are freed. */
static gb_status graph_status(const char *id, gb_weights *weights, const gb_net_options *options, gb_net_params *params,
                              gb_error *err)
{
    gb_graph *graph = NULL;
    const gb_status status = gb_net_graph(net_called(id), weights, options, params, &graph, err);
    gb_graph_free(graph);
    gb_weights_free(weights);
    return status;
}

static void test_prefixes(void **state)
{
    (void)state;
    static const struct {
        int tiny;
        const char *prefix;
    } where[] = {{CE, "gen_state."},    {CE, "state_dict."}, {GLCIC, "gen_state.module."}, {GLCIC, "model_state."},
                 {FOURIER, "module."},  {FOURIER, ""},       {LAMA, "state_dict.generator."}, {LAMA, "generator."},
                 {LAMA, "state_dict."}, {LAMA, "gen_state."}};
    for (size_t i = 0; i < sizeof where / sizeof where[0]; i++) {
        const tiny_net *tiny = &tiny_nets[where[i].tiny];
        const gb_net_options options = options_of(tiny);
        gb_error err;
        gb_weights *weights = weights_under(tiny, where[i].prefix);
        if (*where[i].prefix) { /* what else lies in a checkpoint */
            add_value(weights, "disc_state.main.0.weight", true);
            add_value(weights, "gen_optimizer.state.0.exp_avg", true);
            add_value(weights, "batch_counter", false);
        }
        char counter[256];
        snprintf(counter, sizeof counter, "%sbn.num_batches_tracked", where[i].prefix);
        add_value(weights, counter, false);
        assert_string_equal(gb_net_prefix(net_called(tiny->generator), weights), where[i].prefix);
        assert_ok(graph_status(tiny->generator, weights, &options, NULL, &err), &err);
    }
}

static void test_params(void **state)
{
    (void)state;
    gb_error err;
    gb_net_params params;
    gb_net_options options = options_of(&tiny_nets[CE_NARROW]);
    assert_ok(graph_status("ce", weights_under(&tiny_nets[CE_NARROW], ""), &options, &params, &err), &err);
    assert_int_equal(params.bottleneck, 4);
    assert_int_equal(params.kernel_h, 2);
    assert_int_equal(params.kernel_w, 1);
    options = options_of(&tiny_nets[LAMA]);
    assert_ok(graph_status("lama-fourier", weights_under(&tiny_nets[LAMA], ""), &options, &params, &err), &err);
    assert_int_equal(params.width, 8);
    assert_int_equal(params.blocks, 1);
    assert_fails(graph_status("big-lama", weights_under(&tiny_nets[LAMA], ""), &options, &params, &err), GB_E_MISMATCH,
                 &err, "18 residual blocks, found 1");
}

static void test_other_nets_weights(void **state)
{
    (void)state;
    gb_error err;
    const gb_net_options options = options_of(&tiny_nets[CE]);
    assert_fails(graph_status("ce", weights_under(&tiny_nets[GLCIC], "gen_state."), &options, NULL, &err),
                 GB_E_MISMATCH, &err, "found the weights of glcic");
    assert_fails(graph_status("glcic", weights_under(&tiny_nets[LAMA], "generator."), &options, NULL, &err),
                 GB_E_MISMATCH, &err, "lama");
    gb_weights *none = NULL;
    assert_ok(gb_weights_new(&none, &err), &err);
    add_value(none, "features.0.weight", true);
    gb_weights_set_origin(none, "vgg.pth", "");
    assert_fails(graph_status("ce", none, &options, NULL, &err), GB_E_MISMATCH, &err,
                 "vgg.pth: expected a tensor main.0.weight");
    assert_non_null(strstr(err.text, "features.0.weight"));
}

static void test_strictness(void **state)
{
    (void)state;
    gb_error err;
    const tiny_net *ce = &tiny_nets[CE];
    const gb_net_options options = options_of(ce);

    gb_weights *surplus = weights_under(ce, "");
    add_value(surplus, "main.99.weight", true);
    assert_fails(graph_status("ce", surplus, &options, NULL, &err), GB_E_MISMATCH, &err, "main.99.weight");

    tiny_net few = *ce;
    few.tensor_count--; /* the last decoder layer */
    assert_fails(graph_status("ce", weights_under(&few, ""), &options, NULL, &err), GB_E_MISMATCH, &err,
                 "main.26.weight");

    formula_tensor bent[64];
    tiny_net misshapen = *ce;
    memcpy(bent, ce->tensors, ce->tensor_count * sizeof *bent);
    bent[ce->tensor_count - 1].dim[1] = 4;
    misshapen.tensors = bent;
    assert_fails(graph_status("ce", weights_under(&misshapen, ""), &options, NULL, &err), GB_E_MISMATCH, &err,
                 "main.26.weight");

    gb_weights *poisoned = weights_under(ce, "");
    gb_weights_find(poisoned, "main.20.weight")->data[5] = NAN;
    assert_fails(graph_status("ce", poisoned, &options, NULL, &err), GB_E_NUMERIC, &err, "main.20.weight");
}

static void test_bad_options(void **state)
{
    (void)state;
    gb_error err;
    const gb_net_options good = options_of(&tiny_nets[LAMA]);
    gb_net_options wide = good, flat = good, none = good;
    wide.side = 20;
    assert_fails(graph_status("lama-fourier", weights_under(&tiny_nets[LAMA], ""), &wide, NULL, &err), GB_E_ARG, &err,
                 "side 20 in a frame of 40x24");
    flat.height = 4;
    assert_fails(graph_status("lama-fourier", weights_under(&tiny_nets[LAMA], ""), &flat, NULL, &err), GB_E_ARG, &err,
                 "too small");
    none.batch = 0;
    assert_fails(graph_status("lama-fourier", weights_under(&tiny_nets[LAMA], ""), &none, NULL, &err), GB_E_ARG, &err,
                 "batch");
    /* A Context Encoder whose bottleneck is larger than the frame's feature map. */
    gb_net_options low = options_of(&tiny_nets[CE_NARROW]);
    low.height = 32;
    assert_int_not_equal(
        graph_status("ce", weights_under(&tiny_nets[CE_NARROW], ""), &low, NULL, &err), GB_OK);
    print_message("%s\n", err.text);
    assert_non_null(strstr(err.text, "main.14"));
}

/* A batch is its frames one by one, bit for bit; strips' contents are not read. */
static void test_batches_and_strips(void **state)
{
    (void)state;
    gb_error err;
    static const int nets[] = {CE, LAMA_REFLECTED};
    for (size_t n = 0; n < 2; n++) {
        const tiny_net *tiny = &tiny_nets[nets[n]];
        const size_t size = (size_t)tiny->width * (size_t)tiny->height * 3;
        gb_net_options options = options_of(tiny);
        gb_image *frames = formula_frames("batch", 3, tiny->height, tiny->width);
        float *single = NULL, *batch = NULL;
        gb_weights *weights = weights_under(tiny, "");
        assert_ok(net_output(net_called(tiny->generator), weights, &options, ref_backend(), frames, 3, &single, &err),
                  &err);
        for (int i = 0; i < 3; i++)
            for (int y = 0; y < tiny->height; y++) {
                uint8_t *row = frames[i].rgb + (size_t)y * (size_t)tiny->width * 3;
                memset(row, 200, (size_t)tiny->side * 3);
                memset(row + (size_t)(tiny->width - tiny->side) * 3, 17, (size_t)tiny->side * 3);
            }
        options.batch = 3;
        assert_ok(net_output(net_called(tiny->generator), weights, &options, ref_backend(), frames, 3, &batch, &err),
                  &err);
        assert_memory_equal(single, batch, 3 * size * sizeof(float));
        assert_memory_not_equal(single, single + size, size * sizeof(float));
        free(single);
        free(batch);
        frames_free(frames, 3);
        gb_weights_free(weights);
    }
}

static void test_wrong_frame_and_overflow(void **state)
{
    (void)state;
    gb_error err;
    const tiny_net *tiny = &tiny_nets[GLCIC];
    const gb_net_options options = options_of(tiny);
    gb_weights *weights = weights_under(tiny, "");
    gb_image *frames = formula_frames("f", 1, tiny->height, tiny->width), *low = formula_frames("f", 1, 8, tiny->width);
    float *output = NULL;
    assert_fails(net_output(net_called("glcic"), weights, &options, ref_backend(), low, 1, &output, &err),
                 GB_E_MISMATCH, &err, "expected a frame of 24x16, found 24x8");
    const gb_tensor *last = gb_weights_find(weights, "conv11.weight");
    for (int64_t i = 0; i < gb_tensor_size(last); i++) last->data[i] = i % 2 ? 3e38f : -3e38f;
    const gb_tensor *gain = gb_weights_find(weights, "batch_norm32.weight");
    for (int64_t i = 0; i < gb_tensor_size(gain); i++) gain->data[i] = 3e38f;
    assert_fails(net_output(net_called("glcic"), weights, &options, ref_backend(), frames, 1, &output, &err),
                 GB_E_NUMERIC, &err, "output is NaN at frame 0");
    frames_free(frames, 1);
    frames_free(low, 1);
    gb_weights_free(weights);
}

/* Values chosen so that every rounding, both clamps and both ranges are met. */
static void check_composite(int tiny_index, gb_rounding rounding, const float *values, const uint8_t *levels, int count)
{
    gb_error err;
    const tiny_net *tiny = &tiny_nets[tiny_index];
    const gb_net_options options = options_of(tiny);
    const size_t size = (size_t)tiny->width * (size_t)tiny->height * 3;
    gb_net_plan *plan = NULL;
    gb_weights *weights = weights_under(tiny, "");
    assert_ok(gb_net_plan_new(net_called(tiny->generator), weights, &options, ref_backend(), &plan, &err), &err);
    gb_image *frame = formula_frames("c", 1, tiny->height, tiny->width);
    gb_image *before = formula_frames("c", 1, tiny->height, tiny->width);
    float *output = gb_alloc(size, sizeof *output);
    for (size_t i = 0; i < size; i++) output[i] = values[i % (size_t)count];
    assert_ok(gb_net_composite(plan, output, 0, rounding, frame, &err), &err);
    for (size_t i = 0; i < size; i++) {
        const int column = (int)(i / 3) % tiny->width;
        const bool strip = column < tiny->side || column >= tiny->width - tiny->side;
        assert_int_equal(frame->rgb[i], strip ? levels[i % (size_t)count] : before->rgb[i]);
    }
    assert_fails(gb_net_composite(plan, output, 1, rounding, frame, &err), GB_E_ARG, &err, "index 1");
    free(output);
    frames_free(frame, 1);
    frames_free(before, 1);
    gb_net_plan_free(plan);
    gb_weights_free(weights);
}

static void test_composite(void **state)
{
    (void)state;
    /* (v + 1) * 127.5: 0, -765, 1.275, 127.5, 191.25, 254.9, 255, 1275. */
    static const float wave[] = {-1.0f, -7.0f, -0.99f, 0.0f, 0.5f, 0.9992f, 1.0f, 9.0f};
    static const uint8_t wave_nearest[] = {0, 0, 1, 128, 191, 255, 255, 255};
    static const uint8_t wave_truncated[] = {0, 0, 1, 127, 191, 254, 255, 255};
    /* v * 255: 0, -127.5, 0.5, 1.5, 2.5, 127.5, 254.7, 382.5. */
    static const float unit[] = {0.0f, -0.5f, 1.0f / 510, 3.0f / 510, 5.0f / 510, 0.5f, 0.999f, 1.5f};
    static const uint8_t unit_nearest[] = {0, 0, 0, 2, 2, 128, 255, 255};
    static const uint8_t unit_truncated[] = {0, 0, 0, 1, 2, 127, 254, 255};
    check_composite(CE, GB_ROUND_NEAREST, wave, wave_nearest, 8);
    check_composite(CE, GB_ROUND_TRUNCATE, wave, wave_truncated, 8);
    check_composite(LAMA, GB_ROUND_NEAREST, unit, unit_nearest, 8);
    check_composite(LAMA, GB_ROUND_TRUNCATE, unit, unit_truncated, 8);
}

static void test_random_weights(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights = NULL;
    gb_net_plan *plan = NULL;
    gb_net_worker *worker = NULL;
    const gb_net_options options = {.batch = 1, .width = 64, .height = 32, .side = 8};
    assert_ok(gb_weights_new_random(3, &weights, &err), &err);
    assert_ok(gb_net_plan_new(net_called("fourier-lite"), weights, &options, ref_backend(), &plan, &err), &err);
    assert_true(gb_net_plan_info(plan).random_weights);
    assert_int_equal(gb_net_plan_info(plan).cost.parameters, 2370816);
    assert_ok(gb_net_worker_new(plan, &worker, &err), &err);
    gb_image *frame = formula_frames("r", 1, 32, 64);
    const gb_image *borrowed = frame;
    const float *output;
    assert_ok(gb_net_run(worker, &borrowed, &output, &err), &err);
    frames_free(frame, 1);
    gb_net_worker_free(worker);
    gb_net_plan_free(plan);
    gb_weights_free(weights);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prefixes),          cmocka_unit_test(test_params),
        cmocka_unit_test(test_other_nets_weights), cmocka_unit_test(test_strictness),
        cmocka_unit_test(test_bad_options),       cmocka_unit_test(test_batches_and_strips),
        cmocka_unit_test(test_wrong_frame_and_overflow), cmocka_unit_test(test_composite),
        cmocka_unit_test(test_random_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
