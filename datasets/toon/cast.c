#include "datasets/toon/character.h"

static const gb_person cast[] = {
    {.name = "Mika", .size = 0.92, .leg = 25, .torso = 25, .head = 20, .shoulder = 10, .hip = 8, .arm = 27, .limb = 3.1,
     .hair = GB_HAIR_BOB, .bottom = GB_BOTTOM_SKIRT, .has = GB_HAS_BOW | GB_HAS_LASHES,
     .skin = 0xFBD3AE, .hair_colour = 0x2C8F93, .top = 0xF2683C, .lower = 0xF2683C, .shoe = 0x8E3B5E,
     .accent = 0xFFD94A, .iris = 0x6B4A2A},
    {.name = "Rolf", .size = 0.98, .leg = 28, .torso = 25, .head = 19, .shoulder = 11, .hip = 8.5, .arm = 28,
     .limb = 3.2, .hair = GB_HAIR_SPIKY, .bottom = GB_BOTTOM_SHORTS, .has = GB_HAS_FRECKLES | GB_HAS_STRIPES,
     .skin = 0xFCC9A0, .hair_colour = 0xDD5A22, .top = 0x4FB26A, .lower = 0x3D5FA8, .shoe = 0xC8372F,
     .accent = 0xFFF3D0, .iris = 0x3B7A3A},
    {.name = "Zuri", .size = 0.95, .leg = 27, .torso = 24, .head = 19.5, .shoulder = 10, .hip = 8.5, .arm = 27,
     .limb = 3.1, .hair = GB_HAIR_CURLY, .bottom = GB_BOTTOM_TROUSERS, .has = GB_HAS_GLASSES | GB_HAS_LASHES | GB_HAS_BADGE,
     .skin = 0x9A6240, .hair_colour = 0x3A2430, .top = 0xF6C63C, .lower = 0x7A54B8, .shoe = 0xE85D8A,
     .accent = 0x40B8C8, .iris = 0x4A2E1E},
    {.name = "Oma", .size = 1.06, .leg = 29, .torso = 29, .head = 16, .shoulder = 12, .hip = 12, .arm = 30, .limb = 3.5,
     .hair = GB_HAIR_BUN, .bottom = GB_BOTTOM_SKIRT, .has = GB_HAS_GLASSES | GB_HAS_LONG_SLEEVES | GB_HAS_APRON,
     .skin = 0xF4C8A8, .hair_colour = 0xD6D8E4, .top = 0x8A62B0, .lower = 0x5D7FB8, .shoe = 0x5A3A32,
     .accent = 0xFFF6E6, .iris = 0x4A78A8},
    {.name = "Baz", .size = 1.16, .leg = 27, .torso = 33, .head = 15.5, .shoulder = 16, .hip = 15, .arm = 33, .limb = 4.4,
     .hair = GB_HAIR_CAP, .bottom = GB_BOTTOM_OVERALLS, .has = GB_HAS_MOUSTACHE | GB_HAS_LONG_SLEEVES,
     .skin = 0xF2B98E, .hair_colour = 0x5A3420, .top = 0xD84A3A, .lower = 0x3E6CB0, .shoe = 0x4A3A34,
     .accent = 0xF5C542, .iris = 0x4A3A2A},
    {.name = "Lin", .size = 1.1, .leg = 34, .torso = 27, .head = 15.5, .shoulder = 10.5, .hip = 8.5, .arm = 31, .limb = 3,
     .hair = GB_HAIR_TAIL, .bottom = GB_BOTTOM_TROUSERS, .has = GB_HAS_LASHES | GB_HAS_SCARF | GB_HAS_LONG_SLEEVES,
     .skin = 0xF6CFA6, .hair_colour = 0x2A2440, .top = 0x3FA7A0, .lower = 0x4A4A62, .shoe = 0xB85A2A,
     .accent = 0xE8483E, .iris = 0x3A2E2E},
};

const gb_person *gb_cast(int *count)
{
    *count = (int)(sizeof cast / sizeof cast[0]);
    return cast;
}
