/* `model info`, `verify`, `import` and `run` as users have them: files in, files and exit codes out. */
#include "support/support.h"
#include "support/tiny.h"

#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/random.h"

#define FRAMES 5
static const tiny_net *lama, *glcic;

static char output[1 << 16]; /* of the last command */

/* The command's exit code and, when that is not 0, one line containing `part`. */
static void expect(int code, const char *part, const char *arguments)
{
    const int found = test_command(output, sizeof output, "$BENCH %s", arguments);
    if (found != code || !strstr(output, part)) fail_msg("%s: exit %d, %s", arguments, found, output);
    if (code) assert_ptr_equal(strchr(output, '\n'), output + strlen(output) - 1);
}

static void expectf(int code, const char *part, const char *format, ...)
{
    char arguments[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(arguments, sizeof arguments, format, args);
    va_end(args);
    expect(code, part, arguments);
}

static char path_of[8][256];
enum { LAMA_FILE, GLCIC_FILE, INPUT, BATCH_INPUT, OUTPUT, OTHER_OUTPUT, BAD, FOLDER };

static void write_weights(const tiny_net *tiny, const char *path, void (*spoil)(gb_weights *))
{
    gb_error err;
    gb_weights *weights = tiny_weights(tiny, NULL);
    if (spoil) spoil(weights);
    assert_ok(gb_checkpoint_write_safetensors(path, weights, false, &err), &err);
    gb_weights_free(weights);
}

/* A dataset of any name, rank and type; zeros where `data` is NULL. */
static void write_dataset(const char *path, const char *name, hid_t type, int rank, const hsize_t *size,
                          const void *data)
{
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(rank, size, NULL);
    const hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(dataset >= 0);
    if (data) assert_true(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    H5Dclose(dataset);
    H5Sclose(space);
    H5Fclose(file);
}

/* The planes of formula_frames; `count` frames, of which the tiny net's own come first. */
static void write_input(const tiny_net *tiny, int count, const char *path)
{
    const hsize_t size[4] = {(hsize_t)count, 3, (hsize_t)tiny->height, (hsize_t)tiny->width};
    const size_t total = (size_t)(size[0] * size[1] * size[2] * size[3]);
    char key[256];
    snprintf(key, sizeof key, "%s/input", tiny->prefix);
    const uint64_t hash = gb_random_hash(key);
    uint8_t *planes = gb_alloc(total, 1);
    for (size_t i = 0; i < total; i++)
        planes[i] = (uint8_t)(gb_random_mix(hash + (i + 1) * UINT64_C(0x9E3779B97F4A7C15)) >> 56);
    write_dataset(path, "input_u8", H5T_NATIVE_UINT8, 4, size, planes);
    free(planes);
}

static float *read_output(const char *path, hsize_t size[4])
{
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), dataset = H5Dopen2(file, "output", H5P_DEFAULT);
    const hid_t space = H5Dget_space(dataset);
    assert_int_equal(H5Sget_simple_extent_dims(space, size, NULL), 4);
    float *values = gb_alloc(size[0] * size[1] * size[2] * size[3], sizeof *values);
    assert_true(H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Dclose(dataset);
    H5Fclose(file);
    return values;
}

static int set_up(void **state)
{
    (void)state;
    static const char *const name[] = {"lama.safetensors", "glcic.safetensors", "in.h5", "batch.h5",
                                       "out.h5",           "out2.h5",           "bad",   ""};
    for (int i = 0; i < 8; i++) snprintf(path_of[i], sizeof path_of[i], "%s", test_scratch(name[i]));
    lama = tiny_find("tiny/lama-reflected");
    glcic = tiny_find("tiny/glcic-batch");
    write_weights(lama, path_of[LAMA_FILE], NULL);
    write_weights(glcic, path_of[GLCIC_FILE], NULL);
    write_input(lama, FRAMES, path_of[INPUT]);
    write_input(glcic, glcic->frames, path_of[BATCH_INPUT]);
    return 0;
}

static void test_info_and_verify(void **state)
{
    (void)state;
    expectf(0, "lama-fourier: ngf 8, 1 blocks", "model info %s", path_of[LAMA_FILE]);
    assert_non_null(strstr(output, "safetensors"));
    assert_non_null(strstr(output, "  model.1.ffc.convl2l.weight (8, 4, 7, 7)\n"));
    expectf(0, "\"net\"", "model info %s --json", path_of[GLCIC_FILE]);
    gb_error err;
    cJSON *json = NULL;
    assert_ok(gb_json_parse(output, strlen(output), "info", &json, &err), &err);
    assert_string_equal(cJSON_GetObjectItem(json, "net")->valuestring, "glcic");
    assert_int_equal(cJSON_GetObjectItem(json, "ngf")->valueint, 64);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "tensors")), (int)glcic->tensor_count);
    cJSON_Delete(json);
    expectf(0, "glcic: ngf 64, 6.35 M parameters", "model verify %s --net glcic", path_of[GLCIC_FILE]);
    expectf(3, "found the weights of glcic", "model verify %s --net ce", path_of[GLCIC_FILE]);
    expectf(3, "18 residual blocks, found 1", "model verify %s --net big-lama", path_of[LAMA_FILE]);
    expectf(2, "did you mean 'glcic'", "model verify %s --net glcik", path_of[GLCIC_FILE]);
    expectf(2, "baseline", "model verify %s --net mirror", path_of[GLCIC_FILE]);
}

