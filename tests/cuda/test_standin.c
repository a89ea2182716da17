/* The shared object that ships, run on the stand-in runtime (tests/standin): every operation against `ref`, a fault in
 * every kernel, every call failing once, and that the stand-in itself sees what it is there to see. The program starts
 * itself again with the stand-in on its library path. */
#include "support/support.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "engine/builder.h"
#include "cuda/open_standin.h"
#include "cuda/with_standin.h"
#include "support/parity.h"

static bool holds(const parity_case *c, bool fold, gb_precision precision, parity_report *report)
{
    const parity_side ref = {.backend = backend("ref")};
    const parity_side cuda = {.backend = backend("cuda"), .fold = fold, .precision = precision};
    return parity_holds(c, PARITY_NOISE, 1, ref, cuda, report);
}

static void test_every_operation(void **state)
{
    (void)state;
    const standin s = standin_open();
    size_t count;
    const parity_case *const all = parity_cases(&count);
    for (size_t i = 0; i < count; i++) {
        for (int fold = 0; fold < 2; fold++) {
            for (int p = 0; p < GB_PRECISION_COUNT; p++) {
                parity_report report;
                if (!holds(&all[i], fold, (gb_precision)p, &report))
                    fail_msg("%s, %s: %s", all[i].name, gb_precision_name((gb_precision)p), report.text);
            }
        }
    }
    assert_clean(&s, "after all operations");
}

/* The limits of the precisions are told apart: what is computed in a narrow one does not pass for a wider one. */
static void test_a_narrow_precision_is_seen(void **state)
{
    (void)state;
    static const gb_precision order[] = {GB_PRECISION_FP32, GB_PRECISION_TF32, GB_PRECISION_BF16};
    const standin s = standin_open();
    const parity_side ref = {.backend = backend("ref")};
    for (int wide = 0; wide < 2; wide++) {
        parity_report allowed, found;
        parity_side cuda = {.backend = backend("cuda"), .fold = true, .precision = order[wide]};
        const parity_case *const c = parity_case_find("conv 3x3");
        assert_true(parity_holds(c, PARITY_NOISE, 1, ref, cuda, &allowed));
        cuda.precision = order[wide + 1];
        assert_true(parity_holds(c, PARITY_NOISE, 1, ref, cuda, &found));
        if (found.difference <= allowed.limit)
            fail_msg("%s is within %.3g, the limit of %s", gb_precision_name(order[wide + 1]), allowed.limit,
                     gb_precision_name(order[wide]));
    }
    assert_clean(&s, "after narrow ones");
}

/* One thread of a kernel that does nothing shows in some operation. */
static void test_a_fault_in_every_kernel_is_seen(void **state)
{
    (void)state;
    const standin s = standin_open();
    size_t count;
    int kernels;
    const parity_case *const all = parity_cases(&count);
    const standin_kernel *const kernel = s.kernels(&kernels);
    assert_true(kernels >= 10);
    for (int k = 0; k < kernels; k++) {
        const char *seen = NULL;
        if (kernel[k].scores) continue; /* test_score.c */
        s.break_kernel(kernel[k].name);
        for (size_t i = 0; i < count && !seen; i++) {
            parity_report report;
            for (int fold = 0; fold < 2 && !seen; fold++)
                if (!holds(&all[i], fold, fold ? GB_PRECISION_FP16 : GB_PRECISION_FP32, &report)) seen = all[i].name;
        }
        s.break_kernel(NULL);
        if (!seen) fail_msg("a thread less in %s is not seen by any operation", kernel[k].name);
        print_message("%-48s seen by %s\n", kernel[k].name, seen);
    }
}

