/* A metric compares a generated frame with the truth, region by region. A new one is one file here and one line in
 * registry.c. Ids state the recipe, because the same name gives different numbers elsewhere. */
#ifndef GB_METRICS_METRIC_H
#define GB_METRICS_METRIC_H

#include "backend/backend.h"
#include "image/flow.h"
#include "image/image.h"
#include "image/region.h"

typedef enum gb_direction { GB_HIGHER_IS_BETTER, GB_LOWER_IS_BETTER, GB_INFORMATIVE } gb_direction;
const char *gb_direction_name(gb_direction direction); /* "higher", "lower", "informative", as run.json has it */

/* One value. Every summary is sum(num) / sum(den): den is 1 for a plain mean, the truth's change for a ratio. A ratio's
 * den may be 0 (the truth stands still): it has no value by itself then, but counts in the sums. */
typedef struct gb_score {
    bool present;      /* the region exists and the value could be asked for */
    const char *undefined; /* why there is no value (static text), or NULL */
    double num, den;
} gb_score;

#define GB_MAX_LAYERS 8
typedef struct gb_scores {
    gb_score region[GB_REGION_COUNT];
    double layer[GB_MAX_LAYERS]; /* per-layer terms of `full`, LPIPS only */
    int layers;
} gb_scores;

typedef struct gb_metric_env {
    gb_geometry geometry;
    const gb_backend *backend;   /* for metrics that run a net */
    const char *weights_dir;     /* where fetched metric weights are; NULL: the default cache */
    const void *shared;          /* shared state of the metric that this one `shares` with; else NULL */
    /* Where frames stay on a device (on_device.h); NULL and 0 else. */
    const gb_scoring *scoring;
    gb_scorer *scorer;           /* the worker's */
    int frames;                  /* the most that a call is given */
    int threads;                 /* that may open it; 0: one */
} gb_metric_env;

/* Two consecutive frames of one shot, of the truth or of a generator. */
typedef struct gb_frame_pair {
    const gb_image *frame[2];
    const void *kept[2];  /* what the metric that this one `shares` with kept of them; else NULL */
    const gb_flow *flow;  /* the truth's alone: how it moves, where the dataset has it; else NULL */
} gb_frame_pair;

struct gb_metric_on_device;

typedef struct gb_metric {
    const char *id;          /* "lpips_alex_v0.1" */
    const char *title;       /* "LPIPS (AlexNet)" */
    const char *summary;     /* one line: what it measures */
    const char *recipe;      /* the exact formula and constants, for the fingerprint and the docs */
    const char *weights;     /* sha256 of the one set of weights that it takes, for the fingerprint; NULL: has none */
    const char *unit;        /* "dB" or "" */
    gb_direction direction;
    int digits;              /* after the point, in tables */
    /* Of a number as another tool gives it: the tool, and the metric of ours that it goes by the name of; else NULL. */
    const char *tool, *like;
    bool pools_errors;       /* decibels whose tool takes the mean of squared errors over frames before the logarithm */
    bool on_request;         /* costs so much that "all metrics" leaves it out: it is taken when it is named */
    bool temporal;           /* compares consecutive frames of one shot: see `pair` */
    bool uses_flow;          /* temporal: reads gb_frame_pair.flow */
    bool estimates_flow;     /* of pairs, by a library; where it uses flow, of those that come without */
    /* Usable here? GB_E_NOT_FOUND with how to get the weights otherwise. NULL: always. */
    gb_status (*ready)(const gb_metric_env *env, gb_error *err);
    /* Shared state, read-only once open (NULL where there is none). */
    gb_status (*open)(const gb_metric_env *env, void **state, gb_error *err);
    void (*close)(void *state);
    /* One per worker thread. */
    gb_status (*worker_open)(const void *state, const gb_metric_env *env, void **worker, gb_error *err);
    void (*worker_close)(void *worker);
    /* Frame metrics: `reference` does the truth's part once, then `compare` is called for each generator's frame. */
    gb_status (*reference)(void *worker, const gb_image *truth, gb_error *err);
    gb_status (*compare)(void *worker, const gb_image *test, gb_scores *out, gb_error *err);
    /* Where the difference lies: the value of `full` of the frame compared last, spread over the frame, as width x
     * height even cells row by row; their mean is about that value. NULL: that cannot be said. */
    gb_status (*map)(void *worker, int width, int height, float *out, gb_error *err);
    /* Frame metrics may keep something of a frame for temporal ones, so that no net runs twice: `kept_size` bytes,
     * aligned to GB_ALIGNMENT, of the frame given to `reference` or `compare` last. NULL: nothing to keep. */
    size_t (*kept_size)(const void *state);
    void (*keep)(void *worker, void *out);
    /* Temporal metrics. `shares`: the metric of which it needs what is kept; it then runs on the same frames. */
    const struct gb_metric *shares;
    /* `pair_reference` does the truth's part of a pair once, then `pair` is called for each generator's. Stride 1
     * unless the dataset says otherwise. */
    gb_status (*pair_reference)(void *worker, const gb_frame_pair *truth, gb_error *err);
    gb_status (*pair)(void *worker, const gb_frame_pair *test, gb_scores *out, gb_error *err);
    const struct gb_metric_on_device *on_device; /* the same where the frames are; NULL: from pictures alone */
} gb_metric;

const gb_metric *const *gb_metrics(size_t *count); /* in the order of lists and tables */
const gb_metric *gb_metric_find(const char *id); /* NULL when unknown */

/* Largest absolute 8-bit difference over the known centre: 0 proves that it is untouched. Equal sizes required. */
int gb_centre_maxabs(gb_geometry geometry, const gb_image *input, const gb_image *test);

#endif
