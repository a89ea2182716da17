#include "support/moving.h"

#include <stdio.h>

#include "core/file.h"
#include "image/image.h"
#include "support/support.h"

static gb_status moving_frame_write(const char *path, int width, int height, int index, gb_error *err)
{
    gb_image image = {0};
    GB_TRY(gb_image_new(width, height, &image, err));
    const int t = index / 2 * 6;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint8_t *p = &image.rgb[(y * width + x) * 3];
            const bool disc = (x - 40 - t) * (x - 40 - t) + (y - 70) * (y - 70) < 900;
            p[0] = (uint8_t)(disc ? 230 : (x + t) / 8 % 2 * 90 + 60);
            p[1] = (uint8_t)(disc ? 180 : y + 40);
            p[2] = (uint8_t)(disc ? 40 : 200 - x / 2);
        }
    const gb_status status = gb_image_write_png(path, &image, err);
    gb_image_free(&image);
    return status;
}

gb_status moving_clip_write(const char *folder, int width, int height, int frames, gb_error *err)
{
    char name[256];
    GB_TRY(gb_directory_make(test_scratch(folder), err));
    for (int i = 0; i < frames; i++) {
        snprintf(name, sizeof name, "%s/f%03d.png", folder, i);
        GB_TRY(moving_frame_write(test_scratch(name), width, height, i, err));
    }
    return GB_OK;
}