/* What a layer's graph does after its convolution shows, too: without the bias, or with the ReLU before it. */
static void test_a_fault_in_fused_layers_is_seen(void **state)
{
    (void)state;
    static const standin_fault faults[] = {STANDIN_NO_BIAS, STANDIN_RELU_FIRST};
    const standin s = standin_open();
    size_t count;
    const parity_case *const all = parity_cases(&count);
    for (size_t f = 0; f < sizeof faults / sizeof faults[0]; f++) {
        for (int p = 0; p < GB_PRECISION_COUNT; p++) {
            size_t seen = 0;
            s.set_fault(faults[f]);
            for (size_t i = 0; i < count; i++) {
                parity_report report;
                seen += !holds(&all[i], true, (gb_precision)p, &report);
            }
            s.set_fault(STANDIN_SOUND);
            print_message("fault %d in %s: seen by %zu of %zu cases\n", (int)faults[f],
                          gb_precision_name((gb_precision)p), seen, count);
            assert_true((seen > 0) == (p != GB_PRECISION_FP16)); /* where nothing is fused */
        }
    }
    assert_clean(&s, "after faults in fused layers");
}

/* Two convolutions, each with its bias and its ReLU; the first of all weights is `weight`. Output 0's first value. */
static float first_value(float weight)
{
    gb_error err;
    gb_weights *weights = NULL;
    gb_builder *builder = NULL;
    gb_graph *graph = NULL, *folded = NULL;
    gb_plan *plan = NULL;
    gb_session *session = NULL;
    const gb_conv_spec spec = {.out = 4, .kernel_h = 3, .pad = 1, .bias = true};
    assert_ok(gb_weights_new_random(3, &weights, &err), &err);
    assert_ok(gb_builder_new(weights, false, &builder, &err), &err);
    gb_value x = gb_build_input(builder, (gb_shape){1, 6, 8, 4});
    x = gb_build_relu(builder, gb_build_conv(builder, x, "first", spec));
    x = gb_build_relu(builder, gb_build_conv(builder, x, "second", spec));
    assert_ok(gb_builder_finish(builder, &x, 1, &graph, &err), &err);
    gb_weights_at(weights, 0)->data[4] = weight; /* the centre's of the first channels */
    assert_ok(gb_graph_fold(graph, &folded, &err), &err);
    assert_ok(gb_plan_new(backend("cuda"), folded, &plan, &err), &err);
    assert_ok(gb_session_new(plan, &session, &err), &err);
    float *const input = gb_session_input(session, 0);
    for (size_t i = 0; i < 6 * 8 * 4; i++) input[i] = 1.0f;
    assert_ok(gb_session_run(session, &err), &err);
    const float value = gb_session_output(session, 0)[0];
    gb_session_free(session);
    gb_plan_free(plan);
    gb_graph_free(folded);
    gb_graph_free(graph);
    gb_builder_free(builder);
    gb_weights_free(weights);
    return value;
}

/* Fused ReLUs may make a zero of a NaN. What would come of damaged weights still comes out. */
static void test_a_nan_is_not_hidden(void **state)
{
    (void)state;
    const standin s = standin_open();
    s.set_fault(STANDIN_NAN_HIDDEN);
    assert_true(isfinite(first_value(0.5f)));
    assert_true(isnan(first_value(NAN)));
    assert_false(isfinite(first_value(INFINITY)));
    s.set_fault(STANDIN_SOUND);
    assert_clean(&s, "after damaged weights");
}

/* A plan and a run of a small net that has every kind of step; the first failure. */
static gb_status whole_run(gb_error *err)
{
    gb_status status;
    gb_weights *weights = NULL;
    gb_builder *builder = NULL;
    gb_graph *graph = NULL;
    gb_plan *plan = NULL;
    gb_session *session = NULL;
    GB_GO(gb_weights_new_random(3, &weights, err));
    GB_GO(gb_builder_new(weights, true, &builder, err));
    gb_value x = gb_build_input(builder, (gb_shape){1, 6, 8, 4});
    x = gb_build_conv(builder, gb_build_pad_reflect(builder, x, 1), "conv",
                      (gb_conv_spec){.out = 4, .kernel_h = 3, .bias = true});
    x = gb_build_relu(builder, gb_build_batchnorm(builder, x, "norm"));
    x = gb_build_irfft2(builder, gb_build_rfft2(builder, x), 8);
    x = gb_build_deconv(builder, gb_build_maxpool(builder, x, 2, 2), "up",
                        (gb_conv_spec){.out = 4, .kernel_h = 2, .stride = 2});
    x = gb_build_concat(builder, x, gb_build_add(builder, x, x));
    GB_GO(gb_builder_finish(builder, &x, 1, &graph, err));
    GB_GO(gb_plan_new(backend("cuda"), graph, &plan, err));
    GB_GO(gb_session_new(plan, &session, err));
    memset(gb_session_input(session, 0), 0, gb_shape_size(gb_plan_input_shape(plan, 0)) * sizeof(float));
    for (int run = 0; run < 3; run++) GB_GO(gb_session_run(session, err)); /* started, recorded, played */
done:
    gb_session_free(session);
    gb_plan_free(plan);
    gb_graph_free(graph);
    gb_builder_free(builder);
    gb_weights_free(weights);
    return status;
}

