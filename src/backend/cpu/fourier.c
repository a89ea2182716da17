/* Discrete Fourier transforms as matrix products: along W with real and imaginary rows apart, then along H on pairs of
 * rows. At the sizes of these nets (36x64 and less) that is faster than a fast transform, which has too little work
 * between its passes over memory. */
#include <math.h>
#include <stdlib.h>

#include "backend/cpu/isa.h"
#include "backend/cpu/matrix.h"
#include "backend/cpu/plan.h"
#include "core/memory.h"

typedef struct state {
    gb_matrix along_w, along_h;
    size_t h, w, bins, c; /* of the real picture; bins = w / 2 + 1 */
} state;

typedef struct angle {
    double cosine, sine;
} angle;

/* 2 pi i k / n, reduced before it is rounded. */
static angle angle_of(size_t i, size_t k, size_t n)
{
    const double turn = 2.0 * acos(-1.0) * (double)(i * k % n) / (double)n;
    return (angle){cos(turn), sin(turn)};
}

/* Rows: real parts of all bins, then imaginary ones. */
static void fill_forward_w(const state *s, double *m)
{
    const double scale = 1.0 / sqrt((double)s->w);
    for (size_t k = 0; k < s->bins; k++) {
        for (size_t i = 0; i < s->w; i++) {
            const angle a = angle_of(i, k, s->w);
            m[k * s->w + i] = scale * a.cosine;
            m[(s->bins + k) * s->w + i] = -scale * a.sine;
        }
    }
}

/* Bins between the first and the Nyquist one count twice, for their mirrors; of these two the real part alone. */
static void fill_inverse_w(const state *s, double *m)
{
    const double scale = 1.0 / sqrt((double)s->w);
    for (size_t i = 0; i < s->w; i++) {
        for (size_t k = 0; k < s->bins; k++) {
            const bool single = k == 0 || 2 * k == s->w;
            const angle a = angle_of(i, k, s->w);
            m[i * 2 * s->bins + k] = scale * a.cosine * (single ? 1.0 : 2.0);
            m[i * 2 * s->bins + s->bins + k] = single ? 0.0 : -2.0 * scale * a.sine;
        }
    }
}

/* Rows and columns: real and imaginary part by turns. `sign` is that of the exponent. */
static void fill_h(const state *s, double sign, double *m)
{
    const double scale = 1.0 / sqrt((double)s->h);
    for (size_t k = 0; k < s->h; k++) {
        for (size_t i = 0; i < s->h; i++) {
            const angle a = angle_of(i, k, s->h);
            double *const corner = m + 2 * k * 2 * s->h + 2 * i;
            corner[0] = corner[2 * s->h + 1] = scale * a.cosine;
            corner[1] = -sign * scale * a.sine;
            corner[2 * s->h] = sign * scale * a.sine;
        }
    }
}

GB_CLONES static void interleave(const float *re, const float *im, size_t count, float *pairs)
{
    for (size_t i = 0; i < count; i++) {
        pairs[2 * i] = re[i];
        pairs[2 * i + 1] = im[i];
    }
}

