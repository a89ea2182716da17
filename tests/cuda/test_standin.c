/* The shared object that ships, run on the stand-in runtime (tests/standin): every operation against `ref`, a fault in
 * every kernel, every call failing once, and that the stand-in itself sees what it is there to see. The program starts
 * itself again with the stand-in on its library path. */
#include "support/support.h"

#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"
#include "engine/builder.h"
#include "cuda/with_standin.h"
#include "standin/standin.h"
#include "support/parity.h"

/* The stand-in's functions: it is opened by the plugin, not linked. */
typedef struct standin {
    void (*get)(standin_counts *);
    void (*reset)(long);
    void (*break_kernel)(const char *);
    void (*set_fault)(standin_fault);
    const standin_kernel *(*kernels)(int *);
    cudaError_t (*allocate)(void **, size_t), (*release)(void *);
    cudaError_t (*copy)(void *, const void *, size_t, enum cudaMemcpyKind);
    cudaError_t (*copy_async)(void *, const void *, size_t, enum cudaMemcpyKind, cudaStream_t);
} standin;

static const gb_backend *backend(const char *id)
{
    gb_error err;
    const gb_backend *found = NULL;
    assert_ok(gb_backend_select(id, &found, NULL, &err), &err);
    return found;
}

static void find(void *library, const char *name, void *out)
{
    void *const symbol = dlsym(library, name);
    if (!symbol) fail_msg("%s: %s", name, dlerror());
    memcpy(out, &symbol, sizeof symbol);
}

/* Without the CUDA toolkit there is no plugin to run: said, and passed over. */
static standin standin_open(void)
{
    gb_error err;
    gb_device_info info;
    const gb_backend *cuda = NULL;
    standin s;
    if (gb_backend_select("cuda", &cuda, &info, &err) != GB_OK) skip_because("cuda: %s", err.text);
    void *const library = dlopen("libcudart.so.13", RTLD_NOW);
    if (!library) fail_msg("%s", dlerror());
    find(library, "standin_get", &s.get);
    find(library, "standin_reset", &s.reset);
    find(library, "standin_break_kernel", &s.break_kernel);
    find(library, "standin_set_fault", &s.set_fault);
    find(library, "standin_kernels", &s.kernels);
    find(library, "cudaMalloc", &s.allocate);
    find(library, "cudaFree", &s.release);
    find(library, "cudaMemcpy", &s.copy);
    find(library, "cudaMemcpyAsync", &s.copy_async);
    s.reset(0);
    s.break_kernel(NULL);
    s.set_fault(STANDIN_SOUND);
    return s;
}

static standin_counts counts(const standin *s)
{
    standin_counts c;
    s->get(&c);
    return c;
}

static void assert_clean(const standin *s, const char *when)
{
    const standin_counts c = counts(s);
    if (c.violations) fail_msg("%s: %ld violations, first: %s", when, c.violations, c.first);
    if (c.allocations || c.streams || c.events || c.graphs || c.handles || c.descriptors)
        fail_msg("%s: left behind: %ld allocations, %ld streams, %ld events, %ld graphs, %ld handles, %ld descriptors",
                 when, c.allocations, c.streams, c.events, c.graphs, c.handles, c.descriptors);
}

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

/* One net on `frames` frames, each a noise of its own: what comes out, with two slots in turn. */
typedef struct flight {
    gb_weights *weights;
    gb_builder *builder;
    gb_graph *graph;
    gb_plan *plan;
    gb_session *session;
    size_t in, out; /* values of one frame */
} flight;

static void flight_open(flight *f, const char *device, int frames, gb_precision precision)
{
    gb_error err;
    assert_ok(gb_weights_new_random(9, &f->weights, &err), &err);
    assert_ok(gb_builder_new(f->weights, false, &f->builder, &err), &err);
    gb_builder *const b = f->builder;
    gb_value x = gb_build_input(b, (gb_shape){frames, 6, 8, 4});
    x = gb_build_conv(b, x, "conv", (gb_conv_spec){.out = 8, .kernel_h = 3, .pad = 1, .bias = true});
    x = gb_build_relu(b, gb_build_batchnorm(b, x, "norm"));
    x = gb_build_irfft2(b, gb_build_rfft2(b, x), 8);
    x = gb_build_deconv(b, x, "up", (gb_conv_spec){.out = 3, .kernel_h = 4, .stride = 2, .pad = 1});
    assert_ok(gb_builder_finish(b, &x, 1, &f->graph, &err), &err);
    assert_ok(gb_plan_new_in(backend(device), f->graph, precision, &f->plan, &err), &err);
    assert_ok(gb_session_new(f->plan, &f->session, &err), &err);
    f->in = gb_shape_size(gb_plan_input_shape(f->plan, 0)) / (size_t)frames;
    f->out = gb_shape_size(gb_plan_output_shape(f->plan, 0)) / (size_t)frames;
}

static void flight_close(flight *f)
{
    gb_session_free(f->session);
    gb_plan_free(f->plan);
    gb_graph_free(f->graph);
    gb_builder_free(f->builder);
    gb_weights_free(f->weights);
}

static void fill(const flight *f, int slot, int first, int frames)
{
    float *const input = gb_session_slot_input(f->session, slot, 0);
    for (int n = 0; n < frames; n++)
        for (size_t i = 0; i < f->in; i++)
            input[(size_t)n * f->in + i] = gb_random_weight(100 + (uint64_t)(first + n), i, 1.0, 0.0);
}

