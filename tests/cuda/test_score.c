/* Frames that stay on the card and are scored there, on the stand-in runtime: each metric against the processor's, bit
 * for bit; a net's frames against those that the processor composites; a fault in every kernel; every call failing. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/scoring_cost.h"
#include "core/memory.h"
#include "core/random.h"
#include "cuda/open_standin.h"
#include "cuda/same_scores.h"
#include "cuda/seat.h"
#include "cuda/with_standin.h"
#include "golden/tiny_nets.h"
#include "metrics/lpips_distance.h"

/* ---- Metrics ----------------------------------------------------------------------------------------------------- */

/* Every frame (or pair) on the card, `step` at a time. */
static gb_status score_there(const gb_metric *metric, const seat *c, gb_scores *out, gb_error *err)
{
    const struct gb_metric_on_device *const on = metric->on_device;
    const int count = metric->temporal ? FRAMES - 1 : FRAMES, step = c->env.frames;
    void *worker = NULL;
    gb_status status = GB_OK;
    GB_GO(on->worker_open(NULL, &c->env, &worker, err));
    for (int f = 0; f < count; f += step) {
        const int some = count - f < step ? count - f : step;
        const gb_device_frames truth = frames_of(c, false, f, some), test = frames_of(c, true, f, some);
        if (metric->temporal) {
            const gb_device_pairs truths = pairs_of(c, false, f, some), tests = pairs_of(c, true, f, some);
            GB_GO(on->pair_reference(worker, &truths, err));
            GB_GO(on->pair(worker, &tests, out + f, err));
        } else {
            GB_GO(on->reference(worker, &truth, err));
            GB_GO(on->compare(worker, &test, out + f, err));
        }
    }
done:
    if (worker) on->worker_close(worker);
    return status;
}

static void score_here(const gb_metric *metric, const pictures *p, gb_scores *out)
{
    const gb_metric_env env = {.geometry = geometry};
    void *worker = NULL;
    gb_error err;
    assert_ok(metric->worker_open(NULL, &env, &worker, &err), &err);
    for (int f = 0; f < (metric->temporal ? FRAMES - 1 : FRAMES); f++) {
        if (metric->temporal) {
            const gb_frame_pair truth = truth_pair(p, f);
            const gb_frame_pair test = {.frame = {&p->test[f], &p->test[f + 1]}};
            assert_ok(metric->pair_reference(worker, &truth, &err), &err);
            assert_ok(metric->pair(worker, &test, &out[f], &err), &err);
        } else {
            assert_ok(metric->reference(worker, &p->truth[f], &err), &err);
            assert_ok(metric->compare(worker, &p->test[f], &out[f], &err), &err);
        }
    }
    metric->worker_close(worker);
}

static bool metric_holds(const char *id, int frames)
{
    const gb_metric *const metric = gb_metric_find(id);
    gb_scores here[FRAMES], there[FRAMES];
    pictures p;
    seat c;
    gb_error err;
    pictures_make(&p);
    assert_ok(seat_open(&c, &p, frames, &err), &err);
    score_here(metric, &p, here);
    assert_ok(score_there(metric, &c, there, &err), &err);
    bool same = true;
    for (int f = 0; f < (metric->temporal ? FRAMES - 1 : FRAMES); f++) same = same && same_scores(&here[f], &there[f]);
    seat_close(&c);
    pictures_free(&p);
    return same;
}

/* ---- Features ---------------------------------------------------------------------------------------------------- */

enum { MAP_H = 5, MAP_W = 7, MAP_C = 48, MAP = MAP_H * MAP_W * MAP_C };