GB_CLONES static void separate(const float *pairs, size_t count, float *re, float *im)
{
    for (size_t i = 0; i < count; i++) {
        re[i] = pairs[2 * i];
        im[i] = pairs[2 * i + 1];
    }
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Scratch memory: the spectrum of the rows, one panel of it, what the matrix products want. */
static gb_status run_forward(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    (void)err;
    const state *const s = step->state;
    const size_t row = s->bins * s->c;
    float *const rows = frame->scratch, *const panel = rows + 2 * s->h * row;
    float *const spare = panel + 2 * s->h * GB_MATRIX_PANEL;
    for (size_t y = 0; y < s->h; y++)
        gb_matrix_times(&s->along_w, frame->in[0] + y * s->w * s->c, s->c, s->c, rows + y * 2 * row, s->c, spare);
    for (size_t at = 0; at < row; at += GB_MATRIX_PANEL) {
        const size_t width = smaller(GB_MATRIX_PANEL, row - at);
        gb_matrix_times(&s->along_h, rows + at, row, width, panel, GB_MATRIX_PANEL, spare);
        for (size_t y = 0; y < s->h; y++) {
            const float *const re = panel + 2 * y * GB_MATRIX_PANEL;
            interleave(re, re + GB_MATRIX_PANEL, width, frame->out + 2 * (y * row + at));
        }
    }
    return GB_OK;
}

static gb_status run_inverse(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    (void)err;
    const state *const s = step->state;
    const size_t row = s->bins * s->c;
    float *const rows = frame->scratch, *const panel = rows + 2 * s->h * row;
    float *const spare = panel + 2 * s->h * GB_MATRIX_PANEL;
    for (size_t at = 0; at < row; at += GB_MATRIX_PANEL) {
        const size_t width = smaller(GB_MATRIX_PANEL, row - at);
        for (size_t y = 0; y < s->h; y++) {
            float *const re = panel + 2 * y * GB_MATRIX_PANEL;
            separate(frame->in[0] + 2 * (y * row + at), width, re, re + GB_MATRIX_PANEL);
        }
        gb_matrix_times(&s->along_h, panel, GB_MATRIX_PANEL, width, rows + at, row, spare);
    }
    for (size_t y = 0; y < s->h; y++)
        gb_matrix_times(&s->along_w, rows + y * 2 * row, s->c, s->c, frame->out + y * s->w * s->c, s->c, spare);
    return GB_OK;
}

static gb_status make(const gb_node *node, gb_shape real, gb_cpu_step *step, gb_error *err)
{
    const bool forward = node->op == GB_OP_RFFT2;
    state *const s = gb_alloc(1, sizeof *s);
    if (!s) return gb_fail_memory(err, "a Fourier transform", sizeof *s);
    step->state = s;
    *s = (state){.h = (size_t)real.h, .w = (size_t)real.w, .bins = (size_t)real.w / 2 + 1, .c = (size_t)real.c};
    const size_t w_rows = forward ? 2 * s->bins : s->w, w_columns = forward ? s->w : 2 * s->bins, h2 = 2 * s->h;
    const size_t w_size = gb_matrix_size(w_rows, w_columns), h_size = gb_matrix_size(h2, h2);
    const size_t plain_size = w_rows * w_columns > h2 * h2 ? w_rows * w_columns : h2 * h2;
    double *const plain = gb_alloc_aligned(plain_size, sizeof *plain);
    step->weights = gb_alloc_aligned(w_size + h_size, sizeof(float));
    if (!plain || !step->weights) {
        free(plain);
        return gb_fail_memory(err, "a Fourier transform", plain_size * sizeof *plain);
    }
    s->along_w = (gb_matrix){step->weights, w_rows, w_columns};
    s->along_h = (gb_matrix){step->weights + w_size, h2, h2};
    (forward ? fill_forward_w : fill_inverse_w)(s, plain);
    gb_matrix_pack(plain, w_rows, w_columns, step->weights);
    fill_h(s, forward ? -1.0 : 1.0, plain);
    gb_matrix_pack(plain, h2, h2, step->weights + w_size);
    free(plain);
    const size_t spare_w = gb_matrix_scratch(w_rows, w_columns), spare_h = gb_matrix_scratch(h2, h2);
    const size_t spare = spare_w > spare_h ? spare_w : spare_h;
    step->scratch = (2 * s->h * (s->bins * s->c + GB_MATRIX_PANEL) + spare) * sizeof(float);
    step->run = forward ? run_forward : run_inverse;
    return GB_OK;
}

gb_status gb_cpu_make_rfft2(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    (void)engine;
    return make(node, step->in, step, err);
}

gb_status gb_cpu_make_irfft2(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    (void)engine;
    return make(node, node->shape, step, err);
}
