/* Every net at real sizes on every backend, against outputs of the original code: ../shared/golden/nets. The reference
 * backend takes the larger ones only when GANIME_SLOW is set. */
#include "support/support.h"

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "support/formula.h"

/* An intermediate value of the original and where it is in the graph: `hops` first inputs up from the node `name`. */
typedef struct landmark {
    const char *dataset, *node;
    int hops;
} landmark;

typedef struct golden_net {
    const char *file, *weights, *generator;
    bool batch_stats, slow; /* slow: minutes on the reference backend */
    int side;
    landmark landmarks[4];
} golden_net;

static const golden_net golden[] = {
    {"ce-64x128", "ce-64x128", "ce", false, false, 16, {{"main.13", "main.14", 1}, {"main.15", "main.16", 1}}},
    {"glcic-64x128", "glcic-64x128", "glcic", false, false, 16,
     {{"conv3", "conv3", 0}, {"dilconv4", "dilconv4", 0}, {"deconv2", "deconv2", 0}}},
    {"glcic-64x128-batchstat", "glcic-64x128", "glcic", true, false, 16, {{0}}},
    {"fourier-lite-64x128", "fourier-lite-64x128", "fourier-lite", false, false, 16,
     {{"model.9", "model.10.conv_layer", 2}}},
    {"lama-ngf16-64x128", "lama-ngf16-64x128", "lama-fourier", false, false, 16,
     {{"model.4.0", "model.5.conv1.ffc.convl2l", 2}, {"model.4.1", "model.5.conv1.ffc.convg2l", 2},
      {"model.5.0", "model.6.conv1.ffc.convl2l", 2}, {"model.5.1", "model.6.conv1.ffc.convg2l", 2}}},
    {"lama-ngf16-odd-72x120", "lama-ngf16-odd-72x120", "lama-fourier", false, false, 16,
     {{"model.4.0", "model.5.conv1.ffc.convl2l", 2}, {"model.4.1", "model.5.conv1.ffc.convg2l", 2},
      {"model.5.0", "model.6.conv1.ffc.convl2l", 2}, {"model.5.1", "model.6.conv1.ffc.convg2l", 2}}},
    {"big-lama-96x160", "big-lama-96x160", "big-lama", false, false, 24, {{0}}},
    {"ce-288x512", "ce-288x512", "ce", false, true, 64, {{"main.13", "main.14", 1}, {"main.15", "main.16", 1}}},
    {"fourier-lite-288x512", "fourier-lite-288x512", "fourier-lite", false, true, 64, {{0}}},
    {"glcic-288x512", "glcic-288x512", "glcic", false, true, 64, {{0}}},
    {"lama-fourier-288x512", "lama-fourier-288x512", "lama-fourier", false, true, 64, {{0}}},
};

static cJSON *read_recipes(void)
{
    gb_error err;
    cJSON *recipes = NULL;
    const char *path = test_shared("golden/nets/weights.json");
    if (!path) skip_because("no ../shared/golden/nets");
    assert_ok(gb_json_read(path, (size_t)16 << 20, &recipes, &err), &err);
    return recipes;
}

static gb_weights *weights_of(const cJSON *recipes, const char *key)
{
    gb_error err;
    gb_weights *weights = NULL;
    char prefix[128];
    snprintf(prefix, sizeof prefix, "dev/%s", key);
    assert_ok(gb_weights_new(&weights, &err), &err);
    for (const cJSON *item = cJSON_GetObjectItem(recipes, key)->child; item; item = item->next) {
        formula_tensor tensor = {.name = cJSON_GetObjectItem(item, "name")->valuestring,
                                 .a = cJSON_GetObjectItem(item, "a")->valuedouble,
                                 .b = cJSON_GetObjectItem(item, "b")->valuedouble};
        for (const cJSON *size = cJSON_GetObjectItem(item, "shape")->child; size; size = size->next)
            tensor.dim[tensor.rank++] = (int64_t)size->valuedouble;
        formula_add(weights, prefix, &tensor);
    }
    return weights;
}

