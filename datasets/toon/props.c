#include "datasets/toon/props.h"

#include "datasets/toon/lettering.h"
#include "datasets/toon/sets.h"

static const gb_colour paints[8] = {0xD8483E, 0x3E78B8, 0xE8A838, 0x4A9A68, 0x8A56A8, 0xE87A98, 0x3AA0A8, 0xF0E0C0};

static void draw_bench(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    const gb_colour wood = gb_chance_one_in(random, 2) ? 0xB87A48 : paints[gb_chance_pick(random, 8)];
    for (int side = -1; side <= 1; side += 2) {
        gb_ink_panel(canvas, x + side * 32 - 2.5, y - 46, 5, 46, 0x4A4A56);
        gb_ink_panel(canvas, x + side * 32 - 7, y - 3, 14, 4, 0x4A4A56);
    }
    for (int i = 0; i < 3; i++) gb_ink_panel(canvas, x - 42, y - 49 + 9 * i, 84, 6.4, wood);
    gb_ink_panel(canvas, x - 44, y - 21, 88, 5, gb_colour_highlight(wood));
    gb_ink_panel(canvas, x - 44, y - 16, 88, 4, wood);
}

static void draw_crate(const gb_canvas *canvas, double x, double y, double s, gb_colour wood)
{
    gb_ink_panel(canvas, x - s / 2, y - s, s, s, wood);
    gb_ink_boards(canvas, (gb_field){x - s / 2, x + s / 2, y - s, y, 0}, s / 5, gb_colour_mix(wood, canvas->ink, 60));
    gb_curve curve = {
        .count = 4,
        .point = {{x - s * 0.5, y - s * 0.12}, {x + s * 0.38, y - s}, {x + s * 0.5, y - s * 0.88}, {x - s * 0.38, y}}};
    gb_ink_cel(canvas, &curve, gb_colour_highlight(wood), 1);
    for (int side = 0; side < 2; side++)
        gb_ink_panel(canvas, x + (side ? s * 0.36 : -s * 0.5), y - s, s * 0.14, s, wood);
    gb_ink_panel(canvas, x - s / 2, y - s, s, s * 0.14, gb_colour_highlight(wood));
    gb_ink_panel(canvas, x - s / 2, y - s * 0.14, s, s * 0.14, wood);
}

static void draw_crates(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    draw_crate(canvas, x - 17, y, 34, 0xC8904E);
    draw_crate(canvas, x + 18, y, 30, 0xB87E48);
    if (gb_chance_one_in(random, 2)) draw_crate(canvas, x - 4, y - 34, 27, 0xD8A05A);
    gb_curve curve;
    for (int i = 0; i < 4; i++) {
        gb_curve_ellipse(&curve, x + 8 + 6.5 * i, y - 33 - i % 2 * 3, 4.6, 4.4);
        gb_ink_cel(canvas, &curve, paints[(i + (int)(random->state & 3)) % 4], 1.4);
    }
}

static void draw_signpost(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    static const char *const town[8] = {"HILLS", "PORT", "OLD MILL", "ZOO", "LAKE", "FARM", "INN", "NORTH"};
    gb_ink_panel(canvas, x - 3.5, y - 112, 7, 112, 0x8A5E3C);
    for (int i = 0; i < 3; i++) {
        const double way = gb_chance_one_in(random, 2) ? 1 : -1, top = y - 106 + 25 * i, tip = 52 * way,
                     tail = -14 * way;
        gb_curve curve = {.count = 5,
                          .point = {{x + tail, top},
                                    {x + tip, top},
                                    {x + tip + 11 * way, top + 9},
                                    {x + tip, top + 18},
                                    {x + tail, top + 18}}};
        gb_ink_cel(canvas, &curve, gb_colour_mix(paints[gb_chance_pick(random, 8)], 0xFFE8C0, 45), 2);
        gb_lettering_draw(canvas, town[gb_chance_pick(random, 8)], x + (tip + tail) / 2, top + 14, 10, 2, 0x3A2630, 0);
    }
}

