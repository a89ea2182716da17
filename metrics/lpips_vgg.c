/* LPIPS through VGG16: what LaMa's evaluator and others call LPIPS. It costs many times what AlexNet's does, so it is
 * taken only when it is named. */
#include "metrics/lpips.h"

static const gb_lpips_rule rule = {.net = &gb_lpips_vgg16, .epsilon = {.outside = 1e-10f}};

static gb_status ready(const gb_metric_env *env, gb_error *err)
{
    return gb_lpips_ready(&gb_lpips_vgg16, env, err);
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

const gb_metric gb_metric_lpips_vgg = {
    .id = "lpips_vgg_v0.1",
    .title = "LPIPS (VGG16)",
    .summary = "learned perceptual distance, VGG16 v0.1, per frame; taken only when named",
    .recipe = GB_LPIPS_RECIPE("VGG16"),
    .weights = GB_LPIPS_VGG_WEIGHTS,
    .unit = "",
    .direction = GB_LOWER_IS_BETTER,
    .digits = 4,
    .on_request = true,
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