static void run(const char *net, int weights, int input, int to, const char *options)
{
    expectf(0, net, "model run %s --weights %s --input %s --output %s %s", net, path_of[weights], path_of[input],
            path_of[to], options);
}

/* What PyTorch gives, and the same bytes for any number of threads and any batch. */
static void test_run(void **state)
{
    (void)state;
    static const char *const options[] = {"--side 5 --threads 2", "--side 5 --threads 1 --batch 3",
                                          "--side 5 --threads 3 --batch 8"};
    run("lama-fourier", LAMA_FILE, INPUT, OUTPUT, "--side 5 --threads 1");
    hsize_t size[4];
    float *values = read_output(path_of[OUTPUT], size);
    assert_true(size[0] == FRAMES && size[1] == 3 && size[2] == 21 && size[3] == 35);
    assert_true(net_within(net_compare(lama->samples, values, lama->sample_count, lama->stride)));
    free(values);
    for (int i = 0; i < 3; i++) {
        run("lama-fourier", LAMA_FILE, INPUT, OTHER_OUTPUT, options[i]);
        char *one = NULL, *other = NULL;
        size_t one_size, other_size;
        gb_error err;
        assert_ok(gb_file_read(path_of[OUTPUT], 1 << 24, &one, &one_size, &err), &err);
        assert_ok(gb_file_read(path_of[OTHER_OUTPUT], 1 << 24, &other, &other_size, &err), &err);
        assert_int_equal(one_size, other_size);
        assert_memory_equal(one, other, one_size);
        free(one);
        free(other);
    }
}

static void test_run_batch_statistics(void **state)
{
    (void)state;
    hsize_t size[4];
    run("glcic", GLCIC_FILE, BATCH_INPUT, OUTPUT, "--side 4 --batchnorm batch");
    float *values = read_output(path_of[OUTPUT], size);
    assert_true(net_within(net_compare(glcic->samples, values, glcic->sample_count, glcic->stride)));
    free(values);
    run("glcic", GLCIC_FILE, BATCH_INPUT, OUTPUT, "--side 4 --batchnorm running");
    values = read_output(path_of[OUTPUT], size);
    assert_false(net_within(net_compare(glcic->samples, values, glcic->sample_count, glcic->stride)));
    free(values);
}

static void test_import(void **state)
{
    (void)state;
    char imported[256];
    snprintf(imported, sizeof imported, "%s", test_scratch("imported.safetensors"));
    expectf(0, "lama-fourier", "model import %s %s --net lama-fourier", path_of[LAMA_FILE], imported);
    run("lama-fourier", LAMA_FILE, INPUT, OUTPUT, "--side 5");
    expectf(0, "", "model run lama-fourier --weights %s --input %s --output %s --side 5 --quiet", imported,
            path_of[INPUT], path_of[OTHER_OUTPUT]);
    hsize_t size[4];
    float *one = read_output(path_of[OUTPUT], size), *other = read_output(path_of[OTHER_OUTPUT], size);
    assert_memory_equal(one, other, size[0] * size[1] * size[2] * size[3] * sizeof *one);
    free(one);
    free(other);
    expectf(0, "lama-fourier", "model import %s %s --half", path_of[LAMA_FILE], imported);
    expectf(0, "lama-fourier", "model verify %s", imported);
}

static void poison(gb_weights *weights)
{
    gb_weights_find(weights, "conv5.weight")->data[7] = NAN;
}

