/* LPIPS as it comes out elsewhere: in torchmetrics, and of the authors' package when it is given the wrong range. */
#include "metrics/lpips.h"

static const gb_lpips_rule torchmetrics = {.net = &gb_lpips_alexnet, .epsilon = {.inside = 1e-8f}};
static const gb_lpips_rule unit_range = {
    .net = &gb_lpips_alexnet, .epsilon = {.outside = 1e-10f}, .unit_range = true};

static gb_status ready(const gb_metric_env *env, gb_error *err)
{
    return gb_lpips_ready(&gb_lpips_alexnet, env, err);
}

static gb_status open_torchmetrics(const gb_metric_env *env, void **out, gb_error *err)
{
    return gb_lpips_open(&torchmetrics, env, out, err);
}

static gb_status open_unit_range(const gb_metric_env *env, void **out, gb_error *err)
{
    return gb_lpips_open(&unit_range, env, out, err);
}

static gb_status open_torchmetrics_there(const gb_metric_env *env, void **out, gb_error *err)
{
    return gb_device_lpips_open(&torchmetrics, env, out, err);
}

static gb_status open_unit_range_there(const gb_metric_env *env, void **out, gb_error *err)
{
    return gb_device_lpips_open(&unit_range, env, out, err);
}

static const struct gb_metric_on_device torchmetrics_there = {.open = open_torchmetrics_there, GB_DEVICE_LPIPS};
static const struct gb_metric_on_device unit_range_there = {.open = open_unit_range_there, GB_DEVICE_LPIPS};

#define COMMON                                                                                                       \
    .weights = GB_LPIPS_ALEX_WEIGHTS, .like = "lpips_alex_v0.1", .unit = "", .direction = GB_LOWER_IS_BETTER,        \
    .digits = 4, .on_request = true, .ready = ready, .close = gb_lpips_close, .worker_open = gb_lpips_worker_open,   \
    .worker_close = gb_lpips_worker_close, .reference = gb_lpips_reference, .compare = gb_lpips_compare

const gb_metric gb_metric_lpips_torchmetrics = {
    .id = "lpips_torchmetrics",
    .title = "LPIPS (torchmetrics)",
    .summary = "torchmetrics' LPIPS, net_type='alex': 1e-8 under the root",
    .recipe = "learned_perceptual_image_patch_similarity(test, truth, 'alex') on pictures in [-1, 1] (or in [0, 1] "
              "with normalize=True): as lpips_alex_v0.1, but unit length with 1e-8 inside the root",
    .tool = "torchmetrics",
    .open = open_torchmetrics,
    .on_device = &torchmetrics_there,
    COMMON,
};

const gb_metric gb_metric_lpips_unit_range = {
    .id = "lpips_alex_unit_range",
    .title = "LPIPS (AlexNet, given [0, 1])",
    .summary = "the authors' lpips package given pictures in [0, 1] without normalize=True, a usual mistake",
    .recipe = "lpips.LPIPS(net='alex') on u8/255 with normalize=False: as lpips_alex_v0.1, but with half the contrast "
              "and shifted",
    .tool = "lpips",
    .open = open_unit_range,
    .on_device = &unit_range_there,
    COMMON,
};
