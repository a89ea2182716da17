/* The kernels that frames and their scores need, started on a stream. Pointers are device memory; frames are 8-bit RGB,
 * packed; arrays of frames hold `count` of GB_SCORING_FRAMES, the others are NULL. Each returns what the launch
 * returned. What is added up is added in a fixed order: the same input gives the same bits, however many frames. */
#ifndef GB_BACKEND_CUDA_SCORE_KERNELS_H
#define GB_BACKEND_CUDA_SCORE_KERNELS_H

#include <cuda_runtime_api.h>
#include <stdint.h>

#include "backend/scoring.h"

#ifdef __cplusplus
extern "C" {
#endif

/* y (n, h, w, c) from frames of width x height as gb_frame_feed says; frame k >= count is the last one. Takes down the
 * flags of the run. */
typedef struct gb_cuda_feed {
    const uint8_t *frame[GB_SCORING_FRAMES];
    const float *level; /* 3 x 256 */
    float *y;
    int32_t *infinite; /* GB_SCORING_FRAMES flags */
    int64_t count, n, h, w, c, width, height, side;
    float unknown[4], known, unused;
} gb_cuda_feed;
cudaError_t gb_cuda_run_feed(const gb_cuda_feed *f, cudaStream_t stream);

/* Strips of x (count, h, w, 3), made 8-bit, around the centre of `from`, into `to`. infinite[k] becomes 1 where frame
 * k's strips have a value that is not finite, also in the rows beyond `height`. */
typedef struct gb_cuda_composite {
    const float *x;
    const uint8_t *from[GB_SCORING_FRAMES];
    uint8_t *to[GB_SCORING_FRAMES];
    int32_t *infinite;
    int64_t count, h, w, width, height, side, truncate;
    float offset, scale;
} gb_cuda_composite;
cudaError_t gb_cuda_run_composite(const gb_cuda_composite *f, cudaStream_t stream);

/* Totals over groups of columns, [frame][group]: `column` holds count x columns x channels values, added from left to
 * right; `largest`: the greatest of them instead. `member` NULL: every column is in every group. */
typedef struct gb_cuda_totals {
    const double *column;
    const uint8_t *member;
    double *total;
    int64_t count, columns, channels, groups, largest;
} gb_cuda_totals;

/* Differences between frames by column, rows cut into GB_CUDA_BANDS. partial: count x GB_CUDA_BANDS x 3 width; column:
 * count x 3 width. `of` is a gb_difference. */
#define GB_CUDA_BANDS 16
typedef struct gb_cuda_difference {
    const uint8_t *a[GB_SCORING_FRAMES], *b[GB_SCORING_FRAMES];
    uint32_t *partial;
    double *column;
    int64_t of, count, width, height;
} gb_cuda_difference;
cudaError_t gb_cuda_run_difference(const gb_cuda_difference *f, const gb_cuda_totals *totals, cudaStream_t stream);

/* Columns of a map of doubles (count, h, w) added up from top to bottom. */
typedef struct gb_cuda_columns {
    const double *map;
    double *column;
    int64_t count, h, w;
} gb_cuda_columns;

/* gb_ssim_sums. map: count x (height - 10) x 3 (width - 10). */
typedef struct gb_cuda_ssim {
    double weight[GB_SSIM_RADIUS + 1], c1, c2;
    const uint8_t *truth[GB_SCORING_FRAMES], *test[GB_SCORING_FRAMES];
    double *moments[GB_SCORING_FRAMES];
    double *map;
    int64_t count, width, height;
} gb_cuda_ssim;
cudaError_t gb_cuda_run_ssim_moments(const gb_cuda_ssim *f, cudaStream_t stream);
cudaError_t gb_cuda_run_ssim(const gb_cuda_ssim *f, const gb_cuda_columns *columns, const gb_cuda_totals *totals,
                             cudaStream_t stream);

/* gb_feature_sums. map: count x positions; squares, sums: count x positions x GB_LANES. Features, references and
 * weights are 16 bytes aligned, channels a multiple of GB_LANES. */
enum { GB_LANES = 16 };
typedef struct gb_cuda_features {
    const float *features[GB_SCORING_FRAMES];
    float *reference[GB_SCORING_FRAMES];
    const float *weight;
    double *map;
    float *squares, *sums;
    int64_t count, positions, c, are_unit;
    float inside, outside;
} gb_cuda_features;
cudaError_t gb_cuda_run_unit(const gb_cuda_features *f, cudaStream_t stream);
cudaError_t gb_cuda_run_distance(const gb_cuda_features *f, const gb_cuda_columns *columns,
                                 const gb_cuda_totals *totals, cudaStream_t stream);

/* gb_warp_sums. error: count x height x width; column: count x parts x width. */
typedef struct gb_cuda_warp {
    const uint8_t *a[GB_SCORING_FRAMES], *b[GB_SCORING_FRAMES], *member[GB_SCORING_FRAMES];
    const float *flow[GB_SCORING_FRAMES];
    float *error;
    double *column;
    int64_t count, width, height, parts;
} gb_cuda_warp;
cudaError_t gb_cuda_run_warp(const gb_cuda_warp *f, const gb_cuda_totals *totals, cudaStream_t stream);

#ifdef __cplusplus
}
#endif

#endif