static void test_bad_weights(void **state)
{
    (void)state;
    const char *in = path_of[BATCH_INPUT], *out = path_of[OUTPUT];
    remove(out);
    write_weights(glcic, path_of[BAD], poison);
    expectf(3, "conv5.weight", "model run glcic --weights %s --input %s --output %s", path_of[BAD], in, out);
    const char *named = strstr(output, path_of[BAD]);
    assert_true(named && !strstr(named + 1, path_of[BAD])); /* once is enough */
    expectf(3, "found the weights of lama", "model run glcic --weights %s --input %s --output %s", path_of[LAMA_FILE],
            in, out);
    expectf(3, "nowhere.pth", "model run glcic --weights nowhere.pth --input %s --output %s", in, out);
    expectf(2, "unknown net 'glcix': did you mean 'glcic'", "model run glcix");
    expectf(2, "unknown net 'foo'", "model run foo --weights nowhere.pth --input %s --output %s", in, out);
    expectf(2, "is a baseline", "model run mirror --weights nowhere.pth --input nowhere.h5 --output %s", out);
    expectf(2, "--weights", "model run glcic --input %s --output %s", in, out);
    expectf(2, "--output", "model run glcic --weights %s --input %s", path_of[GLCIC_FILE], in);
    assert_false(gb_file_exists(out));
}

static void expect_bad_input(const char *part)
{
    expectf(3, part, "model run glcic --weights %s --input %s --output %s", path_of[GLCIC_FILE], path_of[BAD],
            path_of[OUTPUT]);
    assert_non_null(strstr(output, "bad"));
    assert_false(gb_file_exists(path_of[OUTPUT]));
}

static void test_bad_input(void **state)
{
    (void)state;
    static const hsize_t good[4] = {1, 3, 16, 24}, none[4] = {0, 3, 16, 24}, grey[4] = {1, 1, 16, 24},
                         large[4] = {1, 3, 16, 100000};
    const char *bad = path_of[BAD];
    remove(path_of[OUTPUT]);
    write_dataset(bad, "frames", H5T_NATIVE_UINT8, 4, good, NULL);
    expect_bad_input("expected a dataset input_u8");
    write_dataset(bad, "input_u8", H5T_NATIVE_UINT8, 3, good, NULL);
    expect_bad_input("found 3 dimensions");
    write_dataset(bad, "input_u8", H5T_NATIVE_FLOAT, 4, good, NULL);
    expect_bad_input("expected uint8, found floats of 4 bytes");
    write_dataset(bad, "input_u8", H5T_NATIVE_INT8, 4, good, NULL);
    expect_bad_input("expected uint8");
    write_dataset(bad, "input_u8", H5T_NATIVE_UINT8, 4, none, NULL);
    expect_bad_input("(0, 3, 16, 24)");
    write_dataset(bad, "input_u8", H5T_NATIVE_UINT8, 4, grey, NULL);
    expect_bad_input("(1, 1, 16, 24)");
    write_dataset(bad, "input_u8", H5T_NATIVE_UINT8, 4, large, NULL);
    expect_bad_input("(1, 3, 16, 100000)");
    gb_error err;
    assert_ok(gb_file_write(bad, "not HDF5", 8, &err), &err);
    expect_bad_input("expected an HDF5 file");
    remove(bad);
    expect_bad_input("no such file");
}

static void test_bad_output_and_side(void **state)
{
    (void)state;
    expectf(3, "batch.h5: expected strips that leave a centre, found side 12 in frames of 24x16",
            "model run glcic --weights %s --input %s --output %s --side 12", path_of[GLCIC_FILE], path_of[BATCH_INPUT],
            path_of[OUTPUT]);
    expectf(3, "/nowhere/out.h5", "model run glcic --weights %s --input %s --output %s/nowhere/out.h5",
            path_of[GLCIC_FILE], path_of[BATCH_INPUT], path_of[FOLDER]);
}

/* Without a network: what is given is held to its sha256, and nothing wrong reaches the cache. */
static void test_fetch(void **state)
{
    (void)state;
    char cache[256], cached[512];
    snprintf(cache, sizeof cache, "%s", test_scratch("cache"));
    snprintf(cached, sizeof cached, "%s/weights/lpips_alex_v0.1.ckpt", cache);
    setenv("GANIME_CACHE", cache, 1);
    expectf(3, "expected sha256 a286e44c", "model fetch lpips --archive %s", path_of[INPUT]);
    expectf(3, "nowhere.tar.gz", "model fetch lpips --archive nowhere.tar.gz");
    expectf(2, "lpips", "model fetch lpip");
    assert_false(gb_file_exists(cached));
    unsetenv("GANIME_CACHE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_info_and_verify),
        cmocka_unit_test(test_run),
        cmocka_unit_test(test_run_batch_statistics),
        cmocka_unit_test(test_import),
        cmocka_unit_test(test_bad_weights),
        cmocka_unit_test(test_bad_input),
        cmocka_unit_test(test_bad_output_and_side),
        cmocka_unit_test(test_fetch),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
