/* Discrete Fourier transforms by their definition, along one axis after the other, in double, norm "ortho". */
#include <math.h>
#include <string.h>

#include "backend/ref/ops.h"

void gb_ref_twiddles(int64_t n, double *table)
{
    const double turn = 2.0 * acos(-1.0);
    for (int64_t k = 0; k < n; k++) {
        table[2 * k] = cos(turn * (double)k / (double)n);
        table[2 * k + 1] = sin(turn * (double)k / (double)n);
    }
}

/* One plane's half spectrum, H x (W/2 + 1) x C complex, and one column of it. */
size_t gb_ref_spectrum_scratch(gb_shape real)
{
    return (size_t)((real.h + 1) * (real.w / 2 + 1) * real.c * 2);
}

/* Y[k][j] = sum over h of X[h][j] exp(-+ 2 pi i h k / H), for `row` complex columns j; `sign` is that of the sine. */
static void transform_column(const double *x, int64_t height, int64_t k, int64_t row, const double *twiddle,
                             double sign, double *y)
{
    memset(y, 0, 2 * (size_t)row * sizeof *y);
    for (int64_t h = 0; h < height; h++) {
        const double cosine = twiddle[2 * (h * k % height)], sine = sign * twiddle[2 * (h * k % height) + 1];
        const double *const from = x + h * row * 2;
        for (int64_t j = 0; j < row; j++) {
            y[2 * j] += from[2 * j] * cosine - from[2 * j + 1] * sine;
            y[2 * j + 1] += from[2 * j] * sine + from[2 * j + 1] * cosine;
        }
    }
}

/* X[k][c] = sum over w of x[w][c] exp(-2 pi i w k / W), k <= W/2. */
static void forward_row(gb_shape in, const double *twiddle, const float *x, double *spectrum)
{
    memset(spectrum, 0, (size_t)((in.w / 2 + 1) * in.c) * 2 * sizeof *spectrum);
    for (int64_t k = 0; k <= in.w / 2; k++) {
        double *const to = spectrum + k * in.c * 2;
        for (int64_t w = 0; w < in.w; w++) {
            const double cosine = twiddle[2 * (w * k % in.w)], sine = twiddle[2 * (w * k % in.w) + 1];
            for (int64_t c = 0; c < in.c; c++) {
                to[2 * c] += x[w * in.c + c] * cosine;
                to[2 * c + 1] -= x[w * in.c + c] * sine;
            }
        }
    }
}

void gb_ref_rfft2(gb_shape in, const double *twiddle_h, const double *twiddle_w, const float *x, double *spectrum,
                  float *y)
{
    const int64_t row = (in.w / 2 + 1) * in.c; /* complex numbers */
    const double scale = 1.0 / sqrt((double)in.h * (double)in.w);
    double *const column = spectrum + in.h * row * 2;
    for (int64_t n = 0; n < in.n; n++) {
        for (int64_t h = 0; h < in.h; h++)
            forward_row(in, twiddle_w, x + (n * in.h + h) * in.w * in.c, spectrum + h * row * 2);
        for (int64_t k = 0; k < in.h; k++) {
            transform_column(spectrum, in.h, k, row, twiddle_h, -1.0, column);
            for (int64_t j = 0; j < 2 * row; j++) *y++ = (float)(column[j] * scale);
        }
    }
}

/* x[w][c] = sum over all W columns of the Hermitian spectrum of which `half` holds the first W/2 + 1: the columns in
 * between count twice (they and their mirror), and of DC and Nyquist, which are their own mirrors, only the real part
 * is read. */
static void inverse_row(gb_shape out, const double *twiddle, const double *half, double scale, float *y)
{
    for (int64_t w = 0; w < out.w; w++) {
        for (int64_t c = 0; c < out.c; c++) {
            double sum = half[2 * c];
            for (int64_t k = 1; 2 * k <= out.w; k++) {
                const double *const z = half + (k * out.c + c) * 2, *const t = twiddle + 2 * (w * k % out.w);
                sum += 2 * k == out.w ? z[0] * t[0] : 2.0 * (z[0] * t[0] - z[1] * t[1]);
            }
            y[w * out.c + c] = (float)(sum * scale);
        }
    }
}

void gb_ref_irfft2(gb_shape out, const double *twiddle_h, const double *twiddle_w, const float *x, double *spectrum,
                   float *y)
{
    const int64_t row = (out.w / 2 + 1) * out.c;
    const double scale = 1.0 / sqrt((double)out.h * (double)out.w);
    double *const column = spectrum + out.h * row * 2;
    for (int64_t n = 0; n < out.n; n++) {
        for (int64_t j = 0; j < out.h * row * 2; j++) spectrum[j] = *x++;
        for (int64_t h = 0; h < out.h; h++) {
            transform_column(spectrum, out.h, h, row, twiddle_h, 1.0, column);
            inverse_row(out, twiddle_w, column, scale, y + (n * out.h + h) * out.w * out.c);
        }
    }
}
