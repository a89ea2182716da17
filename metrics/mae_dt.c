/* Temporal flickering as VBench defines it. */
#include <math.h>

#include "metrics/frame_change.h"

/* The truth plays no part. */
static gb_status pair_reference(void *worker, const gb_frame_pair *truth, gb_error *err)
{
    (void)worker;
    (void)truth;
    (void)err;
    return GB_OK;
}

static gb_status pair(void *worker, const gb_frame_pair *pair, gb_scores *out, gb_error *err)
{
    gb_frame_change test;
    GB_TRY(gb_frame_change_measure(worker, pair, &test, err));
    gb_scores scores = {0};
    for (int r = 0; r < GB_REGION_COUNT; r++)
        if (!isnan(test.mae[r]))
            scores.region[r] = (gb_score){.present = true, .num = (255.0 - test.mae[r]) / 255.0, .den = 1.0};
    *out = scores;
    return GB_OK;
}

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
};
