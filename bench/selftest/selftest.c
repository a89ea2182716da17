#include "selftest/selftest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "pipeline/pipeline.h"

gb_selftest_group gb_selftest_group_of(const gb_case *one, const gb_outcome *outcome)
{
    if (one->kind == GB_CASE_EXACT) return GB_GROUP_EXACT;
    if (one->kind == GB_CASE_AT_LIMIT) return GB_GROUP_AT_LIMIT;
    if (one->kind != GB_CASE_INJECTED) return GB_GROUP_NULL;
    return outcome->loss >= 1.0 ? GB_GROUP_ABOVE : GB_GROUP_BELOW;
}

const char *gb_selftest_group_name(gb_selftest_group group)
{
    static const char *const name[GB_GROUP_COUNT] = {"misses at the least effect", "misses above it", "false alarms",
                                                     "alarms on exact repeats", "below the least effect"};
    return name[group];
}

const char *gb_case_kind_name(gb_case_kind kind)
{
    static const char *const name[] = {"injected", "at the limit", "swapped", "twins", "centred", "exact"};
    return name[kind];
}

long gb_selftest_errors(const gb_case *one, const gb_outcome *outcome)
{
    switch (gb_selftest_group_of(one, outcome)) {
    case GB_GROUP_AT_LIMIT:
    case GB_GROUP_ABOVE: return outcome->passed;
    case GB_GROUP_NULL: return outcome->worse;
    case GB_GROUP_EXACT:
        return outcome->worse + outcome->undecided + (one->unequal ? outcome->passed : 0);
    default: return 0;
    }
}

static double limit_of(gb_selftest_group group)
{
    if (group == GB_GROUP_BELOW) return NAN;
    if (group == GB_GROUP_EXACT) return 0.0;
    return group == GB_GROUP_NULL ? GB_SELFTEST_FALSE_ALARMS : GB_SELFTEST_MISSES;
}

static const gb_outcome *outcome_of(const gb_selftest *test, int index, int sample)
{
    return &test->outcome[index * GB_SELFTEST_SAMPLES + sample];
}

/* ---- Judging, case by case on all threads ---- */

typedef struct trials {
    const gb_selftest_plan *plan;
    gb_selftest *test;
} trials;

static gb_status nothing(void *user, long unit, void *slot, gb_error *err)
{
    (void)user;
    (void)unit;
    (void)slot;
    (void)err;
    return GB_OK;
}

static gb_status try_one(void *user, int worker, long unit, void *slot, gb_error *err)
{
    (void)worker;
    (void)slot;
    const trials *const t = user;
    const int sample = (int)(unit % GB_SELFTEST_SAMPLES);
    const gb_case *const one = &t->test->cases.item[unit / GB_SELFTEST_SAMPLES];
    if (one->timings)
        return gb_speed_try(one, t->plan->rounds[sample], t->plan->resamples, &t->test->outcome[unit], err);
    return gb_case_try(one, t->plan->shots[sample], t->plan->resamples, &t->plan->judge, &t->test->outcome[unit], err);
}

static gb_status try_all(trials *t, gb_error *err)
{
    const long units = (long)t->test->cases.count * GB_SELFTEST_SAMPLES;
    const int threads = t->plan->pool.threads;
    t->test->outcome = gb_alloc((size_t)units, sizeof *t->test->outcome);
    void **slots = gb_alloc((size_t)threads + 2, sizeof *slots);
    if (!t->test->outcome || !slots) {
        free(slots);
        return gb_fail_memory(err, "outcomes", (size_t)units * sizeof *t->test->outcome);
    }
    const gb_pipeline pipeline = {.units = units, .workers = threads, .slots = threads + 2, .slot = slots, .user = t,
                                  .decode = nothing, .work = try_one, .collect = nothing};
    const gb_status status = gb_pipeline_run(&pipeline, err);
    free(slots);
    return status;
}

/* ---- Adding up ---- */

/* Fills `line`, whose group and area are set. */
static gb_status add_up(const gb_selftest *test, int sample, gb_selftest_line *line, gb_error *err)
{
    line->limit = limit_of(line->group);
    line->holds = true;
    for (int i = 0; i < test->cases.count; i++) {
        const gb_case *const one = &test->cases.item[i];
        const gb_outcome *const outcome = outcome_of(test, i, sample);
        if ((one->timings != NULL) != line->speed || gb_selftest_group_of(one, outcome) != line->group) continue;
        line->units = outcome->units;
        const long errors = gb_selftest_errors(one, outcome);
        const long all = outcome->worse + outcome->undecided + outcome->passed;
        gb_rate rate;
        GB_TRY(gb_stats_rate(errors, all, &rate, err));
        line->cases++;
        line->errors += errors;
        line->trials += all;
        if (rate.lo > line->limit && !line->over) line->over = one->id;
    }
    if (!line->cases) return GB_OK;
    GB_TRY(gb_stats_rate(line->errors, line->trials, &line->rate, err));
    line->holds = isnan(line->limit) || (line->rate.rate <= line->limit && !line->over);
    return GB_OK;
}

