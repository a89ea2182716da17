/* The gate's self-test, tested: its injections and nulls are what they say, and a gate that errs is found out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "selftest/chance.h"
#include "selftest/selftest.h"
#include "support/support.h"

enum { SHOTS = 16, FRAMES = 4 };

static const gb_metric *metrics[3];

static gb_effect effect_of(const void *user, const gb_metric *metric, gb_region region)
{
    (void)user;
    (void)region;
    if (metric == metrics[0]) return (gb_effect){.better = GB_BETTER_HIGHER, .least = 0.1};
    if (metric == metrics[1]) return (gb_effect){.better = GB_BETTER_LOWER, .least = 0.25};
    return (gb_effect){.better = GB_BETTER_NEAR, .target = 1.0, .least = 0.05};
}

static gb_selftest_plan plan_of(gb_error *err)
{
    gb_device_info info;
    gb_selftest_plan plan = {.pool = {.generator = gb_generator_find("mirror"), .show = "toon",
                                      .geometry = {128, 72, 16}, .shots = SHOTS, .frames = FRAMES, .metrics = metrics,
                                      .metric_count = 3, .threads = 2},
                             .resamples = 60, .shots = {10, 30}, .effects = {effect_of, NULL},
                             .judge = gb_judge_of_gate};
    metrics[0] = gb_metric_find("psnr_rgb");
    metrics[1] = gb_metric_find("flicker_hold");
    metrics[2] = gb_metric_find("flicker_excess");
    assert_ok(gb_backend_select("auto", &plan.pool.backend, &info, err), err);
    return plan;
}

/* ---- What is injected ---- */

static double mean_of(const gb_pool *pool, int variant, int metric, gb_region region)
{
    double num = 0.0, den = 0.0;
    for (int s = 0; s < SHOTS; s++)
        for (int f = 0; f < FRAMES; f++) {
            const gb_score score = gb_pool_score_of(pool, variant, s, f, metric, region);
            if (!score.present || score.undefined) continue;
            num += score.num;
            den += score.den;
        }
    return num / den;
}

static int variant_of(const char *id, double size, int twin)
{
    gb_variant variant[GB_MAX_VARIANTS];
    const int count = gb_variants(variant);
    for (int v = 1; v < count; v++)
        if (!strcmp(variant[v].injection->id, id) && variant[v].size == size && variant[v].twin == twin) return v;
    fail_msg("no %s of %g", id, size);
    return 0;
}

static void injections_do_what_they_say(void **state)
{
    (void)state;
    gb_error err = {0};
    const gb_selftest_plan plan = plan_of(&err);
    gb_pool *pool = NULL;
    assert_ok(gb_pool_score(&plan.pool, &pool, &err), &err);
    const double psnr = mean_of(pool, 0, 0, GB_REGION_SEAM), hold = mean_of(pool, 0, 1, GB_REGION_SIDES);
    const double life = mean_of(pool, 0, 2, GB_REGION_SIDES);
    static const char *const costs_psnr[] = {"seam", "colour", "jpeg", "weights", "dither"};
    static const double large[] = {4, 16, 50, 0.1, 16};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        const double found = mean_of(pool, variant_of(costs_psnr[i], large[i], 0), 0, GB_REGION_SEAM);
        if (!(found < psnr)) fail_msg("%s: PSNR %g, untouched %g", costs_psnr[i], found, psnr);
    }
    assert_true(mean_of(pool, variant_of("flicker", 2, 0), 1, GB_REGION_SIDES) > hold + 0.5);
    assert_true(mean_of(pool, variant_of("flicker", 8, 0), 1, GB_REGION_SIDES) >
                mean_of(pool, variant_of("flicker", 2, 0), 1, GB_REGION_SIDES));
    assert_true(mean_of(pool, variant_of("frozen", 20, 0), 2, GB_REGION_SIDES) == 0.0 && life > 0.5);
    /* Twins are unlike, and equally loud. */
    const double one = mean_of(pool, variant_of("dither", 6, 0), 1, GB_REGION_SIDES);
    const double other = mean_of(pool, variant_of("dither", 6, 1), 1, GB_REGION_SIDES);
    assert_true(one != other && fabs(one - other) < 0.05 * one);
    gb_pool_free(pool);
}

