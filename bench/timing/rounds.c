#include "timing/rounds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "stats/stats.h"

#define ROUNDS 9            /* undisturbed ones; two more than a verdict needs: see GB_DECIDE_LEAST_TESTED */
#define MOST_ROUNDS 18      /* with those that were disturbed */
#define SLICES 5            /* undisturbed ones that each thread takes in a round */
#define ROUND_SECONDS 0.15  /* a thread; no further slice is begun after it */
#define MOST_SECONDS 20.0   /* a generator, warming up included; no further round is begun after it */
#define FLOOR 0.1           /* share of slices that lie below what counts as the core's own speed */

/* What was timed of one generator so far. */
typedef struct series {
    gb_timing_slices round[MOST_ROUNDS];
    int rounds;
    uint64_t spent_ns;
} series;

static void free_series(series *s)
{
    for (int i = 0; i < s->rounds; i++) free(s->round[i].item);
}

/* The most clocks that the yardstick's work takes on an undisturbed core, as far as the slices tell. */
static gb_status find_quiet(const series *s, double *quiet, gb_error *err)
{
    size_t count = 0, room = 0;
    for (int i = 0; i < s->rounds; i++) room += (size_t)s->round[i].count;
    *quiet = INFINITY;
    if (room == 0) return GB_OK;
    double *clocks = gb_alloc(room, sizeof *clocks);
    if (!clocks) return gb_fail_memory(err, "slices", room * sizeof *clocks);
    for (int i = 0; i < s->rounds; i++)
        for (int k = 0; k < s->round[i].count; k++)
            clocks[count++] = s->round[i].item[k].work_ms / s->round[i].item[k].clock_ms;
    *quiet = (1.0 + GB_ROUNDS_TOLERANCE) * gb_stats_quantile(clocks, count, FLOOR);
    free(clocks);
    return GB_OK;
}

/* A round without a slice that had the machine for itself says nothing. */
static bool counts(const gb_timing_slices *round, double quiet)
{
    for (int k = 0; k < round->count; k++)
        if (gb_timing_is_undisturbed(&round->item[k], quiet)) return true;
    return false;
}

static gb_status time_round(const gb_contender *contender, const gb_timing_plan *plan, series *s, gb_error *err)
{
    gb_timing_plan brief = *plan;
    double quiet;
    brief.min_samples = SLICES;
    brief.max_seconds = ROUND_SECONDS;
    const uint64_t start = gb_clock_ns();
    GB_TRY(find_quiet(s, &quiet, err));
    GB_TRY(gb_timing_slices_take(contender, &brief, GB_ROUNDS_THREADS, quiet, &s->round[s->rounds], err));
    s->rounds++;
    s->spent_ns += gb_clock_ns() - start;
    return GB_OK;
}

/* Whether another round is needed, and there is time for it. */
static gb_status goes_on(const series *s, bool *on, gb_error *err)
{
    double quiet;
    int good = 0;
    GB_TRY(find_quiet(s, &quiet, err));
    for (int i = 0; i < s->rounds; i++) good += counts(&s->round[i], quiet);
    *on = good < ROUNDS && s->rounds < MOST_ROUNDS && (double)s->spent_ns * 1e-9 <= MOST_SECONDS;
    return GB_OK;
}

typedef enum field { MS, CLOCK, WORK } field;

static double median(const gb_timing_slices *round, double quiet, field of, double *room)
{
    size_t count = 0;
    for (int k = 0; k < round->count; k++) {
        const gb_timing_slice *const slice = &round->item[k];
        if (gb_timing_is_undisturbed(slice, quiet))
            room[count++] = of == MS ? slice->ms : of == CLOCK ? slice->clock_ms : slice->work_ms;
    }
    return gb_stats_quantile(room, count, 0.5);
}

/* The rounds that had the machine for themselves become the row's. */
static gb_status reduce(const series *s, gb_run_throughput *row, gb_error *err)
{
    double quiet;
    int most = 1;
    GB_TRY(find_quiet(s, &quiet, err));
    for (int i = 0; i < s->rounds; i++)
        if (s->round[i].count > most) most = s->round[i].count;
    double *room = gb_alloc((size_t)most, sizeof *room);
    row->round_ms = gb_alloc(MOST_ROUNDS, sizeof *row->round_ms);
    row->clock_ms = gb_alloc(MOST_ROUNDS, sizeof *row->clock_ms);
    row->yardstick_ms = gb_alloc(MOST_ROUNDS, sizeof *row->yardstick_ms);
    if (!room || !row->round_ms || !row->clock_ms || !row->yardstick_ms) {
        free(room);
        return gb_fail_memory(err, "rounds", MOST_ROUNDS * sizeof(double));
    }
    for (int i = 0; i < s->rounds; i++) {
        const gb_timing_slices *const round = &s->round[i];
        if (!counts(round, quiet)) {
            row->disturbed++;
            continue;
        }
        row->round_ms[row->rounds] = median(round, quiet, MS, room);
        row->clock_ms[row->rounds] = median(round, quiet, CLOCK, room);
        row->yardstick_ms[row->rounds++] = median(round, quiet, WORK, room);
    }
    free(room);
    return GB_OK;
}

gb_status gb_rounds_time_one(const gb_contender *contender, const gb_timing_plan *plan, gb_run_throughput *row,
                             gb_error *err)
{
    series *s = gb_alloc(1, sizeof *s);
    bool on = true;
    gb_status status = s ? GB_OK : gb_fail_memory(err, "rounds", sizeof *s);
    while (status == GB_OK && on) {
        status = time_round(contender, plan, s, err);
        if (status == GB_OK) status = goes_on(s, &on, err);
    }
    if (status == GB_OK) status = reduce(s, row, err);
    if (s) free_series(s);
    free(s);
    return status;
}

static const gb_contender *contender_of(const gb_selection *s, const gb_run_throughput *row)
{
    if (strcmp(row->stage, "generate") != 0 || row->random_weights) return NULL;
    for (int i = 0; i < s->contenders.count; i++)
        if (!strcmp(s->contenders.item[i].id, row->generator)) return &s->contenders.item[i];
    return NULL;
}

gb_status gb_rounds_time(const gb_selection *selection, const gb_timing_plan *plan, gb_run *run, gb_error *err)
{
    const size_t rows = run->throughput_count;
    gb_status status = GB_OK;
    series *each = gb_alloc(rows, sizeof *each);
    if (!each) return gb_fail_memory(err, "rounds", rows * sizeof *each);
    for (int round = 0; round < MOST_ROUNDS; round++)
        for (size_t i = 0; i < rows; i++) {
            const gb_contender *contender = contender_of(selection, &run->throughput[i]);
            bool on = false;
            if (contender) GB_GO(goes_on(&each[i], &on, err));
            if (on) GB_GO(time_round(contender, plan, &each[i], err));
        }
    for (size_t i = 0; i < rows; i++)
        if (each[i].rounds) GB_GO(reduce(&each[i], &run->throughput[i], err));
done:
    for (size_t i = 0; i < rows; i++) free_series(&each[i]);
    free(each);
    return status;
}