/* The dataset of rank 4 in the C type `type`; the caller frees. */
static void *read_dataset(const char *file, const char *name, hid_t type, size_t element, hsize_t size[4])
{
    char relative[160];
    snprintf(relative, sizeof relative, "golden/nets/%s.h5", file);
    const hid_t h5 = H5Fopen(test_shared(relative), H5F_ACC_RDONLY, H5P_DEFAULT);
    const hid_t dataset = H5Dopen2(h5, name, H5P_DEFAULT);
    const hid_t space = H5Dget_space(dataset);
    assert_int_equal(H5Sget_simple_extent_dims(space, size, NULL), 4);
    void *data = gb_alloc(size[0] * size[1] * size[2] * size[3], element);
    assert_non_null(data);
    assert_true(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    H5Sclose(space);
    H5Dclose(dataset);
    H5Fclose(h5);
    return data;
}

static gb_image *read_frames(const golden_net *g, gb_net_options *options, int *count)
{
    hsize_t size[4];
    uint8_t *planes = read_dataset(g->file, "input_u8", H5T_NATIVE_UINT8, 1, size);
    *count = (int)size[0];
    *options = (gb_net_options){.batch_stats = g->batch_stats,
                                .batch = g->batch_stats ? *count : 1,
                                .width = (int)size[3],
                                .height = (int)size[2],
                                .side = g->side};
    gb_image *frames = frames_from_planes(planes, *count, (int)size[2], (int)size[3]);
    free(planes);
    return frames;
}

/* Of a backend's output on one golden file; the weights are freed. */
static net_difference difference_in(gb_precision precision, const golden_net *g, gb_weights *weights,
                                    const gb_backend *backend)
{
    gb_error err;
    gb_net_options options;
    int count;
    float *output = NULL;
    hsize_t size[4];
    gb_image *frames = read_frames(g, &options, &count);
    options.precision = precision;
    float *expected = read_dataset(g->file, "output", H5T_NATIVE_FLOAT, sizeof *expected, size);
    const gb_net *net = gb_generator_find(g->generator)->net;
    assert_ok(net_output(net, weights, &options, backend, frames, count, &output, &err), &err);
    const net_difference difference = net_compare(expected, output, size[0] * size[1] * size[2] * size[3], 1);
    free(expected);
    free(output);
    frames_free(frames, count);
    gb_weights_free(weights);
    return difference;
}

static net_difference difference_of(const golden_net *g, gb_weights *weights, const gb_backend *backend)
{
    return difference_in(GB_PRECISION_FP32, g, weights, backend);
}

static void test_bf16(void **state)
{
    (void)state;
    size_t count, compared = 0;
    gb_error err;
    cJSON *recipes = read_recipes();
    const gb_backend *const *backends = gb_backends(&count);
    for (size_t b = 0; b < count; b++) {
        if (backends[b]->probe(0, &(gb_device_info){0}, &err) != GB_OK) continue;
        if (gb_backend_accepts(backends[b], GB_PRECISION_BF16, &err) != GB_OK) continue;
        compared++;
        for (size_t i = 0; i < sizeof golden / sizeof golden[0]; i++) {
            const net_difference d =
                difference_in(GB_PRECISION_BF16, &golden[i], weights_of(recipes, golden[i].weights), backends[b]);
            print_message("%-5s %-24s bf16 max %.2e mean %.2e\n", backends[b]->id, golden[i].file, d.max, d.mean);
            if (!net_within_bf16(d, golden[i].batch_stats))
                fail_msg("%s on %s in bf16", golden[i].file, backends[b]->id);
        }
    }
    cJSON_Delete(recipes);
    if (!compared) skip_because("no device here has bf16");
}

static void check_backend(const gb_backend *backend)
{
    cJSON *recipes = read_recipes();
    const bool slow = getenv("GANIME_SLOW") != NULL, is_ref = !strcmp(backend->id, "ref");
    int bad = 0;
    for (size_t i = 0; i < sizeof golden / sizeof golden[0]; i++) {
        if (is_ref && golden[i].slow && !slow) continue;
        const net_difference d = difference_of(&golden[i], weights_of(recipes, golden[i].weights), backend);
        print_message("%-5s %-24s max %.2e mean %.2e\n", backend->id, golden[i].file, d.max, d.mean);
        bad += !net_within(d);
    }
    cJSON_Delete(recipes);
    if (bad) fail_msg("%d nets on %s", bad, backend->id);
}

static void test_every_backend(void **state)
{
    (void)state;
    size_t count;
    const gb_backend *const *backends = gb_backends(&count);
    for (size_t i = 0; i < count; i++) {
        gb_device_info info;
        gb_error err;
        if (backends[i]->probe(0, &info, &err) == GB_OK) check_backend(backends[i]);
        else test_note_skip("%s: %s", backends[i]->id, err.text);
    }
}

static gb_value find_landmark(const gb_graph *graph, const landmark *mark)
{
    size_t count;
    const gb_node *nodes = gb_graph_nodes(graph, &count);
    for (size_t i = 0; i < count; i++) {
        if (!nodes[i].name || strcmp(nodes[i].name, mark->node)) continue;
        gb_value value = (gb_value)i;
        for (int hop = 0; hop < mark->hops; hop++) value = nodes[value].in[0];
        return value;
    }
    fail_msg("no node %s", mark->node);
    return GB_NONE;
}

/* The same net with its landmarks as outputs (a builder numbers values in the order of the calls, so that those of the
 * first graph hold). */
static gb_graph *build_with_landmarks(const golden_net *g, gb_weights *weights, const gb_net_options *options,
                                      size_t *outputs)
{
    gb_error err;
    gb_net_params params;
    gb_graph *plain = NULL, *graph = NULL;
    gb_builder *builder = NULL;
    gb_value mark[5];
    const gb_net *net = gb_generator_find(g->generator)->net;
    assert_ok(gb_net_graph(net, weights, options, &params, &plain, &err), &err);
    assert_ok(gb_builder_new(weights, false, &builder, &err), &err);
    const gb_shape shape = {1, options->height, options->width, net->input == GB_NET_MASKED ? 4 : 3};
    mark[0] = net->build(builder, gb_build_input(builder, shape), &params);
    for (*outputs = 1; *outputs < 5 && g->landmarks[*outputs - 1].dataset; ++*outputs)
        mark[*outputs] = find_landmark(plain, &g->landmarks[*outputs - 1]);
    assert_ok(gb_builder_finish(builder, mark, *outputs, &graph, &err), &err);
    gb_builder_free(builder);
    gb_graph_free(plain);
    return graph;
}

/* Largest difference of output `index` (N,H,W,C) from the dataset's first sample, over the dataset's largest value. */
static double landmark_error(const golden_net *g, const char *name, const float *found, gb_shape shape)
{
    hsize_t size[4];
    char inside[64];
    snprintf(inside, sizeof inside, "inter/%s", name);
    float *expected = read_dataset(g->file, inside, H5T_NATIVE_FLOAT, sizeof *expected, size);
    assert_true((int64_t)size[1] == shape.c && (int64_t)size[2] == shape.h && (int64_t)size[3] == shape.w);
    const size_t pixels = (size_t)shape.h * (size_t)shape.w, channels = (size_t)shape.c;
    double worst = 0, largest = 1e-30;
    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < pixels; i++) {
            const double e = expected[c * pixels + i], d = e - found[i * channels + c];
            if (!(d <= worst && -d <= worst)) worst = d < 0 ? -d : d;
            if (e > largest || -e > largest) largest = e < 0 ? -e : e;
        }
    free(expected);
    return worst / largest;
}

