/* Checkpoint readers on files written by PyTorch, safetensors, h5py and numpy (tests/reference/make_checkpoints.py):
 * every tensor holds the formula under its own name, so values are checked without a second copy of them. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "checkpoint/element.h"
#include "core/file.h"
#include "core/random.h"
#include "core/sha256.h"

#define FIXTURES "tests/fixtures/checkpoints/"

/* One line of expected.txt. */
typedef struct expected {
    char file[64], name[256], type[32];
    int rank;
    int64_t dim[GB_MAX_RANK];
} expected;

static bool next_expected(FILE *list, expected *e)
{
    char shape[128];
    if (fscanf(list, "%63s %255s %31s %127s", e->file, e->name, e->type, shape) != 4) return false;
    e->rank = 0;
    for (char *at = shape; *at && *at != '-';) {
        e->dim[e->rank++] = strtoll(at, &at, 10);
        if (*at == 'x') at++;
    }
    return true;
}

/* Half a unit in the last place of the type that the value went through. */
static float tolerance(const char *type)
{
    return !strcmp(type, "float16") ? 0x1p-11f : !strcmp(type, "bfloat16") ? 0x1p-8f : 0;
}

/* "-whole+20" says: the formula of another name, from element 20. */
static void check_values(const gb_tensor *tensor, const expected *e)
{
    char key[256];
    snprintf(key, sizeof key, "%s", e->type[0] == '-' ? e->type + 1 : e->name);
    char *plus = e->type[0] == '-' ? strchr(key, '+') : NULL;
    const uint64_t first = plus ? strtoull(plus + 1, NULL, 10) : 0;
    if (plus) *plus = '\0';
    const uint64_t hash = gb_random_hash(key);
    const float relative = tolerance(e->type), least = relative > 0 ? 0x1p-25f : 0; /* of float16's subnormals */
    for (int64_t i = 0; i < gb_tensor_size(tensor); i++) {
        const float wanted = gb_random_weight(hash, first + (uint64_t)i, 1, 0);
        if (!(fabsf(tensor->data[i] - wanted) <= relative * fabsf(wanted) + least))
            fail_msg("%s: %s[%lld] is %.9g, expected %.9g", e->file, e->name, (long long)i, tensor->data[i], wanted);
    }
}

static void check_tensor(const gb_weights *weights, const expected *e)
{
    const gb_tensor *tensor = gb_weights_find(weights, e->name);
    if (!tensor) fail_msg("%s: no tensor %s", e->file, e->name);
    const bool is_float = strstr(e->type, "float") || e->type[0] == '-';
    if ((tensor->data != NULL) != is_float) fail_msg("%s: %s has the wrong kind", e->file, e->name);
    if (tensor->rank != e->rank) fail_msg("%s: %s has rank %d", e->file, e->name, tensor->rank);
    for (int d = 0; d < e->rank; d++) assert_int_equal(tensor->dim[d], e->dim[d]);
    if (is_float) check_values(tensor, e);
}

static gb_weights *read_ok(const char *path, gb_checkpoint_info *info)
{
    gb_error err;
    gb_weights *weights = NULL;
    assert_ok(gb_checkpoint_read(path, &weights, info, &err), &err);
    return weights;
}

/* Every tensor that the list names for `file`, and no other one. */
static void check_file(const char *file, const char *format)
{
    char path[256], sha256[GB_SHA256_HEX];
    gb_error err;
    gb_checkpoint_info info;
    snprintf(path, sizeof path, FIXTURES "%s", file);
    gb_weights *weights = read_ok(path, &info);
    assert_string_equal(info.format, format);
    assert_ok(gb_sha256_file(path, sha256, &err), &err);
    assert_string_equal(info.sha256, sha256);
    assert_string_equal(gb_weights_sha256(weights), sha256);
    assert_string_equal(gb_weights_path(weights), path);
    FILE *list = fopen(FIXTURES "expected.txt", "r");
    assert_non_null(list);
    size_t count = 0;
    for (expected e; next_expected(list, &e);) {
        if (strcmp(e.file, file) != 0) continue;
        check_tensor(weights, &e);
        count++;
    }
    fclose(list);
    assert_int_equal(gb_weights_count(weights), count);
    gb_weights_free(weights);
}

static void test_torch_zip(void **state)
{
    (void)state;
    check_file("zip.pt", "torch-zip");
    check_file("deflated.pt", "torch-zip"); /* in a folder with a Cyrillic name */
    check_file("zip64.pt", "torch-zip");
    check_file("big_endian.pt", "torch-zip");
}

static void test_torch_legacy(void **state)
{
    (void)state;
    check_file("legacy.pth", "torch-legacy");
}

static void test_training_files_with_everything_in_them(void **state)
{
    (void)state;
    check_file("training.ckpt", "torch-zip");
    check_file("training_p4.ckpt", "torch-zip");
    check_file("training_legacy.pth", "torch-legacy");
}

static void test_shared_storages(void **state)
{
    (void)state;
    check_file("shared.pt", "torch-zip");
    check_file("shared_legacy.pth", "torch-legacy");
}

