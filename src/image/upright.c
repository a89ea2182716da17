#include "image/upright.h"

#include <stdio.h>
#include <stdlib.h>

#include "image/libav.h"

/* Whether one number is nothing beside the other. */
static bool is_small(int32_t a, int32_t beside)
{
    return llabs((long long)a) * 64 < llabs((long long)beside);
}

/* (x, y) is shown at (m0 x + m3 y, m1 x + m4 y), as ISO/IEC 14496-12 has it. */
gb_status gb_upright_of(const AVStream *stream, const char *path, gb_upright *out, gb_error *err)
{
    const int32_t *const m = gb_libav_display_matrix(stream);
    *out = (gb_upright){false, false, false};
    if (!m) return GB_OK;
    if (is_small(m[1], m[0]) && is_small(m[3], m[4]))
        *out = (gb_upright){false, m[0] < 0, m[4] < 0};
    else if (is_small(m[0], m[1]) && is_small(m[4], m[3]))
        *out = (gb_upright){true, m[3] < 0, m[1] < 0};
    else
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: expected a picture turned by quarters, found another angle", path);
    return GB_OK;
}

void gb_upright_describe(gb_upright upright, char text[GB_UPRIGHT_TEXT])
{
    snprintf(text, GB_UPRIGHT_TEXT, "%s%s%s", upright.transpose ? ",transpose=cclock_flip" : "",
             upright.flip_x ? ",hflip" : "", upright.flip_y ? ",vflip" : "");
    for (char *at = text; *at; at++) at[0] = at[1]; /* the first comma */
}

gb_rect gb_upright_rect(gb_upright upright, gb_rect rect, int width, int height)
{
    gb_rect r = upright.transpose ? (gb_rect){rect.y, rect.x, rect.height, rect.width} : rect;
    if (upright.flip_x) r.x = (upright.transpose ? height : width) - r.x - r.width;
    if (upright.flip_y) r.y = (upright.transpose ? width : height) - r.y - r.height;
    return r;
}
