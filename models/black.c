/* The floor: nothing is invented. */
#include <string.h>

#include "models/baseline.h"
#include "models/generator.h"

static gb_status paint(gb_image *frame, int side, gb_error *err)
{
    GB_TRY(gb_baseline_check(frame, side, err));
    const size_t pitch = (size_t)frame->width * 3, strip = (size_t)side * 3;
    for (int y = 0; y < frame->height; y++) {
        uint8_t *row = frame->rgb + (size_t)y * pitch;
        memset(row, 0, strip);
        memset(row + pitch - strip, 0, strip);
    }
    return GB_OK;
}

const gb_generator gb_generator_black = {
    .id = "black",
    .title = "black bars",
    .summary = "the 4:3 picture between black bars",
    .source = "baseline",
    .paint = paint,
};