static void draw_mailbox(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    gb_curve curve;
    const gb_colour paint = gb_chance_one_in(random, 2) ? 0xD8483E : 0x3E78B8;
    gb_curve_box(&curve, x - 17, y - 74, 34, 74, 3);
    gb_ink_cel(canvas, &curve, paint, 5);
    gb_curve_arc(&curve, x, y - 72, 19, 15, 0.5, 1);
    gb_ink_cel(canvas, &curve, gb_colour_highlight(paint), 3);
    gb_ink_panel(canvas, x - 11, y - 64, 22, 5, 0x2A2430);
    gb_ink_panel(canvas, x - 12, y - 50, 24, 18, 0xFFF6E0);
    gb_lettering_draw(canvas, "POST", x, y - 37, 7, 1.6, paint, 0);
    gb_ink_panel(canvas, x - 20, y - 6, 40, 7, gb_colour_shadow(paint));
}

static void draw_wheel(const gb_canvas *canvas, double x, double y, double r)
{
    gb_curve curve;
    gb_curve_ellipse(&curve, x, y, r, r);
    gb_ink_cel(canvas, &curve, 0x3A3640, 3);
    gb_curve_ellipse(&curve, x, y, r * 0.55, r * 0.55);
    gb_ink_cel(canvas, &curve, 0xD8DCE4, 2);
    gb_ink_dot(canvas, x, y, r * 0.16, canvas->ink);
}

static void draw_car(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    gb_curve curve;
    const gb_colour paint = paints[gb_chance_pick(random, 8)];
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x - 42, y - 42);
    gb_curve_sweep(&curve, x - 36, y - 76, x - 28, y - 78, x - 2, y - 78);
    gb_curve_sweep(&curve, x + 22, y - 78, x + 30, y - 68, x + 42, y - 42);
    gb_ink_cel(canvas, &curve, gb_colour_mix(paint, 0xFFF8E8, 25), 4);
    for (int side = 0; side < 2; side++) {
        gb_curve_clear(&curve);
        gb_curve_add(&curve, x + (side ? 3 : -35), y - 44);
        gb_curve_bend(&curve, x + (side ? 3 : -29), y - 70, x + (side ? 3 : -22), y - 71);
        gb_curve_add(&curve, x + (side ? 12 : -3), y - 71);
        gb_curve_bend(&curve, x + (side ? 25 : -3), y - 66, x + (side ? 34 : -3), y - 44);
        gb_ink_cel(canvas, &curve, 0xBFE4EE, 1.4);
    }
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x - 72, y - 12);
    gb_curve_sweep(&curve, x - 76, y - 44, x - 66, y - 46, x - 44, y - 46);
    gb_curve_add(&curve, x + 44, y - 45);
    gb_curve_sweep(&curve, x + 74, y - 42, x + 78, y - 34, x + 77, y - 12);
    gb_ink_cel(canvas, &curve, paint, 6);
    gb_ink_panel(canvas, x - 78, y - 18, 158, 6, 0xC8CCD4);
    gb_ink_line(canvas, x - 1, y - 45, x - 1, y - 18, canvas->weight, canvas->ink);
    gb_ink_panel(canvas, x - 14, y - 37, 9, 2.6, 0xE8ECF0);
    gb_curve_ellipse(&curve, x + 70, y - 32, 6, 7);
    gb_ink_cel(canvas, &curve, 0xFFF2B0, 1.4);
    draw_wheel(canvas, x - 45, y - 12, 15);
    draw_wheel(canvas, x + 46, y - 12, 15);
}

