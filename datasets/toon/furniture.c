#include "datasets/toon/scenery.h"
#include "datasets/toon/sets.h"

static const gb_colour cloth[8] = {0xD8483E, 0x3E78B8, 0xE8A838, 0x4A9A68, 0x8A56A8, 0xE87A98, 0x3AA0A8, 0xF0E0C0};

void gb_books_draw(const gb_canvas *canvas, double from, double to, double y, double height, gb_random *random)
{
    double x = from;
    while (x < to - 3) {
        const double w = gb_chance_between(random, 3.4, 7.2), h = height * gb_chance_between(random, 0.66, 0.96);
        const int kind = gb_chance_pick(random, 12);
        if (x + w > to) break;
        if (kind == 0) { /* a gap, sometimes with a thing in it */
            if (x + 12 < to) {
                gb_curve curve;
                gb_curve_ellipse(&curve, x + 6, y - 4.6, 4.4, 4.6);
                gb_ink_cel(canvas, &curve, cloth[gb_chance_pick(random, 8)], 1.3);
                x += 13;
            } else {
                x += w;
            }
            continue;
        }
        const gb_colour colour = cloth[gb_chance_pick(random, 8)];
        if (kind == 1 && x + w + h * 0.3 < to) { /* leans */
            gb_curve curve = {
                .count = 4,
                .point = {{x + h * 0.26, y - h * 0.95}, {x + h * 0.26 + w, y - h * 0.9}, {x + w, y}, {x, y}}};
            gb_ink_cel(canvas, &curve, colour, 1);
            x += w + h * 0.28;
            continue;
        }
        gb_ink_panel(canvas, x, y - h, w, h, colour);
        const gb_colour band = gb_colour_mix(colour, 0xFFF4C8, 70);
        if (kind < 8) gb_ink_box(canvas, x + 0.7, y - h * 0.84, w - 1.4, 1.5, band);
        if (kind % 2) gb_ink_box(canvas, x + 0.7, y - h * 0.26, w - 1.4, 1.3, band);
        if (kind > 7 && w > 4.5) gb_ink_box(canvas, x + w * 0.3, y - h * 0.74, w * 0.4, h * 0.4, band);
        x += w;
    }
}

void gb_bookshelf_draw(const gb_canvas *canvas, double x, double y, double width, double height, gb_random random)
{
    static const gb_colour woods[4] = {0xA8683C, 0x8A5238, 0xC08A54, 0x74505A};
    const gb_colour wood = woods[gb_chance_pick(&random, 4)];
    const int shelves = (int)(height / 31);
    const double cell = (height - 10) / shelves, left = x - width / 2;
    gb_ink_panel(canvas, left, y - height, width, height, wood);
    for (int i = 0; i < shelves; i++) {
        const double top = y - height + 6 + cell * i;
        gb_ink_box(canvas, left + 4, top, width - 8, cell - 3, gb_colour_mix(wood, 0x1E1024, 58));
        gb_ink_box(canvas, left + 4, top, width - 8, 3, gb_colour_mix(wood, 0x120818, 76));
        gb_books_draw(canvas, left + 5, left + width - 5, top + cell - 3, cell - 5, &random);
        gb_ink_panel(canvas, left + 2, top + cell - 3, width - 4, 3.4, gb_colour_highlight(wood));
    }
    gb_ink_panel(canvas, left - 3, y - height - 3, width + 6, 6, wood);
}

