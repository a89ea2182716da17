/* Runs of frames that are on the card already, and whose results stay there. */
#include <string.h>

#include "backend/cuda/score_kernels.h"
#include "backend/cuda/session.h"
#include "backend/cuda/upload.h"

#define LEVELS (3 * 256)

gb_status gb_cuda_session_feed(void *state, const gb_frame_feed *feed, gb_error *err)
{
    gb_cuda_session *const s = state;
    if (s->level) return gb_fail(err, GB_E_ARG, "a session's feed is told once");
    GB_TRY(gb_cuda_check(cudaSetDevice(s->plan->card), "use the card", err));
    for (int i = 0; i < GB_PLUGIN_SLOTS; i++) {
        gb_cuda_slot *const at = &s->slot[i];
        const size_t bytes = GB_SCORING_FRAMES * sizeof(int32_t);
        GB_TRY(gb_cuda_check(cudaMalloc((void **)&at->infinite, bytes), "allocate frames", err));
        GB_TRY(gb_cuda_check(cudaMallocHost((void **)&at->host_infinite, bytes), "allocate host memory", err));
    }
    s->feed = *feed;
    GB_TRY(gb_cuda_upload(&feed->level[0][0], LEVELS, &s->level, err));
    return gb_cuda_check(cudaStreamSynchronize(NULL), "copy levels", err);
}

gb_place gb_cuda_slot_place(void *state, int index, size_t output)
{
    const gb_cuda_session *const s = state;
    return (gb_place){.memory = &s->slot[index].ends, .offset = s->plan->end[s->plan->inputs + output].offset};
}

static size_t frame_bytes(const gb_cuda_session *s)
{
    return 3 * (size_t)s->feed.width * (size_t)s->feed.height;
}

/* `from`: the run's frames, which have arrived once the stream that computes comes to this. */
static gb_status feed(const gb_cuda_session *s, const gb_cuda_slot *at, const uint8_t *const *from, int count,
                      gb_error *err)
{
    const gb_frame_feed *const how = &s->feed;
    const gb_value input = s->plan->end[0].value;
    const gb_shape shape = s->plan->step[input].node.shape;
    gb_cuda_feed f = {.level = s->level, .y = at->value[input], .infinite = at->infinite, .count = count,
                      .n = shape.n, .h = shape.h, .w = shape.w, .c = shape.c, .width = how->width,
                      .height = how->height, .side = how->side, .known = how->known};
    memcpy(f.unknown, how->unknown, sizeof f.unknown);
    memcpy(f.frame, from, sizeof f.frame);
    return gb_cuda_check(gb_cuda_run_feed(&f, s->compute), "give frames to a net", err);
}

static gb_status composite(const gb_cuda_session *s, const gb_cuda_slot *at, const uint8_t *const *from,
                           const gb_frame_run *run, gb_error *err)
{
    const gb_frame_feed *const how = &s->feed;
    const gb_value output = s->plan->end[s->plan->inputs].value;
    const gb_shape shape = s->plan->step[output].node.shape;
    gb_cuda_composite f = {.x = at->value[output], .infinite = at->infinite, .count = run->count, .h = shape.h,
                           .w = shape.w, .width = how->width, .height = how->height, .side = how->side,
                           .truncate = how->truncate, .offset = how->offset, .scale = how->scale};
    if (shape.c != 3 || shape.w < how->width || shape.h < how->height)
        return gb_fail(err, GB_E_MISMATCH, "the net's output of %dx%d does not fit a frame of %dx%d", (int)shape.w,
                       (int)shape.h, how->width, how->height);
    memcpy(f.from, from, sizeof f.from);
    GB_TRY(gb_cuda_locate_all(run->to, run->count, s->plan->card, frame_bytes(s), s->compute, f.to, err));
    GB_TRY(gb_cuda_check(gb_cuda_run_composite(&f, s->compute), "composite frames", err));
    return gb_cuda_check(cudaMemcpyAsync(at->host_infinite, at->infinite, GB_SCORING_FRAMES * sizeof(int32_t),
                                         cudaMemcpyDeviceToHost, s->compute),
                         "copy flags from the card", err);
}

static gb_status enqueue(gb_cuda_session *s, gb_cuda_slot *at, const gb_frame_run *run, gb_error *err)
{
    const uint8_t *from[GB_SCORING_FRAMES] = {NULL};
    GB_TRY(gb_cuda_locate_all(run->from, run->count, s->plan->card, frame_bytes(s), s->compute, from, err));
    GB_TRY(feed(s, at, from, run->count, err));
    GB_TRY(gb_cuda_session_compute(s, at, err));
    memset(at->host_infinite, 0, GB_SCORING_FRAMES * sizeof(int32_t));
    if (run->to[0].memory) GB_TRY(composite(s, at, from, run, err));
    return gb_cuda_check(cudaEventRecord(at->computed, s->compute), "record an event", err);
}

gb_status gb_cuda_slot_submit_frames(void *state, int index, const gb_frame_run *run, gb_error *err)
{
    gb_cuda_session *const s = state;
    if (!s->level) return gb_fail(err, GB_E_ARG, "a session without a feed is given frames");
    GB_TRY(gb_cuda_check(cudaSetDevice(s->plan->card), "use the card", err));
    const gb_status status = enqueue(s, &s->slot[index], run, err);
    return status == GB_OK ? GB_OK : gb_cuda_session_settle(s, status);
}

gb_status gb_cuda_slot_collect_frames(void *state, int index, bool *finite, gb_error *err)
{
    gb_cuda_session *const s = state;
    const gb_cuda_slot *const at = &s->slot[index];
    GB_TRY(gb_cuda_check(cudaSetDevice(s->plan->card), "use the card", err));
    GB_TRY(gb_cuda_check(cudaEventSynchronize(at->computed), "finish a run", err));
    *finite = true;
    for (int i = 0; i < GB_SCORING_FRAMES; i++) *finite = *finite && !at->host_infinite[i];
    return GB_OK;
}
