#include "run/rounds.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "run/roof.h"

#define ROUNDS 9           /* two more than a verdict needs: see GB_DECIDE_LEAST_TESTED */
#define ROUND_SECONDS 0.05 /* a thread, and one call at least */
#define MOST_SECONDS 20.0  /* a generator, warming up included; no further round is begun after it */

static const gb_contender *contender_of(const gb_selection *s, const gb_run_throughput *row)
{
    if (strcmp(row->stage, "generate") != 0 || row->random_weights) return NULL;
    for (int i = 0; i < s->contenders.count; i++)
        if (!strcmp(s->contenders.item[i].id, row->generator)) return &s->contenders.item[i];
    return NULL;
}

static gb_status time_round(const gb_selection *s, const gb_contender *contender, const gb_timing_plan *plan,
                            gb_run_throughput *row, gb_error *err)
{
    gb_run_throughput once = {0};
    double before, after;
    GB_TRY(gb_roof_yardstick(s->threads, &before, err));
    GB_TRY(gb_timing_generator(contender, plan, s->threads, &once, NULL, err));
    const double ms = once.p50_ms / once.batch;
    gb_run_throughput_clear(&once);
    GB_TRY(gb_roof_yardstick(s->threads, &after, err));
    row->round_ms[row->rounds] = ms;
    row->yardstick_ms[row->rounds++] = 0.5 * (before + after);
    return GB_OK;
}

static gb_status make_room(gb_run_throughput *row, gb_error *err)
{
    row->round_ms = gb_alloc(ROUNDS, sizeof *row->round_ms);
    row->yardstick_ms = gb_alloc(ROUNDS, sizeof *row->yardstick_ms);
    return row->round_ms && row->yardstick_ms ? GB_OK : gb_fail_memory(err, "rounds", ROUNDS * sizeof(double));
}

gb_status gb_rounds_time(const gb_selection *selection, const gb_timing_plan *plan, gb_run *run, gb_error *err)
{
    gb_timing_plan brief = *plan;
    brief.min_samples = 1;
    brief.min_seconds = ROUND_SECONDS;
    brief.max_seconds = ROUND_SECONDS;
    uint64_t *spent = gb_alloc(run->throughput_count, sizeof *spent);
    if (!spent) return gb_fail_memory(err, "rounds", run->throughput_count * sizeof *spent);
    gb_status status = GB_OK;
    for (int round = 0; round < ROUNDS && status == GB_OK; round++)
        for (size_t i = 0; i < run->throughput_count && status == GB_OK; i++) {
            gb_run_throughput *row = &run->throughput[i];
            const gb_contender *contender = contender_of(selection, row);
            if (!contender || (double)spent[i] * 1e-9 > MOST_SECONDS) continue;
            const uint64_t start = gb_clock_ns();
            if (!row->round_ms) status = make_room(row, err);
            if (status == GB_OK) status = time_round(selection, contender, &brief, row, err);
            spent[i] += gb_clock_ns() - start;
        }
    free(spent);
    return status;
}