void gb_picture_draw(const gb_canvas *canvas, double x, double y, double width, double height, gb_random *random)
{
    gb_curve curve;
    const double l = x - width / 2, t = y - height / 2;
    static const gb_colour frame[3] = {0xD8A040, 0x7A4A32, 0xF4EAD8};
    gb_ink_panel(canvas, l - 4, t - 4, width + 8, height + 8, frame[gb_chance_pick(random, 3)]);
    const int kind = gb_chance_pick(random, 4);
    gb_curve_box(&curve, l, t, width, height, 0);
    gb_ink_gradient(canvas, &curve, kind == 1 ? 0xF8B070 : 0x9CD0E8, kind == 1 ? 0xFBE6C0 : 0xE6F4E8, t, t + height);
    if (kind == 0) { /* hills */
        gb_curve_arc(&curve, x - width * 0.15, t + height, width * 0.35, height * 0.5, 0.5, 1);
        gb_ink_cel(canvas, &curve, 0x5EA060, 1);
        gb_curve_arc(&curve, x + width * 0.22, t + height, width * 0.28, height * 0.36, 0.5, 1);
        gb_ink_cel(canvas, &curve, 0x8CC060, 1);
        gb_ink_dot(canvas, x + width * 0.22, t + height * 0.28, height * 0.1, 0xFFF0A0);
    } else if (kind == 1) { /* a boat */
        gb_ink_box(canvas, l, t + height * 0.68, width, height * 0.32, 0x4A86B8);
        curve = (gb_curve){
            .count = 3,
            .point = {{x, t + height * 0.12}, {x + width * 0.26, t + height * 0.62}, {x, t + height * 0.62}}};
        gb_ink_cel(canvas, &curve, 0xFFFFFF, 1);
        gb_curve_arc(&curve, x, t + height * 0.66, width * 0.26, height * 0.16, 0, 0.5);
        gb_ink_cel(canvas, &curve, 0xC8503A, 1);
    } else if (kind == 2) { /* a portrait */
        gb_ink_box(canvas, l, t, width, height, 0x6E8A78);
        gb_curve_ellipse(&curve, x, t + height * 1.02, width * 0.34, height * 0.36);
        gb_ink_cel(canvas, &curve, 0x7A4A8A, 1.4);
        gb_curve_ellipse(&curve, x, t + height * 0.42, width * 0.2, height * 0.24);
        gb_ink_cel(canvas, &curve, 0xF4C8A0, 1.4);
        gb_ink_dot(canvas, x - width * 0.07, t + height * 0.4, 0.9, canvas->ink);
        gb_ink_dot(canvas, x + width * 0.07, t + height * 0.4, 0.9, canvas->ink);
        gb_curve_arc(&curve, x, t + height * 0.4, width * 0.22, height * 0.26, 0.48, 1.02);
        gb_ink_fill(canvas, &curve, 0x5A3A2A);
    } else { /* a flower */
        for (int i = 0; i < 3; i++)
            gb_flower_draw(canvas, x + (i - 1) * width * 0.24, t + height * 0.92, height * (0.24 + i % 2 * 0.1),
                           cloth[i * 2]);
    }
    gb_curve_box(&curve, l, t, width, height, 0);
    gb_ink_outline(canvas, &curve, canvas->weight * 0.8);
}

static void draw_view(const gb_stage *stage, double l, double t, double w, double h, gb_random random)
{
    const gb_sky *sky = gb_sky_of(stage->mood);
    gb_canvas view = stage->canvas;
    gb_curve curve;
    view.light = 0xFFFFFF;
    gb_curve_box(&curve, l, t, w, h, 0);
    gb_ink_gradient(&view, &curve, sky->top, sky->bottom, t, t + h);
    view.light = sky->light;
    gb_cloud_draw(&view, l + w * 0.35, t + h * 0.35, w * 0.4, sky->cloud, random.state);
    gb_curve_arc(&curve, l + w * 0.25, t + h * 1.02, w * 0.5, h * 0.36, 0.5, 1);
    gb_ink_cel(&view, &curve, 0x86C066, 1);
    gb_curve_arc(&curve, l + w * 0.85, t + h * 1.02, w * 0.5, h * 0.28, 0.5, 1);
    gb_ink_cel(&view, &curve, 0x5EA45A, 1);
    gb_tree_draw(&view, gb_chance_one_in(&random, 2) ? GB_TREE_LEAFY : GB_TREE_PINE, l + w * 0.7, t + h * 0.98, h * 0.6,
                 0x4E9A50, random);
}

