#include "models/baseline.h"

#include <string.h>

gb_status gb_baseline_check(const gb_image *frame, int side, gb_error *err)
{
    if (!frame->rgb || frame->height < 1 || side < 1 || side > (frame->width - 1) / 2)
        return gb_fail(err, GB_E_ARG, "expected strips that leave a centre, found side %d in a frame of %dx%d", side,
                       frame->width, frame->height);
    return GB_OK;
}

void gb_baseline_fill(gb_image *frame, int side, int (*from)(int distance, int centre_width))
{
    const int centre = frame->width - 2 * side;
    for (int y = 0; y < frame->height; y++) {
        uint8_t *row = frame->rgb + (size_t)y * (size_t)frame->width * 3;
        uint8_t *left = row + (size_t)side * 3, *right = row + (size_t)(side + centre - 1) * 3;
        for (int d = 0; d < side; d++) {
            const ptrdiff_t inwards = (ptrdiff_t)from(d, centre) * 3, outwards = (ptrdiff_t)(d + 1) * 3;
            memcpy(left - outwards, left + inwards, 3);
            memcpy(right + outwards, right - inwards, 3);
        }
    }
}
