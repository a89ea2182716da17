/* Learned perceptual image patch similarity: Zhang, Isola, Efros, Shechtman & Wang, "The Unreasonable Effectiveness of
 * Deep Features as a Perceptual Metric", CVPR 2018; version 0.1 as in the authors' code (lpips/lpips.py), through any
 * of the nets in lpips_net.h. These are the members of a gb_metric (metric.h says what each does); ready and open are
 * told the net by the metric's own file. */
#ifndef GB_METRICS_LPIPS_H
#define GB_METRICS_LPIPS_H

#include "metrics/lpips_distance.h"
#include "metrics/lpips_net.h"
#include "metrics/on_device.h"

/* Which LPIPS: the authors' through one of the nets, or as another tool computes it. */
typedef struct gb_lpips_rule {
    const gb_lpips_net *net;
    gb_lpips_epsilon epsilon;
    bool unit_range; /* the net is given u8 / 255 where it expects u8 / 127.5 - 1 */
} gb_lpips_rule;

gb_status gb_lpips_ready(const gb_lpips_net *net, const gb_metric_env *env, gb_error *err) GB_MUST_CHECK;
/* `rule` must outlive the state. */
gb_status gb_lpips_open(const gb_lpips_rule *rule, const gb_metric_env *env, void **out, gb_error *err) GB_MUST_CHECK;
void gb_lpips_close(void *state);
gb_status gb_lpips_worker_open(const void *state, const gb_metric_env *env, void **out, gb_error *err) GB_MUST_CHECK;
void gb_lpips_worker_close(void *worker);
gb_status gb_lpips_reference(void *worker, const gb_image *truth, gb_error *err) GB_MUST_CHECK;
gb_status gb_lpips_compare(void *worker, const gb_image *test, gb_scores *out, gb_error *err) GB_MUST_CHECK;
gb_status gb_lpips_map(void *worker, int width, int height, float *out, gb_error *err) GB_MUST_CHECK;

/* Kept of a frame: its features at all taps, each position's at unit length. */
size_t gb_lpips_kept_size(const void *state);
void gb_lpips_keep(void *worker, void *out);

/* LPIPS between two kept frames of the geometry, as gb_lpips_compare would give it. `columns` is room for
 * gb_lpips_columns(state) values. */
size_t gb_lpips_columns(const void *state);
gb_status gb_lpips_kept_distance(const void *state, gb_geometry geometry, const void *a, const void *b, double *columns,
                                 gb_scores *out, gb_error *err) GB_MUST_CHECK;

/* The same where the frames are: open is told the net by the metric's own file, the rest are members of a
 * gb_metric_on_device. A kept frame is gb_device_lpips_kept_size(state) bytes of the device. */
gb_status gb_device_lpips_open(const gb_lpips_rule *rule, const gb_metric_env *env, void **out, gb_error *err)
    GB_MUST_CHECK;
void gb_device_lpips_close(void *state);
gb_status gb_device_lpips_worker_open(const void *state, const gb_metric_env *env, void **out, gb_error *err)
    GB_MUST_CHECK;
void gb_device_lpips_worker_close(void *worker);
gb_status gb_device_lpips_reference(void *worker, const gb_device_frames *truth, gb_error *err) GB_MUST_CHECK;
gb_status gb_device_lpips_compare(void *worker, const gb_device_frames *test, gb_scores *out, gb_error *err)
    GB_MUST_CHECK;
size_t gb_device_lpips_kept_size(const void *state);
gb_status gb_device_lpips_keep(void *worker, const gb_place *out, gb_error *err) GB_MUST_CHECK;
gb_status gb_device_lpips_kept_distance(const void *state, gb_scorer *scorer, const gb_device_pairs *pairs,
                                        gb_scores *out, gb_error *err) GB_MUST_CHECK;
/* The members; the metric's own file adds `open`. */
#define GB_DEVICE_LPIPS                                                                                             \
    .close = gb_device_lpips_close, .worker_open = gb_device_lpips_worker_open,                                     \
    .worker_close = gb_device_lpips_worker_close, .reference = gb_device_lpips_reference,                           \
    .compare = gb_device_lpips_compare, .kept_size = gb_device_lpips_kept_size, .keep = gb_device_lpips_keep

/* The recipe of the metric that looks through the net called TITLE. */
#define GB_LPIPS_RECIPE(TITLE)                                                                                      \
    "LPIPS v0.1, " TITLE ": RGB u8/127.5 - 1, scaling layer, no resizing; five ReLU taps, unit length over "        \
    "channels with 1e-10 outside the root, squared differences weighted by the published heads, mean over "         \
    "positions, sum over layers; a region's positions are those whose footprint centre lies in it; mean over frames"

#endif
