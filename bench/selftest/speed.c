#include "selftest/speed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "run/roof.h"
#include "stats/stats.h"

#define MOST_CALLS 1000

static gb_status time_calls(const gb_speed_plan *plan, gb_noisy_net_worker *worker, const gb_image *frame, double *ms,
                            gb_error *err)
{
    double call[MOST_CALLS];
    size_t calls = 0;
    const uint64_t start = gb_clock_ns();
    for (uint64_t now = start; calls < MOST_CALLS && (!calls || (double)(now - start) * 1e-9 < plan->seconds);) {
        const uint64_t before = now;
        GB_TRY(gb_noisy_net_look(worker, frame, err));
        now = gb_clock_ns();
        call[calls++] = (double)(now - before) * 1e-6;
    }
    *ms = gb_stats_quantile(call, calls, 0.5);
    return GB_OK;
}

static gb_status time_round(const gb_speed_plan *plan, gb_noisy_net_worker *worker, const gb_image *frame,
                            double *relative, gb_error *err)
{
    double before, ms, after;
    GB_TRY(gb_roof_yardstick(1, &before, err));
    GB_TRY(time_calls(plan, worker, frame, &ms, err));
    GB_TRY(gb_roof_yardstick(1, &after, err));
    *relative = log(ms / (0.5 * (before + after)));
    return GB_OK;
}

static gb_status time_rounds(const gb_speed_plan *plan, gb_noisy_net_worker *worker, gb_series *series, gb_error *err)
{
    gb_image frame = {0};
    double warm_up;
    gb_status status = GB_OK;
    GB_GO(gb_image_new(plan->geometry.width, plan->geometry.height, &frame, err));
    memset(frame.rgb, 128, (size_t)frame.width * (size_t)frame.height * 3);
    GB_GO(time_round(plan, worker, &frame, &warm_up, err));
    for (int i = 0; i < plan->rounds; i++) {
        series->first[i] = (size_t)i;
        series->pair[i] = (gb_pair){.shot = i, .base_den = 1.0};
        GB_GO(time_round(plan, worker, &frame, &series->pair[i].base_num, err));
    }
    series->first[plan->rounds] = (size_t)plan->rounds;
done:
    gb_image_free(&frame);
    return status;
}

gb_status gb_speed_measure(const gb_speed_plan *plan, gb_series *out, gb_error *err)
{
    gb_series series = {.metric = "time", .region = "a frame", .units = plan->rounds,
                        .effect = {.better = GB_BETTER_LOWER, .least = log1p(plan->least)}};
    gb_noisy_net *net = NULL;
    gb_noisy_net_worker *worker = NULL;
    gb_status status = GB_OK;
    if (plan->rounds < 2) return gb_fail(err, GB_E_ARG, "self-test: expected 2 rounds or more, found %d", plan->rounds);
    series.first = gb_alloc((size_t)plan->rounds + 1, sizeof *series.first);
    series.pair = gb_alloc((size_t)plan->rounds, sizeof *series.pair);
    if (!series.first || !series.pair) GB_GO(gb_fail_memory(err, "timings", (size_t)plan->rounds));
    GB_GO(gb_noisy_net_new(NULL, 0, plan->geometry, plan->backend, &net, err));
    GB_GO(gb_noisy_net_worker_new(net, &worker, err));
    GB_GO(time_rounds(plan, worker, &series, err));
    *out = series;
done:
    gb_noisy_net_worker_free(worker);
    gb_noisy_net_free(net);
    if (status != GB_OK) {
        free(series.first);
        free(series.pair);
    }
    return status;
}

static gb_status add_case(const gb_series *measured, const char *what, double slower, gb_case_kind kind,
                          gb_case_list *list, gb_error *err)
{
    const size_t rounds = (size_t)measured->units;
    gb_case *const one = gb_case_list_add(list, "slow-down", 100.0 * slower, kind, 1);
    if (!one) return gb_fail_memory(err, "cases", sizeof *one);
    snprintf(one->what, sizeof one->what, "%s", what);
    one->speed = true;
    one->slower = slower;
    gb_series *const series = &one->series[0];
    *series = *measured;
    series->first = gb_alloc(rounds + 1, sizeof *series->first);
    series->pair = gb_alloc(rounds, sizeof *series->pair);
    if (!series->first || !series->pair) return gb_fail_memory(err, "timings", rounds * sizeof *series->pair);
    memcpy(series->first, measured->first, (rounds + 1) * sizeof *series->first);
    memcpy(series->pair, measured->pair, rounds * sizeof *series->pair);
    return GB_OK;
}

gb_status gb_cases_of_speed(const gb_series *measured, gb_case_list *list, gb_error *err)
{
    GB_TRY(add_case(measured, "every call takes 5 % longer", 0.05, GB_CASE_INJECTED, list, err));
    GB_TRY(add_case(measured, "every call takes 10 % longer", 0.1, GB_CASE_INJECTED, list, err));
    GB_TRY(add_case(measured, "every call takes 20 % longer", 0.2, GB_CASE_INJECTED, list, err));
    GB_TRY(add_case(measured, "every call takes longer by the least effect", expm1(measured->effect.least),
                    GB_CASE_AT_LIMIT, list, err));
    return add_case(measured, "the host's jitter", 0.0, GB_CASE_TWINS, list, err);
}