static gb_status add_up_all(gb_selftest *test, gb_error *err)
{
    test->passed = true;
    for (int i = 0; i < 2 * GB_GROUP_COUNT * GB_SELFTEST_SAMPLES; i++) {
        gb_selftest_line *const line = &test->line[test->lines];
        *line = (gb_selftest_line){.speed = i >= GB_GROUP_COUNT * GB_SELFTEST_SAMPLES,
                                   .group = (gb_selftest_group)(i / GB_SELFTEST_SAMPLES % GB_GROUP_COUNT)};
        GB_TRY(add_up(test, i % GB_SELFTEST_SAMPLES, line, err));
        if (!line->cases) continue;
        test->passed = test->passed && line->holds;
        test->lines++;
    }
    return GB_OK;
}

/* ---- The whole ---- */

static gb_status add_pool(const gb_selftest_plan *plan, const gb_generator *generator, gb_case_list *list,
                          gb_error *err)
{
    gb_pool_plan of = plan->pool;
    gb_pool *pool = NULL;
    of.generator = generator;
    if (!generator) of.before += of.shots;
    GB_TRY(gb_pool_score(&of, &pool, err));
    const gb_status status = gb_cases_of_pool(pool, gb_pool_base(&of), of.metrics, &plan->effects, list, err);
    gb_pool_free(pool);
    return status;
}

static gb_status add_reruns(const gb_selftest_plan *plan, gb_case_list *list, gb_error *err)
{
    size_t count;
    const gb_rerun_way *const way = gb_rerun_ways(&count);
    const int shots = plan->rerun_shots < plan->pool.shots ? plan->rerun_shots : plan->pool.shots;
    if (shots == 0) return GB_OK;
    gb_rerun_rows *rows = gb_alloc(count, sizeof *rows);
    if (!rows) return gb_fail_memory(err, "rows", count * sizeof *rows);
    gb_status status = gb_rerun(&plan->pool, shots, rows, err);
    for (size_t i = 1; i < count && status == GB_OK; i++)
        status = gb_case_of_rerun(&rows[0], &rows[i], way[i].what, shots, plan->pool.metrics, &plan->effects, list,
                                  err);
    for (size_t i = 0; i < count; i++) free(rows[i].row);
    free(rows);
    return status;
}

gb_status gb_selftest_run(const gb_selftest_plan *plan, gb_selftest **out, gb_error *err)
{
    const uint64_t start = gb_clock_ns();
    gb_status status = GB_OK;
    gb_selftest *test = gb_alloc(1, sizeof *test);
    if (!test) return gb_fail_memory(err, "self-test", sizeof *test);
    *test = (gb_selftest){.shots = plan->pool.shots, .frames = plan->pool.frames, .resamples = plan->resamples,
                          .geometry = plan->pool.geometry,
                          .show = plan->pool.show};
    /* Half of the timings before all else and half after it, so that minutes lie between some. */
    GB_GO(gb_speed_measure(&plan->speed, plan->speed.timings / 2, &test->timings, err));
    GB_GO(add_pool(plan, plan->pool.generator, &test->cases, err));
    GB_GO(add_pool(plan, NULL, &test->cases, err));
    GB_GO(add_reruns(plan, &test->cases, err));
    GB_GO(gb_speed_measure(&plan->speed, plan->speed.timings - plan->speed.timings / 2, &test->timings, err));
    if (plan->speed.timings) GB_GO(gb_cases_of_speed(&test->timings, &test->cases, err));
    GB_GO(try_all(&(trials){plan, test}, err));
    GB_GO(add_up_all(test, err));
    test->seconds = (double)(gb_clock_ns() - start) * 1e-9;
    *out = test;
done:
    if (status != GB_OK) gb_selftest_free(test);
    return status;
}

void gb_selftest_free(gb_selftest *test)
{
    if (!test) return;
    gb_case_list_free(&test->cases);
    gb_speed_timings_free(&test->timings);
    free(test->outcome);
    free(test);
}

gb_status gb_selftest_status(const gb_selftest *test, gb_error *err)
{
    for (int i = 0; i < test->lines; i++) {
        const gb_selftest_line *const line = &test->line[i];
        if (line->holds) continue;
        return gb_fail(err, GB_E_WORSE, "the gate's self-test failed: %s, samples of %d: %.2f %% (limit %g %%)%s%s",
                       gb_selftest_group_name(line->group), line->units, 100.0 * line->rate.rate, 100.0 * line->limit,
                       line->over ? ", over it: " : "", line->over ? line->over : "");
    }
    return GB_OK;
}