static void a_pool_does_not_depend_on_threads(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_selftest_plan plan = plan_of(&err);
    plan.pool.shots = 5;
    gb_pool *pool[2] = {0};
    for (int i = 0; i < 2; i++) {
        plan.pool.threads = 1 + 2 * i;
        assert_ok(gb_pool_score(&plan.pool, &pool[i], &err), &err);
    }
    gb_variant variant[GB_MAX_VARIANTS];
    const int count = gb_variants(variant);
    for (int v = 0; v < count; v++)
        for (int s = 0; s < 5; s++)
            for (int f = 0; f < FRAMES; f++)
                for (int m = 0; m < 3; m++) {
                    const gb_score a = gb_pool_score_of(pool[0], v, s, f, m, GB_REGION_SIDES);
                    const gb_score b = gb_pool_score_of(pool[1], v, s, f, m, GB_REGION_SIDES);
                    assert_true(a.present == b.present && a.num == b.num && a.den == b.den);
                }
    gb_pool_free(pool[0]);
    gb_pool_free(pool[1]);
}

/* What shares with LPIPS gets from the pool what a run gives it; the warping error sees flicker. */
static void temporal_metrics_are_those_of_a_run(void **state)
{
    (void)state;
    gb_error err = {0};
    static const gb_metric *temporal[3];
    gb_selftest_plan plan = plan_of(&err);
    const gb_metric_env env = {.geometry = plan.pool.geometry, .backend = plan.pool.backend};
    size_t ways, compared = 0;
    gb_rerun_ways(&ways);
    gb_rerun_rows rows[8] = {0};
    gb_pool *pool = NULL;
    temporal[0] = gb_metric_find("lpips_alex_v0.1");
    temporal[1] = gb_metric_find("tlp");
    temporal[2] = gb_metric_find("e_warp");
    if (temporal[1]->ready(&env, &err) != GB_OK || temporal[2]->ready(&env, &err) != GB_OK) {
        print_message("skipped: %s\n", err.text);
        skip();
    }
    plan.pool.metrics = temporal;
    plan.pool.shots = 2;
    assert_ok(gb_pool_score(&plan.pool, &pool, &err), &err);
    assert_ok(gb_rerun(&plan.pool, 2, rows, &err), &err);
    for (size_t i = 0; i < rows[0].count; i++) {
        const gb_rerun_row *const row = &rows[0].row[i];
        if (row->generator != 0 || row->metric != 1) continue;
        const gb_score score = gb_pool_score_of(pool, 0, row->shot, row->frame, 1, row->region);
        if (row->state == GB_STATE_OK && score.num != row->num)
            fail_msg("tLP of shot %d, frame %d: %.17g, in a run %.17g", row->shot, row->frame, score.num, row->num);
        compared += row->state == GB_STATE_OK;
    }
    assert_true(compared >= 2 * (FRAMES - 1));
    const int loud = variant_of("flicker", 8, 0);
    for (int s = 0; s < 2; s++) {
        const gb_score still = gb_pool_score_of(pool, 0, s, 2, 2, GB_REGION_SIDES);
        assert_true(gb_pool_score_of(pool, loud, s, 2, 2, GB_REGION_SIDES).num > still.num);
        assert_false(gb_pool_score_of(pool, 0, s, 0, 2, GB_REGION_SIDES).present);
    }
    gb_pool_free(pool);
    for (size_t i = 0; i < ways; i++) free(rows[i].row);
    plan.pool.metrics = &temporal[1];
    plan.pool.metric_count = 1;
    assert_fails(gb_pool_score(&plan.pool, &pool, &err), GB_E_ARG, &err, "expected lpips_alex_v0.1 beside it");
}

/* ---- Cases ---- */

/* Eleven units of one row whose run is worse by 1 and a spread. */
static gb_case make_case(gb_case_list *list, gb_case_kind kind)
{
    gb_case *const one = gb_case_list_add(list, "made", 1.0, kind, 1);
    assert_non_null(one);
    gb_series *const s = &one->series[0];
    *s = (gb_series){.metric = "m", .region = "full", .effect = {.better = GB_BETTER_LOWER, .least = 0.5}, .units = 11};
    s->first = calloc(12, sizeof *s->first);
    s->pair = calloc(11, sizeof *s->pair);
    assert_true(s->first && s->pair);
    for (int i = 0; i < 11; i++) {
        s->pair[i] = (gb_pair){i, 3.0 + i, 2.0, 5.0 + i + 0.3 * (i - 5), 2.0};
        s->first[i + 1] = (size_t)i + 1;
    }
    return *one;
}

