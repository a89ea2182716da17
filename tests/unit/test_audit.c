/* The audit that timed runs are scored runs, with generators that answer differently while the clock runs. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "protocol/audit.h"
#include "support/drawn.h"
#include "timing/timing.h"

enum { W = 64, H = 36, SIDE = 8, PICKS = 40 };

static gb_status honest_paint(gb_image *frame, int side, gb_error *err)
{
    (void)err;
    for (int y = 0; y < frame->height; y++)
        for (int x = 0; x < side; x++) {
            uint8_t *row = frame->rgb + 3 * y * frame->width;
            memcpy(row + 3 * x, row + 3 * side, 3);
            memcpy(row + 3 * (frame->width - 1 - x), row + 3 * (frame->width - 1 - side), 3);
        }
    return GB_OK;
}

/* Saves itself the right strip once it was asked often enough to know that it is being timed. */
static int calls;
static gb_status cheating_paint(gb_image *frame, int side, gb_error *err)
{
    GB_TRY(honest_paint(frame, side, err));
    if (++calls > PICKS) frame->rgb[3 * (frame->width - 1) + 1] ^= 1;
    return GB_OK;
}

static const gb_generator honest = {.id = "honest", .paint = honest_paint};
static const gb_generator cheating = {.id = "cheating", .paint = cheating_paint};

static gb_picks make_picks(void)
{
    gb_picks picks = {.pick = gb_alloc(PICKS, sizeof *picks.pick), .count = PICKS, .shots = 1};
    assert_non_null(picks.pick);
    for (int i = 0; i < PICKS; i++) picks.pick[i] = (gb_pick){.frame = 3 * i, .follows = i > 0};
    return picks;
}

static gb_image input_of(int pick)
{
    gb_image image = drawn_picture("truth", W, H);
    for (int i = 0; i < W * H * 3; i++) image.rgb[i] = (uint8_t)(image.rgb[i] + 5 * pick);
    return image;
}

/* Scores all picks, then times, then compares. */
static void show_scored(gb_audit *a, int contender, int pick, const gb_image *frame)
{
    char sha256[GB_SHA256_HEX];
    gb_sha256_memory(frame->rgb, (size_t)frame->width * (size_t)frame->height * 3, sha256);
    gb_audit_scored(a, contender, pick, sha256);
}

static gb_audit_result audit(const gb_generator *generator, const gb_protocol *protocol, int threads)
{
    gb_error err = {0};
    gb_audit *a = NULL;
    gb_picks picks = make_picks();
    gb_contender contender = {.generator = generator};
    gb_contender_worker worker = {0};
    gb_image inputs[GB_AUDIT_FRAMES], made = {0};
    const int *timed;
    calls = 0;
    assert_ok(gb_audit_new(2, 0, picks.count, protocol, &a, &err), &err);
    assert_ok(gb_image_new(W, H, &made, &err), &err);
    assert_ok(gb_contender_worker_open(&contender, &worker, &err), &err);
    for (int p = 0; p < PICKS; p++) {
        gb_image input = input_of(p);
        assert_ok(gb_contender_generate(&worker, &input, &p, 1, SIDE, protocol->rounding, &made, &err), &err);
        assert_ok(gb_protocol_finish(protocol, &made, &err), &err);
        show_scored(a, 1, p, &made);
        gb_image_free(&input);
    }
    gb_contender_worker_close(&worker);
    gb_image_free(&made);
    const int count = gb_audit_picks(a, &timed);
    assert_int_equal(count, GB_AUDIT_FRAMES);
    for (int i = 0; i < count; i++) inputs[i] = input_of(timed[i]);
    const gb_timing_plan plan = {.min_samples = 50, .max_seconds = 5.0, .device = "cpu",
                                 .precision = "fp32", .net_precision = "fp32",
                                 .frames = inputs, .picks = timed, .frame_count = count, .side = SIDE,
                                 .rounding = protocol->rounding, .seed = GB_AUDIT_SEED};
    gb_run_throughput row = {0};
    gb_timing_samples samples = {0};
    assert_ok(gb_timing_generator(&contender, &plan, threads, &row, &samples, &err), &err);
    assert_int_equal(samples.count, threads * GB_TIMING_KEPT);
    for (int i = 0; i < samples.count; i++)
        assert_ok(gb_audit_timed(a, 1, samples.item[i].frame, &samples.item[i].image, &err), &err);
    assert_int_equal(gb_audit_get(a, 0).sampled, 0);
    const gb_audit_result result = gb_audit_get(a, 1);
    gb_timing_samples_free(&samples);
    free(row.generator);
    free(row.stage);
    free(row.device);
    free(row.precision);
    free(row.samples_ms);
    for (int i = 0; i < count; i++) gb_image_free(&inputs[i]);
    gb_audit_free(a);
    gb_picks_free(&picks);
    return result;
}

