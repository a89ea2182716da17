/* Temporal flickering as VBench defines it. */
#include <math.h>

#include "metrics/frame_change.h"
#include "metrics/region_sums.h"

/* The truth plays no part. */
static gb_status pair_reference(void *worker, const gb_frame_pair *truth, gb_error *err)
{
    (void)worker;
    (void)truth;
    (void)err;
    return GB_OK;
}

static void rule(const gb_frame_change *truth, const gb_frame_change *test, gb_scores *out)
{
    (void)truth;
    for (int r = 0; r < GB_REGION_COUNT; r++)
        if (!isnan(test->mae[r]))
            out->region[r] = (gb_score){.present = true, .num = (255.0 - test->mae[r]) / 255.0, .den = 1.0};
}

static gb_status pair(void *worker, const gb_frame_pair *pair, gb_scores *out, gb_error *err)
{
    return gb_frame_change_pair(rule, worker, pair, out, err);
}

static gb_status device_pair(void *worker, const gb_device_pairs *test, gb_scores *out, gb_error *err)
{
    return gb_device_change_pairs(rule, worker, test, out, err);
}

static gb_status device_pair_reference(void *worker, const gb_device_pairs *truth, gb_error *err)
{
    (void)worker;
    (void)truth;
    (void)err;
    return GB_OK;
}

static const struct gb_metric_on_device on_device = {
    .worker_open = gb_device_change_open,
    .worker_close = gb_device_worker_close,
    .pair_reference = device_pair_reference,
    .pair = device_pair,
};

const gb_metric gb_metric_mae_dt = {
    .id = "mae_dt",
    .title = "Stillness (MAE_dt)",
    .summary = "temporal flickering as in VBench: a frozen clip scores 1, a pan scores badly; informative only",
    .recipe = "(255 - MAE_dt(test)) / 255, MAE_dt = mean |f_t - f_(t+1)| over the region's pixels and RGB channels in "
              "8-bit levels; consecutive frames of one shot; mean over pairs",
    .unit = "",
    .direction = GB_INFORMATIVE,
    .digits = 4,
    .temporal = true,
    .worker_open = gb_frame_change_open,
    .worker_close = gb_frame_change_close,
    .pair_reference = pair_reference,
    .pair = pair,
    .on_device = &on_device,
};
