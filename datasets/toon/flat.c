#include "datasets/toon/flat.h"

const gb_palette *gb_palette_of(uint64_t seed)
{
    static const gb_palette palettes[6] = {
        {0xF3E6C8, 0x2E3A44, 0xE0A030, 0x2F8F8A, 0xD8583C, 0x8A9A5A},
        {0xE4EBDD, 0x3A2E48, 0xE88A6A, 0x5A7FA8, 0xF0C860, 0x9A5A78},
        {0xF6D8C4, 0x27343C, 0xC84A48, 0x4A9A98, 0xF4EBD8, 0xE0A848},
        {0x25364E, 0xF2E4C4, 0xE8B04A, 0x4E8F98, 0xD8664E, 0x7A86A8},
        {0xCFE0DC, 0x40303A, 0xD86A4A, 0xF0D48A, 0x4E7A6A, 0xB88AA0},
        {0xEBD9A4, 0x2A3A3A, 0x5A8A9A, 0xC85A3A, 0x8AA860, 0xF6F0DC},
    };
    return &palettes[gb_chance_cell(seed, "palette", 0).state % 6];
}

gb_colour gb_palette_pick(const gb_palette *palette, gb_random *random)
{
    const gb_colour inks[4] = {palette->one, palette->two, palette->three, palette->four};
    return inks[gb_chance_pick(random, 4)];
}

static void bounds(const gb_curve *curve, gb_point *low, gb_point *high)
{
    *low = *high = curve->point[0];
    for (int i = 1; i < curve->count; i++) {
        const gb_point p = curve->point[i];
        if (p.x < low->x) low->x = p.x;
        if (p.y < low->y) low->y = p.y;
        if (p.x > high->x) high->x = p.x;
        if (p.y > high->y) high->y = p.y;
    }
}

static void hatch(const gb_canvas *canvas, gb_point low, gb_point high, int slope)
{
    const double height = high.y - low.y, lean = slope * height * 0.5;
    for (double x = low.x - height; x < high.x + height; x += 5.5) {
        cairo_move_to(canvas->cairo, x, low.y);
        cairo_line_to(canvas->cairo, x + lean, high.y);
    }
    cairo_set_line_width(canvas->cairo, 0.9);
    cairo_stroke(canvas->cairo);
}

static void dots(const gb_canvas *canvas, gb_point low, gb_point high)
{
    int row = 0;
    for (double y = low.y + 2; y < high.y; y += 5.2, row++)
        for (double x = low.x + (row & 1 ? 3 : 0); x < high.x; x += 6) cairo_rectangle(canvas->cairo, x, y, 1.7, 1.7);
    cairo_fill(canvas->cairo);
}

void gb_flat_fill(const gb_canvas *canvas, const gb_curve *curve, gb_colour colour, gb_grain grain)
{
    gb_ink_fill(canvas, curve, colour);
    if (grain == GB_GRAIN_NONE || curve->count < 3) return;
    gb_point low, high;
    bounds(curve, &low, &high);
    cairo_save(canvas->cairo);
    gb_ink_path(canvas, curve);
    cairo_clip(canvas->cairo);
    const int bright = (int)((colour >> 8 & 255u) > 120);
    gb_ink_source(canvas, gb_colour_mix(colour, bright ? canvas->ink : 0xFFF8E8, 34), 1);
    if (grain == GB_GRAIN_DOTS) dots(canvas, low, high);
    if (grain == GB_GRAIN_HATCH || grain == GB_GRAIN_CROSS) hatch(canvas, low, high, 1);
    if (grain == GB_GRAIN_CROSS) {
        gb_ink_source(canvas, gb_colour_mix(colour, bright ? canvas->ink : 0xFFF8E8, 34), 1);
        hatch(canvas, low, high, -1);
    }
    cairo_restore(canvas->cairo);
}

void gb_flat_loop(const gb_canvas *canvas, const gb_curve *curve, gb_colour colour)
{
    gb_curve loop = *curve;
    gb_curve_move(&loop, 2.2, -1.8);
    gb_ink_source(canvas, colour, 1);
    gb_ink_path(canvas, &loop);
    cairo_set_line_width(canvas->cairo, 0.9);
    cairo_stroke(canvas->cairo);
}

void gb_flat_box(const gb_canvas *canvas, double x, double y, double width, double height, gb_colour colour,
                 gb_grain grain)
{
    gb_curve curve;
    gb_curve_box(&curve, x, y, width, height, 0);
    gb_flat_fill(canvas, &curve, colour, grain);
}

void gb_flat_star(const gb_canvas *canvas, double x, double y, double radius, int rays, gb_colour colour)
{
    for (int i = 0; i < rays; i++) {
        const double c = gb_wave_cos((double)i / rays), s = gb_wave_sin((double)i / rays),
                     r = i % 2 ? 0.6 * radius : radius;
        gb_ink_line(canvas, x, y, x + r * c, y + r * s, 1.3, colour);
        gb_ink_dot(canvas, x + r * c, y + r * s, 1.9, colour);
    }
}
