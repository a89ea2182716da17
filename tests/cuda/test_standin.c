/* The shared object that ships, run on the stand-in runtime (tests/standin): every operation against `ref`, a fault in
 * every kernel, every call failing once, and that the stand-in itself sees what it is there to see. The program starts
 * itself again with the stand-in on its library path. */
#include "support/support.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/backend.h"
#include "engine/builder.h"
#include "standin/standin.h"
#include "support/parity.h"

/* The stand-in's functions: it is opened by the plugin, not linked. */
typedef struct standin {
    void (*get)(standin_counts *);
    void (*reset)(long);
    void (*break_kernel)(const char *);
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
    find(library, "standin_kernels", &s.kernels);
    find(library, "cudaMalloc", &s.allocate);
    find(library, "cudaFree", &s.release);
    find(library, "cudaMemcpy", &s.copy);
    find(library, "cudaMemcpyAsync", &s.copy_async);
    s.reset(0);
    s.break_kernel(NULL);
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
    if (c.allocations || c.streams || c.handles || c.descriptors)
        fail_msg("%s: left behind: %ld allocations, %ld streams, %ld handles, %ld descriptors", when, c.allocations,
                 c.streams, c.handles, c.descriptors);
}

static bool holds(const parity_case *c, bool fold, parity_report *report)
{
    const parity_side ref = {.backend = backend("ref")}, cuda = {.backend = backend("cuda"), .fold = fold};
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
            parity_report report;
            if (!holds(&all[i], fold, &report)) fail_msg("%s: %s", all[i].name, report.text);
        }
    }
    assert_clean(&s, "after all operations");
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
                if (!holds(&all[i], fold, &report)) seen = all[i].name;
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
    GB_GO(gb_session_run(session, err));
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

/* Starts this program again with the stand-in before the real libraries. */
static void with_standin(char **argv)
{
    char program[PATH_MAX], path[2 * PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (getenv("GANIME_STANDIN") || length <= 0) return;
    program[length] = '\0';
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", program);
    for (int up = 0; up < 3; up++) *strrchr(folder, '/') = '\0';
    snprintf(path, sizeof path, "%s/standin", folder);
    setenv("LD_LIBRARY_PATH", path, 1);
    setenv("GANIME_PLUGINS", folder, 1);
    setenv("GANIME_STANDIN", "1", 1);
    execv(program, argv);
}

int main(int argc, char **argv)
{
    (void)argc;
    with_standin(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_operation),     cmocka_unit_test(test_a_fault_in_every_kernel_is_seen),
        cmocka_unit_test(test_every_call_may_fail), cmocka_unit_test(test_threads),
        cmocka_unit_test(test_misuse_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
