#include "video/layout.h"

#include <math.h>

#define WIDE (16.0 / 9.0)
#define NARROWEST 1.0
#define WIDE_FROM 1.70
#define WIDE_TO 1.86

/* Inwards to whole chroma samples. */
static gb_rect align(gb_rect r, int grain_x, int grain_y)
{
    const int right = (r.x + r.width) / grain_x * grain_x, bottom = (r.y + r.height) / grain_y * grain_y;
    const int x = (r.x + grain_x - 1) / grain_x * grain_x, y = (r.y + grain_y - 1) / grain_y * grain_y;
    return (gb_rect){x, y, right - x, bottom - y};
}

static int round_to(double value, int grain)
{
    const int rounded = (int)lround(value / grain) * grain;
    return rounded < grain ? grain : rounded;
}

static void cut_sides(const gb_layout_ask *ask, gb_layout *layout)
{
    layout->side = round_to(layout->centre.width / 8.0, ask->grain_x);
    layout->centre.x += layout->side;
    layout->centre.width -= 2 * layout->side;
    layout->was_wide = true;
}

/* The stored size itself where it is square already, so that nothing is resampled without need. */
static gb_geometry work_geometry(const gb_layout *layout, double stretch, int height)
{
    const bool as_stored = stretch == 1.0 && (height <= 0 || height >= layout->height);
    if (as_stored) return (gb_geometry){layout->width, layout->height, layout->side};
    if (height <= 0 || height > layout->height) height = layout->height;
    const double scale = (double)height / layout->height;
    const int centre = round_to(layout->centre.width * stretch * scale, 1);
    const int side = round_to(layout->side * stretch * scale, 1);
    return (gb_geometry){centre + 2 * side, height, side};
}

gb_status gb_layout_plan(const gb_layout_ask *ask, const char *what, gb_layout *out, gb_error *err)
{
    gb_layout layout = {.centre = align(ask->picture, ask->grain_x, ask->grain_y)};
    const gb_rect picture = layout.centre;
    if (picture.width < 1 || picture.height < 1)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: a picture of %dx%d is too small to be widened", what,
                       ask->picture.width, ask->picture.height);
    const double stretch = ask->sar_num > 0 && ask->sar_den > 0 ? (double)ask->sar_num / ask->sar_den : 1.0;
    const double aspect = picture.width * stretch / picture.height;
    if (aspect < NARROWEST || aspect > WIDE_TO)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: expected a 4:3 or 16:9 picture, found %.2f:1 (%dx%d): --crop "
                       "W:H:X:Y says where the picture lies", what, aspect, picture.width, picture.height);
    layout.trimmed = picture.width != ask->picture.width || picture.height != ask->picture.height;
    layout.height = picture.height;
    if (aspect >= WIDE_FROM)
        cut_sides(ask, &layout);
    else
        layout.side = round_to((WIDE * picture.height / stretch - picture.width) / 2, ask->grain_x);
    layout.width = layout.centre.width + 2 * layout.side;
    if (layout.centre.width < 1 || layout.width > 16384)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: a picture of %dx%d cannot be widened", what, picture.width,
                       picture.height);
    layout.work = work_geometry(&layout, stretch, ask->work_height);
    *out = layout;
    return GB_OK;
}
