/* Where graphs run. A backend makes a plan of a graph once (shapes fixed, weights reordered, shared and read-only) and
 * any number of sessions of a plan, one per worker thread (activations and scratch; nothing is allocated in a run).
 *
 * Results depend on the graph and the input alone: the same bits whatever the number of sessions or threads. */
#ifndef GB_BACKEND_BACKEND_H
#define GB_BACKEND_BACKEND_H

#include "backend/precision.h"
#include "backend/scoring.h"
#include "engine/graph.h"

typedef struct gb_device_info {
    char name[128];     /* the processor or card */
    char library[128];  /* e.g. "oneDNN 2.6.3" */
    char precision[16]; /* "fp32", "fp64-accumulate" */
} gb_device_info;

typedef struct gb_device_roof {
    double flops; /* a second */
    double bytes; /* of its memory, a second */
} gb_device_roof;

/* How a graph is to be run. */
typedef struct gb_plan_options {
    int ordinal;            /* which device of the backend's kind */
    gb_precision precision; /* one that the backend accepts */
    int threads;            /* that may make it, 1 or more; it is the same plan */
} gb_plan_options;

typedef struct gb_backend gb_backend;
struct gb_backend {
    const char *id;      /* "ref", "cpu", "cuda" */
    const char *summary; /* one line for `list devices` */
    int ordinal;         /* which device of its kind, from 0: "cuda:1" has 1 */
    const gb_backend *next; /* the same for the device after this one; NULL: there are no more */
    /* GB_OK and *info when device `ordinal` is usable here, else GB_E_DEVICE with the reason. */
    gb_status (*probe)(int ordinal, gb_device_info *info, gb_error *err);
    /* GB_OK when nets can run in `precision` on it, else GB_E_UNSUPPORTED with what there is instead. NULL: only
     * GB_PRECISION_FP32 is accepted. */
    gb_status (*accepts)(int ordinal, gb_precision precision, gb_error *err);
    /* `graph` and its weights may be freed once this returns. */
    gb_status (*plan_new)(const gb_graph *graph, const gb_plan_options *options, void **plan, gb_error *err);
    void (*plan_free)(void *plan);
    gb_status (*session_new)(void *plan, void **session, gb_error *err);
    void (*session_free)(void *session);
    float *(*session_input)(void *session, size_t index);        /* the caller writes here before a run */
    const float *(*session_output)(void *session, size_t index); /* valid until the next run */
    gb_status (*session_run)(void *session, gb_error *err);
    gb_status (*session_rerun)(void *session, gb_error *err); /* NULL: a whole run is as good */
    /* A device that works while the processor does something else has several slots instead of the three above: each
     * has inputs and outputs of its own and is filled, submitted and collected by itself. 0: the three above. */
    int slots;
    float *(*slot_input)(void *session, int slot, size_t index);
    const float *(*slot_output)(void *session, int slot, size_t index);
    gb_status (*slot_submit)(void *session, int slot, gb_error *err);
    gb_status (*slot_collect)(void *session, int slot, gb_error *err);
    /* What device `ordinal` can do at most in `precision`; NULL: the processor's own, which is measured. */
    gb_status (*roof)(int ordinal, gb_precision precision, gb_device_roof *out, gb_error *err);
    /* Frames that one run should be given at once, where there are so many; 0: one. */
    int frames;
    /* Frames that stay on device `ordinal` (scoring.h), with the four below; NULL: they are scored by the processor. */
    gb_status (*scoring)(int ordinal, const gb_scoring **out, gb_error *err);
    gb_status (*session_feed)(void *session, const gb_frame_feed *feed, gb_error *err);
    gb_status (*slot_submit_frames)(void *session, int slot, const gb_frame_run *run, gb_error *err);
    gb_status (*slot_collect_frames)(void *session, int slot, bool *finite, gb_error *err);
    gb_place (*slot_place)(void *session, int slot, size_t index);
};

/* The backends built in, best first; `count` is set. */
const gb_backend *const *gb_backends(size_t *count);

/* `id` is a backend's id, with ":N" for its device N ("cuda:1"), or "auto" (the first usable one). A named backend or
 * device that is not usable is an error. */
