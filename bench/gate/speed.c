#include "gate/speed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "gate/alike.h"
#include "stats/stats.h"

static const gb_run_throughput *find(const gb_run *run, const gb_run_throughput *like)
{
    for (size_t i = 0; i < run->throughput_count; i++) {
        const gb_run_throughput *row = &run->throughput[i];
        if (!strcmp(row->generator, like->generator) && !strcmp(row->stage, like->stage) &&
            row->threads == like->threads && row->batch == like->batch)
            return row;
    }
    return NULL;
}

static double median(const double *values, int count)
{
    double *copy = gb_alloc((size_t)count, sizeof *copy);
    if (!copy) return NAN;
    memcpy(copy, values, (size_t)count * sizeof *copy);
    const double middle = gb_stats_quantile(copy, (size_t)count, 0.5);
    free(copy);
    return middle;
}

/* Logarithm of a round's time over its yardstick's. Both are positive in every file that was not made by hand. */
static double relative(const gb_run_throughput *row, int round)
{
    return log(row->round_ms[round] / row->yardstick_ms[round]);
}

/* Rounds are the draws; ratios are compared as logarithms, so that one bad round does not outweigh the others;
 * state_shares is to follow. */
static gb_status decide(const gb_run_throughput *base, const gb_run_throughput *run, double least, gb_decision *out,
                        gb_error *err)
{
    const int rounds = base->rounds < run->rounds ? base->rounds : run->rounds;
    const gb_effect effect = {.better = GB_BETTER_LOWER, .least = log1p(least)};
    gb_pair *pairs = gb_alloc((size_t)rounds, sizeof *pairs);
    gb_decision d;
    if (!pairs) return gb_fail_memory(err, "rounds", (size_t)rounds * sizeof *pairs);
    for (int i = 0; i < rounds; i++) pairs[i] = (gb_pair){i, relative(base, i), 1.0, relative(run, i), 1.0};
    const gb_status status = gb_decide(pairs, (size_t)rounds, &effect, &d, err);
    free(pairs);
    if (status != GB_OK) return status;
    d.base = median(base->round_ms, base->rounds);
    d.run = median(run->round_ms, run->rounds);
    *out = d;
    return GB_OK;
}

/* Differences of logarithms as shares of the baseline's time, once the verdict is there. */
static void state_shares(gb_decision *d)
{
    d->difference = expm1(d->difference);
    d->lo = expm1(d->lo);
    d->hi = expm1(d->hi);
    d->effect.least = expm1(d->effect.least);
}

static gb_gate_speed *append(gb_gate *gate, const gb_run_throughput *base)
{
    if (gb_grow(&gate->speed, &gate->speed_capacity, gate->speed_count + 1, sizeof *gate->speed) != 0) return NULL;
    gb_gate_speed *speed = &gate->speed[gate->speed_count++];
    *speed = (gb_gate_speed){.generator = base->generator, .stage = base->stage, .threads = base->threads};
    speed->decision = (gb_decision){.base = NAN, .run = NAN, .difference = NAN, .lo = NAN, .hi = NAN, .error = NAN,
                                    .p_worse = 1.0, .p_better = 1.0, .verdict = GB_VERDICT_MISSING};
    return speed;
}

static gb_status judge_row(gb_gate *gate, const gb_run_throughput *base, const gb_limits *limits, gb_error *err)
{
    const gb_run_throughput *run = find(gate->run->run, base);
    gb_gate_speed *speed = append(gate, base);
    if (!speed) return gb_fail_memory(err, "speed", sizeof *speed);
    speed->decision.base = median(base->round_ms, base->rounds);
    if (run && run->rounds) return decide(base, run, gb_limits_speed(limits), &speed->decision, err);
    snprintf(speed->note, sizeof speed->note, "%s", run ? "it was timed without rounds" : "the run has no time of it");
    return GB_OK;
}

/* --generator leaves others out. */
static bool is_compared(const gb_gate *gate, const char *generator)
{
    for (size_t i = 0; i < gate->count; i++)
        if (!strcmp(gate->row[i].generator, generator)) return true;
    return false;
}

