/* LPIPS through AlexNet: what the study reports. */
#include "metrics/lpips.h"

static const gb_lpips_rule rule = {.net = &gb_lpips_alexnet, .epsilon = {.outside = 1e-10f}};

static gb_status ready(const gb_metric_env *env, gb_error *err)
{
    return gb_lpips_ready(&gb_lpips_alexnet, env, err);
}

static gb_status open_state(const gb_metric_env *env, void **out, gb_error *err)
{
    return gb_lpips_open(&rule, env, out, err);
}

static gb_status open_on_device(const gb_metric_env *env, void **out, gb_error *err)
{
    return gb_device_lpips_open(&rule, env, out, err);
}

static const struct gb_metric_on_device on_device = {.open = open_on_device, GB_DEVICE_LPIPS};

const gb_metric gb_metric_lpips_alex = {
    .id = "lpips_alex_v0.1",
    .title = "LPIPS (AlexNet)",
    .summary = "learned perceptual distance, AlexNet v0.1, per frame",
    .recipe = GB_LPIPS_RECIPE("AlexNet"),
    .weights = GB_LPIPS_ALEX_WEIGHTS,
    .unit = "",
    .direction = GB_LOWER_IS_BETTER,
    .digits = 4,
    .ready = ready,
    .open = open_state,
    .close = gb_lpips_close,
    .worker_open = gb_lpips_worker_open,
    .worker_close = gb_lpips_worker_close,
    .reference = gb_lpips_reference,
    .compare = gb_lpips_compare,
    .kept_size = gb_lpips_kept_size,
    .keep = gb_lpips_keep,
    .map = gb_lpips_map,
    .on_device = &on_device,
};