gb_status gb_backend_select(const char *id, const gb_backend **out, gb_device_info *info, gb_error *err) GB_MUST_CHECK;

/* The usable devices of the kind `id`, in their order, at most `room` of them; how many those are. */
int gb_backend_usable(const char *id, const gb_backend **out, int room);

/* Whether nets can run in `precision` there: GB_OK, or GB_E_UNSUPPORTED with what there is instead. */
gb_status gb_backend_accepts(const gb_backend *backend, gb_precision precision, gb_error *err) GB_MUST_CHECK;

typedef struct gb_plan gb_plan;
typedef struct gb_session gb_session;

/* In GB_PRECISION_FP32, by one thread. */
gb_status gb_plan_new(const gb_backend *backend, const gb_graph *graph, gb_plan **out, gb_error *err) GB_MUST_CHECK;
/* In any precision; one that the backend does not accept is GB_E_UNSUPPORTED. */
gb_status gb_plan_new_by(const gb_backend *backend, const gb_graph *graph, gb_precision precision, int threads,
                         gb_plan **out, gb_error *err) GB_MUST_CHECK;
gb_status gb_plan_new_in(const gb_backend *backend, const gb_graph *graph, gb_precision precision, gb_plan **out,
                         gb_error *err) GB_MUST_CHECK;
void gb_plan_free(gb_plan *plan); /* after its sessions */
gb_cost gb_plan_cost(const gb_plan *plan); /* gb_graph_wanted_cost */
size_t gb_plan_output_count(const gb_plan *plan);
gb_shape gb_plan_input_shape(const gb_plan *plan, size_t index);
gb_shape gb_plan_output_shape(const gb_plan *plan, size_t index);

/* Calls on one session must not overlap; different sessions of one plan may run at once. */
gb_status gb_session_new(const gb_plan *plan, gb_session **out, gb_error *err) GB_MUST_CHECK;
void gb_session_free(gb_session *session);
float *gb_session_input(gb_session *session, size_t index);        /* N,H,W,C; to be filled before each run */
const float *gb_session_output(gb_session *session, size_t index); /* N,H,W,C; valid until the next run */
gb_status gb_session_run(gb_session *session, gb_error *err) GB_MUST_CHECK;
/* The same outputs, bit for bit, where the inputs differ from those of the session's last run or rerun in columns alone
 * that the graph's gb_graph_use calls changing. Inputs keep their contents between runs. */
gb_status gb_session_rerun(gb_session *session, gb_error *err) GB_MUST_CHECK;

/* Several runs in flight: slot 0 is the one above. A slot is filled, submitted, then collected, and its outputs are
 * valid until it is submitted again; while it is away the others may be filled and submitted. Slots are collected in
 * the order in which they were submitted. A slot whose submission failed is not collected. */
int gb_session_slots(const gb_session *session); /* 1 or more */
float *gb_session_slot_input(gb_session *session, int slot, size_t index);
const float *gb_session_slot_output(gb_session *session, int slot, size_t index);
gb_status gb_session_submit(gb_session *session, int slot, gb_error *err) GB_MUST_CHECK;
gb_status gb_session_collect(gb_session *session, int slot, gb_error *err) GB_MUST_CHECK;

/* Where metrics can be computed on the backend's device: GB_OK, and *out, or NULL where the processor computes them. */
gb_status gb_backend_scoring(const gb_backend *backend, const gb_scoring **out, gb_error *err) GB_MUST_CHECK;
/* The same slots with frames that stay there, on a backend that has scoring. The feed is told once, before the first
 * run. `*finite` is false where an output that went into a frame is a NaN or infinite, in a strip; the frames are then
 * undefined. Outputs stay on the device: gb_session_place is where output `index` lies until the next run. */
gb_status gb_session_feed(gb_session *session, const gb_frame_feed *feed, gb_error *err) GB_MUST_CHECK;
gb_status gb_session_submit_frames(gb_session *session, int slot, const gb_frame_run *run, gb_error *err)
    GB_MUST_CHECK;
gb_status gb_session_collect_frames(gb_session *session, int slot, bool *finite, gb_error *err) GB_MUST_CHECK;
gb_place gb_session_place(gb_session *session, int slot, size_t index);

#endif