static bool has_rounds(const gb_run *run)
{
    for (size_t i = 0; i < run->throughput_count; i++)
        if (run->throughput[i].rounds) return true;
    return false;
}

static gb_status judge_family(gb_gate_speed *speed, size_t count, gb_error *err)
{
    gb_decision **decisions = gb_alloc(count, sizeof *decisions);
    if (!decisions) return gb_fail_memory(err, "speed", count * sizeof *decisions);
    for (size_t i = 0; i < count; i++) decisions[i] = &speed[i].decision;
    const gb_status status = gb_decide_family(decisions, count, err);
    free(decisions);
    for (size_t i = 0; i < count; i++) state_shares(&speed[i].decision);
    return status;
}

gb_status gb_gate_judge_speed(gb_gate *gate, const gb_limits *limits, gb_error *err)
{
    char other[200];
    gb_gate_host_difference(gate->base, gate->run, other, sizeof other);
    const char *const why = !has_rounds(gate->base->run)  ? "the baseline was not timed in rounds"
                            : !has_rounds(gate->run->run) ? "the run was not timed in rounds"
                                                          : NULL;
    if (why || *other) {
        snprintf(gate->speed_note, sizeof gate->speed_note, "not compared: %s%s", why ? why : "other machines, ",
                 why ? "" : other);
        return GB_OK;
    }
    for (size_t i = 0; i < gate->base->run->throughput_count; i++)
        if (gate->base->run->throughput[i].rounds && is_compared(gate, gate->base->run->throughput[i].generator))
            GB_TRY(judge_row(gate, &gate->base->run->throughput[i], limits, err));
    return judge_family(gate->speed, gate->speed_count, err);
}

int gb_gate_slower(const gb_gate *gate, const char **names, int room)
{
    int count = 0;
    for (size_t i = 0; i < gate->speed_count; i++)
        if (gate->speed[i].decision.verdict == GB_VERDICT_WORSE) {
            if (count < room) names[count] = gate->speed[i].generator;
            count++;
        }
    return count;
}

static const gb_run_throughput *row_of(const gb_run *run, const gb_gate_speed *speed)
{
    for (size_t i = 0; i < run->throughput_count; i++)
        if (!strcmp(run->throughput[i].generator, speed->generator) && run->throughput[i].rounds &&
            run->throughput[i].threads == speed->threads)
            return &run->throughput[i];
    return NULL;
}

static gb_status confirm(gb_gate *gate, gb_gate_speed *speed, const gb_sheet *again, const gb_limits *limits,
                         gb_error *err)
{
    const gb_run_throughput *base = row_of(gate->base->run, speed);
    const gb_run_throughput *second = again ? row_of(again->run, speed) : NULL;
    gb_decision d = {.verdict = GB_VERDICT_UNCONFIRMED};
    if (base && second) {
        GB_TRY(decide(base, second, gb_limits_speed(limits), &d, err));
        state_shares(&d);
    }
    if (second && d.verdict == GB_VERDICT_WORSE) {
        snprintf(speed->note, sizeof speed->note, "by %.1f %% in a second timing", 100.0 * d.difference);
        return GB_OK;
    }
    speed->decision.verdict = GB_VERDICT_UNCONFIRMED;
    if (second)
        snprintf(speed->note, sizeof speed->note, "slower, but %+.1f %% in a second timing", 100.0 * d.difference);
    else
        snprintf(speed->note, sizeof speed->note, "slower in one timing; 'gate' without RUN times again");
    return GB_OK;
}

gb_status gb_gate_confirm_speed(gb_gate *gate, const gb_sheet *again, const gb_limits *limits, gb_error *err)
{
    for (size_t i = 0; i < gate->speed_count; i++)
        if (gate->speed[i].decision.verdict == GB_VERDICT_WORSE)
            GB_TRY(confirm(gate, &gate->speed[i], again, limits, err));
    memset(gate->speed_tally, 0, sizeof gate->speed_tally);
    for (size_t i = 0; i < gate->speed_count; i++) gate->speed_tally[gate->speed[i].decision.verdict]++;
    return GB_OK;
}