static void the_honest_pass(void **state)
{
    (void)state;
    const char *const ids[] = {"strict", "ganime"};
    for (int p = 0; p < 2; p++)
        for (int threads = 1; threads <= 2; threads++) {
            gb_protocol protocol = gb_protocol_named(ids[p], "running");
            const gb_audit_result result = audit(&honest, &protocol, threads);
            assert_int_equal(result.sampled, threads * GB_TIMING_KEPT);
            assert_int_equal(result.equal, result.sampled);
            assert_int_equal(result.unequal, -1);
        }
}

static void the_cheating_do_not(void **state)
{
    (void)state;
    const gb_protocol protocol = gb_protocol_named("strict", NULL);
    const gb_audit_result result = audit(&cheating, &protocol, 1);
    assert_int_equal(result.sampled, GB_TIMING_KEPT);
    assert_int_equal(result.equal, 0);
    assert_in_range(result.unequal, 0, PICKS - 1);
}

/* A frame that was not scored cannot be compared, and is not called equal. */
static void what_was_not_scored_is_not_counted(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_audit *a = NULL;
    gb_picks picks = make_picks();
    const gb_protocol protocol = gb_protocol_named("strict", NULL);
    gb_image image = drawn_picture("truth", W, H);
    assert_ok(gb_audit_new(1, 0, picks.count, &protocol, &a, &err), &err);
    show_scored(a, 0, 1, &image); /* not among the timed ones */
    for (int i = 0; i < GB_AUDIT_FRAMES; i++) assert_ok(gb_audit_timed(a, 0, i, &image, &err), &err);
    assert_int_equal(gb_audit_get(a, 0).sampled, 0);
    gb_audit_free(a);
    gb_picks_free(&picks);
    gb_image_free(&image);
}

/* With batch statistics a whole batch of the scored pass is timed; with few frames those that there are. */
static void picks_are_what_was_scored_together(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_picks picks = make_picks();
    const gb_protocol batches = gb_protocol_named("ganime", NULL), single = gb_protocol_named("strict", NULL);
    const int *timed;
    gb_audit *a = NULL;
    assert_ok(gb_audit_new(1, 0, picks.count, &batches, &a, &err), &err);
    assert_int_equal(gb_audit_picks(a, &timed), 15);
    assert_int_equal(timed[0] % 15, 0);
    assert_in_range(timed[14], 14, PICKS - 1);
    for (int i = 1; i < 15; i++) assert_int_equal(timed[i], timed[0] + i);
    gb_audit_free(a);
    assert_ok(gb_audit_new(1, 0, picks.count, &single, &a, &err), &err);
    assert_int_equal(gb_audit_picks(a, &timed), 15);
    assert_int_equal(timed[0], 0);
    assert_true(timed[14] > 30 && timed[14] < PICKS);
    gb_audit_free(a);
    picks.count = 4;
    assert_ok(gb_audit_new(1, 0, picks.count, &batches, &a, &err), &err);
    assert_int_equal(gb_audit_picks(a, &timed), 4);
    assert_int_equal(timed[3], 3);
    gb_audit_free(a);
    gb_picks_free(&picks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_honest_pass),
        cmocka_unit_test(the_cheating_do_not),
        cmocka_unit_test(what_was_not_scored_is_not_counted),
        cmocka_unit_test(picks_are_what_was_scored_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
