#include <string.h>

#include "parity/op_values.h"
#include "support/parity.h"
#include "support/support.h"

static const gb_backend *reference(void)
{
    gb_error err;
    const gb_backend *backend = NULL;
    assert_ok(gb_backend_select("ref", &backend, NULL, &err), &err);
    return backend;
}

/* The oracle itself, against PyTorch in double. */
static void ref_gives_pytorch_values(void **state)
{
    (void)state;
    parity_report report;
    for (size_t i = 0; i < sizeof op_values / sizeof op_values[0]; i++) {
        const parity_case *const c = parity_case_find(op_values[i].name);
        for (int fold = 0; fold <= 1; fold++) {
            const parity_side side = {.backend = reference(), .fold = fold != 0};
            if (!parity_matches(c, side, op_values[i].values, op_values[i].count, &report))
                fail_msg("%s: %s", fold ? "folded" : "as built", report.text);
        }
    }
}

/* Every case, every kind of input, two seeds. */
static void hold_everywhere(parity_side a, parity_side b)
{
    size_t count;
    parity_report report;
    const parity_case *const c = parity_cases(&count);
    for (size_t i = 0; i < count; i++)
        for (parity_input kind = 0; kind < PARITY_INPUT_COUNT; kind++)
            for (uint64_t seed = 1; seed <= 2; seed++)
                if (!parity_holds(&c[i], kind, seed, a, b, &report))
                    fail_msg("%s against %s%s: %s", a.backend->id, b.backend->id, b.fold ? " folded" : "",
                             report.text);
}

static void folding_keeps_values(void **state)
{
    (void)state;
    const parity_side plain = {.backend = reference()}, folded = {.backend = reference(), .fold = true};
    hold_everywhere(plain, folded);
}

static void backends_agree_with_ref(void **state)
{
    (void)state;
    size_t count, compared = 0;
    const gb_backend *const *const backend = gb_backends(&count);
    for (size_t i = 0; i < count; i++) {
        gb_device_info info;
        gb_error err;
        if (backend[i] == reference() || backend[i]->probe(0, &info, &err) != GB_OK) continue;
        const parity_side plain = {.backend = reference()};
        hold_everywhere(plain, (parity_side){.backend = backend[i]});
        hold_everywhere(plain, (parity_side){.backend = backend[i], .fold = true});
        compared++;
    }
    if (compared == 0) skip_because("no backend but ref is usable here");
}

/* ---- Seeded faults: each must be seen ---- */

static void shift_padding(gb_node *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nodes[i].pad > 0) nodes[i].pad--;
}

static void lose_dilation(gb_node *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nodes[i].dilation > 1) nodes[i].dilation--;
}

static void lose_residual(gb_node *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) nodes[i].in[2] = GB_NONE;
}

static void lose_addend(gb_node *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nodes[i].op == GB_OP_CONV) nodes[i].in[1] = GB_NONE;
}

static void lose_batch_stats(gb_node *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) nodes[i].batch_stats = false;
}

static void lose_epsilon(gb_node *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) nodes[i].eps = 0.0f;
}

static void lose_activation(gb_node *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) nodes[i].act = GB_ACT_NONE;
}

static void swap_re_im(float *data, gb_shape shape)
{
    const size_t size = gb_shape_size(shape);
    for (size_t i = 0; i + 1 < size; i += 2) {
        const float re = data[i];
        data[i] = data[i + 1];
        data[i + 1] = re;
    }
}

static void conjugate(float *data, gb_shape shape)
{
    const size_t size = gb_shape_size(shape);
    for (size_t i = 1; i < size; i += 2) data[i] = -data[i];
}

/* What an implementation computes that drops the imaginary parts of column `k` before the transform over H. */
static void drop_early(float *data, gb_shape shape, int64_t k)
{
    for (int64_t row = 0; row < shape.n * shape.h; row++)
        for (int64_t c = 1; c < shape.c; c += 2) data[(row * shape.w + k) * shape.c + c] = 0.0f;
}

static void drop_dc_early(float *data, gb_shape shape)
{
    drop_early(data, shape, 0);
}

static void drop_nyquist_early(float *data, gb_shape shape)
{
    drop_early(data, shape, shape.w - 1);
}

/* What one computes that counts the Nyquist column twice, as it does those in between. */
static void double_nyquist(float *data, gb_shape shape)
{
    for (int64_t row = 0; row < shape.n * shape.h; row++)
        for (int64_t c = 0; c < shape.c; c++) data[(row * shape.w + shape.w - 1) * shape.c + c] *= 2.0f;
}

static void round_to_bf16(float *data, gb_shape shape)
{
    const size_t size = gb_shape_size(shape);
    for (size_t i = 0; i < size; i++) {
        uint32_t bits;
        memcpy(&bits, &data[i], sizeof bits);
        bits = (bits + 0x8000u) & 0xffff0000u;
        memcpy(&data[i], &bits, sizeof bits);
    }
}

static void one_nan(float *data, gb_shape shape)
{
    const uint32_t nan_bits = 0x7fc00000u;
    memcpy(&data[gb_shape_size(shape) / 2], &nan_bits, sizeof nan_bits);
}