/* Two maps of features and a head, all on the card: units and distances as the processor has them. */
static bool features_hold(int frames)
{
    static float map[3][MAP], expected[MAP], found[MAP];
    seat c;
    pictures p;
    gb_error err;
    gb_memory *memory = NULL;
    double columns[MAP_W] = {0}, sum = 0.0, total[GB_SCORING_FRAMES];
    const uint8_t member[MAP_W] = {1, 1, 0, 1, 1, 0, 1};
    pictures_make(&p);
    assert_ok(seat_open(&c, &p, frames, &err), &err);
    const gb_scoring *const on = c.env.scoring;
    for (int k = 0; k < 3; k++)
        for (size_t i = 0; i < MAP; i++) map[k][i] = fmaxf(0.0f, gb_random_weight(70 + (uint64_t)k, i, 2.0, 0.5));
    assert_ok(on->memory_new(0, (4 + (size_t)frames) * sizeof map[0], &memory, &err), &err);
    assert_ok(on->put(c.env.scorer, (gb_place){memory, 0}, map, sizeof map, &err), &err);
    const gb_place columns_at = {memory, 3 * sizeof map[0]};
    assert_ok(on->put(c.env.scorer, columns_at, member, sizeof member, &err), &err);
    gb_feature_sums f = {.count = frames, .h = MAP_H, .w = MAP_W, .c = MAP_C, .outside = 1e-10f,
                         .weight = {memory, 2 * sizeof map[0]},
                         .groups = {.member = columns_at, .columns = MAP_W, .channels = 1, .groups = 1}};
    for (int i = 0; i < frames; i++) {
        f.features[i] = (gb_place){memory, 0};
        f.reference[i] = (gb_place){memory, (4 + (size_t)i) * sizeof map[0]};
    }
    assert_ok(on->unit(c.env.scorer, &f, &err), &err);
    gb_lpips_normalise(map[0], MAP_H * MAP_W, MAP_C, GB_LPIPS_EPSILON, expected);
    bool same = true;
    for (int i = 0; i < frames; i++) {
        assert_ok(on->get(c.env.scorer, f.reference[i], found, sizeof found, &err), &err);
        same = same && memcmp(found, expected, sizeof found) == 0;
    }
    for (int i = 0; i < frames; i++) f.features[i] = (gb_place){memory, sizeof map[0]};
    assert_ok(on->distance(c.env.scorer, &f, total, &err), &err);
    gb_lpips_add_distance(map[1], expected, map[2], MAP_H, MAP_W, MAP_C, GB_LPIPS_EPSILON, columns);
    for (int x = 0; x < MAP_W; x++)
        if (member[x]) sum += columns[x];
    for (int i = 0; i < frames; i++) same = same && memcmp(&total[i], &sum, sizeof sum) == 0;
    on->memory_free(memory);
    seat_close(&c);
    pictures_free(&p);
    return same;
}

/* ---- Nets -------------------------------------------------------------------------------------------------------- */

typedef struct net_run {
    gb_weights *weights;
    gb_net_plan *plan;
    gb_net_worker *worker;
    gb_scorer *scorer;
    gb_memory *memory;
    const gb_scoring *on;
} net_run;

static void net_close(net_run *n)
{
    if (n->memory) n->on->memory_free(n->memory);
    if (n->on) n->on->scorer_free(n->scorer);
    gb_net_worker_free(n->worker);
    gb_net_plan_free(n->plan);
    gb_weights_free(n->weights);
}

/* A small net, whose frames are padded by reflection, on frames of which the first `count` are made there. */
static gb_status net_there(net_run *n, const tiny_net *tiny, gb_rounding rounding, const gb_image *frames, int count,
                           uint8_t *out, bool *finite, gb_error *err)
{
    const gb_net_options options = {.batch = count, .width = tiny->width, .height = tiny->height, .side = tiny->side,
                                    .strips_only = true};
    const size_t bytes = (size_t)tiny->width * (size_t)tiny->height * 3;
    gb_place from[GB_SCORING_FRAMES], to[GB_SCORING_FRAMES];
    const gb_backend *cuda = NULL;
    GB_TRY(gb_backend_select("cuda", &cuda, NULL, err));
    GB_TRY(gb_backend_scoring(cuda, &n->on, err));
    GB_TRY(n->on->scorer_new(0, &n->scorer, err));
    GB_TRY(n->on->memory_new(0, 2 * (size_t)count * bytes, &n->memory, err));
    GB_TRY(gb_net_plan_new(gb_generator_find(tiny->generator)->net, n->weights, &options, cuda, &n->plan, err));
    GB_TRY(gb_net_worker_new(n->plan, &n->worker, err));
    GB_TRY(gb_net_keep_there(n->worker, rounding, err));
    for (int i = 0; i < count; i++) {
        from[i] = (gb_place){n->memory, (size_t)i * bytes};
        to[i] = (gb_place){n->memory, (size_t)(count + i) * bytes};
        GB_TRY(n->on->put(n->scorer, from[i], frames[i].rgb, bytes, err));
    }
    for (int run = 0; run < 3; run++) { /* started, recorded, played */
        GB_TRY(gb_net_submit_there(n->worker, run % 2, from, to, count, err));
        GB_TRY(gb_net_collect_there(n->worker, run % 2, finite, err));
    }
    return n->on->get(n->scorer, to[0], out, (size_t)count * bytes, err);
}

static const tiny_net *reflected(void)
{
    for (size_t i = 0; i < sizeof tiny_nets / sizeof tiny_nets[0]; i++)
        if (!strcmp(tiny_nets[i].prefix, "tiny/lama-reflected")) return &tiny_nets[i];
    return NULL;
}

