#include <string.h>

#include "metrics/metric.h"

extern const gb_metric gb_metric_lpips_alex, gb_metric_lpips_vgg, gb_metric_psnr, gb_metric_ssim,
    gb_metric_flicker_excess, gb_metric_flicker_hold, gb_metric_mae_dt, gb_metric_tlp, gb_metric_tof, gb_metric_e_warp;
/* As other tools have it. */
extern const gb_metric gb_metric_lpips_unit_range, gb_metric_lpips_torchmetrics, gb_metric_psnr_torchmetrics,
    gb_metric_psnr_skimage, gb_metric_psnr_ffmpeg_rgb, gb_metric_psnr_ffmpeg_yuv420p, gb_metric_ssim_skimage,
    gb_metric_ssim_skimage_gauss, gb_metric_ssim_torchmetrics, gb_metric_ssim_torchmetrics_255,
    gb_metric_ssim_ffmpeg_rgb, gb_metric_ssim_ffmpeg_yuv420p;

static const gb_metric *const metrics[] = {
    &gb_metric_lpips_alex,
    &gb_metric_lpips_vgg,
    &gb_metric_psnr,
    &gb_metric_ssim,
    &gb_metric_flicker_excess,
    &gb_metric_flicker_hold,
    &gb_metric_mae_dt,
    &gb_metric_tlp,
    &gb_metric_tof,
    &gb_metric_e_warp,
    &gb_metric_lpips_unit_range,
    &gb_metric_lpips_torchmetrics,
    &gb_metric_psnr_skimage,
    &gb_metric_psnr_torchmetrics,
    &gb_metric_psnr_ffmpeg_rgb,
    &gb_metric_psnr_ffmpeg_yuv420p,
    &gb_metric_ssim_skimage,
    &gb_metric_ssim_skimage_gauss,
    &gb_metric_ssim_torchmetrics,
    &gb_metric_ssim_torchmetrics_255,
    &gb_metric_ssim_ffmpeg_rgb,
    &gb_metric_ssim_ffmpeg_yuv420p,
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