static void faults_are_seen(void **state)
{
    (void)state;
    const struct {
        const char *of;
        bool fold;
        parity_fault fault;
    } cases[] = {
        {"conv 3x3", false, {.name = "pad one pixel short", .graph = shift_padding}},
        {"conv 3x3 dilation 16", false, {.name = "pad one pixel short", .graph = shift_padding}},
        {"deconv 4x4 stride 2", false, {.name = "pad one pixel short", .graph = shift_padding}},
        {"ffc odd", false, {.name = "reflection one pixel short", .graph = shift_padding}},
        {"conv 3x3 dilation 2", false, {.name = "dilation 1", .graph = lose_dilation}},
        {"conv 3x3 dilation 4 unpadded", false, {.name = "dilation 3", .graph = lose_dilation}},
        {"deconv dilation 2", false, {.name = "dilation 1", .graph = lose_dilation}},
        {"residual relu", true, {.name = "no residual", .graph = lose_residual}},
        {"sum, norm, relu", true, {.name = "no addend", .graph = lose_addend}},
        {"deconv, norm, relu", true, {.name = "no activation", .graph = lose_activation}},
        {"batchnorm of the batch", false, {.name = "running statistics", .graph = lose_batch_stats}},
        {"batchnorm", false, {.name = "no epsilon", .graph = lose_epsilon}},
        {"rfft2 even", false, {.name = "re and im swapped", .output = swap_re_im}},
        {"rfft2 odd", false, {.name = "sign of the exponent", .output = conjugate}},
        {"irfft2 odd", false, {.name = "re and im swapped", .input = swap_re_im}},
        {"irfft2 even", false, {.name = "DC column cut too early", .input = drop_dc_early}},
        {"irfft2 odd", false, {.name = "DC column cut too early", .input = drop_dc_early}},
        {"irfft2 even", false, {.name = "Nyquist column cut too early", .input = drop_nyquist_early}},
        {"irfft2 even", false, {.name = "Nyquist column counted twice", .input = double_nyquist}},
        {"irfft2 36x64", false, {.name = "Nyquist column counted twice", .input = double_nyquist}},
        {"conv 3x3 64 channels", false, {.name = "bfloat16", .input = round_to_bf16}},
        {"conv 7x7", false, {.name = "bfloat16", .input = round_to_bf16}},
        {"rfft2 36x64", false, {.name = "bfloat16", .input = round_to_bf16}},
        {"maxpool 3x3 stride 2", false, {.name = "a NaN", .input = one_nan}},
        {"relu", false, {.name = "a NaN", .input = one_nan}},
        {"ffc even", true, {.name = "no activation", .graph = lose_activation}},
        {"ffc odd", true, {.name = "no residual", .graph = lose_residual}},
    };
    parity_report report;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const parity_side right = {.backend = reference()};
        const parity_side wrong = {.backend = reference(), .fold = cases[i].fold, .fault = &cases[i].fault};
        const parity_case *const c = parity_case_find(cases[i].of);
        if (parity_holds(c, PARITY_NOISE, 3, right, wrong, &report))
            fail_msg("%s: %s was not seen: difference %g, limit %g", c->name, cases[i].fault.name, report.difference,
                     report.limit);
        assert_non_null(strstr(report.text, c->name));
    }
}

static void assert_nan_shows(const parity_case *c, const gb_backend *backend, bool fold)
{
    const parity_fault fault = {.name = "a NaN", .input = one_nan};
    parity_report report;
    const parity_side plain = {.backend = reference()};
    const parity_side spoilt = {.backend = backend, .fold = fold, .fault = &fault};
    if (parity_holds(c, PARITY_NOISE, 1, plain, spoilt, &report) || !strstr(report.text, "not finite"))
        fail_msg("%s: a NaN became a number on %s%s", c->name, backend->id, fold ? ", folded" : "");
}

/* A NaN that goes in comes out. (Not asked of a fused ReLU on other backends: max(x, 0) on vectors gives 0 for NaN.) */
static void nan_comes_through(void **state)
{
    (void)state;
    size_t backends, count;
    const gb_backend *const *const backend = gb_backends(&backends);
    const parity_case *const c = parity_cases(&count);
    for (size_t b = 0; b < backends; b++) {
        gb_device_info info;
        gb_error err;
        if (backend[b]->probe(0, &info, &err) != GB_OK) continue;
        for (size_t i = 0; i < count; i++) {
            if (!strcmp(c[i].name, "conv 1x1 stride 2")) continue; /* it skips the pixel */
            assert_nan_shows(&c[i], backend[b], false);
            assert_nan_shows(&c[i], backend[b], true);
        }
    }
}

/* A wrong table value is seen too: the last one, moved by 1e-5. */
static void wrong_table_is_seen(void **state)
{
    (void)state;
    float values[64];
    parity_report report;
    const parity_case *const c = parity_case_find("rfft2 even");
    for (size_t i = 0; i < sizeof op_values / sizeof op_values[0]; i++) {
        if (strcmp(op_values[i].name, c->name) != 0) continue;
        assert_int_equal(op_values[i].count, 64);
        memcpy(values, op_values[i].values, sizeof values);
        values[63] += 1e-5f;
        assert_false(parity_matches(c, (parity_side){.backend = reference()}, values, 64, &report));
        return;
    }
    fail_msg("no table");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ref_gives_pytorch_values), cmocka_unit_test(folding_keeps_values),
        cmocka_unit_test(backends_agree_with_ref),  cmocka_unit_test(faults_are_seen),
        cmocka_unit_test(wrong_table_is_seen),      cmocka_unit_test(nan_comes_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