#define FLIGHT_FRAMES 20

/* Frames 0 to 19, `frames` at a time (the last run may hold frames beyond), the next run submitted before the one
 * before it is collected. The caller frees. */
static float *fly(const char *device, int frames, gb_precision precision)
{
    gb_error err;
    flight f;
    const int runs = (FLIGHT_FRAMES + frames - 1) / frames;
    flight_open(&f, device, frames, precision);
    const int slots = gb_session_slots(f.session);
    float *const all = gb_alloc_aligned((size_t)(runs * frames) * f.out, sizeof *all);
    assert_non_null(all);
    for (int run = 0; run < runs + slots - 1; run++) {
        const int done = run - slots + 1;
        if (run < runs) {
            fill(&f, run % slots, run * frames, frames);
            assert_ok(gb_session_submit(f.session, run % slots, &err), &err);
        }
        if (done < 0) continue;
        assert_ok(gb_session_collect(f.session, done % slots, &err), &err);
        memcpy(all + (size_t)(done * frames) * f.out, gb_session_slot_output(f.session, done % slots, 0),
               (size_t)frames * f.out * sizeof *all);
    }
    flight_close(&f);
    return all;
}

#define FLIGHT_BYTES (FLIGHT_FRAMES * 12 * 16 * 3 * sizeof(float))

/* The same bits however many frames a run has. The stand-in's heuristics would set an engine otherwise for one frame
 * than for several, and its sums depend on it. */
static void test_batches(void **state)
{
    (void)state;
    static const int frames[] = {2, 4, 5, 16};
    const standin s = standin_open();
    for (int p = 0; p < GB_PRECISION_COUNT; p++) {
        float *const one = fly("cuda", 1, (gb_precision)p);
        for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
            float *const many = fly("cuda", frames[i], (gb_precision)p);
            if (memcmp(one, many, FLIGHT_BYTES))
                fail_msg("%s: other bits in runs of %d frames", gb_precision_name((gb_precision)p), frames[i]);
            free(many);
        }
        free(one);
    }
    assert_clean(&s, "after all batches");
    s.set_fault(STANDIN_NO_SETTINGS);
    float *const one = fly("cuda", 1, GB_PRECISION_FP32), *const four = fly("cuda", 4, GB_PRECISION_FP32);
    assert_memory_not_equal(one, four, FLIGHT_BYTES);
    free(four);
    free(one);
    s.set_fault(STANDIN_SOUND);
}

/* Against `ref`, which has one slot: streams that took a turn too early would show. Again and again, because the
 * stand-in's order is drawn by lot. */
static void test_two_runs_in_flight(void **state)
{
    (void)state;
    const standin s = standin_open();
    float *const expected = fly("ref", 1, GB_PRECISION_FP32);
    float *const first = fly("cuda", 2, GB_PRECISION_FP32);
    for (size_t i = 0; i < FLIGHT_BYTES / sizeof *first; i++) {
        const double difference = fabs((double)first[i] - (double)expected[i]);
        if (!(difference < 1e-5)) fail_msg("value %zu: %g from ref", i, difference);
    }
    for (int i = 0; i < 20; i++) {
        float *const again = fly("cuda", 2, GB_PRECISION_FP32);
        assert_memory_equal(again, first, FLIGHT_BYTES);
        free(again);
    }
    setenv("GANIME_CUDA_GRAPHS", "0", 1);
    float *const unrecorded = fly("cuda", 2, GB_PRECISION_FP32);
    unsetenv("GANIME_CUDA_GRAPHS");
    assert_memory_equal(unrecorded, first, FLIGHT_BYTES);
    free(unrecorded);
    s.set_fault(STANDIN_NO_WAITS);
    float *const unordered = fly("cuda", 2, GB_PRECISION_FP32);
    assert_memory_not_equal(unordered, first, FLIGHT_BYTES);
    free(unordered);
    s.set_fault(STANDIN_SOUND);
    free(first);
    free(expected);
    assert_clean(&s, "after runs in flight");
}

/* "cuda:1" works on its own memory alone; there is no third. */
static void test_the_second_card(void **state)
{
    (void)state;
    const standin s = standin_open();
    gb_error err;
    const gb_backend *found = NULL;
    float *const first = fly("cuda", 4, GB_PRECISION_FP32), *const second = fly("cuda:1", 4, GB_PRECISION_FP32);
    assert_memory_equal(first, second, FLIGHT_BYTES);
    free(second);
    free(first);
    assert_clean(&s, "after the second card");
    assert_fails(gb_backend_select("cuda:2", &found, NULL, &err), GB_E_DEVICE, &err, "the last is 1");
    assert_fails(gb_backend_select("cuda:16", &found, NULL, &err), GB_E_DEVICE, &err, "no such cuda device");
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

int main(int argc, char **argv)
{
    (void)argc;
    with_standin(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_operation),     cmocka_unit_test(test_a_narrow_precision_is_seen),
        cmocka_unit_test(test_batches),             cmocka_unit_test(test_two_runs_in_flight),
        cmocka_unit_test(test_the_second_card),     cmocka_unit_test(test_a_fault_in_every_kernel_is_seen),
        cmocka_unit_test(test_every_call_may_fail), cmocka_unit_test(test_plans_are_kept),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_misuse_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
