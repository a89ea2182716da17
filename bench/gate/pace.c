#include "gate/pace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "timing/rounds.h"

/* One side: the logarithms of the rounds that count. */
typedef struct side {
    const char *name;
    double *value;
    size_t count;
    int tried;
    double best; /* level of its best round */
} side;

/* How many clocks the yardstick's work took beside a round. */
static double level(const gb_run_throughput *row, int round)
{
    return row->yardstick_ms[round] / row->clock_ms[round];
}

static gb_status look_at(const gb_run_throughput *const *row, int timings, side *s, gb_error *err)
{
    size_t rounds = 0;
    s->best = INFINITY;
    for (int t = 0; t < timings; t++) {
        for (int i = 0; i < row[t]->rounds; i++) {
            if (!(row[t]->round_ms[i] > 0.0) || !(row[t]->clock_ms[i] > 0.0) || !(row[t]->yardstick_ms[i] > 0.0))
                return gb_fail(err, GB_E_NUMERIC, "round %d of %s took %g ms, expected a positive time", i,
                               row[t]->generator, row[t]->round_ms[i]);
            s->best = fmin(s->best, level(row[t], i));
        }
        rounds += (size_t)row[t]->rounds;
        s->tried += row[t]->rounds + row[t]->disturbed;
    }
    s->value = gb_alloc(rounds, sizeof *s->value);
    return s->value ? GB_OK : gb_fail_memory(err, "rounds", rounds * sizeof *s->value);
}

static void keep_undisturbed(const gb_run_throughput *const *row, int timings, double best, side *s)
{
    for (int t = 0; t < timings; t++)
        for (int i = 0; i < row[t]->rounds; i++)
            if (level(row[t], i) <= (1.0 + GB_ROUNDS_TOLERANCE) * best)
                s->value[s->count++] = log(row[t]->round_ms[i] / row[t]->clock_ms[i]);
}

/* Says why a side has too few rounds. */
static void explain(const side *s, const side *other, char *note, size_t size)
{
    if (s->count >= GB_DECIDE_LEAST_SHOTS) return;
    if (isfinite(s->best) && s->best > (1.0 + GB_ROUNDS_TOLERANCE) * other->best)
        snprintf(note, size, "while the %s was timed, others took %.0f %% of the cores", s->name,
                 100.0 * (1.0 - other->best / s->best));
    else
        snprintf(note, size, "%zu of %d rounds of the %s had the machine for themselves", s->count, s->tried, s->name);
}

/* Decides pace->base against `timings` rows; fills decision, hopeless and note. */
static gb_status decide(gb_pace *pace, const gb_run_throughput *const *run, int timings, double least, gb_error *err)
{
    side b = {.name = "baseline"}, r = {.name = "run"};
    gb_status status = GB_OK;
    GB_GO(look_at(&pace->base, 1, &b, err));
    GB_GO(look_at(run, timings, &r, err));
    const double best = fmin(b.best, r.best);
    keep_undisturbed(&pace->base, 1, best, &b);
    keep_undisturbed(run, timings, best, &r);
    GB_GO(gb_decide_times(b.value, b.count, r.value, r.count, timings, least, &pace->decision, err));
    pace->hopeless = b.count < GB_DECIDE_LEAST_SHOTS;
    pace->note[0] = '\0';
    explain(&r, &b, pace->note, sizeof pace->note);
    explain(&b, &r, pace->note, sizeof pace->note);
done:
    free(b.value);
    free(r.value);
    return status;
}

gb_status gb_pace_open(const gb_run_throughput *base, const gb_run_throughput *run, double least, gb_pace *out,
                       gb_error *err)
{
    gb_pace pace = {.base = base, .timing = {run}, .timings = 1};
    GB_TRY(decide(&pace, pace.timing, 1, least, err));
    *out = pace;
    return GB_OK;
}

bool gb_pace_wants_more(const gb_pace *pace)
{
    if (pace->timings == GB_PACE_TIMINGS || pace->confirmed || pace->hopeless) return false;
    return pace->decision.verdict == GB_VERDICT_WORSE || pace->decision.verdict == GB_VERDICT_UNDECIDED;
}

gb_status gb_pace_add(gb_pace *pace, const gb_run_throughput *timing, double least, gb_error *err)
{
    const bool was_slower = pace->decision.verdict == GB_VERDICT_WORSE;
    gb_pace alone;
    GB_TRY(gb_pace_open(pace->base, timing, least, &alone, err));
    pace->timing[pace->timings++] = timing;
    GB_TRY(decide(pace, pace->timing, pace->timings, least, err));
    pace->confirmed = was_slower && pace->decision.verdict == GB_VERDICT_WORSE &&
                      alone.decision.verdict == GB_VERDICT_WORSE;
    pace->confirmed_by = alone.decision.difference;
    return GB_OK;
}
