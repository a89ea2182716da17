#include "support/drawn.h"

#include <stdbool.h>
#include <string.h>

#include "support/support.h"

static int noise(int x, int y, int c)
{
    uint32_t h = (uint32_t)x * 73856093u ^ (uint32_t)y * 19349663u ^ (uint32_t)c * 83492791u;
    h = (h ^ h >> 13) * 0x5bd1e995u;
    return (int)((h ^ h >> 15) & 0xff);
}

static int truth(int x, int y, int c)
{
    int value = 5 * x + 3 * y * (c + 1);
    if ((x - 20) * (x - 20) + (y - 18) * (y - 18) < 150) value = 200 - 60 * c;
    if (x / 4 % 3 == 0 && y > 28) value = 30 + 70 * c;
    return (value % 256 + 256) % 256;
}

static int pixel(drawn_kind kind, int width, int x, int y, int c)
{
    const int side = width / 8;
    int value = truth(x, y, c);
    if (kind == DRAWN_STRIPS && (x < side || x >= width - side))
        value = truth(x < side ? 2 * side - x : x, y, c) + noise(x, y, c) % 41 - 20;
    if (kind == DRAWN_SHIFTED) value = truth(x + 1, y, c) + noise(x, y, c) % 7 + 5;
    return value < 0 ? 0 : value > 255 ? 255 : value;
}

gb_image drawn_picture(const char *kind, int width, int height)
{
    static const char *const name[] = {"truth", "strips", "shifted"};
    const bool dim = !strncmp(kind, "dim ", 4);
    int k = 0;
    if (dim) kind += 4;
    while (k < 3 && strcmp(name[k], kind) != 0) k++;
    if (k == 3) fail_msg("no picture of the kind %s", kind);
    gb_image image = {0};
    gb_error err;
    assert_ok(gb_image_new(width, height, &image, &err), &err);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < 3; c++)
                image.rgb[3 * (y * width + x) + c] =
                    (uint8_t)(pixel((drawn_kind)k, width, x, y, c) / (dim ? 2 : 1) + (dim ? 40 : 0));
    return image;
}