static void draw_snowman(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    gb_curve curve;
    static const double size[3] = {25, 18, 13}, at[3] = {-20, -56, -82};
    for (int i = 0; i < 3; i++) {
        gb_curve_ellipse(&curve, x, y + at[i], size[i] * 1.06, size[i]);
        gb_ink_cel(canvas, &curve, 0xFBFDFF, size[i] * 0.34);
    }
    for (int side = -1; side <= 1; side += 2) {
        gb_ink_line(canvas, x + side * 16, y - 60, x + side * 37, y - 76, 2.4, 0x6A4630);
        gb_ink_line(canvas, x + side * 30, y - 71, x + side * 38, y - 66, 1.8, 0x6A4630);
        gb_ink_dot(canvas, x + side * 4.5, y - 86, 1.9, canvas->ink);
    }
    gb_curve_arc(&curve, x, y - 80, 6, 4, 0.05, 0.45);
    gb_ink_stroke(canvas, &curve, 1.8, canvas->ink);
    curve = (gb_curve){.count = 3, .point = {{x, y - 84}, {x + 14, y - 80}, {x, y - 79}}};
    gb_ink_cel(canvas, &curve, 0xF08A3A, 1);
    for (int i = 0; i < 3; i++) gb_ink_dot(canvas, x, y - 64 + 9 * i, 1.9, canvas->ink);
    const gb_colour scarf = paints[gb_chance_pick(random, 6)];
    gb_curve_box(&curve, x - 14, y - 73, 28, 7, 3);
    gb_ink_cel(canvas, &curve, scarf, 1.6);
    gb_ink_panel(canvas, x + 5, y - 68, 7, 20, scarf);
    gb_ink_panel(canvas, x - 10, y - 112, 20, 18, 0x3A3440);
    gb_ink_panel(canvas, x - 16, y - 96, 32, 4, 0x3A3440);
}

static void draw_armchair(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    gb_curve curve;
    const gb_colour cloth = paints[gb_chance_pick(random, 7)];
    for (int side = -1; side <= 1; side += 2) gb_ink_panel(canvas, x + side * 22 - 3, y - 7, 6, 7, 0x6A4630);
    gb_curve_box(&curve, x - 26, y - 76, 52, 66, 15);
    gb_ink_cel(canvas, &curve, cloth, 5);
    for (int i = 0; i < 6; i++) gb_ink_dot(canvas, x - 13 + 13 * (i % 3), y - 62 + 12 * (i / 3), 1.6, canvas->ink);
    gb_curve_box(&curve, x - 24, y - 36, 48, 16, 6);
    gb_ink_cel(canvas, &curve, gb_colour_highlight(cloth), 3);
    gb_curve_box(&curve, x - 26, y - 22, 52, 15, 4);
    gb_ink_cel(canvas, &curve, cloth, 3);
    for (int side = 0; side < 2; side++) {
        gb_curve_box(&curve, side ? x + 21 : x - 35, y - 50, 14, 44, 7);
        gb_ink_cel(canvas, &curve, cloth, 3.4);
    }
}

static void draw_stump(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    gb_curve curve = {.count = 4, .point = {{x - 22, y - 32}, {x + 22, y - 32}, {x + 29, y}, {x - 29, y}}};
    gb_ink_cel(canvas, &curve, 0x8A5E42, 6);
    for (int i = -2; i <= 2; i++)
        gb_ink_line(canvas, x + 8 * i, y - 22 + i % 2 * 4, x + 9.4 * i, y - 5, canvas->weight, canvas->ink);
    for (int ring = 0; ring < 3; ring++) {
        gb_curve_ellipse(&curve, x, y - 32, 22 - 7 * ring, 7 - 2.2 * ring);
        gb_ink_cel(canvas, &curve, ring % 2 ? 0xD8A870 : 0xE8C08A, 0);
    }
    if (!gb_chance_one_in(random, 2)) return;
    gb_ink_line(canvas, x + 6, y - 34, x + 26, y - 66, 4, 0xA8703C); /* an axe */
    curve = (gb_curve){.count = 4, .point = {{x - 4, y - 46}, {x + 9, y - 40}, {x + 6, y - 31}, {x - 8, y - 30}}};
    gb_ink_cel(canvas, &curve, 0xB8C4CC, 2);
}

static void draw_ring(const gb_canvas *canvas, double x, double y, double r, double width, gb_colour colour)
{
    gb_curve curve;
    gb_curve_ellipse(&curve, x, y, r, r);
    gb_ink_source(canvas, colour, 1);
    gb_ink_path(canvas, &curve);
    cairo_set_line_width(canvas->cairo, width);
    cairo_stroke(canvas->cairo);
}