static void cases_are_made_to_measure(void **state)
{
    (void)state;
    gb_error err = {0};
    static const struct {
        gb_case_kind kind;
        double loss;
    } known[] = {{GB_CASE_INJECTED, 2.0}, {GB_CASE_AT_LIMIT, 1.0}, {GB_CASE_CENTRED, 0.0}, {GB_CASE_SWAPPED, 2.0}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        gb_case_list list = {0};
        gb_outcome outcome;
        make_case(&list, known[i].kind);
        gb_case_prepare(&list.item[0]);
        assert_ok(gb_case_try(&list.item[0], 10, 200, &gb_judge_of_gate, &outcome, &err), &err);
        if (fabs(outcome.loss - known[i].loss) > 1e-12)
            fail_msg("%s: loss %.17g", gb_case_kind_name(known[i].kind), outcome.loss);
        assert_int_equal(outcome.worse + outcome.undecided + outcome.passed, 200);
        if (known[i].kind == GB_CASE_INJECTED) assert_true(outcome.worse >= 170 && outcome.passed == 0);
        if (known[i].kind == GB_CASE_AT_LIMIT && outcome.passed > 10) fail_msg("%ld misses", outcome.passed);
        if (known[i].kind == GB_CASE_SWAPPED) assert_true(outcome.worse <= 4 && outcome.undecided > 100);
        gb_outcome again;
        assert_ok(gb_case_try(&list.item[0], 10, 200, &gb_judge_of_gate, &again, &err), &err);
        assert_memory_equal(&again, &outcome, sizeof again);
        gb_case_list_free(&list);
    }
}

/* 24 timings of nine rounds, most of which are slowed by something that the yardstick did not see; they differ by
 * `between` (standard deviation). */
static void make_timings(gb_speed_timings *out, double between)
{
    enum { TIMINGS = 24, ROUNDS = 9 };
    gb_random random = {.state = 11};
    *out = (gb_speed_timings){.row = calloc(TIMINGS, sizeof *out->row), .count = TIMINGS, .least = 0.1};
    assert_non_null(out->row);
    for (int t = 0; t < TIMINGS; t++) {
        gb_run_throughput *const row = &out->row[t];
        *row = (gb_run_throughput){.rounds = ROUNDS, .round_ms = calloc(ROUNDS, sizeof(double)),
                                   .clock_ms = calloc(ROUNDS, sizeof(double)),
                                   .yardstick_ms = calloc(ROUNDS, sizeof(double))};
        assert_true(row->round_ms && row->clock_ms && row->yardstick_ms);
        const double own = between * gb_chance_normal(&random);
        for (int i = 0; i < ROUNDS; i++) {
            const double chance = gb_chance_normal(&random);
            row->round_ms[i] = 23.0 * exp(own + 0.04 * chance * chance);
            row->clock_ms[i] = 0.1;
            row->yardstick_ms[i] = 1.0;
        }
    }
}

static void slow_downs_are_judged_as_the_gate_does(void **state)
{
    (void)state;
    gb_error err = {0};
    for (int restless = 0; restless < 2; restless++) {
        gb_speed_timings timings;
        gb_case_list list = {0};
        make_timings(&timings, restless ? 0.1 : 0.01);
        assert_ok(gb_cases_of_speed(&timings, &list, &err), &err);
        assert_int_equal(list.count, 5);
        for (int i = 0; i < list.count; i++) {
            const gb_case *const one = &list.item[i];
            gb_outcome o, again;
            assert_ok(gb_speed_try(one, 9, 400, &o, &err), &err);
            assert_true(fabs(o.loss - log1p(one->slower) / log1p(0.1)) < 1e-12);
            const bool null = one->slower == 0.0, small = one->slower < 0.1;
            if (!restless && ((null && o.worse > 4) || (!small && o.passed > 20)))
                fail_msg("slower by %g: %ld worse, %ld undecided, %ld passed", one->slower, o.worse, o.undecided,
                         o.passed);
            /* Timings that differ by far more than the gate counts on: it misses more than it may, and that is seen. */
            if (restless && one->kind == GB_CASE_AT_LIMIT) assert_true(o.passed > 20);
            if (!restless && one->slower >= 0.2) assert_true(o.worse >= 380);
            if (!restless && null) assert_true(o.passed >= 380);
            assert_ok(gb_speed_try(one, 9, 400, &again, &err), &err);
            assert_true(again.worse == o.worse && again.undecided == o.undecided && again.passed == o.passed);
        }
        gb_case_list_free(&list);
        timings.count = GB_SPEED_LEAST_TIMINGS - 1;
        assert_fails(gb_cases_of_speed(&timings, &list, &err), GB_E_ARG, &err, "5 timings");
        timings.count = 24;
        gb_speed_timings_free(&timings);
    }
}

/* ---- A gate that errs ---- */

static gb_status decide_pass(const gb_pair *pairs, size_t count, const gb_effect *effect, gb_decision *out,
                             gb_error *err)
{
    GB_TRY(gb_decide(pairs, count, effect, out, err));
    out->verdict = GB_VERDICT_PASS;
    return GB_OK;
}

