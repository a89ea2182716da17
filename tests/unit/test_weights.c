/* The container of named tensors: lookup, ownership, prefixes, strictness, random filling. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "engine/weights.h"

static float *filled(size_t count, float first)
{
    float *data = gb_alloc_aligned(count, sizeof *data);
    assert_non_null(data);
    for (size_t i = 0; i < count; i++) data[i] = first + (float)i;
    return data;
}

static gb_weights *new_weights(void)
{
    gb_error err;
    gb_weights *weights = NULL;
    assert_ok(gb_weights_new(&weights, &err), &err);
    return weights;
}

static void add(gb_weights *weights, const char *name, int64_t a, int64_t b, float first)
{
    gb_error err;
    const int64_t dim[] = {a, b};
    assert_ok(gb_weights_add(weights, name, 2, dim, filled((size_t)(a * b), first), &err), &err);
}

static void test_many_names_are_found(void **state)
{
    (void)state;
    gb_weights *weights = new_weights();
    char name[64];
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "block.%d.weight", i);
        add(weights, name, 1, 2, (float)i);
    }
    assert_int_equal(gb_weights_count(weights), 5000);
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "block.%d.weight", i);
        const gb_tensor *tensor = gb_weights_find(weights, name);
        assert_non_null(tensor);
        assert_true(tensor->data[0] == (float)i);
        assert_ptr_equal(tensor, gb_weights_at(weights, (size_t)i));
    }
    assert_null(gb_weights_find(weights, "block.5000.weight"));
    assert_null(gb_weights_at(weights, 5000));
    gb_weights_free(weights);
    gb_weights_free(NULL);
}

static void test_bad_additions_are_refused(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights = new_weights();
    add(weights, "a", 1, 1, 0);
    const int64_t one[] = {1}, huge[] = {INT64_MAX, 4}, negative[] = {-1};
    assert_fails(gb_weights_add(weights, "a", 1, one, filled(1, 0), &err), GB_E_FORMAT, &err, "\"a\" twice");
    assert_fails(gb_weights_add(weights, "b", 2, huge, filled(1, 0), &err), GB_E_FORMAT, &err, "\"b\"");
    assert_fails(gb_weights_add(weights, "b", 1, negative, filled(1, 0), &err), GB_E_FORMAT, &err, "\"b\"");
    assert_fails(gb_weights_add(weights, "b", GB_MAX_RANK + 1, one, NULL, &err), GB_E_FORMAT, &err, "\"b\"");
    assert_int_equal(gb_weights_count(weights), 1);
    gb_weights_free(weights);
}

static void test_prefix_is_taken_off(void **state)
{
    (void)state;
    gb_weights *weights = new_weights();
    add(weights, "gen.a", 1, 1, 1);
    add(weights, "disc.a", 1, 1, 2);
    add(weights, "gen.b", 1, 1, 3);
    gb_weights_keep_prefix(weights, "gen.");
    assert_int_equal(gb_weights_count(weights), 2);
    assert_true(gb_weights_find(weights, "a")->data[0] == 1);
    assert_true(gb_weights_find(weights, "b")->data[0] == 3);
    assert_null(gb_weights_find(weights, "gen.a"));
    gb_weights_free(weights);
}

static void test_every_fault_is_listed(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights = new_weights();
    gb_weights_set_origin(weights, "net.pth", "00ff");
    assert_string_equal(gb_weights_path(weights), "net.pth");
    assert_string_equal(gb_weights_sha256(weights), "00ff");
    add(weights, "good", 2, 3, 0);
    add(weights, "bent", 2, 3, 0);
    add(weights, "extra", 1, 1, 0);
    add(weights, "perceptual.w", 1, 1, 0);
    assert_ok(gb_weights_add(weights, "bn.num_batches_tracked", 0, NULL, NULL, &err), &err);
    const float *data = NULL;
    const int64_t dim[] = {2, 3}, other[] = {3, 2};
    assert_ok(gb_weights_take(weights, "good", 2, dim, &data, &err), &err);
    assert_true(data[5] == 5);
    data = NULL;
    for (int twice = 0; twice < 2; twice++) {
        assert_fails(gb_weights_take(weights, "bent", 2, other, &data, &err), GB_E_MISMATCH, &err,
                     "net.pth: expected tensor \"bent\" to be 3x2, found 2x3");
        assert_fails(gb_weights_take(weights, "gone", 2, other, &data, &err), GB_E_NOT_FOUND, &err,
                     "net.pth: expected tensor \"gone\" (3x2), found none");
    }
    assert_null(data);
    const char *const ignore[] = {"perceptual.", NULL};
    assert_fails(gb_weights_check(weights, ignore, &err), GB_E_MISMATCH, &err,
                 "net.pth: expected exactly the net's tensors, found 1 missing, 1 misshapen, 1 surplus: "
                 "missing: gone (3x2); misshapen: bent (expected 3x2, found 2x3); surplus: extra");
    assert_null(strstr(err.text, "perceptual"));
    assert_fails(gb_weights_check(weights, NULL, &err), GB_E_MISMATCH, &err, "extra, perceptual.w");
    gb_weights_free(weights);
}

static void test_long_lists_are_cut_and_counted(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights = new_weights();
    char name[64];
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "surplus.block.%d.weight", i);
        add(weights, name, 1, 1, 0);
    }
    assert_fails(gb_weights_check(weights, NULL, &err), GB_E_MISMATCH, &err, "1000 surplus");
    assert_non_null(strstr(err.text, " more"));
    gb_weights_free(weights);
}

static void test_exact_set_passes(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights = new_weights();
    add(weights, "w", 2, 2, 0);
    const float *data;
    const int64_t dim[] = {2, 2};
    assert_ok(gb_weights_take(weights, "w", 2, dim, &data, &err), &err);
    assert_ok(gb_weights_check(weights, NULL, &err), &err);
    gb_weights_free(weights);
}

static void test_values_that_are_not_finite_are_named(void **state)
{
    (void)state;
    gb_error err;
    const float bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 3; i++) {
        gb_weights *weights = new_weights();
        add(weights, "w", 100, 100, 0);
        gb_weights_find(weights, "w")->data[9000] = bad[i];
        const float *data = NULL;
        const int64_t dim[] = {100, 100};
        assert_fails(gb_weights_take(weights, "w", 2, dim, &data, &err), GB_E_NUMERIC, &err,
                     i ? "found infinity at element 9000" : "found NaN at element 9000");
        assert_null(data);
        gb_weights_free(weights);
    }
    gb_weights *weights = new_weights();
    add(weights, "w", 1, 2, 0);
    gb_weights_find(weights, "w")->data[0] = 3.402823466e38f; /* the largest float is one */
    const float *data;
    assert_ok(gb_weights_take(weights, "w", 2, (const int64_t[]){1, 2}, &data, &err), &err);
    gb_weights_free(weights);
}

