/* Compiled with fused multiply-adds. */
#include "backend/cpu/winograd_kernel.h"

#include "backend/cpu/isa.h"

typedef float vector __attribute__((vector_size(64), aligned(4), may_alias));
typedef int mask __attribute__((vector_size(64), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

/* Inputs, `step` apart, to points. */
INLINE void to_points(int taps, const vector *d, int step, vector *v, int to)
{
    if (taps == 1) {
        for (int i = 0; i < GB_TILE_OUT; i++) v[i * to] = d[i * step];
        return;
    }
    const int first = taps == 3 ? 1 : 0;
    const double a = taps == 3 ? GB_TILE_A3 : GB_TILE_A2, b = taps == 3 ? GB_TILE_B3 : GB_TILE_B2;
    const vector *const e = d + first * step; /* times x, where 0 is a point */
    vector *const w = v + first * to;
    const float aa = (float)(a * a), bb = (float)(b * b);
    const vector even_a = (e[2 * step] - e[0] * bb) * (float)a, odd_a = e[3 * step] - e[step] * bb;
    const vector even_b = (e[2 * step] - e[0] * aa) * (float)b, odd_b = e[3 * step] - e[step] * aa;
    w[0] = odd_a + even_a;
    w[to] = odd_a - even_a;
    w[2 * to] = odd_b + even_b;
    w[3 * to] = odd_b - even_b;
    w[4 * to] = e[4 * step] - e[2 * step] * (float)(a * a + b * b) + e[0] * (float)(a * a * b * b);
    if (taps == 3) v[0] = d[4 * step] - d[2 * step] * (float)(a * a + b * b) + d[0] * (float)(a * a * b * b);
}

/* Points, `step` apart, to four outputs. */
INLINE void from_points(int taps, const vector *m, int step, vector *y, int to)
{
    if (taps == 1) {
        for (int i = 0; i < GB_TILE_OUT; i++) y[i * to] = m[i * step];
        return;
    }
    const double a = taps == 3 ? GB_TILE_A3 : GB_TILE_A2, b = taps == 3 ? GB_TILE_B3 : GB_TILE_B2;
    const vector *const p = m + (taps == 3 ? step : 0);
    const vector sum_a = p[0] + p[step], difference_a = p[0] - p[step];
    const vector sum_b = p[2 * step] + p[3 * step], difference_b = p[2 * step] - p[3 * step];
    y[0] = sum_a + sum_b;
    if (taps == 3) y[0] += m[0];
    y[to] = difference_a * (float)a + difference_b * (float)b;
    y[2 * to] = sum_a * (float)(a * a) + sum_b * (float)(b * b);
    y[3 * to] = difference_a * (float)(a * a * a) + difference_b * (float)(b * b * b) + p[4 * step];
}

/* Into either of v, the one that is there. */
INLINE void input_of(int taps_y, int taps_x, const float *const *pixel, size_t channels, float *v, gb_bf16 *rounded,
                     size_t step)
{
    const int rows = taps_y + GB_TILE_OUT - 1, columns = taps_x + GB_TILE_OUT - 1;
    for (size_t c = 0; c < channels; c += GB_TILE_LANES) {
        vector half[GB_TILE_MAX_POINTS], line[GB_TILE_MAX_IN];
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) line[x] = *(const vector *)(pixel[columns * y + x] + c);
            to_points(taps_x, line, 1, half + columns * y, 1);
        }
        for (int x = 0; x < columns; x++) {
            to_points(taps_y, half + x, columns, line, 1);
            for (int y = 0; y < rows; y++) {
                const size_t at = (size_t)(columns * y + x) * step + c;
                if (rounded) gb_store_bf16((const gb_sixteen *)&line[y], rounded + at);
                else *(vector *)(v + at) = line[y];
            }
        }
    }
}

INLINE void put(const gb_winograd_end *end, size_t at, vector sum)
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

INLINE void output_of(int taps_y, int taps_x, const float *m, size_t step, size_t channels, const gb_winograd_end *end)
{
    const int rows = taps_y + GB_TILE_OUT - 1, columns = taps_x + GB_TILE_OUT - 1;
    for (size_t c = 0; c < channels; c += GB_TILE_LANES) {
        const vector bias = *(const vector *)(end->bias + c);
        vector half[GB_TILE_OUT * GB_TILE_MAX_IN], line[GB_TILE_MAX_IN];
        for (int x = 0; x < columns; x++) {
            for (int y = 0; y < rows; y++) line[y] = *(const vector *)(m + (size_t)(columns * y + x) * step + c);
            from_points(taps_y, line, 1, half + x, columns);
        }
        for (int y = 0; y < GB_TILE_OUT && y < end->rows; y++) {
            from_points(taps_x, half + columns * y, 1, line, 1);
            for (int x = 0; x < GB_TILE_OUT && x < end->columns; x++)
                put(end, (size_t)y * end->row + (size_t)x * end->pixel + c, line[x] + bias);
        }
    }
}

/* One loop for each pair of taps, so that all sizes in it are constants. */
#define FOR_EACH_PAIR(taps, CALL)             \
    switch ((taps).y * 4 + (taps).x) {        \
    case 1 * 4 + 1: CALL(1, 1); break;        \
    case 1 * 4 + 2: CALL(1, 2); break;        \
    case 1 * 4 + 3: CALL(1, 3); break;        \
    case 2 * 4 + 1: CALL(2, 1); break;        \
    case 2 * 4 + 2: CALL(2, 2); break;        \
    case 2 * 4 + 3: CALL(2, 3); break;        \
    case 3 * 4 + 1: CALL(3, 1); break;        \
    case 3 * 4 + 2: CALL(3, 2); break;        \
    case 3 * 4 + 3: CALL(3, 3); break;        \
    }

GB_CLONES void gb_winograd_input(gb_winograd_taps taps, const float *const *pixel, size_t channels, float *v,
                                 size_t step)
{
#define CALL(y, x) input_of(y, x, pixel, channels, v, NULL, step)
    FOR_EACH_PAIR(taps, CALL)
#undef CALL
}

GB_CLONES void gb_winograd_input_bf16(gb_winograd_taps taps, const float *const *pixel, size_t channels, gb_bf16 *v,
                                      size_t step)
{
#define CALL(y, x) input_of(y, x, pixel, channels, NULL, v, step)
    FOR_EACH_PAIR(taps, CALL)
#undef CALL
}

GB_CLONES void gb_winograd_output(gb_winograd_taps taps, const float *m, size_t step, size_t channels,
                                  const gb_winograd_end *end)
{
#define CALL(y, x) output_of(y, x, m, step, channels, end)
    FOR_EACH_PAIR(taps, CALL)
#undef CALL
}
