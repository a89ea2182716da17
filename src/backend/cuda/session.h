/* A session's parts, for session.c and frames.c alone. */
#ifndef GB_BACKEND_CUDA_SESSION_H
#define GB_BACKEND_CUDA_SESSION_H

#include "backend/cuda/memory.h"
#include "backend/cuda/plan.h"
#include "backend/cuda/recording.h"

/* One run in flight: its own memory for what goes in and out, here (page-locked) and on the card. */
typedef struct gb_cuda_slot {
    char *host, *card;
    gb_memory ends; /* `card` as others see it */
    void **value;  /* of every node, on the card: inputs and outputs in `card`, the others in the session's arena */
    cudaEvent_t uploaded, computed, downloaded;
    gb_cuda_recording recording;
    int32_t *infinite, *host_infinite; /* a flag for each frame of the run; NULL without a feed */
} gb_cuda_slot;

/* Three streams, so that one slot is copied while another is computed. The arena and the scratch memory belong to the
 * stream that computes, one slot after the other. */
typedef struct gb_cuda_session {
    const gb_cuda_plan *plan;
    cudaStream_t upload, compute, download;
    cudnnHandle_t cudnn;
    char *arena;
    void *scratch;
    gb_frame_feed feed;
    float *level; /* of the feed, on the card; NULL: there is none */
    gb_cuda_slot slot[GB_PLUGIN_SLOTS];
} gb_cuda_session;

/* Queues a run of the slot's inputs, which are on the card, on the stream that computes. */
gb_status gb_cuda_session_compute(gb_cuda_session *session, gb_cuda_slot *slot, gb_error *err) GB_MUST_CHECK;
/* Waits for all that is queued, after `status` says that not everything could be. Returns that. */
gb_status gb_cuda_session_settle(const gb_cuda_session *session, gb_status status);

/* frames.c */
gb_status gb_cuda_session_feed(void *session, const gb_frame_feed *feed, gb_error *err) GB_MUST_CHECK;
gb_status gb_cuda_slot_submit_frames(void *session, int slot, const gb_frame_run *run, gb_error *err) GB_MUST_CHECK;
gb_status gb_cuda_slot_collect_frames(void *session, int slot, bool *finite, gb_error *err) GB_MUST_CHECK;
gb_place gb_cuda_slot_place(void *session, int slot, size_t index);

#endif
