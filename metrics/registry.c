#include <string.h>

#include "metrics/metric.h"

extern const gb_metric gb_metric_lpips_alex, gb_metric_lpips_vgg, gb_metric_psnr, gb_metric_ssim,
    gb_metric_flicker_excess, gb_metric_flicker_hold, gb_metric_mae_dt, gb_metric_tlp, gb_metric_tof, gb_metric_e_warp;

static const gb_metric *const metrics[] = {
    &gb_metric_lpips_alex,     &gb_metric_lpips_vgg,    &gb_metric_psnr,   &gb_metric_ssim,
    &gb_metric_flicker_excess, &gb_metric_flicker_hold, &gb_metric_mae_dt, &gb_metric_tlp,
    &gb_metric_tof,            &gb_metric_e_warp,
};

const gb_metric *const *gb_metrics(size_t *count)
{
    *count = sizeof metrics / sizeof metrics[0];
    return metrics;
}

const gb_metric *gb_metric_find(const char *id)
{
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++)
        if (strcmp(metrics[i]->id, id) == 0) return metrics[i];
    return NULL;
}

const char *gb_direction_name(gb_direction direction)
{
    static const char *const name[] = {
        [GB_HIGHER_IS_BETTER] = "higher", [GB_LOWER_IS_BETTER] = "lower", [GB_INFORMATIVE] = "informative"};
    return name[direction];
}