static void draw_bicycle(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    const gb_colour paint = paints[gb_chance_pick(random, 7)];
    for (int side = -1; side <= 1; side += 2) {
        const double hub = x + side * 29;
        for (int i = 0; i < 8; i++)
            gb_ink_line(canvas, hub, y - 21, hub + 19 * gb_wave_cos(i / 8.0), y - 21 + 19 * gb_wave_sin(i / 8.0), 0.7,
                        canvas->ink);
        draw_ring(canvas, hub, y - 21, 20, 3.4, canvas->ink);
        draw_ring(canvas, hub, y - 21, 20, 1.2, 0x8A8A94);
    }
    const gb_point seat = {x - 13, y - 50}, crank = {x - 3, y - 22}, head = {x + 19, y - 54};
    const gb_point tube[6][2] = {{seat, crank},
                                 {seat, head},
                                 {crank, head},
                                 {{x - 29, y - 21}, crank},
                                 {{x - 29, y - 21}, seat},
                                 {{x + 29, y - 21}, {x + 17, y - 62}}};
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < 6; i++)
            gb_ink_line(canvas, tube[i][0].x, tube[i][0].y, tube[i][1].x, tube[i][1].y, pass ? 2.6 : 5,
                        pass ? paint : canvas->ink);
    gb_ink_panel(canvas, x - 23, y - 55, 18, 5, 0x4A3030);
    gb_ink_line(canvas, x + 17, y - 62, x + 6, y - 66, 3, canvas->ink);
    gb_ink_panel(canvas, x + 20, y - 66, 20, 15, 0xD8A860);
    gb_ink_boards(canvas, (gb_field){x + 20, x + 40, y - 66, y - 51, 0}, 4, canvas->ink);
}

static void draw_barrel(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    gb_curve curve;
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x - 17, y - 52);
    gb_curve_bend(&curve, x - 27, y - 26, x - 17, y);
    gb_curve_add(&curve, x + 17, y);
    gb_curve_bend(&curve, x + 27, y - 26, x + 17, y - 52);
    gb_ink_cel(canvas, &curve, gb_chance_one_in(random, 2) ? 0xB87A48 : 0xA06A50, 6);
    for (int i = -1; i <= 1; i++)
        gb_ink_line(canvas, x + 8 * i, y - 51, x + 8.6 * i, y - 1, canvas->weight * 0.8, canvas->ink);
    for (int hoop = 0; hoop < 3; hoop++)
        gb_ink_panel(canvas, x - (hoop == 1 ? 22 : 20), y - 46 + 18 * hoop, hoop == 1 ? 44 : 40, 4, 0x8A929C);
    gb_curve_ellipse(&curve, x, y - 52, 17, 4.6);
    gb_ink_cel(canvas, &curve, 0xD8A468, 1);
}

static void draw_cat(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    gb_curve curve;
    static const gb_colour furs[4] = {0x4A4658, 0xE8963A, 0xF4EEE4, 0x8A8C98};
    const gb_colour fur = furs[gb_chance_pick(random, 4)];
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x + 10, y - 4);
    gb_curve_sweep(&curve, x + 38, y + 2, x + 38, y - 26, x + 28, y - 34);
    gb_curve_sweep(&curve, x + 31, y - 20, x + 27, y - 10, x + 12, y - 12);
    gb_ink_cel(canvas, &curve, fur, 1.6);
    const gb_point body[7] = {{x - 14, y},      {x - 15, y - 16}, {x - 8, y - 32}, {x + 6, y - 33},
                              {x + 16, y - 18}, {x + 17, y - 3},  {x + 8, y}};
    gb_curve_through(&curve, body, 7, 1);
    gb_ink_cel(canvas, &curve, fur, 4);
    for (int side = -1; side <= 1; side += 2) {
        curve = (gb_curve){
            .count = 3,
            .point = {{x - 3 + side * 12, y - 40}, {x - 3 + side * 13, y - 60}, {x - 3 + side * 2, y - 50}}};
        gb_ink_cel(canvas, &curve, fur, 1.6);
    }
    gb_curve_ellipse(&curve, x - 3, y - 40, 15, 12.5);
    gb_ink_cel(canvas, &curve, fur, 3);
    for (int side = -1; side <= 1; side += 2) {
        gb_curve_ellipse(&curve, x - 3 + side * 6, y - 42, 3.4, 4);
        gb_ink_cel(canvas, &curve, 0xD8F07A, 0);
        gb_ink_line(canvas, x - 3 + side * 6, y - 45, x - 3 + side * 6, y - 39, 1.6, canvas->ink);
        for (int k = 0; k < 2; k++)
            gb_ink_line(canvas, x - 3 + side * 5, y - 36 + k, x - 3 + side * 21, y - 39 + 5 * k, 0.8, canvas->ink);
    }
    gb_ink_dot(canvas, x - 3, y - 37, 1.7, 0xF08A98);
}