static void test_safetensors(void **state)
{
    (void)state;
    check_file("state.safetensors", "safetensors");
}

static void test_numpy_pickles_of_every_protocol(void **state)
{
    (void)state;
    char file[32];
    for (int protocol = 0; protocol <= 5; protocol++) {
        snprintf(file, sizeof file, "numpy_p%d.pkl", protocol);
        check_file(file, "numpy-pickle");
    }
}

static void test_h5(void **state)
{
    (void)state;
    check_file("state.h5", "hdf5");
}

/* The check of values can fail: a file whose tensor was changed by one bit does not pass for the formula. */
static void test_a_changed_bit_is_seen(void **state)
{
    (void)state;
    gb_error err;
    char *bytes = NULL;
    size_t size = 0;
    assert_ok(gb_file_read(FIXTURES "state.safetensors", 1 << 20, &bytes, &size, &err), &err);
    const char *path = test_scratch("changed.safetensors");
    bool seen = false;
    bytes[size - 1] = (char)(bytes[size - 1] ^ 1);
    assert_ok(gb_file_write(path, bytes, size, &err), &err);
    free(bytes);
    gb_weights *changed = read_ok(path, NULL), *same = read_ok(FIXTURES "state.safetensors", NULL);
    for (size_t t = 0; t < gb_weights_count(same); t++) {
        const gb_tensor *a = gb_weights_at(same, t), *b = gb_weights_find(changed, a->name);
        if (a->data && memcmp(a->data, b->data, (size_t)gb_tensor_size(a) * sizeof(float)) != 0) seen = true;
    }
    assert_true(seen);
    gb_weights_free(changed);
    gb_weights_free(same);
}

/* ---- Elements ---- */

static void test_every_half_survives_both_ways(void **state)
{
    (void)state;
    const gb_element half = {GB_ELEMENT_F16, 2, false};
    for (unsigned bits = 0; bits < 65536; bits++) {
        const uint16_t in = (uint16_t)bits;
        float value;
        gb_element_to_float(&value, &in, 1, half);
        if ((bits & 0x7fff) > 0x7c00) assert_true(isnan(value));
        else assert_int_equal(gb_element_half(value), bits);
    }
}

static void test_halves_round_to_even(void **state)
{
    (void)state;
    assert_int_equal(gb_element_half(1 + 0x1p-11f), 0x3c00);          /* a tie, down to even */
    assert_int_equal(gb_element_half(1 + 3 * 0x1p-11f), 0x3c02);      /* a tie, up to even */
    assert_int_equal(gb_element_half(1 + 0x1.002p-11f), 0x3c01);      /* just above the tie */
    assert_int_equal(gb_element_half(65504), 0x7bff);
    assert_int_equal(gb_element_half(65519.996f), 0x7bff);
    assert_int_equal(gb_element_half(65520), 0x7c00);
    assert_int_equal(gb_element_half(-0x1p-25f), 0x8000);             /* half of the least one, to even */
    assert_int_equal(gb_element_half(0x1.8p-25f), 0x0001);
    assert_int_equal(gb_element_half(0x1.ffcp-15f + 0x1p-26f), 0x0400); /* rounds up into the normal range */
}

/* ---- Writing ---- */

static void test_written_safetensors_are_read_again(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights = read_ok(FIXTURES "training.ckpt", NULL);
    char first[4096], second[4096], half[4096];
    snprintf(first, sizeof first, "%s", test_scratch("first.safetensors"));
    snprintf(second, sizeof second, "%s", test_scratch("second.safetensors"));
    snprintf(half, sizeof half, "%s", test_scratch("half.safetensors"));
    assert_ok(gb_checkpoint_write_safetensors(first, weights, false, &err), &err);
    assert_ok(gb_checkpoint_write_safetensors(half, weights, true, &err), &err);
    gb_weights *again = read_ok(first, NULL), *halves = read_ok(half, NULL);
    assert_ok(gb_checkpoint_write_safetensors(second, again, false, &err), &err);
    for (size_t t = 0; t < gb_weights_count(weights); t++) {
        const gb_tensor *a = gb_weights_at(weights, t);
        const gb_tensor *b = gb_weights_find(again, a->name), *c = gb_weights_find(halves, a->name);
        if (!a->data) continue;
        assert_int_equal(a->rank, b->rank);
        assert_int_equal(gb_tensor_size(a), gb_tensor_size(c));
        assert_memory_equal(a->data, b->data, (size_t)gb_tensor_size(a) * sizeof(float));
        for (int64_t i = 0; i < gb_tensor_size(a); i++) {
            float rounded;
            const uint16_t bits = gb_element_half(a->data[i]);
            gb_element_to_float(&rounded, &bits, 1, (gb_element){GB_ELEMENT_F16, 2, false});
            assert_true(c->data[i] == rounded);
        }
    }
    char a[GB_SHA256_HEX], b[GB_SHA256_HEX]; /* the order in which they came does not matter */
    assert_ok(gb_sha256_file(first, a, &err), &err);
    assert_ok(gb_sha256_file(second, b, &err), &err);
    assert_string_equal(a, b);
    gb_weights_free(weights);
    gb_weights_free(again);
    gb_weights_free(halves);
}

