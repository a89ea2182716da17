/* Reflects the centre about the seam; the column at the seam is repeated (numpy's "symmetric"). */
#include "models/baseline.h"
#include "models/generator.h"

/* A strip wider than the centre goes back and forth. */
static int from(int distance, int centre_width)
{
    const int phase = distance % (2 * centre_width);
    return phase < centre_width ? phase : 2 * centre_width - 1 - phase;
}

static gb_status paint(gb_image *frame, int side, gb_error *err)
{
    GB_TRY(gb_baseline_check(frame, side, err));
    gb_baseline_fill(frame, side, from);
    return GB_OK;
}

const gb_generator gb_generator_mirror = {
    .id = "mirror",
    .title = "mirror",
    .summary = "the picture reflected about each seam",
    .source = "baseline",
    .paint = paint,
};