static void draw_hay(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    gb_curve curve;
    gb_curve_ellipse(&curve, x, y - 30, 34, 31);
    gb_ink_cel(canvas, &curve, 0xE8C050, 7);
    for (int ring = 1; ring < 5; ring++) {
        const double from = gb_random_uniform(random);
        gb_curve_arc(&curve, x, y - 30, 34 - 6.6 * ring, 31 - 6 * ring, from, from + 0.8);
        gb_ink_stroke(canvas, &curve, 1.9, 0x9A7428);
    }
    for (int i = 0; i < 9; i++) {
        const double sx = x - 36 + 9 * i;
        gb_ink_line(canvas, sx, y + 1, sx + 4, y - 6, 1.1, 0x9A7428);
    }
}

static void draw_toys(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    gb_curve curve;
    const gb_colour box = paints[gb_chance_pick(random, 7)];
    for (int i = 0; i < 3; i++) {
        gb_curve_ellipse(&curve, x - 15 + 15 * i, y - 36 - i % 2 * 7, 11, 11);
        gb_ink_cel(canvas, &curve, paints[gb_chance_pick(random, 8)], 3);
        gb_curve_arc(&curve, x - 15 + 15 * i, y - 36 - i % 2 * 7, 5, 11, 0.25, 0.75);
        gb_ink_stroke(canvas, &curve, 2.4, 0xFFFFFF);
    }
    gb_ink_panel(canvas, x - 30, y - 34, 60, 34, box);
    for (int i = 0; i < 3; i++) {
        static const char *const letter[3] = {"A", "B", "C"};
        gb_ink_panel(canvas, x - 26 + 18 * i, y - 24, 15, 15, 0xFFF4DC);
        gb_lettering_draw(canvas, letter[i], x - 18.5 + 18 * i, y - 12, 9, 2, paints[i], 0);
    }
    gb_ink_panel(canvas, x - 33, y - 38, 66, 6, gb_colour_highlight(box));
    gb_curve_ellipse(&curve, x + 44, y - 10, 10, 10);
    gb_ink_cel(canvas, &curve, paints[gb_chance_pick(random, 8)], 3);
}

static void draw_bust(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    gb_curve curve;
    const gb_colour stone = gb_chance_one_in(random, 2) ? 0xE8E4DC : 0xC8A878;
    gb_ink_panel(canvas, x - 20, y - 8, 40, 8, stone);
    gb_ink_panel(canvas, x - 15, y - 58, 30, 50, stone);
    for (int i = -1; i <= 1; i++)
        gb_ink_line(canvas, x + 7 * i, y - 55, x + 7 * i, y - 10, canvas->weight * 0.9, canvas->ink);
    gb_ink_panel(canvas, x - 20, y - 64, 40, 6, stone);
    gb_curve_arc(&curve, x, y - 64, 20, 18, 0.5, 1);
    gb_ink_cel(canvas, &curve, stone, 3);
    gb_curve_ellipse(&curve, x, y - 90, 12, 15);
    gb_ink_cel(canvas, &curve, stone, 4);
    gb_curve_lobes(&curve, x - 1, y - 100, 14, 8, 7, 5);
    gb_ink_cel(canvas, &curve, stone, 2);
    gb_ink_line(canvas, x + 2, y - 91, x + 7, y - 91, 1.4, canvas->ink);
    gb_ink_line(canvas, x + 3, y - 82, x + 8, y - 83, 1.4, canvas->ink);
}

