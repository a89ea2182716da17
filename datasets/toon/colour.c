#include "datasets/toon/colour.h"

static uint32_t channel(gb_colour colour, int shift)
{
    return (colour >> shift) & 255u;
}

gb_colour gb_colour_mix(gb_colour a, gb_colour b, int percent)
{
    const uint32_t t = (uint32_t)percent, s = 100u - t;
    gb_colour mixed = 0;
    for (int shift = 0; shift <= 16; shift += 8)
        mixed |= ((channel(a, shift) * s + channel(b, shift) * t + 50u) / 100u) << shift;
    return mixed;
}

gb_colour gb_colour_multiply(gb_colour paint, gb_colour light)
{
    gb_colour lit = 0;
    for (int shift = 0; shift <= 16; shift += 8)
        lit |= ((channel(paint, shift) * channel(light, shift) + 127u) / 255u) << shift;
    return lit;
}

gb_colour gb_colour_shadow(gb_colour colour)
{
    return gb_colour_multiply(colour, 0xC2A8C4);
}

gb_colour gb_colour_highlight(gb_colour colour)
{
    return gb_colour_mix(colour, 0xFFFBEA, 42);
}
