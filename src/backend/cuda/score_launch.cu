// Grids for the kernels of frames and scores.
#include "backend/cuda/score_code.cuh"

cudaError_t gb_cuda_run_feed(const gb_cuda_feed *f, cudaStream_t stream)
{
    return LAUNCH(gb_feed_kernel, f->n * f->h * f->w * f->c, *f);
}

cudaError_t gb_cuda_run_composite(const gb_cuda_composite *f, cudaStream_t stream)
{
    return LAUNCH(gb_composite_kernel, f->count * f->h * f->width * 3, *f);
}

cudaError_t gb_cuda_run_difference(const gb_cuda_difference *f, const gb_cuda_totals *totals, cudaStream_t stream)
{
    TRY(LAUNCH(gb_difference_kernel, f->count * GB_CUDA_BANDS * f->width * 3, *f));
    TRY(LAUNCH(gb_bands_kernel, f->count * f->width * 3, *f));
    return LAUNCH(gb_groups_total_kernel, totals->count * totals->groups, *totals);
}

static cudaError_t add_up(const gb_cuda_columns *columns, const gb_cuda_totals *totals, cudaStream_t stream)
{
    TRY(LAUNCH(gb_columns_total_kernel, columns->count * columns->w, *columns));
    return LAUNCH(gb_groups_total_kernel, totals->count * totals->groups, *totals);
}

static int64_t windows(const gb_cuda_ssim *f)
{
    return f->count * (f->height - 2 * GB_SSIM_RADIUS) * 3 * (f->width - 2 * GB_SSIM_RADIUS);
}

cudaError_t gb_cuda_run_ssim_moments(const gb_cuda_ssim *f, cudaStream_t stream)
{
    return LAUNCH(gb_moments_kernel, windows(f), *f);
}

cudaError_t gb_cuda_run_ssim(const gb_cuda_ssim *f, const gb_cuda_columns *columns, const gb_cuda_totals *totals,
                             cudaStream_t stream)
{
    TRY(LAUNCH(gb_ssim_kernel, windows(f), *f));
    return add_up(columns, totals, stream);
}

cudaError_t gb_cuda_run_warp(const gb_cuda_warp *f, const gb_cuda_totals *totals, cudaStream_t stream)
{
    TRY(LAUNCH(gb_warp_kernel, f->count * f->height * f->width, *f));
    TRY(LAUNCH(gb_warp_columns_kernel, f->count * f->parts * f->width, *f));
    return LAUNCH(gb_groups_total_kernel, totals->count * totals->groups, *totals);
}

static int64_t shares(const gb_cuda_features *f)
{
    return f->count * f->positions * GB_SHARES;
}

cudaError_t gb_cuda_run_unit(const gb_cuda_features *f, cudaStream_t stream)
{
    TRY(LAUNCH(gb_squares_kernel, shares(f), *f));
    return LAUNCH(gb_unit_kernel, shares(f), *f);
}

cudaError_t gb_cuda_run_distance(const gb_cuda_features *f, const gb_cuda_columns *columns,
                                 const gb_cuda_totals *totals, cudaStream_t stream)
{
    if (!f->are_unit) TRY(LAUNCH(gb_squares_kernel, shares(f), *f));
    TRY(LAUNCH(gb_distance_kernel, shares(f), *f));
    TRY(LAUNCH(gb_lanes_kernel, f->count * f->positions, *f));
    return add_up(columns, totals, stream);
}