static void test_random_weights_are_made_on_demand(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights[3];
    for (size_t i = 0; i < 3; i++) assert_ok(gb_weights_new_random(i / 2, &weights[i], &err), &err);
    assert_true(gb_weights_are_random(weights[0]));
    const int64_t kernel[] = {8, 6, 3, 3}, vector[] = {8};
    const float *w[3], *var, *mean;
    for (size_t i = 0; i < 3; i++)
        assert_ok(gb_weights_take(weights[i], "conv.weight", 4, kernel, &w[i], &err), &err);
    assert_memory_equal(w[0], w[1], 8 * 6 * 9 * sizeof(float)); /* the same seed */
    assert_true(w[0][0] != w[2][0]);                            /* another seed */
    const float bound = sqrtf(6.0f / 54);
    for (int i = 0; i < 8 * 6 * 9; i++) assert_true(fabsf(w[0][i]) <= bound * 1.0001f);
    assert_ok(gb_weights_take(weights[0], "bn.running_var", 1, vector, &var, &err), &err);
    assert_ok(gb_weights_take(weights[0], "bn.running_mean", 1, vector, &mean, &err), &err);
    for (int i = 0; i < 8; i++) assert_true(fabsf(var[i] - 1) < 0.11f && fabsf(mean[i]) < 0.11f);
    assert_ok(gb_weights_check(weights[0], NULL, &err), &err);
    for (size_t i = 0; i < 3; i++) gb_weights_free(weights[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_names_are_found),
        cmocka_unit_test(test_bad_additions_are_refused),
        cmocka_unit_test(test_prefix_is_taken_off),
        cmocka_unit_test(test_every_fault_is_listed),
        cmocka_unit_test(test_long_lists_are_cut_and_counted),
        cmocka_unit_test(test_exact_set_passes),
        cmocka_unit_test(test_values_that_are_not_finite_are_named),
        cmocka_unit_test(test_random_weights_are_made_on_demand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