/* Runs one golden net on the reference backend and counts the landmarks that are off. */
static int bad_landmarks(const golden_net *g, gb_weights *weights, const gb_backend *ref)
{
    gb_error err;
    gb_net_options options;
    int count, bad = 0;
    size_t outputs;
    gb_plan *plan = NULL;
    gb_session *session = NULL;
    gb_image *frames = read_frames(g, &options, &count);
    options.batch = 1;
    gb_graph *graph = build_with_landmarks(g, weights, &options, &outputs);
    assert_ok(gb_plan_new(ref, graph, &plan, &err), &err);
    assert_ok(gb_session_new(plan, &session, &err), &err);
    frame_to_input(&frames[0], g->side, gb_plan_input_shape(plan, 0).c == 4, gb_session_input(session, 0));
    assert_ok(gb_session_run(session, &err), &err);
    for (size_t i = 1; i < outputs; i++) {
        const double error = landmark_error(g, g->landmarks[i - 1].dataset, gb_session_output(session, i),
                                            gb_plan_output_shape(plan, i));
        print_message("%-24s %-10s relative %.2e\n", g->file, g->landmarks[i - 1].dataset, error);
        bad += error > 1e-5;
    }
    gb_session_free(session);
    gb_plan_free(plan);
    gb_graph_free(graph);
    frames_free(frames, count);
    return bad;
}

/* Inside, layer by layer, so that a net that goes wrong says where. */
static void test_landmarks(void **state)
{
    (void)state;
    gb_error err;
    gb_device_info info;
    const gb_backend *ref = NULL;
    cJSON *recipes = read_recipes();
    assert_ok(gb_backend_select("ref", &ref, &info, &err), &err);
    int bad = 0;
    for (size_t n = 0; n < sizeof golden / sizeof golden[0]; n++) {
        if (!golden[n].landmarks[0].dataset || (golden[n].slow && !getenv("GANIME_SLOW"))) continue;
        gb_weights *weights = weights_of(recipes, golden[n].weights);
        bad += bad_landmarks(&golden[n], weights, ref);
        gb_weights_free(weights);
    }
    cJSON_Delete(recipes);
    assert_int_equal(bad, 0);
}

/* The limits can be passed: one tensor off by a hundredth of its range. */
static void test_a_changed_weight_shows(void **state)
{
    (void)state;
    gb_error err;
    gb_device_info info;
    const gb_backend *backend = NULL;
    cJSON *recipes = read_recipes();
    assert_ok(gb_backend_select("auto", &backend, &info, &err), &err);
    static const char *const tensor[] = {"main.14.weight", "model.5.conv2.ffc.convl2g.weight"};
    static const int which[] = {0, 4};
    for (int i = 0; i < 2; i++) {
        gb_weights *weights = weights_of(recipes, golden[which[i]].weights);
        const gb_tensor *changed = gb_weights_find(weights, tensor[i]);
        assert_non_null(changed);
        float low = changed->data[0], high = low;
        for (int64_t k = 0; k < gb_tensor_size(changed); k++) {
            low = changed->data[k] < low ? changed->data[k] : low;
            high = changed->data[k] > high ? changed->data[k] : high;
        }
        for (int64_t k = 0; k < gb_tensor_size(changed); k++) changed->data[k] += 0.01f * (high - low);
        assert_false(net_within(difference_of(&golden[which[i]], weights, backend)));
    }
    cJSON_Delete(recipes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_backend),
        cmocka_unit_test(test_bf16),
        cmocka_unit_test(test_landmarks),
        cmocka_unit_test(test_a_changed_weight_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