/* The same net's output, composited by the processor. */
static bool net_holds(int count, gb_rounding rounding)
{
    const tiny_net *const tiny = reflected();
    const size_t bytes = (size_t)tiny->width * (size_t)tiny->height * 3;
    gb_image *const frames = formula_frames(tiny->prefix, count, tiny->height, tiny->width);
    uint8_t *const made = gb_alloc((size_t)count, bytes);
    const gb_image *input[GB_SCORING_FRAMES];
    const float *raw = NULL;
    net_run n = {.weights = formula_weights(tiny->prefix, tiny->tensors, tiny->tensor_count)};
    bool same = true, finite = false;
    gb_error err;
    assert_ok(net_there(&n, tiny, rounding, frames, count, made, &finite, &err), &err);
    for (int i = 0; i < count; i++) input[i] = &frames[i];
    assert_ok(gb_net_run(n.worker, input, &raw, &err), &err);
    for (int i = 0; i < count; i++) {
        assert_ok(gb_net_composite(n.plan, raw, i, rounding, &frames[i], &err), &err);
        same = same && memcmp(frames[i].rgb, made + (size_t)i * bytes, bytes) == 0;
    }
    net_close(&n);
    frames_free(frames, count);
    free(made);
    return same && finite;
}

/* ---- All of them ------------------------------------------------------------------------------------------------- */

static const char *const metrics[] = {"psnr_rgb", "ssim_gauss11_rgb", "flicker_excess", "e_warp", "flicker_hold",
                                      "mae_dt"};

/* Without OpenCV there is no e_warp, here or there. */
static bool is_here(const char *id)
{
    const gb_metric *const metric = gb_metric_find(id);
    const gb_metric_env env = {.geometry = geometry};
    gb_error err;
    return !metric->ready || metric->ready(&env, &err) == GB_OK;
}

/* The first that does not hold, or NULL. */
static const char *first_unlike(int frames)
{
    for (size_t m = 0; m < sizeof metrics / sizeof metrics[0]; m++)
        if (is_here(metrics[m]) && !metric_holds(metrics[m], frames)) return metrics[m];
    if (!features_hold(frames)) return "features";
    if (!net_holds(frames, GB_ROUND_NEAREST) || !net_holds(frames, GB_ROUND_TRUNCATE)) return "a net's frames";
    return NULL;
}

static void test_scores_are_the_processors(void **state)
{
    (void)state;
    static const int frames[] = {1, 3, 8};
    const standin s = standin_open();
    for (size_t i = 0; i < 3; i++) {
        const char *const unlike = first_unlike(frames[i]);
        if (unlike) fail_msg("%s: other bits in calls of %d frames", unlike, frames[i]);
    }
    assert_clean(&s, "after all scores");
}

/* Kernels count in 32 bits, and read four features at once. */
static void test_what_kernels_cannot_count_is_refused(void **state)
{
    (void)state;
    const standin s = standin_open();
    gb_error err;
    seat c;
    pictures p;
    double total[GB_SCORING_FRAMES];
    pictures_make(&p);
    assert_ok(seat_open(&c, &p, 1, &err), &err);
    const gb_scoring *const on = c.env.scoring;
    gb_feature_sums f = {.count = 1, .h = 1, .w = 1, .c = 16, .features = {place_of(&c, 0)}};
    f.reference[0] = (gb_place){c.frames, 4};
    assert_fails(on->unit(c.env.scorer, &f, &err), GB_E_ARG, &err, "not 16 bytes aligned");
    f.h = 1 << 20, f.w = 1 << 10;
    assert_fails(on->unit(c.env.scorer, &f, &err), GB_E_UNSUPPORTED, &err, "too many");
    const gb_difference_sums d = {.count = 1, .width = 1 << 16, .height = 1 << 13, .a = {place_of(&c, 0)}};
    assert_fails(on->differences(c.env.scorer, &d, total, &err), GB_E_UNSUPPORTED, &err, "at most");
    seat_close(&c);
    pictures_free(&p);
    assert_clean(&s, "after what is too large");
}

/* A call's launches are those that backend/scoring_cost.h counts, whatever the number of frames. */
static void test_launches_are_foreseen(void **state)
{
    (void)state;
    const standin s = standin_open();
    const long each[] = {
        (long)gb_cost_of_differences(WIDTH, HEIGHT).launches,
        (long)(gb_cost_of_moments(WIDTH, HEIGHT).launches + gb_cost_of_ssim(WIDTH, HEIGHT).launches),
        (long)(2 * gb_cost_of_differences(WIDTH, HEIGHT).launches),
        (long)gb_cost_of_warp(WIDTH, HEIGHT, 1).launches};
    pictures p;
    seat c;
    gb_error err;
    gb_scores scores[FRAMES];
    pictures_make(&p);
    assert_ok(seat_open(&c, &p, FRAMES, &err), &err);
    for (int m = 0; m < 4; m++) {
        if (!is_here(metrics[m])) continue;
        s.reset(0);
        assert_ok(score_there(gb_metric_find(metrics[m]), &c, scores, &err), &err);
        assert_int_equal(counts(&s).launches, each[m]);
    }
    seat_close(&c);
    pictures_free(&p);
}

