/* Runs of several frames, several runs in flight, several cards, on the stand-in. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cards.h"
#include "core/memory.h"
#include "core/random.h"
#include "cuda/open_standin.h"
#include "cuda/with_standin.h"
#include "engine/builder.h"

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
static float *fly_in(const flight *f, int frames)
{
    gb_error err;
    const int runs = (FLIGHT_FRAMES + frames - 1) / frames, slots = gb_session_slots(f->session);
    float *const all = gb_alloc_aligned((size_t)(runs * frames) * f->out, sizeof *all);
    assert_non_null(all);
    for (int run = 0; run < runs + slots - 1; run++) {
        const int done = run - slots + 1;
        if (run < runs) {
            fill(f, run % slots, run * frames, frames);
            assert_ok(gb_session_submit(f->session, run % slots, &err), &err);
        }
        if (done < 0) continue;
        assert_ok(gb_session_collect(f->session, done % slots, &err), &err);
        memcpy(all + (size_t)(done * frames) * f->out, gb_session_slot_output(f->session, done % slots, 0),
               (size_t)frames * f->out * sizeof *all);
    }
    return all;
}

static float *fly(const char *device, int frames, gb_precision precision)
{
    flight f;
    flight_open(&f, device, frames, precision);
    float *const all = fly_in(&f, frames);
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

/* Two runs of ten frames, as late as may be; with one wait passed over (0: none) something else comes out. */
static void test_every_wait_is_needed(void **state)
{
    (void)state;
    const standin s = standin_open();
    float *const expected = fly("cuda", 10, GB_PRECISION_FP32);
    long waits = 0;
    for (long k = 0; k <= waits; k++) {
        flight f;
        flight_open(&f, "cuda", 10, GB_PRECISION_FP32);
        s.hesitate(k);
        float *const found = fly_in(&f, 10);
        if (k == 0) waits = counts(&s).waits;
        s.hesitate(-1);
        const bool same = memcmp(found, expected, FLIGHT_BYTES) == 0;
        if (same == (k > 0)) fail_msg("wait %ld of %ld: %s", k, waits, k ? "nothing shows" : "other bits");
        free(found);
        flight_close(&f);
    }
    free(expected);
    assert_int_equal(waits, 2 * 3); /* of the net for its frames, of the copy for the net, of the program */
    s.reset(0);
    assert_clean(&s, "after waits passed over");
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

/* Launches are counted from the graph (backend/cards.h) as they are made: run by run, and recorded. */
static void test_launches_are_foreseen(void **state)
{
    (void)state;
    static const gb_precision precisions[] = {GB_PRECISION_FP32, GB_PRECISION_BF16};
    const standin s = standin_open();
    for (size_t p = 0; p < 2; p++) {
        gb_error err;
        flight f;
        flight_open(&f, "cuda", 2, precisions[p]);
        int64_t expected = 0;
        assert_ok(gb_card_launches(f.graph, precisions[p], &expected, &err), &err);
        for (int run = 0; run < 3; run++) {
            s.reset(0);
            fill(&f, 0, 0, 2);
            assert_ok(gb_session_submit(f.session, 0, &err), &err);
            assert_ok(gb_session_collect(f.session, 0, &err), &err);
            assert_int_equal(counts(&s).launches, expected);
        }
        flight_close(&f);
    }
}

/* Kernels count in 32 bits: a tensor that would not fit is refused before anything is allocated for it. */
static void test_a_tensor_too_large_is_refused(void **state)
{
    (void)state;
    const standin s = standin_open();
    gb_error err;
    flight f = {0};
    assert_ok(gb_weights_new_random(9, &f.weights, &err), &err);
    assert_ok(gb_builder_new(f.weights, false, &f.builder, &err), &err);
    gb_value x = gb_build_relu(f.builder, gb_build_input(f.builder, (gb_shape){16, 4096, 4096, 8}));
    assert_ok(gb_builder_finish(f.builder, &x, 1, &f.graph, &err), &err);
    assert_fails(gb_plan_new(backend("cuda"), f.graph, &f.plan, &err), GB_E_UNSUPPORTED, &err, "a card takes at most");
    flight_close(&f);
    assert_clean(&s, "after a tensor too large");
}

int main(int argc, char **argv)
{
    (void)argc;
    with_standin(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_two_runs_in_flight),
        cmocka_unit_test(test_every_wait_is_needed),
        cmocka_unit_test(test_the_second_card),
        cmocka_unit_test(test_launches_are_foreseen),
        cmocka_unit_test(test_a_tensor_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
