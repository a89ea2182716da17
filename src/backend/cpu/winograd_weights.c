/* Compiled without fused multiply-adds: the same bits from every instruction set. */
#include "backend/cpu/winograd_weights.h"

#include <string.h>

#include "backend/cpu/isa.h"

#define LANES 16 /* kernels at once */

/* The values at +-a and +-b of a polynomial with the weights as coefficients, divided by the products of differences
 * between points; `zero`: 0 is a point too. Returns how many. */
static int weights_at(double a, double b, bool zero, int taps, double m[][GB_TILE_MAX_TAPS])
{
    const double point[] = {a, -a, b, -b};
    for (int i = 0; i < 4; i++) {
        const double p = point[i], other = i < 2 ? b * b : a * a;
        double power = 1.0 / (2.0 * p * (p * p - other) * (zero ? p : 1.0));
        for (int t = 0; t < taps; t++, power *= p) m[i][t] = power;
    }
    return 4;
}

/* Rows of the transform of the weights along one axis. */
static void weight_rows(int taps, double m[GB_TILE_MAX_IN][GB_TILE_MAX_TAPS])
{
    int row = 0;
    for (int i = 0; i < GB_TILE_MAX_IN; i++)
        for (int t = 0; t < GB_TILE_MAX_TAPS; t++) m[i][t] = 0.0;
    if (taps == 1) {
        while (row < GB_TILE_OUT) m[row++][0] = 1.0;
        return;
    }
    if (taps == 3) m[row++][0] = 1.0;
    row += taps == 3 ? weights_at(GB_TILE_A3, GB_TILE_B3, true, taps, m + row)
                     : weights_at(GB_TILE_A2, GB_TILE_B2, false, taps, m + row);
    m[row][taps - 1] = 1.0;
}

void gb_winograd_basis_make(gb_winograd_taps taps, gb_winograd_basis *out)
{
    out->taps = taps;
    weight_rows(taps.y, out->y);
    weight_rows(taps.x, out->x);
}

/* LANES kernels: tap t of kernel i is g[t * LANES + i]; number k goes to u[k][i]. */
static inline __attribute__((always_inline)) void some_weights(const gb_winograd_basis *basis, const double *g,
                                                               float u[][LANES])
{
    const gb_winograd_taps taps = basis->taps;
    for (int i = 0; i < taps.y + GB_TILE_OUT - 1; i++) {
        double half[GB_TILE_MAX_TAPS][LANES] = {0};
        for (int y = 0; y < taps.y; y++)
            for (int x = 0; x < taps.x; x++)
                for (int o = 0; o < LANES; o++) half[x][o] += basis->y[i][y] * g[(taps.x * y + x) * LANES + o];
        for (int k = 0; k < taps.x + GB_TILE_OUT - 1; k++, u++) {
            double sum[LANES] = {0};
            for (int x = 0; x < taps.x; x++)
                for (int o = 0; o < LANES; o++) sum[o] += basis->x[k][x] * half[x][o];
            for (int o = 0; o < LANES; o++) (*u)[o] = (float)sum[o];
        }
    }
}

GB_CLONES void gb_winograd_weights(const gb_winograd_basis *basis, const double *g, size_t count, float *u, size_t step)
{
    const int taps = basis->taps.y * basis->taps.x;
    const int points = (basis->taps.y + GB_TILE_OUT - 1) * (basis->taps.x + GB_TILE_OUT - 1);
    for (size_t first = 0; first < count; first += LANES) {
        const size_t some = count - first < LANES ? count - first : LANES;
        double in[GB_TILE_MAX_TAPS * GB_TILE_MAX_TAPS * LANES] = {0};
        float out[GB_TILE_MAX_POINTS][LANES];
        for (size_t t = 0; t < (size_t)taps; t++) memcpy(in + t * LANES, g + t * count + first, some * sizeof *in);
        some_weights(basis, in, out);
        for (size_t k = 0; k < (size_t)points; k++) memcpy(u + k * step + first, out[k], some * sizeof *u);
    }
}
