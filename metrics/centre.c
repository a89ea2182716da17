#include <stdlib.h>

#include "metrics/metric.h"

int gb_centre_maxabs(gb_geometry geometry, const gb_image *input, const gb_image *test)
{
    const size_t row = 3 * (size_t)geometry.width, from = 3 * (size_t)geometry.side, to = row - from;
    int largest = 0;
    for (size_t y = 0; y < (size_t)geometry.height; y++)
        for (size_t i = y * row + from; i < y * row + to; i++) {
            const int d = abs(input->rgb[i] - test->rgb[i]);
            if (d > largest) largest = d;
        }
    return largest;
}
