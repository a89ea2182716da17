/* Repeats the centre's outermost column. */
#include "models/baseline.h"
#include "models/generator.h"

static int from(int distance, int centre_width)
{
    (void)distance, (void)centre_width;
    return 0;
}

static gb_status paint(gb_image *frame, int side, gb_error *err)
{
    GB_TRY(gb_baseline_check(frame, side, err));
    gb_baseline_fill(frame, side, from);
    return GB_OK;
}

const gb_generator gb_generator_edge = {
    .id = "edge",
    .title = "edge columns",
    .summary = "the outermost column of the picture, repeated",
    .source = "baseline",
    .paint = paint,
};
