/* LPIPS where the frames are: features stay on the device, distances are added up there. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "metrics/lpips_state.h"
#include "metrics/region_sums.h"

typedef struct device_state {
    lpips_state lpips; /* its plan takes env.frames frames */
    const gb_scoring *scoring;
    gb_geometry geometry;
    gb_memory *heads;
    gb_place head[TAPS];
    gb_region_sums sums[TAPS];
    size_t offset[TAPS + 1]; /* of each tap among what is kept of a frame; then its size */
} device_state;

typedef struct device_worker {
    const device_state *state;
    gb_scorer *scorer;
    gb_session *session;
    gb_memory *reference; /* the truth's features, at unit length, frame by frame */
    int count;            /* frames whose features are in the session */
} device_worker;

void gb_device_lpips_close(void *handle)
{
    device_state *const state = handle;
    if (!state) return;
    for (int t = 0; t < TAPS; t++) gb_region_sums_close(&state->sums[t]);
    if (state->heads) state->scoring->memory_free(state->heads);
    gb_lpips_state_clear(&state->lpips);
    free(state);
}

/* Heads and regions, which a scorer of their own copies. */
static gb_status upload(device_state *state, const gb_metric_env *env, gb_error *err)
{
    gb_scorer *scorer = NULL;
    gb_status status;
    size_t channels = 0;
    for (int t = 0; t < TAPS; t++) channels += (size_t)gb_lpips_tap_shape(&state->lpips, t).c;
    GB_GO(state->scoring->scorer_new(env->backend->ordinal, &scorer, err));
    GB_GO(state->scoring->memory_new(env->backend->ordinal, channels * sizeof(float), &state->heads, err));
    channels = 0;
    for (int t = 0; t < TAPS; t++) {
        const gb_shape shape = gb_lpips_tap_shape(&state->lpips, t);
        state->head[t] = (gb_place){.memory = state->heads, .offset = channels * sizeof(float)};
        GB_GO(state->scoring->put(scorer, state->head[t], state->lpips.weights.head[t],
                                  (size_t)shape.c * sizeof(float), err));
        GB_GO(gb_region_sums_open(env, scorer, gb_lpips_tap_grid(&state->lpips, t), &state->sums[t], err));
        channels += (size_t)shape.c;
        state->offset[t + 1] = state->offset[t] + gb_shape_size(shape) * sizeof(float);
    }
done:
    state->scoring->scorer_free(scorer);
    return status;
}

gb_status gb_device_lpips_open(const gb_lpips_rule *rule, const gb_metric_env *env, void **out, gb_error *err)
{
    gb_status status;
    device_state *state = gb_alloc(1, sizeof *state);
    if (!state) return gb_fail_memory(err, rule->net->metric, sizeof *state);
    state->scoring = env->scoring;
    state->geometry = env->geometry;
    GB_GO(gb_lpips_state_open(rule, env, &state->lpips, err));
    GB_GO(upload(state, env, err));
    *out = state;
    state = NULL;
done:
    gb_device_lpips_close(state);
    return status;
}

size_t gb_device_lpips_kept_size(const void *handle)
{
    const device_state *const state = handle;
    return state->offset[TAPS];
}

void gb_device_lpips_worker_close(void *handle)
{
    device_worker *const worker = handle;
    if (!worker) return;
    gb_session_free(worker->session);
    if (worker->reference) worker->state->scoring->memory_free(worker->reference);
    free(worker);
}

gb_status gb_device_lpips_worker_open(const void *handle, const gb_metric_env *env, void **out, gb_error *err)
{
    const device_state *const state = handle;
    const gb_geometry g = state->geometry;
    gb_frame_feed feed = {.width = g.width, .height = g.height};
    gb_status status;
    device_worker *worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, state->lpips.rule->net->metric, sizeof *worker);
    worker->state = state;
    worker->scorer = env->scorer;
    memcpy(feed.level, state->lpips.scaled, sizeof feed.level);
    GB_GO(gb_session_new(state->lpips.plan, &worker->session, err));
    GB_GO(gb_session_feed(worker->session, &feed, err));
    GB_GO(state->scoring->memory_new(env->backend->ordinal, (size_t)env->frames * state->offset[TAPS],
                                     &worker->reference, err));
    *out = worker;
    worker = NULL;
done:
    gb_device_lpips_worker_close(worker);
    return status;
}

/* The feature maps of the frames are in the session afterwards. */
static gb_status run_trunk(device_worker *worker, const gb_device_frames *frames, gb_error *err)
{
    gb_frame_run run = {.count = frames->count};
    bool finite; /* of what is composited: nothing */
    gb_status status;
    memcpy(run.from, frames->frame, sizeof run.from);
    worker->count = 0;
    GB_GO(gb_session_submit_frames(worker->session, 0, &run, err));
    GB_GO(gb_session_collect_frames(worker->session, 0, &finite, err));
    worker->count = frames->count;
done:
    return status == GB_OK ? GB_OK : gb_fail_in(err, "%s", worker->state->lpips.rule->net->metric);
}

