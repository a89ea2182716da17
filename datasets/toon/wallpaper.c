#include "datasets/toon/sets.h"

static void draw_print(const gb_canvas *canvas, int kind, double x, double y, gb_colour print)
{
    gb_curve curve;
    if (kind == 0) { /* diamonds */
        curve = (gb_curve){.count = 4, .point = {{x, y - 7}, {x + 4.4, y}, {x, y + 7}, {x - 4.4, y}}};
        gb_ink_fill(canvas, &curve, print);
        gb_ink_dot(canvas, x, y, 1.2, gb_colour_highlight(print));
    } else if (kind == 1) { /* sprigs */
        gb_curve_lobes(&curve, x, y, 4.6, 4.6, 5, 9);
        gb_ink_fill(canvas, &curve, print);
        gb_ink_dot(canvas, x, y, 1.4, 0xFFF4C0);
        gb_curve_clear(&curve);
        gb_curve_add(&curve, x, y + 4);
        gb_curve_bend(&curve, x - 1, y + 8, x - 4, y + 10);
        gb_ink_stroke(canvas, &curve, 1.6, gb_colour_mix(print, 0x3A8A4A, 60));
    } else if (kind == 2) { /* dots of two sizes */
        gb_ink_dot(canvas, x, y, 3.4, print);
        gb_ink_dot(canvas, x + 9, y - 5, 1.5, print);
    } else { /* stars */
        gb_curve_clear(&curve);
        for (int i = 0; i < 10; i++) {
            const double r = i % 2 ? 2 : 5;
            gb_curve_add(&curve, x + r * gb_wave_sin(i / 10.0), y - r * gb_wave_cos(i / 10.0));
        }
        gb_ink_fill(canvas, &curve, print);
    }
}

void gb_wallpaper_draw(const gb_stage *stage, double bottom, gb_colour paper, gb_colour print, int kind)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_stage_shade(stage, canvas->top - 2, bottom, gb_colour_shadow(paper), paper);
    const double step = 18;
    const gb_cells cells = gb_stage_cells(stage, step, step);
    const double top = canvas->top - 10;
    for (int i = cells.first; i <= cells.last; i++) {
        const double x = i * step;
        if (kind == 4) { /* stripes, with a thin line beside each broad one */
            gb_ink_box(canvas, x, top, 8, bottom - top, gb_colour_mix(paper, print, 55));
            gb_ink_box(canvas, x + 11.5, top, 1.6, bottom - top, print);
            continue;
        }
        for (int row = -8; row * 20 < bottom; row++)
            if (row * 20 > top - 20)
                draw_print(canvas, kind, x, row * 20 + (i & 1) * 10, gb_colour_mix(paper, print, 70));
    }
}

void gb_wainscot_draw(const gb_stage *stage, double top, double bottom, gb_colour wood)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_stage_band(stage, top, bottom, wood);
    const double step = 34;
    const gb_cells cells = gb_stage_cells(stage, step, step);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_ink_panel(canvas, i * step + 4, top + 8, step - 8, bottom - top - 18, gb_colour_highlight(wood));
        gb_ink_panel(canvas, i * step + 8, top + 12, step - 16, bottom - top - 26, wood);
    }
    gb_ink_panel(canvas, canvas->left - 4, top - 3, canvas->right - canvas->left + 8, 6, gb_colour_highlight(wood));
    gb_ink_panel(canvas, canvas->left - 4, bottom - 8, canvas->right - canvas->left + 8, 8, gb_colour_highlight(wood));
}