static gb_status decide_by_sign(const gb_pair *pairs, size_t count, const gb_effect *effect, gb_decision *out,
                                gb_error *err)
{
    GB_TRY(gb_decide(pairs, count, effect, out, err));
    const double loss = effect->better == GB_BETTER_HIGHER ? -out->difference : out->difference;
    if (effect->better != GB_BETTER_UNSAID) out->verdict = loss > 0.0 ? GB_VERDICT_WORSE : GB_VERDICT_PASS;
    return GB_OK;
}

static gb_status leave_family(gb_decision *const *rows, size_t count, gb_error *err)
{
    (void)rows;
    (void)count;
    (void)err;
    return GB_OK;
}

static const gb_selftest_line *line_of(const gb_selftest *test, gb_selftest_group group)
{
    for (int i = 0; i < test->lines; i++)
        if (test->line[i].group == group) return &test->line[i];
    fail_msg("no line of %s", gb_selftest_group_name(group));
    return NULL;
}

static void a_gate_that_errs_is_found_out(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_selftest_plan plan = plan_of(&err);
    gb_selftest *test = NULL;
    assert_ok(gb_selftest_run(&plan, &test, &err), &err);
    assert_true(line_of(test, GB_GROUP_AT_LIMIT)->rate.rate <= 0.05);
    assert_true(line_of(test, GB_GROUP_NULL)->rate.rate <= 0.01);
    assert_true(test->passed == (gb_selftest_status(test, &err) == GB_OK));
    gb_selftest_free(test);

    plan.judge = (gb_judge){decide_pass, leave_family};
    assert_ok(gb_selftest_run(&plan, &test, &err), &err);
    assert_fails(gb_selftest_status(test, &err), GB_E_WORSE, &err, "misses at the least effect"); /* exit code 1 */
    assert_true(line_of(test, GB_GROUP_AT_LIMIT)->rate.rate == 1.0 && !line_of(test, GB_GROUP_AT_LIMIT)->holds);
    assert_true(line_of(test, GB_GROUP_NULL)->rate.rate == 0.0 && line_of(test, GB_GROUP_NULL)->holds);
    gb_selftest_free(test);

    plan.judge = (gb_judge){decide_by_sign, leave_family};
    assert_ok(gb_selftest_run(&plan, &test, &err), &err);
    assert_fails(gb_selftest_status(test, &err), GB_E_WORSE, &err, "false alarms");
    assert_true(line_of(test, GB_GROUP_NULL)->rate.rate > 0.3 && !line_of(test, GB_GROUP_NULL)->holds);
    gb_selftest_free(test);
}

/* ---- Runs for real ---- */

static void reruns_are_equal_and_a_changed_bit_is_seen(void **state)
{
    (void)state;
    gb_error err = {0};
    const gb_selftest_plan plan = plan_of(&err);
    size_t count;
    const gb_rerun_way *const way = gb_rerun_ways(&count);
    gb_rerun_rows rows[8] = {0};
    char difference[256];
    assert_true(count <= 8);
    assert_ok(gb_rerun(&plan.pool, 3, rows, &err), &err);
    assert_true(rows[0].count > 100);
    for (size_t i = 1; i < count; i++)
        if (!gb_rerun_same(&rows[0], &rows[i], difference, sizeof difference))
            fail_msg("%s: %s", way[i].what, difference);
    gb_case_list list = {0};
    gb_rerun_row *const row = &rows[1].row[rows[1].count / 2];
    row->num = nextafter(row->num, INFINITY);
    assert_false(gb_rerun_same(&rows[0], &rows[1], difference, sizeof difference));
    assert_ok(gb_case_of_rerun(&rows[0], &rows[1], "a bit", 3, metrics, &plan.effects, &list, &err), &err);
    gb_outcome outcome;
    assert_ok(gb_case_try(&list.item[0], 3, 10, &gb_judge_of_gate, &outcome, &err), &err);
    assert_int_equal(gb_selftest_errors(&list.item[0], &outcome), 10); /* though the gate lets it pass */
    rows[1].row[0].frame++;
    assert_fails(gb_case_of_rerun(&rows[0], &rows[1], "a frame", 3, metrics, &plan.effects, &list, &err), GB_E_MISMATCH,
                 &err, "not of the same frames");
    gb_case_list_free(&list);
    for (size_t i = 0; i < count; i++) free(rows[i].row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(injections_do_what_they_say),
        cmocka_unit_test(a_pool_does_not_depend_on_threads),
        cmocka_unit_test(temporal_metrics_are_those_of_a_run),
        cmocka_unit_test(cases_are_made_to_measure),
        cmocka_unit_test(slow_downs_are_judged_as_the_gate_does),
        cmocka_unit_test(a_gate_that_errs_is_found_out),
        cmocka_unit_test(reruns_are_equal_and_a_changed_bit_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
