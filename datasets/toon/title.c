#include "datasets/toon/lettering.h"
#include "datasets/toon/outdoors.h"

static const gb_colour hues[6][3] = {{0xF4A03C, 0xFBC45A, 0xD8483E}, {0x4AA8C8, 0x6CC8DC, 0xF4B83C},
                                     {0xD86A8A, 0xF08AA4, 0x4A5AA8}, {0x6AB070, 0x8CCB84, 0xE8783C},
                                     {0x8A6ABC, 0xA488D4, 0xF0C84A}, {0xE8705A, 0xF4907A, 0x3E8A8A}};

static void draw_rays(const gb_stage *stage, double x, double y, gb_colour colour, int drawing)
{
    const gb_canvas *canvas = &stage->canvas;
    const int rays = 22;
    for (int i = 0; i < rays; i++) {
        const double a = (i + drawing * 0.04) / rays, b = a + 0.5 / rays;
        gb_curve curve = {.count = 3,
                          .point = {{x, y},
                                    {x + 640 * gb_wave_cos(a), y + 640 * gb_wave_sin(a)},
                                    {x + 640 * gb_wave_cos(b), y + 640 * gb_wave_sin(b)}}};
        gb_ink_fill(canvas, &curve, colour);
    }
}

static void draw_frame(const gb_stage *stage, gb_colour colour, gb_random *random)
{
    const gb_canvas *canvas = &stage->canvas;
    const double depth = gb_chance_between(random, 20, 30), step = 21;
    const double l = canvas->left, r = canvas->right, t = canvas->top, b = canvas->bottom;
    gb_curve curve;
    for (int pass = 0; pass < 2; pass++) { /* two rows of scales along each border */
        const double in = pass ? 0 : depth * 0.45;
        const gb_colour paint = pass ? colour : gb_colour_highlight(colour);
        for (double x = l + in; x < r; x += step)
            for (int side = 0; side < 2; side++) {
                gb_curve_ellipse(&curve, x + step / 2, side ? b - in : t + in, step * 0.56, depth * 0.8);
                gb_ink_cel(canvas, &curve, paint, 2);
            }
        for (double y = t + in; y < b; y += step)
            for (int side = 0; side < 2; side++) {
                gb_curve_ellipse(&curve, side ? r - in : l + in, y + step / 2, depth * 0.9, step * 0.56);
                gb_ink_cel(canvas, &curve, paint, 2);
            }
    }
}

void gb_title_back(gb_stage *stage)
{
    gb_random random = gb_chance_cell(stage->seed, "title", 0);
    const gb_colour *hue = hues[gb_chance_pick(&random, 6)];
    gb_stage_layer(stage, 0);
    const gb_canvas *canvas = &stage->canvas;
    gb_stage_band(stage, canvas->top - 2, canvas->bottom + 2, hue[0]);
    gb_part_begin(&stage->canvas, stage->frame / 3);
    draw_rays(stage, 0, -20, hue[1], stage->frame / 3);
    gb_part_begin(&stage->canvas, 0);
    const gb_cells cells = gb_stage_cells(stage, 46, 20);
    for (int i = cells.first; i <= cells.last; i++)
        for (int row = 0; row < 7; row++) {
            gb_random each = gb_chance_cell(stage->seed, "confetti", i * 8 + row);
            gb_curve curve;
            const double x = 46 * i + 40 * gb_random_uniform(&each),
                         y = -140 + 42 * row + 30 * gb_random_uniform(&each);
            gb_curve_clear(&curve);
            for (int k = 0; k < 10; k++) {
                const double radius = k % 2 ? 3.4 : 8;
                gb_curve_add(&curve, x + radius * gb_wave_sin(k / 10.0), y - radius * gb_wave_cos(k / 10.0));
            }
            gb_ink_cel(canvas, &curve, gb_chance_one_in(&each, 2) ? 0xFFF4D0 : hue[2], 1.4);
        }
    draw_frame(stage, hue[2], &random);
}

/* The banner passes before the actors' legs. */
void gb_title_front(gb_stage *stage)
{
    static const char *const first[8] = {"MIKA", "ROLF", "ZURI", "OMA", "BAZ", "LIN", "BISCUIT", "EVERYBODY"};
    static const char *const second[8] = {"& THE MOON",   "AT SEA",    "BAKES A PIE",    "IN THE SNOW",
                                          "GOES TO TOWN", "GETS LOST", "& THE BIG FISH", "SAVES THE DAY!"};
    gb_random random = gb_chance_cell(stage->seed, "banner", 0);
    const gb_colour *hue = hues[gb_chance_pick(&random, 6)];
    gb_stage_layer(stage, 0);
    const gb_canvas *canvas = &stage->canvas;
    const double half = stage->width * 0.42;
    gb_curve curve;
    for (int way = -1; way <= 1; way += 2) {
        curve = (gb_curve){.count = 5,
                           .point = {{way * (half - 20), 62},
                                     {way * (half + 26), 62},
                                     {way * (half + 10), 86},
                                     {way * (half + 26), 112},
                                     {way * (half - 20), 112}}};
        gb_ink_cel(canvas, &curve, gb_colour_shadow(hue[2]), 2);
    }
    gb_curve_clear(&curve);
    gb_curve_add(&curve, -half, 50);
    gb_curve_bend(&curve, 0, 40, half, 50);
    gb_curve_add(&curve, half, 120);
    gb_curve_bend(&curve, 0, 132, -half, 120);
    gb_ink_cel(canvas, &curve, 0xFFF6E0, 5);
    gb_lettering_draw(canvas, first[gb_chance_pick(&random, 8)], 0, 80, 25, 6, hue[2], 2);
    gb_lettering_draw(canvas, second[gb_chance_pick(&random, 8)], 0, 113, 19, 4.4, hue[0], 1.6);
}
