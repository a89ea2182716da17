/* One function per operation: `in` is the shape of x, node->shape that of y; all float32 N,H,W,C. */
#ifndef GB_BACKEND_REF_OPS_H
#define GB_BACKEND_REF_OPS_H

#include "backend/backend.h"

/* node->weight is kh,kw,I,O here, for both kinds. `addend` and `residual` (y's shape) may be NULL. `row` holds
 * gb_ref_conv_scratch doubles. */
size_t gb_ref_conv_scratch(const gb_node *node);
void gb_ref_conv(const gb_node *node, gb_shape in, const float *x, const float *addend, const float *residual,
                 double *row, float *y);
void gb_ref_deconv(const gb_node *node, gb_shape in, const float *x, const float *addend, const float *residual,
                   double *row, float *y);
/* What they share: every row of y by `sum`, which puts row oh of one picture's y into `row`, before bias and
 * activation. */
typedef void gb_ref_sum_row(const gb_node *node, gb_shape in, const float *x, int64_t oh, double *row);
void gb_ref_each_row(gb_ref_sum_row *sum, const gb_node *node, gb_shape in, const float *x, const float *addend,
                     const float *residual, double *row, float *y);

/* acc[p][o] += sum over i of x[p][i] w[i][o], in the order of i, for `pixels` pixels `x_step` and `acc_step` apart. */
void gb_ref_accumulate(const float *x, size_t x_step, const float *w, size_t in, size_t out, size_t pixels, double *acc,
                       size_t acc_step);
/* [*first, *end) of the positions i below `count` with 0 <= i * stride + offset < limit. */
void gb_ref_valid_range(int64_t count, int64_t stride, int64_t offset, int64_t limit, int64_t *first, int64_t *end);
/* y = act(acc + bias + addend) + residual over one row of pixels; each may be NULL. */
void gb_ref_finish_row(const gb_node *node, const double *acc, const float *addend, const float *residual, float *y);

/* `sums` holds 2 c doubles; used with batch statistics. */
void gb_ref_batchnorm(const gb_node *node, const float *x, double *sums, float *y);
double gb_ref_activate(gb_activation act, double slope, double v);
void gb_ref_activation(const gb_node *node, const float *x, float *y);
void gb_ref_add(const gb_node *node, const float *a, const float *b, float *y);
void gb_ref_concat(const gb_node *node, int64_t channels_a, const float *a, const float *b, float *y);
void gb_ref_maxpool(const gb_node *node, gb_shape in, const float *x, float *y);
void gb_ref_pad_reflect(const gb_node *node, gb_shape in, const float *x, float *y);

/* cos and sin of 2 pi k / n, k < n, interleaved: 2 n doubles. */
void gb_ref_twiddles(int64_t n, double *table);
/* `spectrum` holds gb_ref_spectrum_scratch doubles of the real shape. */
size_t gb_ref_spectrum_scratch(gb_shape real);
void gb_ref_rfft2(gb_shape in, const double *twiddle_h, const double *twiddle_w, const float *x, double *spectrum,
                  float *y);
void gb_ref_irfft2(gb_shape out, const double *twiddle_h, const double *twiddle_w, const float *x, double *spectrum,
                   float *y);

#endif
