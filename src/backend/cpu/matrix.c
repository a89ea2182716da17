/* Compiled with fused multiply-adds. */
#include "backend/cpu/matrix.h"

#include <stdbool.h>
#include <string.h>

#define BLOCK 6 /* rows of the matrix at once; packed as columns of 6 */

size_t gb_matrix_size(size_t rows, size_t columns)
{
    return (rows + BLOCK - 1) / BLOCK * BLOCK * columns;
}

void gb_matrix_pack(const double *plain, size_t rows, size_t columns, float *packed)
{
    for (size_t first = 0; first < rows; first += BLOCK)
        for (size_t k = 0; k < columns; k++)
            for (size_t r = first; r < first + BLOCK; r++) *packed++ = r < rows ? (float)plain[r * columns + k] : 0.0f;
}

size_t gb_matrix_scratch(size_t rows, size_t columns)
{
    return (rows + columns + BLOCK) * GB_MATRIX_PANEL;
}

/* `vectors` of `lanes` floats at once, for 64 columns and BLOCK rows. */
#define DEFINE_BLOCK(name, attributes, lanes, vectors)                                                              \
    attributes static void name(const float *a, size_t depth, const float *x, size_t x_step, float *y, size_t y_step) \
    {                                                                                                               \
        typedef float vector __attribute__((vector_size(4 * (lanes)), aligned(4), may_alias));                      \
        for (size_t c = 0; c < GB_MATRIX_PANEL; c += (lanes) * (vectors)) {                                         \
            vector sum[BLOCK][vectors] = {0};                                                                       \
            for (size_t k = 0; k < depth; k++) {                                                                    \
                vector in[vectors];                                                                                 \
                for (int v = 0; v < (vectors); v++)                                                                 \
                    in[v] = *(const vector *)(x + k * x_step + c + (size_t)(v * (lanes)));                          \
                _Pragma("GCC unroll 6") for (int r = 0; r < BLOCK; r++)                                             \
                    for (int v = 0; v < (vectors); v++) sum[r][v] += in[v] * a[k * BLOCK + (size_t)r];              \
            }                                                                                                       \
            for (int r = 0; r < BLOCK; r++)                                                                         \
                for (int v = 0; v < (vectors); v++)                                                                 \
                    *(vector *)(y + (size_t)r * y_step + c + (size_t)(v * (lanes))) = sum[r][v];                    \
        }                                                                                                           \
    }

typedef void block_fn(const float *a, size_t depth, const float *x, size_t x_step, float *y, size_t y_step);

DEFINE_BLOCK(four_lanes, , 4, 2)
#if defined(__x86_64__)
DEFINE_BLOCK(eight_lanes, __attribute__((target("avx2,fma"))), 8, 2)
DEFINE_BLOCK(sixteen_lanes, __attribute__((target("avx512f"))), 16, 4)
#endif

static block_fn *select_block(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return sixteen_lanes;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return eight_lanes;
#endif
    return four_lanes;
}

static void copy_columns(const float *from, size_t from_step, size_t rows, size_t width, float *to, size_t to_step)
{
    for (size_t r = 0; r < rows; r++) memcpy(to + r * to_step, from + r * from_step, width * sizeof *to);
}

void gb_matrix_times(const gb_matrix *m, const float *x, size_t x_step, size_t width, float *y, size_t y_step,
                     float *scratch)
{
    block_fn *const block = select_block();
    float *const spare = scratch + m->columns * GB_MATRIX_PANEL;
    for (size_t c = 0; c < width; c += GB_MATRIX_PANEL) {
        const float *from = x + c;
        size_t from_step = x_step;
        const size_t columns = width - c < GB_MATRIX_PANEL ? width - c : GB_MATRIX_PANEL;
        if (columns < GB_MATRIX_PANEL) {
            memset(scratch, 0, m->columns * GB_MATRIX_PANEL * sizeof *scratch);
            copy_columns(x + c, x_step, m->columns, columns, scratch, GB_MATRIX_PANEL);
            from = scratch;
            from_step = GB_MATRIX_PANEL;
        }
        for (size_t r = 0; r < m->rows; r += BLOCK) {
            const size_t rows = m->rows - r < BLOCK ? m->rows - r : BLOCK;
            const bool whole = rows == BLOCK && columns == GB_MATRIX_PANEL;
            block(m->data + r * m->columns, m->columns, from, from_step, whole ? y + r * y_step + c : spare,
                  whole ? y_step : GB_MATRIX_PANEL);
            if (!whole) copy_columns(spare, GB_MATRIX_PANEL, rows, columns, y + r * y_step + c, y_step);
        }
    }
}
