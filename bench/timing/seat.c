#include "timing/seat.h"

#include <stdlib.h>

#include "core/memory.h"

struct gb_seat {
    const struct gb_metric_on_device *on;
    gb_metric_env env;
    bool temporal;
    void *worker;
    gb_memory *memory; /* truths, then frames */
    gb_device_frames truth, test;
    gb_device_pairs truths, tests;
};

int gb_seat_frames(int frame_count)
{
    return frame_count < GB_SCORING_FRAMES ? frame_count : GB_SCORING_FRAMES;
}

void gb_seat_close(gb_seat *seat)
{
    if (!seat) return;
    if (seat->worker) seat->on->worker_close(seat->worker);
    if (seat->memory) seat->env.scoring->memory_free(seat->memory);
    if (seat->env.scorer) seat->env.scoring->scorer_free(seat->env.scorer);
    free(seat);
}

static gb_status put(gb_seat *seat, const gb_image *images, int first, gb_device_frames *frames, gb_device_pairs *pairs,
                     gb_error *err)
{
    const size_t bytes = (size_t)images->width * (size_t)images->height * 3;
    const int count = seat->env.frames;
    frames->count = pairs->count = count;
    for (int i = 0; i < count; i++) {
        frames->frame[i] = (gb_place){.memory = seat->memory, .offset = (size_t)(first + i) * bytes};
        frames->truth[i] = pairs->truth[i] = i;
        GB_TRY(seat->env.scoring->put(seat->env.scorer, frames->frame[i], images[i].rgb, bytes, err));
    }
    for (int i = 0; i < count; i++) {
        pairs->frame[0][i] = frames->frame[i];
        pairs->frame[1][i] = frames->frame[(i + 1) % count];
        pairs->picture[i] = (gb_frame_pair){.frame = {&images[i], &images[(i + 1) % count]}};
    }
    return GB_OK;
}

gb_status gb_seat_open(const gb_metric *metric, const void *shared, const gb_metric_env *env, const gb_image *truths,
                       const gb_image *frames, int count, gb_seat **out, gb_error *err)
{
    const size_t bytes = (size_t)truths->width * (size_t)truths->height * 3;
    gb_status status;
    gb_seat *seat = gb_alloc(1, sizeof *seat);
    if (!seat) return gb_fail_memory(err, metric->id, sizeof *seat);
    seat->on = metric->on_device;
    seat->env = *env;
    seat->env.frames = gb_seat_frames(count);
    seat->temporal = metric->temporal;
    GB_GO(env->scoring->scorer_new(env->backend->ordinal, &seat->env.scorer, err));
    GB_GO(env->scoring->memory_new(env->backend->ordinal, 2 * (size_t)seat->env.frames * bytes, &seat->memory, err));
    GB_GO(seat->on->worker_open(shared, &seat->env, &seat->worker, err));
    GB_GO(put(seat, truths, 0, &seat->truth, &seat->truths, err));
    GB_GO(put(seat, frames, seat->env.frames, &seat->test, &seat->tests, err));
    GB_GO(gb_seat_score(seat, true, err));
    *out = seat;
    seat = NULL;
done:
    gb_seat_close(seat);
    return status;
}

gb_status gb_seat_score(gb_seat *seat, bool truth, gb_error *err)
{
    gb_scores scores[GB_SCORING_FRAMES];
    if (seat->temporal) {
        if (truth) GB_TRY(seat->on->pair_reference(seat->worker, &seat->truths, err));
        return seat->on->pair(seat->worker, &seat->tests, scores, err);
    }
    if (truth) GB_TRY(seat->on->reference(seat->worker, &seat->truth, err));
    return seat->on->compare(seat->worker, &seat->test, scores, err);
}