static void test_writing_refuses_what_it_cannot_keep(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights = NULL;
    assert_ok(gb_weights_new(&weights, &err), &err);
    float *data = malloc(sizeof *data);
    assert_non_null(data);
    *data = 70000;
    assert_ok(gb_weights_add(weights, "big", 0, NULL, data, &err), &err);
    const char *path = test_scratch("x.safetensors");
    assert_fails(gb_checkpoint_write_safetensors(path, weights, true, &err), GB_E_NUMERIC, &err, "\"big\"");
    assert_false(gb_file_exists(path));
    assert_fails(gb_checkpoint_write_safetensors("/nowhere/x", weights, false, &err), GB_E_IO, &err, "/nowhere/x");
    gb_weights_free(weights);
}

/* ---- The shared LPIPS weights ---- */

static void test_shared_lpips_h5(void **state)
{
    (void)state;
    const char *path = test_shared("weights/lpips/lpips_alex_v0.1.h5");
    if (!path) skip_because("weights/lpips/lpips_alex_v0.1.h5 is not there");
    gb_weights *weights = read_ok(path, NULL);
    assert_int_equal(gb_weights_count(weights), 15);
    const gb_tensor *kernel = gb_weights_find(weights, "trunk.features.0.weight");
    assert_non_null(kernel);
    assert_int_equal(gb_tensor_size(kernel), 64 * 3 * 11 * 11);
    assert_non_null(gb_weights_find(weights, "heads.lin4"));
    gb_weights_free(weights);
}

/* The published numbers came by two ways: as flax keeps them (H,W,I,O) and as PyTorch does (O,I,H,W). */
static void check_kernel(const gb_tensor *flax, const gb_tensor *torch)
{
    assert_non_null(flax);
    assert_non_null(torch);
    const int64_t o = torch->dim[0], i = torch->dim[1], h = torch->dim[2], w = torch->dim[3];
    const int64_t dim[4] = {h, w, i, o};
    assert_memory_equal(flax->dim, dim, sizeof dim);
    for (int64_t at = 0; at < o * i * h * w; at++) {
        const int64_t x = at % w, y = at / w % h, in = at / (w * h) % i, out = at / (w * h * i);
        assert_memory_equal(&torch->data[at], &flax->data[((y * w + x) * i + in) * o + out], sizeof(float));
    }
}

static void test_fetched_lpips_equals_the_shared_one(void **state)
{
    (void)state;
    static const int feature[5] = {0, 3, 6, 8, 10};
    gb_error err;
    char *path = NULL, name[2][64];
    const char *shared = test_shared("weights/lpips/lpips_alex_v0.1.h5");
    assert_ok(gb_cache_path("weights/lpips_alex_v0.1.ckpt", &path, &err), &err);
    if (!shared || !gb_file_exists(path)) {
        free(path);
        skip_because("weights/lpips/lpips_alex_v0.1.h5 or the fetched LPIPS weights are not there");
    }
    gb_weights *h5 = read_ok(shared, NULL), *ckpt = read_ok(path, NULL);
    for (int i = 0; i < 5; i++) {
        snprintf(name[0], sizeof name[0], "AlexNet_0.Conv_%d.kernel", i);
        snprintf(name[1], sizeof name[1], "trunk.features.%d.weight", feature[i]);
        check_kernel(gb_weights_find(ckpt, name[0]), gb_weights_find(h5, name[1]));
        for (int head = 0; head < 2; head++) {
            snprintf(name[0], sizeof name[0], head ? "NetLinLayer_%d.Conv_0.kernel" : "AlexNet_0.Conv_%d.bias", i);
            snprintf(name[1], sizeof name[1], head ? "heads.lin%d" : "trunk.features.%d.bias", head ? i : feature[i]);
            const gb_tensor *a = gb_weights_find(ckpt, name[0]), *b = gb_weights_find(h5, name[1]);
            assert_int_equal(gb_tensor_size(a), gb_tensor_size(b));
            assert_memory_equal(a->data, b->data, (size_t)gb_tensor_size(a) * sizeof(float));
        }
    }
    free(path);
    gb_weights_free(h5);
    gb_weights_free(ckpt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_torch_zip),
        cmocka_unit_test(test_torch_legacy),
        cmocka_unit_test(test_training_files_with_everything_in_them),
        cmocka_unit_test(test_shared_storages),
        cmocka_unit_test(test_safetensors),
        cmocka_unit_test(test_numpy_pickles_of_every_protocol),
        cmocka_unit_test(test_h5),
        cmocka_unit_test(test_a_changed_bit_is_seen),
        cmocka_unit_test(test_every_half_survives_both_ways),
        cmocka_unit_test(test_halves_round_to_even),
        cmocka_unit_test(test_written_safetensors_are_read_again),
        cmocka_unit_test(test_writing_refuses_what_it_cannot_keep),
        cmocka_unit_test(test_shared_lpips_h5),
        cmocka_unit_test(test_fetched_lpips_equals_the_shared_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
