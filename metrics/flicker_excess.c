/* How much livelier the test is than the truth. */
#include <math.h>

#include "metrics/frame_change.h"
#include "metrics/region_sums.h"

static void rule(const gb_frame_change *truth, const gb_frame_change *test, gb_scores *out)
{
    for (int r = 0; r < GB_REGION_COUNT; r++)
        if (!isnan(truth->mae[r]))
            out->region[r] = (gb_score){.present = true, .num = test->mae[r], .den = truth->mae[r]};
}

static gb_status pair(void *worker, const gb_frame_pair *pair, gb_scores *out, gb_error *err)
{
    return gb_frame_change_pair(rule, worker, pair, out, err);
}

static gb_status device_pair(void *worker, const gb_device_pairs *test, gb_scores *out, gb_error *err)
{
    return gb_device_change_pairs(rule, worker, test, out, err);
}

static const struct gb_metric_on_device on_device = {
    .worker_open = gb_device_change_open,
    .worker_close = gb_device_worker_close,
    .pair_reference = gb_device_change_reference,
    .pair = device_pair,
};

const gb_metric gb_metric_flicker_excess = {
    .id = "flicker_excess",
    .title = "Flicker excess",
    .summary = "change from frame to frame over the truth's: 1 as lively as the truth, above it flickers, below it is "
               "frozen or blurred",
    .recipe = "sum MAE_dt(test) / sum MAE_dt(truth), MAE_dt = mean |f_t - f_(t+1)| over the region's pixels and RGB "
              "channels in 8-bit levels; consecutive frames of one shot; a ratio of sums over pairs",
    .unit = "",
    .direction = GB_INFORMATIVE,
    .digits = 3,
    .temporal = true,
    .worker_open = gb_frame_change_open,
    .worker_close = gb_frame_change_close,
    .pair_reference = gb_frame_change_reference,
    .pair = pair,
    .on_device = &on_device,
};