static void draw_sled(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    gb_curve curve;
    const gb_colour paint = paints[gb_chance_pick(random, 7)];
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x - 40, y - 2);
    gb_curve_add(&curve, x + 30, y - 2);
    gb_curve_sweep(&curve, x + 48, y - 2, x + 52, y - 22, x + 38, y - 26);
    gb_ink_stroke(canvas, &curve, 6, 0x8A5E3C);
    for (int i = 0; i < 4; i++) gb_ink_panel(canvas, x - 32 + 19 * i, y - 18, 4, 15, 0xA8703C);
    for (int i = 0; i < 2; i++)
        gb_ink_panel(canvas, x - 40, y - 23 - 5 * i, 76, 5, i ? gb_colour_highlight(paint) : paint);
    draw_crate(canvas, x - 16, y - 28, 22, 0xD8A05A);
    gb_curve_box(&curve, x - 2, y - 48, 24, 20, 6);
    gb_ink_cel(canvas, &curve, paints[gb_chance_pick(random, 8)], 3);
}

static void draw_castle(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    const gb_colour sand = 0xE8C07A;
    gb_ink_panel(canvas, x - 34, y - 24, 68, 24, sand);
    for (int i = 0; i < 3; i++) {
        const double tx = x - 28 + 28 * i, h = i == 1 ? 54 : 38;
        gb_ink_panel(canvas, tx - 10, y - h, 20, h, gb_colour_highlight(sand));
        for (int k = 0; k < 3; k++) gb_ink_panel(canvas, tx - 11 + 8.4 * k, y - h - 5, 5, 6, sand);
        gb_ink_panel(canvas, tx - 2.5, y - h + 10, 5, 8, 0x8A6238);
        gb_ink_line(canvas, tx, y - h - 4, tx, y - h - 20, 1.4, canvas->ink);
        gb_curve curve = {.count = 3, .point = {{tx, y - h - 20}, {tx + 12, y - h - 16}, {tx, y - h - 12}}};
        gb_ink_cel(canvas, &curve, paints[gb_chance_pick(random, 7)], 0);
    }
    gb_curve curve = {.count = 4, .point = {{x + 44, y - 22}, {x + 66, y - 22}, {x + 62, y}, {x + 48, y}}};
    gb_ink_cel(canvas, &curve, paints[gb_chance_pick(random, 7)], 3);
    gb_curve_arc(&curve, x + 55, y - 22, 10, 12, 0.5, 1);
    gb_ink_stroke(canvas, &curve, 2, canvas->ink);
}

static void draw_stool(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    const gb_colour paint = paints[gb_chance_pick(random, 8)];
    for (int side = -1; side <= 1; side += 2) {
        gb_curve curve = {.count = 4,
                          .point = {{x + side * 11 - 2.5, y - 48},
                                    {x + side * 11 + 2.5, y - 48},
                                    {x + side * 19 + 2.5, y},
                                    {x + side * 19 - 2.5, y}}};
        gb_ink_cel(canvas, &curve, 0xC88A50, 1.4);
    }
    gb_ink_panel(canvas, x - 15, y - 22, 30, 4, 0xC88A50);
    gb_curve curve;
    gb_curve_box(&curve, x - 20, y - 55, 40, 9, 4);
    gb_ink_cel(canvas, &curve, paint, 2.4);
    if (gb_chance_one_in(random, 2)) {
        gb_random inner = *random;
        draw_cat(canvas, x, y - 54, &inner);
    } else {
        gb_plant_draw(canvas, x, y - 55, 52, *random);
    }
}

void gb_props_scatter(const gb_stage *stage, unsigned kinds, double y, double step)
{
    static void (*const draw[])(const gb_canvas *canvas, double x, double y, gb_random *random) = {
        draw_bench,    draw_crates, draw_signpost, draw_mailbox, draw_car,   draw_snowman,
        draw_armchair, draw_stump,  draw_bicycle,  draw_barrel,  draw_cat,   draw_hay,
        draw_toys,     draw_bust,   draw_sled,     draw_castle,  draw_stool,
    };
    const gb_cells cells = gb_stage_cells(stage, step, 90);
    const int count = __builtin_popcount(kinds);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "prop", i);
        const double x = step * (i + 0.5 * gb_random_uniform(&random));
        if (gb_chance_one_in(&random, 5)) continue;
        int nth = gb_chance_pick(&random, count);
        for (int bit = 0; bit < (int)(sizeof draw / sizeof draw[0]); bit++)
            if (kinds >> bit & 1u && nth-- == 0) draw[bit](&stage->canvas, x, y, &random);
    }
}
