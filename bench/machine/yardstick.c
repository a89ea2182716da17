#include "machine/yardstick.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"

enum { SIZE = 192, CHAIN = 60000 }; /* three matrices of 147 kB: more than the first level of cache holds */

struct gb_yardstick {
    float a[SIZE * SIZE], b[SIZE * SIZE], c[SIZE * SIZE];
    double chain;
};

gb_status gb_yardstick_new(gb_yardstick **out, gb_error *err)
{
    gb_yardstick *y = gb_alloc_aligned(1, sizeof *y);
    if (!y) return gb_fail_memory(err, "yardstick", sizeof *y);
    for (int i = 0; i < SIZE * SIZE; i++) {
        y->a[i] = 1e-3f * (float)(i % 7);
        y->b[i] = 1e-3f * (float)(i % 11);
        y->c[i] = 0.0f;
    }
    y->chain = 0.0;
    *out = y;
    return GB_OK;
}

void gb_yardstick_free(gb_yardstick *yardstick)
{
    free(yardstick);
}

/* Stays bounded: each product is at most 192 * 6e-3 * 1e-2, and half of what was there stays. */
static void multiply(gb_yardstick *y)
{
    for (int i = 0; i < SIZE; i++) {
        float *const row = &y->c[i * SIZE];
        for (int j = 0; j < SIZE; j++) row[j] *= 0.5f;
        for (int k = 0; k < SIZE; k++) {
            const float factor = y->a[i * SIZE + k];
            const float *const other = &y->b[k * SIZE];
            for (int j = 0; j < SIZE; j++) row[j] += factor * other[j];
        }
    }
}

gb_yardstick_times gb_yardstick_take(gb_yardstick *yardstick)
{
    const uint64_t start = gb_clock_ns();
    double x = yardstick->chain;
    for (int i = 0; i < CHAIN; i++) x = x * 0.999 + 1e-3;
    yardstick->chain = x;
    const uint64_t middle = gb_clock_ns();
    multiply(yardstick);
    return (gb_yardstick_times){(double)(middle - start) * 1e-6, (double)(gb_clock_ns() - middle) * 1e-6};
}

uint64_t gb_yardstick_waited_ns(void)
{
    uint64_t ran, waited = 0;
    FILE *file = fopen("/proc/thread-self/schedstat", "r");
    if (!file) return 0;
    if (fscanf(file, "%" SCNu64 " %" SCNu64, &ran, &waited) != 2) waited = 0;
    fclose(file);
    return waited;
}
