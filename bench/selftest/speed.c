#include "selftest/speed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "gate/pace.h"
#include "selftest/chance.h"
#include "timing/rounds.h"

#define FRAMES 4
#define SECONDS 60.0 /* for one call of gb_speed_measure; no further timing is begun after it */
static const gb_geometry geometry = {256, 144, 32}; /* a call takes some 25 ms */

static const gb_options selected = {.generator = {.item = {"fourier-lite"}, .count = 1}};

void gb_speed_timings_free(gb_speed_timings *timings)
{
    for (int i = 0; i < timings->count; i++) gb_run_throughput_clear(&timings->row[i]);
    free(timings->row);
    *timings = (gb_speed_timings){0};
}

/* ---- Measuring ---- */

static gb_status append(gb_speed_timings *timings, gb_run_throughput **row, gb_error *err)
{
    size_t room = (size_t)timings->room;
    if (gb_grow(&timings->row, &room, (size_t)timings->count + 1, sizeof *timings->row) != 0)
        return gb_fail_memory(err, "timings", sizeof *timings->row);
    timings->room = (int)room;
    *row = &timings->row[timings->count];
    **row = (gb_run_throughput){.batch = 1};
    timings->count++;
    return GB_OK;
}

static gb_status make_frames(gb_image *frame, gb_error *err)
{
    for (int f = 0; f < FRAMES; f++) {
        GB_TRY(gb_image_new(geometry.width, geometry.height, &frame[f], err));
        memset(frame[f].rgb, 64 * f, (size_t)geometry.width * (size_t)geometry.height * 3);
    }
    return GB_OK;
}

/* Opened anew for each timing, as each run does. */
static gb_status time_once(const gb_speed_plan *plan, const gb_image *frames, gb_run_throughput *row, gb_error *err)
{
    const gb_contender_env env = {.backend = plan->backend, .geometry = geometry, .batch = 1};
    const gb_timing_plan timing = {.frames = frames, .frame_count = FRAMES, .side = geometry.side,
                                   .device = plan->backend->id};
    gb_contenders contenders = {0};
    GB_TRY(gb_contenders_select(&selected, &contenders, err));
    gb_contender *const net = &contenders.item[0];
    gb_status status = GB_OK;
    if (net->state == GB_STATE_NO_WEIGHTS) status = gb_contender_open_random(net, &env, err);
    else gb_contender_open(net, &env);
    if (net->state == GB_STATE_FAILED) status = gb_fail(err, GB_E_FORMAT, "%s: %s", net->id, net->why);
    if (status == GB_OK) status = gb_rounds_time_one(net, &timing, row, err);
    gb_contenders_free(&contenders);
    return status;
}

gb_status gb_speed_measure(const gb_speed_plan *plan, int count, gb_speed_timings *timings, gb_error *err)
{
    gb_image frame[FRAMES] = {{0}};
    gb_status status = GB_OK;
    timings->least = plan->least;
    GB_GO(make_frames(frame, err));
    const uint64_t start = gb_clock_ns();
    for (int i = 0; i < count; i++) {
        if (i >= GB_SPEED_LEAST_TIMINGS && (double)(gb_clock_ns() - start) * 1e-9 > SECONDS) break;
        gb_run_throughput *row = NULL;
        GB_GO(append(timings, &row, err));
        GB_GO(time_once(plan, frame, row, err));
    }
done:
    for (int f = 0; f < FRAMES; f++) gb_image_free(&frame[f]);
    return status;
}

/* ---- Cases ---- */

static gb_status add_case(const gb_speed_timings *timings, const char *what, double slower, gb_case_kind kind,
                          gb_case_list *list, gb_error *err)
{
    gb_case *const one = gb_case_list_add(list, "slow-down", 100.0 * slower, kind, 0);
    if (!one) return gb_fail_memory(err, "cases", sizeof *one);
    snprintf(one->what, sizeof one->what, "%s", what);
    one->timings = timings;
    one->slower = slower;
    return GB_OK;
}