/* backend("cuda") asks the card three times before whole_run begins its own calls. */
static void test_every_call_may_fail(void **state)
{
    (void)state;
    const standin s = standin_open();
    gb_error err;
    assert_ok(whole_run(&err), &err);
    assert_clean(&s, "a run without failures");
    const long calls = counts(&s).calls;
    assert_true(calls > 100);
    for (long n = 3; n <= calls; n++) {
        s.reset(n);
        err.text[0] = '\0';
        const gb_status status = whole_run(&err);
        const bool heuristic = status == GB_OK; /* a configuration that makes no plan: the next one is taken */
        if (!heuristic && (!*err.text || strchr(err.text, '\n')))
            fail_msg("call %ld: not one line: \"%s\"", n, err.text);
        char when[64];
        snprintf(when, sizeof when, "call %ld of %ld failing", n, calls);
        assert_clean(&s, when);
    }
    s.reset(0);
    assert_ok(whole_run(&err), &err);
    print_message("%ld calls, each failed once\n", calls);
}

static long calls_of_a_run(const standin *s)
{
    gb_error err;
    s->reset(0);
    assert_ok(whole_run(&err), &err);
    assert_clean(s, "a run with kept plans");
    return counts(s).calls;
}

/* Changes byte `at` (from the end, where negative) of every kept plan. */
static void damage_plans(long at)
{
    gb_error err;
    char **names = NULL, folder[4096];
    size_t count = 0;
    snprintf(folder, sizeof folder, "%s", test_scratch("cache/cuda-plans"));
    assert_ok(gb_directory_list(folder, &names, &count, &err), &err);
    assert_int_equal(count, 2); /* the net's two convolutions */
    for (size_t i = 0; i < count; i++) {
        char *const path = gb_path_join(folder, names[i]), *data = NULL;
        size_t size = 0;
        assert_ok(gb_file_read(path, 1 << 20, &data, &size, &err), &err);
        data[at < 0 ? (long)size + at : at] ^= 1;
        assert_ok(gb_file_write(path, data, size, &err), &err);
        free(data);
        free(path);
    }
    gb_directory_free(names, count);
}

/* The second run takes the plans that the first one kept. One that was damaged anywhere is made again, and kept. */
static void test_plans_are_kept(void **state)
{
    (void)state;
    static const long places[] = {0, 30, 90, 150, -300, -1}; /* magic, hash, key, key, cuDNN's text, its end */
    const standin s = standin_open();
    gb_error err;
    setenv("GANIME_CACHE", test_scratch("cache"), 1);
    unsetenv("GANIME_CUDA_PLANS");
    const long first = calls_of_a_run(&s), second = calls_of_a_run(&s);
    assert_true(second < first / 2);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        damage_plans(places[i]);
        assert_int_equal(calls_of_a_run(&s), first);
        assert_int_equal(calls_of_a_run(&s), second);
    }
    for (long n = 3; n <= second; n++) {
        s.reset(n);
        const gb_status status = whole_run(&err);
        if (status != GB_OK && strchr(err.text, '\n')) fail_msg("call %ld: not one line: \"%s\"", n, err.text);
        assert_clean(&s, "a call failing with kept plans");
    }
    s.reset(0);
    setenv("GANIME_CUDA_PLANS", "0", 1);
    print_message("%ld calls without kept plans, %ld with them\n", first, second);
}

