#include "report/plot/palette.h"

const gb_colour gb_palette[GB_COLOURS] = {
    {0x0067a8, 0x5eb0ee}, {0xc44f00, 0xff9152}, {0x00805f, 0x35cba3}, {0xa8437f, 0xec96c5},
    {0x94690a, 0xedb63a}, {0x2685b5, 0x8ad8ff}, {0x5a5a5a, 0xc4c4c4}, {0x7a7400, 0xe6dd57},
};

const gb_shape gb_shapes[GB_SHAPES] = {
    {.radius = 5.0},
    {.points = 4, .x = {-4.5, 4.5, 4.5, -4.5}, .y = {-4.5, -4.5, 4.5, 4.5}},
    {.points = 4, .x = {0.0, 6.2, 0.0, -6.2}, .y = {-6.2, 0.0, 6.2, 0.0}},
    {.points = 3, .x = {0.0, 5.8, -5.8}, .y = {-5.8, 4.6, 4.6}},
    {.points = 3, .x = {0.0, 5.8, -5.8}, .y = {5.8, -4.6, -4.6}},
};
