/* Nets at work: weights -> graph -> plan, and frames in and out of it. */
#ifndef GB_MODELS_NET_H
#define GB_MODELS_NET_H

#include "backend/backend.h"
#include "models/generator.h"

typedef struct gb_net_options {
    bool batch_stats; /* batch norm on the statistics of the batch instead of the running ones */
    int batch;        /* frames per run; with batch_stats they share statistics, else each is by itself */
    int width, height, side;
    gb_precision precision;
    int threads;      /* that may plan it; 0: one */
    bool strips_only; /* the centre of the output is not looked at, so what it alone depends on is not computed */
} gb_net_options;

/* A net with its weights on a backend, for one frame size; shared by all workers. */
typedef struct gb_net_plan gb_net_plan;

typedef struct gb_net_info {
    gb_net_params params;
    gb_cost cost;         /* of one run of `batch` frames */
    bool random_weights;
} gb_net_info;

/* The prefix under which these weights hold a state dict of this net, or NULL. Borrowed from the net. */
const char *gb_net_prefix(const gb_net *net, const gb_weights *weights);

/* GB_E_UNSUPPORTED, and then only: the net with these weights does not give frames of this size back at their own size.
 * Leaves `weights` with the net's tensors, as gb_net_plan_new does. */
gb_status gb_net_takes(const gb_net *net, gb_weights *weights, int width, int height, gb_error *err) GB_MUST_CHECK;

/* Takes the state dict by prefix, infers the parameters, builds, checks strictly, plans. `weights` is left with only
 * the net's tensors and may be freed afterwards. Random weights use the net's defaults. */
gb_status gb_net_plan_new(const gb_net *net, gb_weights *weights, const gb_net_options *options,
                          const gb_backend *backend, gb_net_plan **out, gb_error *err) GB_MUST_CHECK;
void gb_net_plan_free(gb_net_plan *plan);
gb_net_info gb_net_plan_info(const gb_net_plan *plan);

/* The graph alone (unfolded), e.g. for tests and `model info`; the caller frees it before `weights`. */
gb_status gb_net_graph(const gb_net *net, gb_weights *weights, const gb_net_options *options, gb_net_params *params,
                       gb_graph **out, gb_error *err) GB_MUST_CHECK;

/* One worker's state. */
typedef struct gb_net_worker gb_net_worker;
gb_status gb_net_worker_new(const gb_net_plan *plan, gb_net_worker **out, gb_error *err) GB_MUST_CHECK;
void gb_net_worker_free(gb_net_worker *worker);

/* Runs `options.batch` wide frames (strips' contents are not read) and gives the raw output: batch,H,W,3 float32 in the
 * net's own range, cropped to the frame; valid until the next run. A NaN or infinity in it is GB_E_NUMERIC. With
 * strips_only the centre is undefined, and not asked about. */
gb_status gb_net_run(gb_net_worker *worker, const gb_image *const *frames, const float **output, gb_error *err)
    GB_MUST_CHECK;
/* The same in two halves, in as many slots as the device can have in flight (1 or more; gb_session_submit has the
 * rules). `count` may be less than `options.batch` without batch_stats: the last frame then fills the rest. The output
 * is valid until the next gb_net_collect or gb_net_run. */
int gb_net_slots(const gb_net_worker *worker);
gb_status gb_net_submit(gb_net_worker *worker, int slot, const gb_image *const *frames, int count, gb_error *err)
    GB_MUST_CHECK;
gb_status gb_net_collect(gb_net_worker *worker, int slot, const float **output, gb_error *err) GB_MUST_CHECK;

/* Size of what gb_net_run gives; differs from the frame only where the net itself does not restore its input's size. */
gb_shape gb_net_output_shape(const gb_net_plan *plan);

typedef enum gb_rounding { GB_ROUND_NEAREST, GB_ROUND_TRUNCATE } gb_rounding;

/* Where frames stay on the backend's device (backend/scoring.h): a worker that is told the rounding once, before its
 * first run, takes frames there and leaves composited ones there. GB_E_UNSUPPORTED where the net's output is not the
 * frame's size. Of frames [0, count), as in gb_net_submit. */
gb_status gb_net_keep_there(gb_net_worker *worker, gb_rounding rounding, gb_error *err) GB_MUST_CHECK;
gb_status gb_net_submit_there(gb_net_worker *worker, int slot, const gb_place *from, const gb_place *to, int count,
                              gb_error *err) GB_MUST_CHECK;
/* `*finite` is false where gb_net_collect would say what is not; the frames are then undefined. */
gb_status gb_net_collect_there(gb_net_worker *worker, int slot, bool *finite, gb_error *err) GB_MUST_CHECK;

/* Writes the strips of raw output `index` into `frame` as 8-bit; the centre is not touched. Values outside the net's
 * range are clamped. Nearest rounds halves to even. */
gb_status gb_net_composite(const gb_net_plan *plan, const float *output, int index, gb_rounding rounding,
                           gb_image *frame, gb_error *err) GB_MUST_CHECK;

#endif
