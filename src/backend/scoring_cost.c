#include "backend/scoring_cost.h"

#include "backend/scoring.h"

enum { TAPS = 2 * GB_SSIM_RADIUS + 1, BANDS = 16 };

/* Weighted means of `images` images over a window: each row 6 products and 5 sums, then the column 6, 5 and 5. */
static double window_flops(double images)
{
    return images * (TAPS * 11.0 + 16.0);
}

static double windows(int width, int height)
{
    return 3.0 * (width - 2.0 * GB_SSIM_RADIUS) * (height - 2.0 * GB_SSIM_RADIUS);
}

static double samples(int width, int height)
{
    return 3.0 * width * height;
}

gb_scoring_cost gb_cost_of_feed(int width, int height, int channels)
{
    return (gb_scoring_cost){.bytes = samples(width, height) + 4.0 * channels * width * height, .launches = 1};
}

gb_scoring_cost gb_cost_of_composite(int width, int height, int side)
{
    const double strips = samples(2 * side, height), all = samples(width, height);
    return (gb_scoring_cost){.flops = 4.0 * strips, .bytes = 4.0 * strips + (all - strips) + all, .launches = 1};
}

gb_scoring_cost gb_cost_of_differences(int width, int height)
{
    const double columns = 3.0 * width;
    return (gb_scoring_cost){.bytes = 2.0 * samples(width, height) + columns * (2.0 * BANDS * 4.0 + 2.0 * 8.0),
                             .launches = 3};
}

gb_scoring_cost gb_cost_of_motion(int width, int height)
{
    return (gb_scoring_cost){.bytes = (2.0 * sizeof(float) + 1.0) * width * height};
}

/* Where a pixel goes 4, each channel 9 for the value there and 3 for the square; then its parts are added up, which
 * read the pixel's bytes once, as neighbours do so at the same time. */
gb_scoring_cost gb_cost_of_warp(int width, int height, int parts)
{
    const double pixels = (double)width * height, columns = (double)width * parts;
    return (gb_scoring_cost){.flops = (4.0 + 3.0 * 12.0 + 1.0) * pixels,
                             .bytes = 2.0 * samples(width, height) + (9.0 + 4.0 + 4.0 + 1.0) * pixels + 16.0 * columns,
                             .launches = 3};
}

gb_scoring_cost gb_cost_of_moments(int width, int height)
{
    const double n = windows(width, height);
    return (gb_scoring_cost){.flops = n * (window_flops(2.0) + 2.0), .bytes = samples(width, height) + 16.0 * n,
                             .launches = 1};
}

/* The map is written, and read to be added up. */
gb_scoring_cost gb_cost_of_ssim(int width, int height)
{
    const double n = windows(width, height);
    return (gb_scoring_cost){.flops = n * (window_flops(3.0) + 17.0),
                             .bytes = 2.0 * samples(width, height) + (16.0 + 16.0) * n, .launches = 3};
}

/* What 16 lanes add up to is written, and read by the next launch. Features that are read a second time come from the
 * cache. */
enum { LANES_BYTES = 2 * 16 * 4 };

gb_scoring_cost gb_cost_of_unit(int64_t positions, int64_t channels)
{
    const double size = (double)(positions * channels);
    return (gb_scoring_cost){.flops = 3.0 * size, .bytes = 8.0 * size + LANES_BYTES * (double)positions, .launches = 2};
}

gb_scoring_cost gb_cost_of_distance(int64_t h, int64_t w, int64_t channels)
{
    const double positions = (double)(h * w), size = positions * (double)channels;
    return (gb_scoring_cost){.flops = 7.0 * size, .bytes = 8.0 * size + (2.0 * LANES_BYTES + 16.0) * positions,
                             .launches = 5};
}