gb_status gb_cases_of_speed(const gb_speed_timings *timings, gb_case_list *list, gb_error *err)
{
    if (timings->count < GB_SPEED_LEAST_TIMINGS)
        return gb_fail(err, GB_E_ARG, "self-test: expected %d timings or more, found %d", GB_SPEED_LEAST_TIMINGS,
                       timings->count);
    GB_TRY(add_case(timings, "every call takes 5 % longer", 0.05, GB_CASE_INJECTED, list, err));
    GB_TRY(add_case(timings, "every call takes 10 % longer", 0.1, GB_CASE_INJECTED, list, err));
    GB_TRY(add_case(timings, "every call takes 20 % longer", 0.2, GB_CASE_INJECTED, list, err));
    GB_TRY(add_case(timings, "every call takes longer by the least effect", timings->least, GB_CASE_AT_LIMIT, list,
                    err));
    return add_case(timings, "the host's jitter", 0.0, GB_CASE_TWINS, list, err);
}

/* ---- Judging ---- */

/* The timings as a baseline and as a run see them: the first rounds, and those slowed down. */
typedef struct bench {
    gb_run_throughput *as_base, *as_run;
    double *slowed; /* what as_run points into */
    int *order;     /* a sample: which timing comes when */
    int count;
} bench;

static void close_bench(bench *b)
{
    free(b->as_base);
    free(b->as_run);
    free(b->slowed);
    free(b->order);
}

static gb_status open_bench(const gb_case *one, int rounds, bench *b, gb_error *err)
{
    const gb_speed_timings *const t = one->timings;
    const size_t count = (size_t)t->count;
    *b = (bench){.as_base = gb_alloc(count, sizeof *b->as_base), .as_run = gb_alloc(count, sizeof *b->as_run),
                 .slowed = gb_alloc(count * (size_t)rounds, sizeof *b->slowed),
                 .order = gb_alloc(count, sizeof *b->order), .count = t->count};
    if (!b->as_base || !b->as_run || !b->slowed || !b->order) return gb_fail_memory(err, "timings", count);
    for (int i = 0; i < t->count; i++) {
        b->order[i] = i;
        b->as_base[i] = t->row[i];
        if (b->as_base[i].rounds > rounds) b->as_base[i].rounds = rounds;
        b->as_run[i] = b->as_base[i];
        b->as_run[i].round_ms = &b->slowed[i * rounds];
        for (int k = 0; k < b->as_run[i].rounds; k++)
            b->as_run[i].round_ms[k] = t->row[i].round_ms[k] * (1.0 + one->slower);
    }
    return GB_OK;
}

/* The first few of a shuffled deck. */
static void draw(bench *b, gb_random *random)
{
    for (int i = 0; i < GB_SPEED_LEAST_TIMINGS; i++) {
        const int other = i + (int)gb_random_below(random, (uint64_t)(b->count - i));
        const int kept = b->order[i];
        b->order[i] = b->order[other];
        b->order[other] = kept;
    }
}

static gb_status judge(bench *b, double least, gb_verdict *out, gb_error *err)
{
    gb_pace pace;
    GB_TRY(gb_pace_open(&b->as_base[b->order[0]], &b->as_run[b->order[1]], least, &pace, err));
    for (int t = 2; gb_pace_wants_more(&pace); t++) GB_TRY(gb_pace_add(&pace, &b->as_run[b->order[t]], least, err));
    *out = pace.decision.verdict;
    if (*out == GB_VERDICT_WORSE && !pace.confirmed) *out = GB_VERDICT_UNCONFIRMED;
    return GB_OK;
}

gb_status gb_speed_try(const gb_case *one, int rounds, int resamples, gb_outcome *out, gb_error *err)
{
    bench b;
    gb_outcome outcome = {.units = rounds, .loss = log1p(one->slower) / log1p(one->timings->least)};
    gb_status status = GB_OK;
    GB_GO(open_bench(one, rounds, &b, err));
    for (int i = 0; i < resamples; i++) {
        gb_random random = {.state = gb_chance_seed(one->id, (uint64_t)(one->size * 1e6) + (uint64_t)one->kind,
                                                    (uint64_t)rounds << 32 | (uint64_t)i)};
        gb_verdict verdict;
        draw(&b, &random);
        GB_GO(judge(&b, one->timings->least, &verdict, err));
        if (verdict == GB_VERDICT_WORSE) outcome.worse++;
        else if (verdict == GB_VERDICT_UNDECIDED || verdict == GB_VERDICT_UNCONFIRMED) outcome.undecided++;
        else outcome.passed++;
    }
    *out = outcome;
done:
    close_bench(&b);
    return status;
}