static void *run_in_thread(void *out)
{
    gb_error err;
    *(gb_status *)out = whole_run(&err);
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    const standin s = standin_open();
    pthread_t thread[4];
    gb_status status[4];
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&thread[i], NULL, run_in_thread, &status[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(thread[i], NULL);
        assert_int_equal(status[i], GB_OK);
    }
    assert_clean(&s, "after four threads");
}

static void expect_violation(const standin *s, const char *part)
{
    const standin_counts c = counts(s);
    if (c.violations != 1 || !strstr(c.first, part))
        fail_msg("expected \"%s\", found %ld: \"%s\"", part, c.violations, c.first);
    s->reset(0);
}

/* The stand-in's own eyes. */
static void test_misuse_is_seen(void **state)
{
    (void)state;
    const standin s = standin_open();
    void *card = NULL;
    float host[8] = {0};
    assert_int_equal(s.allocate(&card, sizeof host), cudaSuccess);
    assert_int_equal(s.copy(host, host, sizeof host, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
    expect_violation(&s, "not so much memory of the card");
    assert_int_equal(s.copy(card, host, sizeof host + 4, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
    expect_violation(&s, "not so much memory of the card");
    assert_int_equal(s.copy_async(card, host, sizeof host, cudaMemcpyHostToDevice, NULL), cudaErrorInvalidValue);
    expect_violation(&s, "not page-locked");
    assert_int_equal(s.copy(host, card, sizeof host, cudaMemcpyDeviceToHost), cudaSuccess);
    assert_true(host[0] != host[0]); /* memory that nothing was written to */
    assert_int_equal(s.release(card), cudaSuccess);
    assert_int_equal(s.release(card), cudaErrorInvalidValue);
    expect_violation(&s, "not an allocation");
    assert_clean(&s, "after misuse");
}

/* One convolution and nothing else: cuDNN alone touches its memory. */
static gb_status lone_convolution(gb_error *err)
{
    gb_status status;
    gb_weights *weights = NULL;
    gb_builder *builder = NULL;
    gb_graph *graph = NULL;
    gb_plan *plan = NULL;
    gb_session *session = NULL;
    GB_GO(gb_weights_new_random(3, &weights, err));
    GB_GO(gb_builder_new(weights, true, &builder, err));
    gb_value x = gb_build_input(builder, (gb_shape){1, 6, 8, 4});
    x = gb_build_conv(builder, x, "conv", (gb_conv_spec){.out = 4, .kernel_h = 3});
    GB_GO(gb_builder_finish(builder, &x, 1, &graph, err));
    GB_GO(gb_plan_new(backend("cuda:1"), graph, &plan, err));
    GB_GO(gb_session_new(plan, &session, err));
    memset(gb_session_input(session, 0), 0, gb_shape_size(gb_plan_input_shape(plan, 0)) * sizeof(float));
    GB_GO(gb_session_run(session, err));
done:
    gb_session_free(session);
    gb_plan_free(plan);
    gb_graph_free(graph);
    gb_builder_free(builder);
    gb_weights_free(weights);
    return status;
}

/* Memory of one card that is given to a kernel, or to cuDNN, on another. */
static void test_another_cards_memory_is_seen(void **state)
{
    (void)state;
    const standin s = standin_open();
    gb_error err;
    assert_ok(lone_convolution(&err), &err);
    assert_clean(&s, "the second card");
    s.set_fault(STANDIN_OTHER_CARD);
    assert_int_not_equal(whole_run(&err), GB_OK);
    expect_violation(&s, "which is not the card's");
    assert_int_not_equal(lone_convolution(&err), GB_OK);
    expect_violation(&s, "aligned values on card 1");
    s.set_fault(STANDIN_SOUND);
    assert_clean(&s, "after another card's memory");
}

int main(int argc, char **argv)
{
    (void)argc;
    with_standin(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_operation),
        cmocka_unit_test(test_a_narrow_precision_is_seen),
        cmocka_unit_test(test_a_fault_in_every_kernel_is_seen),
        cmocka_unit_test(test_a_fault_in_fused_layers_is_seen),
        cmocka_unit_test(test_a_nan_is_not_hidden),
        cmocka_unit_test(test_every_call_may_fail),
        cmocka_unit_test(test_plans_are_kept),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_misuse_is_seen),
        cmocka_unit_test(test_another_cards_memory_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