static gb_feature_sums features_of(const device_worker *worker, int tap)
{
    const device_state *const state = worker->state;
    const gb_shape shape = gb_lpips_tap_shape(&state->lpips, tap);
    const gb_lpips_epsilon epsilon = state->lpips.rule->epsilon;
    gb_feature_sums sums = {.count = worker->count, .h = shape.h, .w = shape.w, .c = shape.c,
                            .inside = epsilon.inside, .outside = epsilon.outside, .weight = state->head[tap],
                            .groups = state->sums[tap].groups};
    for (int i = 0; i < worker->count; i++) {
        sums.features[i] = gb_session_place(worker->session, 0, (size_t)tap);
        sums.features[i].offset += (size_t)i * gb_shape_size(shape) * sizeof(float);
    }
    return sums;
}

static gb_place reference_of(const device_worker *worker, int frame, int tap)
{
    const device_state *const state = worker->state;
    return (gb_place){.memory = worker->reference, .offset = (size_t)frame * state->offset[TAPS] + state->offset[tap]};
}

gb_status gb_device_lpips_reference(void *handle, const gb_device_frames *truth, gb_error *err)
{
    device_worker *const worker = handle;
    GB_TRY(run_trunk(worker, truth, err));
    for (int t = 0; t < TAPS; t++) {
        gb_feature_sums sums = features_of(worker, t);
        for (int i = 0; i < sums.count; i++) sums.reference[i] = reference_of(worker, i, t);
        GB_TRY(worker->state->scoring->unit(worker->scorer, &sums, err));
    }
    return GB_OK;
}

/* Adds a tap's term to every frame's scores. */
static gb_status add_tap(const device_state *state, gb_scorer *scorer, int tap, const gb_feature_sums *sums,
                         gb_scores *out, gb_error *err)
{
    double total[GB_SCORING_FRAMES][GB_REGION_GROUPS];
    GB_TRY(state->scoring->distance(scorer, sums, &total[0][0], err));
    for (int i = 0; i < sums->count; i++)
        for (int r = 0; r < GB_REGION_COUNT; r++)
            GB_TRY(gb_lpips_add_term(&state->lpips, tap, (gb_region)r, total[i][r], state->sums[tap].columns[r],
                                     &out[i], err));
    return GB_OK;
}

gb_status gb_device_lpips_compare(void *handle, const gb_device_frames *test, gb_scores *out, gb_error *err)
{
    device_worker *const worker = handle;
    const device_state *const state = worker->state;
    GB_TRY(run_trunk(worker, test, err));
    for (int i = 0; i < test->count; i++) out[i] = gb_lpips_no_distance(state->geometry);
    for (int t = 0; t < TAPS; t++) {
        gb_feature_sums sums = features_of(worker, t);
        for (int i = 0; i < sums.count; i++) sums.reference[i] = reference_of(worker, test->truth[i], t);
        GB_TRY(add_tap(state, worker->scorer, t, &sums, out, err));
    }
    return GB_OK;
}

gb_status gb_device_lpips_keep(void *handle, const gb_place *out, gb_error *err)
{
    device_worker *const worker = handle;
    const device_state *const state = worker->state;
    for (int t = 0; t < TAPS; t++) {
        const gb_feature_sums all = features_of(worker, t);
        gb_feature_sums sums = all;
        sums.count = 0;
        for (int i = 0; i < all.count; i++) {
            if (!out[i].memory) continue;
            sums.features[sums.count] = all.features[i];
            sums.reference[sums.count++] =
                (gb_place){.memory = out[i].memory, .offset = out[i].offset + state->offset[t]};
        }
        if (sums.count) GB_TRY(state->scoring->unit(worker->scorer, &sums, err));
    }
    return GB_OK;
}

gb_status gb_device_lpips_kept_distance(const void *handle, gb_scorer *scorer, const gb_device_pairs *pairs,
                                        gb_scores *out, gb_error *err)
{
    const device_state *const state = handle;
    for (int i = 0; i < pairs->count; i++) out[i] = gb_lpips_no_distance(state->geometry);
    for (int t = 0; t < TAPS; t++) {
        const gb_shape shape = gb_lpips_tap_shape(&state->lpips, t);
        gb_feature_sums sums = {.count = pairs->count, .h = shape.h, .w = shape.w, .c = shape.c, .are_unit = true,
                                .weight = state->head[t], .groups = state->sums[t].groups};
        for (int i = 0; i < pairs->count; i++) {
            sums.features[i] = pairs->kept[0][i];
            sums.reference[i] = pairs->kept[1][i];
            sums.features[i].offset += state->offset[t];
            sums.reference[i].offset += state->offset[t];
        }
        GB_TRY(add_tap(state, scorer, t, &sums, out, err));
    }
    return GB_OK;
}
