/* Compiled with fused multiply-adds. */
#include "backend/cpu/winograd_kernel.h"

#include "backend/cpu/isa.h"

typedef float vector __attribute__((vector_size(64), aligned(4), may_alias));
typedef int mask __attribute__((vector_size(64), aligned(4), may_alias));

#define A (2.0 / 3.0)
#define B (3.0 / 2.0)
#define AA (A * A)
#define BB (B * B)

void gb_winograd_weights(const float g[9], double u[GB_TILE_POINTS])
{
    const double at_a = 1.0 / (2.0 * AA * (AA - BB)), at_b = 1.0 / (2.0 * BB * (BB - AA));
    const double m[GB_TILE_IN][3] = {
        {1.0, 0.0, 0.0},
        {at_a, A * at_a, AA * at_a}, {at_a, -A * at_a, AA * at_a},
        {at_b, B * at_b, BB * at_b}, {at_b, -B * at_b, BB * at_b},
        {0.0, 0.0, 1.0},
    };
    for (int i = 0; i < GB_TILE_IN; i++) {
        for (int k = 0; k < GB_TILE_IN; k++) {
            double sum = 0.0;
            for (int y = 0; y < 3; y++)
                for (int x = 0; x < 3; x++) sum += m[i][y] * m[k][x] * (double)g[3 * y + x];
            u[GB_TILE_IN * i + k] = sum;
        }
    }
}

/* Six inputs, `step` apart, to the six points; AA * BB is 1. */
static inline __attribute__((always_inline)) void to_points(const vector *d, int step, vector *v, int v_step)
{
    const vector d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step], d5 = d[5 * step];
    const vector even_a = d4 - d2 * (float)BB, odd_a = (d3 - d1 * (float)BB) * (float)A;
    const vector even_b = d4 - d2 * (float)AA, odd_b = (d3 - d1 * (float)AA) * (float)B;
    v[0] = d0 + d4 - d2 * (float)(AA + BB);
    v[v_step] = even_a + odd_a;
    v[2 * v_step] = even_a - odd_a;
    v[3 * v_step] = even_b + odd_b;
    v[4 * v_step] = even_b - odd_b;
    v[5 * v_step] = d1 + d5 - d3 * (float)(AA + BB);
}

/* Six points, `step` apart, to four outputs. */
static inline __attribute__((always_inline)) void from_points(const vector *m, int step, vector *y, int y_step)
{
    const vector sum_a = m[step] + m[2 * step], difference_a = m[step] - m[2 * step];
    const vector sum_b = m[3 * step] + m[4 * step], difference_b = m[3 * step] - m[4 * step];
    y[0] = m[0] + sum_a + sum_b;
    y[y_step] = difference_a * (float)A + difference_b * (float)B;
    y[2 * y_step] = sum_a * (float)AA + sum_b * (float)BB;
    y[3 * y_step] = difference_a * (float)(A * AA) + difference_b * (float)(B * BB) + m[5 * step];
}

GB_CLONES void gb_winograd_input(const float *const pixel[GB_TILE_POINTS], size_t channels, float *v, size_t step)
{
    for (size_t c = 0; c < channels; c += GB_TILE_LANES) {
        vector half[GB_TILE_POINTS], whole[GB_TILE_IN];
        for (int y = 0; y < GB_TILE_IN; y++) {
            vector row[GB_TILE_IN];
            for (int x = 0; x < GB_TILE_IN; x++) row[x] = *(const vector *)(pixel[GB_TILE_IN * y + x] + c);
            to_points(row, 1, half + GB_TILE_IN * y, 1);
        }
        for (int x = 0; x < GB_TILE_IN; x++) {
            to_points(half + x, GB_TILE_IN, whole, 1);
            for (int y = 0; y < GB_TILE_IN; y++) *(vector *)(v + (size_t)(GB_TILE_IN * y + x) * step + c) = whole[y];
        }
    }
}

static inline __attribute__((always_inline)) void put(const gb_winograd_end *end, size_t at, vector sum)
{
    if (end->addend) sum += *(const vector *)(end->addend + at);
    if (end->rectify) {
        const mask negative = sum < 0.0f;
        vector low = {0};
        if (end->slope != 0.0f) low = sum * end->slope;
        sum = (vector)(((mask)low & negative) | ((mask)sum & ~negative));
    }
    if (end->residual) sum += *(const vector *)(end->residual + at);
    *(vector *)(end->out + at) = sum;
}

GB_CLONES void gb_winograd_output(const float *m, size_t step, size_t channels, const gb_winograd_end *end)
{
    for (size_t c = 0; c < channels; c += GB_TILE_LANES) {
        const vector bias = *(const vector *)(end->bias + c);
        vector half[GB_TILE_OUT * GB_TILE_IN], row[GB_TILE_OUT];
        for (int x = 0; x < GB_TILE_IN; x++) {
            vector column[GB_TILE_IN];
            for (int y = 0; y < GB_TILE_IN; y++)
                column[y] = *(const vector *)(m + (size_t)(GB_TILE_IN * y + x) * step + c);
            from_points(column, 1, half + x, GB_TILE_IN);
        }
        for (int y = 0; y < end->rows; y++) {
            from_points(half + GB_TILE_IN * y, 1, row, 1);
            for (int x = 0; x < end->columns; x++)
                put(end, (size_t)y * end->row + (size_t)x * end->pixel + c, row[x] + bias);
        }
    }
}
