#include "gate/speed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "gate/alike.h"
#include "stats/stats.h"
#include "timing/rounds.h"

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
    if (!count) return NAN;
    double *copy = gb_alloc((size_t)count, sizeof *copy);
    if (!copy) return NAN;
    memcpy(copy, values, (size_t)count * sizeof *copy);
    const double middle = gb_stats_quantile(copy, (size_t)count, 0.5);
    free(copy);
    return middle;
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
    *speed = (gb_gate_speed){.generator = base->generator, .stage = base->stage, .threads = GB_ROUNDS_THREADS};
    speed->decision = (gb_decision){.base = NAN, .run = NAN, .difference = NAN, .lo = NAN, .hi = NAN, .error = NAN,
                                    .p_worse = 1.0, .p_better = 1.0, .verdict = GB_VERDICT_MISSING};
    return speed;
}

static bool was_timed(const gb_run_throughput *row)
{
    return row->rounds + row->disturbed > 0;
}

static gb_status judge_row(gb_gate *gate, const gb_run_throughput *base, const gb_limits *limits, gb_error *err)
{
    const gb_run_throughput *run = find(gate->run->run, base);
    gb_gate_speed *speed = append(gate, base);
    if (!speed) return gb_fail_memory(err, "speed", sizeof *speed);
    speed->decision.base = median(base->round_ms, base->rounds);
    if (run && was_timed(run)) return gb_pace_open(base, run, gb_limits_speed(limits), &speed->pace, err);
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
        if (was_timed(&run->throughput[i])) return true;
    return false;
}

/* The first look is at all generators together; later ones are at few, and what is slower has to be so twice. */
static gb_status judge_family(gb_gate_speed *speed, size_t count, gb_error *err)
{
    size_t judged = 0;
    gb_decision **decisions = gb_alloc(count, sizeof *decisions);
    if (!decisions) return gb_fail_memory(err, "speed", count * sizeof *decisions);
    for (size_t i = 0; i < count; i++)
        if (speed[i].pace.timings) decisions[judged++] = &speed[i].pace.decision;
    const gb_status status = gb_decide_family(decisions, judged, err);
    free(decisions);
    return status;
}

gb_status gb_gate_judge_speed(gb_gate *gate, const gb_limits *limits, gb_error *err)
{
    char other[200];
    gb_gate_host_difference(gate->base, gate->run, other, sizeof other);
    const char *const why = !has_rounds(gate->base->run)  ? "the baseline was not timed in rounds of this version"
                            : !has_rounds(gate->run->run) ? "the run was not timed in rounds"
                                                          : NULL;
    if (why || *other) {
        snprintf(gate->speed_note, sizeof gate->speed_note, "not compared: %s%s", why ? why : "other machines, ",
                 why ? "" : other);
        return GB_OK;
    }
    for (size_t i = 0; i < gate->base->run->throughput_count; i++)
        if (was_timed(&gate->base->run->throughput[i]) && is_compared(gate, gate->base->run->throughput[i].generator))
            GB_TRY(judge_row(gate, &gate->base->run->throughput[i], limits, err));
    return judge_family(gate->speed, gate->speed_count, err);
}

int gb_gate_open_speed(const gb_gate *gate, const char **names, int room)
{
    int count = 0;
    for (size_t i = 0; i < gate->speed_count; i++)
        if (gate->speed[i].pace.timings && gb_pace_wants_more(&gate->speed[i].pace)) {
            if (count < room) names[count] = gate->speed[i].generator;
            count++;
        }
    return count;
}

gb_status gb_gate_time_again(gb_gate *gate, const gb_sheet *again, const gb_limits *limits, gb_error *err)
{
    for (size_t i = 0; i < gate->speed_count; i++) {
        gb_gate_speed *const speed = &gate->speed[i];
        if (!speed->pace.timings || !gb_pace_wants_more(&speed->pace)) continue;
        const gb_run_throughput *const row = find(again->run, speed->pace.base);
        if (row && was_timed(row)) GB_TRY(gb_pace_add(&speed->pace, row, gb_limits_speed(limits), err));
    }
    return GB_OK;
}

/* What stands in the end, in shares of the baseline's time, and why. */
static void conclude(gb_gate_speed *speed)
{
    const gb_pace *const pace = &speed->pace;
    const double base = speed->decision.base;
    if (!pace->timings) return;
    speed->decision = pace->decision;
    speed->decision.shots_needed = 0; /* more rounds of one timing do not take out what differs between timings */
    state_shares(&speed->decision);
    speed->decision.base = base;
    speed->decision.run = median(pace->timing[0]->round_ms, pace->timing[0]->rounds);
    if (pace->decision.verdict == GB_VERDICT_UNDECIDED)
        snprintf(speed->note, sizeof speed->note, "%s%s%d %s", pace->note, *pace->note ? ", " : "", pace->timings,
                 pace->timings > 1 ? "timings" : "timing");
    if (pace->decision.verdict != GB_VERDICT_WORSE) return;
    if (pace->confirmed) {
        snprintf(speed->note, sizeof speed->note, "by %.1f %% in another timing", 100.0 * expm1(pace->confirmed_by));
        return;
    }
    speed->decision.verdict = GB_VERDICT_UNCONFIRMED;
    if (pace->timings > 1)
        snprintf(speed->note, sizeof speed->note, "slower, but %+.1f %% in the last of %d timings",
                 100.0 * expm1(pace->confirmed_by), pace->timings);
    else
        snprintf(speed->note, sizeof speed->note, "slower in one timing; 'gate' without RUN times again");
}

void gb_gate_conclude_speed(gb_gate *gate)
{
    memset(gate->speed_tally, 0, sizeof gate->speed_tally);
    for (size_t i = 0; i < gate->speed_count; i++) {
        conclude(&gate->speed[i]);
        gate->speed_tally[gate->speed[i].decision.verdict]++;
    }
}