static void test_a_fault_in_every_kernel_is_seen(void **state)
{
    (void)state;
    const standin s = standin_open();
    int kernels, scores = 0;
    const standin_kernel *const kernel = s.kernels(&kernels);
    for (int k = 0; k < kernels; k++) {
        if (!kernel[k].scores) continue;
        scores++;
        if (strstr(kernel[k].name, "gb_warp") && !is_here("e_warp")) continue;
        s.break_kernel(kernel[k].name);
        const char *const seen = first_unlike(2);
        s.break_kernel(NULL);
        if (!seen) fail_msg("a thread less in %s is not seen by any score", kernel[k].name);
        print_message("%-48s seen by %s\n", kernel[k].name, seen);
    }
    assert_int_equal(scores, 14);
}

/* What is infinite in a strip is said, as it is when the processor composites. */
static void test_infinite_outputs_are_seen(void **state)
{
    (void)state;
    const tiny_net *const tiny = reflected();
    const standin s = standin_open();
    gb_image *const frames = formula_frames(tiny->prefix, 2, tiny->height, tiny->width);
    uint8_t *const made = gb_alloc(2, (size_t)tiny->width * (size_t)tiny->height * 3);
    net_run n = {.weights = formula_weights(tiny->prefix, tiny->tensors, tiny->tensor_count)};
    gb_error err;
    bool finite = true;
    for (size_t t = 0; t < gb_weights_count(n.weights); t++) { /* finite themselves, but not what becomes of them */
        const gb_tensor *const tensor = gb_weights_at(n.weights, t);
        for (int i = 0; tensor->rank == 4 && i < 4; i++) tensor->data[i] = i % 2 ? 3e38f : -3e38f;
    }
    assert_ok(net_there(&n, tiny, GB_ROUND_NEAREST, frames, 2, made, &finite, &err), &err);
    assert_false(finite);
    net_close(&n);
    frames_free(frames, 2);
    free(made);
    assert_clean(&s, "after a NaN");
}

/* Everything once; the first failure. */
static gb_status whole(const pictures *p, const gb_image *frames, gb_weights *weights, gb_error *err)
{
    static uint8_t made[2 * 64 * 64 * 3];
    gb_scores scores[FRAMES];
    bool finite;
    seat c = {0};
    net_run n = {.weights = weights};
    gb_status status;
    GB_GO(seat_open(&c, p, 4, err));
    for (size_t m = 0; m < 4; m++)
        if (is_here(metrics[m])) GB_GO(score_there(gb_metric_find(metrics[m]), &c, scores, err));
    GB_GO(net_there(&n, reflected(), GB_ROUND_NEAREST, frames, 1, made, &finite, err));
done:
    net_close(&n);
    seat_close(&c);
    return status;
}

static void test_every_call_may_fail(void **state)
{
    (void)state;
    const tiny_net *const tiny = reflected();
    const standin s = standin_open();
    gb_error err;
    pictures p;
    pictures_make(&p);
    gb_image *const frames = formula_frames(tiny->prefix, 1, tiny->height, tiny->width);
    long calls = 1;
    for (long n = 0; n <= calls; n = n < 300 ? n + 1 : n + 61) { /* a net's own calls are test_standin.c's */
        s.reset(n);
        err.text[0] = '\0';
        gb_weights *const weights = formula_weights(tiny->prefix, tiny->tensors, tiny->tensor_count);
        const gb_status status = whole(&p, frames, weights, &err);
        if (n == 0) assert_ok(status, &err);
        if (n == 0) calls = counts(&s).calls;
        if (status != GB_OK && (!*err.text || strchr(err.text, '\n')))
            fail_msg("call %ld: not one line: \"%s\"", n, err.text);
        assert_clean(&s, "a call failing");
    }
    s.reset(0);
    frames_free(frames, 1);
    pictures_free(&p);
    print_message("%ld calls\n", calls);
}

int main(int argc, char **argv)
{
    (void)argc;
    with_standin(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scores_are_the_processors), cmocka_unit_test(test_a_fault_in_every_kernel_is_seen),
        cmocka_unit_test(test_launches_are_foreseen), cmocka_unit_test(test_what_kernels_cannot_count_is_refused),
        cmocka_unit_test(test_infinite_outputs_are_seen), cmocka_unit_test(test_every_call_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