void gb_window_draw(const gb_stage *stage, double x, double y, double width, double height, gb_random random)
{
    const gb_canvas *canvas = &stage->canvas;
    const double l = x - width / 2, t = y - height / 2;
    gb_ink_panel(canvas, l - 5, t - 5, width + 10, height + 10, 0xFFF6E4);
    cairo_save(canvas->cairo);
    cairo_rectangle(canvas->cairo, l, t, width, height);
    cairo_clip(canvas->cairo);
    draw_view(stage, l, t, width, height, random);
    cairo_restore(canvas->cairo);
    gb_ink_panel(canvas, x - 1.6, t, 3.2, height, 0xFFF6E4);
    gb_ink_panel(canvas, l, t + height * 0.42, width, 3, 0xFFF6E4);
    gb_curve curve;
    gb_curve_box(&curve, l, t, width, height, 0);
    gb_ink_outline(canvas, &curve, canvas->weight);
    const gb_colour drape = cloth[gb_chance_pick(&random, 8)];
    for (int side = 0; side < 2; side++) {
        const double edge = side ? l + width + 9 : l - 9, in = side ? -1 : 1;
        gb_curve_clear(&curve);
        gb_curve_add(&curve, edge, t - 8);
        gb_curve_add(&curve, edge + in * width * 0.36, t - 8);
        gb_curve_sweep(&curve, edge + in * width * 0.36, y, edge + in * width * 0.2, y + height * 0.2,
                       edge + in * width * 0.1, y + height * 0.28);
        gb_curve_bend(&curve, edge + in * width * 0.2, y + height * 0.5, edge + in * width * 0.22, t + height + 12);
        gb_curve_add(&curve, edge, t + height + 12);
        gb_ink_cel(canvas, &curve, drape, 2.4);
        for (int fold = 1; fold < 3; fold++) {
            gb_curve_clear(&curve);
            gb_curve_add(&curve, edge + in * width * 0.1 * fold, t - 4);
            gb_curve_bend(&curve, edge + in * width * 0.09 * fold, y, edge + in * width * 0.05 * fold,
                          y + height * 0.3);
            gb_ink_stroke(canvas, &curve, canvas->weight, gb_colour_mix(drape, canvas->ink, 60));
        }
    }
    gb_ink_panel(canvas, l - 15, t - 12, width + 30, 4.4, 0xA8703C);
    gb_ink_panel(canvas, l - 9, t + height + 5, width + 18, 5, 0xFFF6E4);
}

void gb_plant_draw(const gb_canvas *canvas, double x, double y, double height, gb_random random)
{
    gb_curve curve;
    const double pot = height * 0.3;
    const gb_colour leaf = gb_colour_mix(0x3E9A52, 0x9AC84A, gb_chance_pick(&random, 5) * 15);
    for (int i = 0; i < 11; i++) {
        const double side = (i - 5) / 5.0, reach = height * 0.42 * side, up = height * (0.98 - 0.45 * side * side);
        const double wide = height * 0.05;
        gb_curve_clear(&curve);
        gb_curve_add(&curve, x + side * 2, y - pot);
        gb_curve_bend(&curve, x + reach * 0.2 - wide, y - pot - up * 0.5, x + reach, y - up);
        gb_curve_bend(&curve, x + reach * 0.5 + wide, y - pot - up * 0.3, x + side * 2 + 2, y - pot);
        gb_ink_cel(canvas, &curve, gb_colour_mix(leaf, 0x14504A, i % 3 * 14), height * 0.02);
    }
    const gb_colour clay = cloth[gb_chance_pick(&random, 8)];
    curve = (gb_curve){
        .count = 4,
        .point = {{x - pot * 0.5, y - pot}, {x + pot * 0.5, y - pot}, {x + pot * 0.36, y}, {x - pot * 0.36, y}}};
    gb_ink_cel(canvas, &curve, clay, pot * 0.14);
    gb_ink_panel(canvas, x - pot * 0.58, y - pot - 2, pot * 1.16, pot * 0.2 + 2, gb_colour_highlight(clay));
}

void gb_floor_lamp_draw(const gb_canvas *canvas, double x, double y, double height, gb_colour shade)
{
    gb_curve curve;
    gb_ink_panel(canvas, x - 1.4, y - height * 0.8, 2.8, height * 0.8, 0x6A5040);
    gb_curve_ellipse(&curve, x, y - 1.5, 11, 3);
    gb_ink_cel(canvas, &curve, 0x6A5040, 1);
    gb_curve_ellipse(&curve, x, y - height * 0.85, 40, 40);
    gb_ink_glaze(canvas, &curve, 0xFFF0B0, 0.22);
    curve = (gb_curve){
        .count = 4,
        .point = {
            {x - 10, y - height}, {x + 10, y - height}, {x + 19, y - height * 0.76}, {x - 19, y - height * 0.76}}};
    gb_ink_cel(canvas, &curve, shade, 3);
    for (int i = -2; i <= 2; i++)
        gb_ink_line(canvas, x + i * 4, y - height, x + i * 7.4, y - height * 0.76, canvas->weight * 0.6,
                    gb_colour_mix(shade, canvas->ink, 45));
}

void gb_pendant_draw(const gb_canvas *canvas, double x, double top, double y, gb_colour shade)
{
    gb_curve curve;
    gb_ink_line(canvas, x, top, x, y - 14, canvas->weight * 1.2, canvas->ink);
    gb_curve_ellipse(&curve, x, y + 2, 30, 22);
    gb_ink_glaze(canvas, &curve, 0xFFF0B0, 0.25);
    gb_curve_arc(&curve, x, y, 19, 16, 0.5, 1);
    gb_ink_cel(canvas, &curve, shade, 3);
    gb_curve_arc(&curve, x, y, 6, 5, 0, 0.5);
    gb_ink_cel(canvas, &curve, 0xFFF6C8, 0.6);
}

void gb_sofa_draw(const gb_canvas *canvas, double x, double y, double width, gb_colour colour)
{
    gb_curve curve;
    const double h = width * 0.46;
    for (int side = 0; side < 2; side++)
        gb_ink_panel(canvas, x + (side ? 0.4 : -0.44) * width, y - 6, width * 0.05, 6, 0x5A3A2A);
    gb_curve_box(&curve, x - width * 0.42, y - h, width * 0.84, h * 0.8, 12);
    gb_ink_cel(canvas, &curve, colour, 4);
    for (int i = 0; i < 6; i++) /* buttons */
        gb_ink_dot(canvas, x + width * (-0.3 + 0.12 * i), y - h * (i % 2 ? 0.62 : 0.78), 1.5, canvas->ink);
    for (int side = 0; side < 2; side++) {
        gb_curve_box(&curve, x + (side ? 0.005 : -0.40) * width, y - h * 0.5, width * 0.395, h * 0.26, 6);
        gb_ink_cel(canvas, &curve, gb_colour_highlight(colour), 2.6);
    }
    gb_curve_box(&curve, x - width * 0.42, y - h * 0.28, width * 0.84, h * 0.2, 4);
    gb_ink_cel(canvas, &curve, colour, 3);
    for (int side = 0; side < 2; side++) {
        gb_curve_box(&curve, x + (side ? 0.36 : -0.5) * width, y - h * 0.66, width * 0.14, h * 0.6, 9);
        gb_ink_cel(canvas, &curve, colour, 3.4);
    }
    curve = (gb_curve){.count = 4,
                       .point = {{x - width * 0.3, y - h * 0.72},
                                 {x - width * 0.14, y - h * 0.8},
                                 {x - width * 0.08, y - h * 0.52},
                                 {x - width * 0.26, y - h * 0.46}}};
    gb_ink_cel(canvas, &curve, 0xFFD85A, 2);
}

void gb_clock_draw(const gb_canvas *canvas, double x, double y, double radius)
{
    gb_curve curve;
    gb_curve_ellipse(&curve, x, y, radius, radius);
    gb_ink_cel(canvas, &curve, 0xC87A3A, 2);
    gb_curve_ellipse(&curve, x, y, radius * 0.8, radius * 0.8);
    gb_ink_cel(canvas, &curve, 0xFFFBF0, 1);
    for (int i = 0; i < 12; i++) {
        const double c = gb_wave_cos(i / 12.0), s = gb_wave_sin(i / 12.0), from = i % 3 ? 0.66 : 0.56;
        gb_ink_line(canvas, x + radius * from * c, y + radius * from * s, x + radius * 0.72 * c, y + radius * 0.72 * s,
                    canvas->weight * 0.8, canvas->ink);
    }
    gb_ink_line(canvas, x, y, x + radius * 0.3, y - radius * 0.26, canvas->weight * 1.3, canvas->ink);
    gb_ink_line(canvas, x, y, x - radius * 0.1, y - radius * 0.56, canvas->weight, canvas->ink);
}

void gb_table_draw(const gb_canvas *canvas, double x, double y, double width, double height, gb_colour wood,
                   gb_random random)
{
    gb_curve curve;
    for (int side = 0; side < 2; side++)
        gb_ink_panel(canvas, x + (side ? 0.38 : -0.42) * width, y - height, width * 0.05, height, wood);
    gb_ink_panel(canvas, x - width * 0.46, y - height, width * 0.92, 7, gb_colour_shadow(wood));
    gb_ink_panel(canvas, x - width / 2, y - height - 4, width, 5, gb_colour_highlight(wood));
    for (int i = 0; i < 3; i++) {
        const double tx = x + width * (-0.3 + 0.28 * i);
        const int kind = gb_chance_pick(&random, 3);
        if (kind == 0) {
            gb_curve_arc(&curve, tx, y - height - 12, 9, 8, 0, 0.5);
            gb_ink_cel(canvas, &curve, cloth[gb_chance_pick(&random, 8)], 2);
        } else if (kind == 1) {
            gb_books_draw(canvas, tx - 9, tx + 9, y - height - 4, 15, &random);
        } else {
            gb_plant_draw(canvas, tx, y - height - 4, 24, random);
        }
    }
}
