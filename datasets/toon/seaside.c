#include "datasets/toon/outdoors.h"
#include "datasets/toon/props.h"

static void draw_waves(gb_stage *stage, double from, double to, gb_colour far, gb_colour near)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_stage_shade(stage, from, to, far, near);
    const int drawing = stage->frame / 3;
    gb_part_begin(&stage->canvas, drawing);
    for (int row = 0; from + row * row * 0.9 + 4 * row + 4 < to; row++) {
        const double y = from + 4 + 4 * row + row * row * 0.9, step = 16 + 5 * row;
        const gb_cells cells = gb_stage_cells(stage, step, step);
        for (int i = cells.first; i <= cells.last; i++) {
            gb_random random = gb_chance_cell(stage->seed, "wave", i * 16 + row);
            gb_curve curve;
            const double x = step * (i + 0.7 * gb_random_uniform(&random)) +
                             1.6 * gb_wave_sin((drawing % 8) / 8.0 + 0.2 * row);
            const double half = step * gb_chance_between(&random, 0.2, 0.4);
            gb_curve_clear(&curve);
            gb_curve_add(&curve, x - half, y);
            gb_curve_bend(&curve, x - half * 0.5, y - 2.4, x, y);
            gb_curve_bend(&curve, x + half * 0.5, y + 2.4, x + half, y);
            gb_ink_stroke(canvas, &curve, 1.1 + 0.13 * row,
                          gb_chance_one_in(&random, 3) ? gb_colour_mix(near, 0x10407A, 50) : 0xF4FCFF);
        }
    }
}

static void draw_boat(const gb_canvas *canvas, double x, double y, double size, gb_colour hull)
{
    gb_curve curve;
    gb_ink_line(canvas, x, y - size * 0.2, x, y - size * 1.35, canvas->weight, canvas->ink);
    curve = (gb_curve){.count = 3,
                       .point = {{x + 1, y - size * 1.3}, {x + size * 0.7, y - size * 0.32}, {x + 1, y - size * 0.32}}};
    gb_ink_cel(canvas, &curve, 0xFFFDF4, size * 0.06);
    curve = (gb_curve){
        .count = 3, .point = {{x - 1, y - size * 1.15}, {x - 1, y - size * 0.32}, {x - size * 0.45, y - size * 0.32}}};
    gb_ink_cel(canvas, &curve, hull, size * 0.05);
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x - size * 0.62, y - size * 0.25);
    gb_curve_add(&curve, x + size * 0.72, y - size * 0.25);
    gb_curve_bend(&curve, x + size * 0.5, y, x + size * 0.3, y);
    gb_curve_add(&curve, x - size * 0.4, y);
    gb_curve_bend(&curve, x - size * 0.58, y - size * 0.05, x - size * 0.62, y - size * 0.25);
    gb_ink_cel(canvas, &curve, hull, size * 0.07);
}

static void draw_lighthouse(const gb_canvas *canvas, double x, double y)
{
    gb_curve curve;
    gb_curve_arc(&curve, x, y + 2, 34, 18, 0.5, 1);
    gb_ink_cel(canvas, &curve, 0x8A8290, 4);
    for (int band = 0; band < 6; band++) {
        const double t = band / 6.0, u = (band + 1) / 6.0, w0 = 14 - 6 * t, w1 = 14 - 6 * u;
        curve = (gb_curve){.count = 4,
                           .point = {{x - w0, y - 6 - 84 * t},
                                     {x - w1, y - 6 - 84 * u},
                                     {x + w1, y - 6 - 84 * u},
                                     {x + w0, y - 6 - 84 * t}}};
        gb_ink_cel(canvas, &curve, band % 2 ? 0xFFF8F0 : 0xE0483C, 3);
    }
    gb_ink_panel(canvas, x - 6, y - 104, 12, 14, 0xFFE890);
    gb_ink_panel(canvas, x - 11, y - 92, 22, 3, 0x4A4250);
    gb_curve_arc(&curve, x, y - 103, 8, 8, 0.5, 1);
    gb_ink_cel(canvas, &curve, 0xE0483C, 1.4);
}

static void draw_hut(const gb_canvas *canvas, double x, double y, gb_colour paint)
{
    gb_curve curve;
    const double w = 42, h = 58;
    for (int i = 0; i < 6; i++) gb_ink_panel(canvas, x - w / 2 + i * w / 6, y - h, w / 6, h, i % 2 ? 0xFFF8EC : paint);
    curve = (gb_curve){.count = 3, .point = {{x - w * 0.62, y - h}, {x, y - h - 24}, {x + w * 0.62, y - h}}};
    gb_ink_cel(canvas, &curve, gb_colour_mix(paint, 0x4A2A3A, 30), 3);
    gb_ink_scallops(canvas, (gb_field){x - w * 0.6, x + w * 0.6, y - h - 18, y - h, w * 0.46}, 6, 5, canvas->ink);
    gb_ink_panel(canvas, x - 9, y - 38, 18, 38, gb_colour_highlight(paint));
    gb_ink_dot(canvas, x + 6, y - 18, 1.5, 0xFFD23E);
    gb_ink_panel(canvas, x - w * 0.58, y - 4, w * 1.16, 5, 0xC89A68);
}

static void draw_parasol(const gb_canvas *canvas, double x, double y, gb_colour paint)
{
    gb_curve curve;
    gb_ink_line(canvas, x, y, x, y - 54, 2.4, canvas->ink);
    static const double half[3] = {36, 21, 8};
    for (int i = 0; i < 3; i++) { /* gores, the outer ones first */
        gb_curve_arc(&curve, x, y - 44, half[i], 28, 0.5, 1);
        const int scallops = i ? 1 : 3;
        for (int k = scallops - 1; k >= 0; k--) {
            const double from = x - half[i] + 2 * half[i] * k / scallops;
            gb_curve_bend(&curve, from + half[i] / scallops, y - 52, from, y - 44);
        }
        gb_ink_cel(canvas, &curve, i == 1 ? 0xFFF8EC : paint, i ? 0 : 3);
    }
    gb_ink_dot(canvas, x, y - 73, 2, canvas->ink);
}

static void draw_gull(const gb_canvas *canvas, double x, double y, int up)
{
    gb_curve curve;
    for (int way = -1; way <= 1; way += 2) {
        gb_curve_clear(&curve);
        gb_curve_add(&curve, x, y);
        gb_curve_bend(&curve, x + way * 5, y - (up ? 8 : 2), x + way * 12, y - (up ? 5 : -3));
        gb_ink_stroke(canvas, &curve, 2.4, 0xFFFFFF);
        gb_ink_stroke(canvas, &curve, 1.1, canvas->ink);
    }
}

static void draw_far(gb_stage *stage, gb_random *random)
{
    gb_stage_layer(stage, 0.14);
    const gb_canvas *canvas = &stage->canvas;
    gb_hills_draw(stage, 0, 26, 80, 0x7AA8A8, "island");
    gb_tree_row_draw(stage, GB_TREE_PINE, -4, 17, 12, 0x4E8A7A, "island trees");
    gb_stage_layer(stage, 0.3);
    draw_waves(stage, -8, canvas->bottom + 2, 0x3E8CC8, 0x58C0D8);
    const gb_cells cells = gb_stage_cells(stage, 90, 40);
    const double drift = 0.1 * (stage->frame / 3 * 3), bob = stage->frame / 6 & 1;
    gb_part_begin_at(&stage->canvas, drift, bob, 0);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random each = gb_chance_cell(stage->seed, "boat", i);
        static const gb_colour hulls[4] = {0xE0483C, 0x3E6AB0, 0xF0B040, 0x4A8A58};
        if (gb_chance_one_in(&each, 5)) continue;
        draw_boat(canvas, 90 * i + 40 * gb_random_uniform(&each) + drift, gb_chance_between(&each, 6, 24) + bob,
                  gb_chance_between(&each, 18, 34), hulls[gb_chance_pick(&each, 4)]);
    }
    gb_part_begin(&stage->canvas, 0);
    const gb_cells lights = gb_stage_cells(stage, 420, 60);
    const double shift = gb_chance_between(random, 0, 420);
    for (int i = lights.first; i <= lights.last; i++) draw_lighthouse(canvas, 420 * i + shift, 12);
    gb_part_begin(&stage->canvas, stage->frame / 6);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random each = gb_chance_cell(stage->seed, "gull", i);
        draw_gull(canvas, 90 * i + 60 * gb_random_uniform(&each), gb_chance_between(&each, -90, -30),
                  (stage->frame / 6 + i) & 1);
    }
}

void gb_seaside_back(gb_stage *stage)
{
    gb_random random = gb_chance_cell(stage->seed, "seaside", 0);
    const int pier = gb_chance_pick(&random, 2);
    static const gb_colour paint[5] = {0xE8584A, 0x3E8EC8, 0x46A878, 0xF0A840, 0x9A68B8};
    gb_sky_draw(stage, -20);
    draw_far(stage, &random);
    gb_stage_layer(stage, 0.86);
    const gb_canvas *canvas = &stage->canvas;
    gb_stage_shade(stage, 50, canvas->bottom + 2, 0xFDF0CC, 0xF0CE90);
    for (int i = 0; i < 3; i++)
        gb_ink_line(canvas, canvas->left, 49 + 3 * i, canvas->right, 49 + 3 * i, 1.8 - 0.4 * i,
                    i ? 0xE8F8FA : 0xFFFFFF);
    const gb_cells cells = gb_stage_cells(stage, 62, 50);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random each = gb_chance_cell(stage->seed, "hut", i);
        const gb_colour colour = paint[gb_chance_pick(&each, 5)];
        switch (gb_chance_pick(&each, 4)) {
        case 0:
        case 1: draw_hut(canvas, 62 * i, 74, colour); break;
        case 2: draw_parasol(canvas, 62 * i, 78, colour); break;
        default: gb_tree_draw(canvas, GB_TREE_PALM, 62 * i, 78, gb_chance_between(&each, 100, 140), 0x4EA850, each);
        }
    }
    if (pier) gb_picket_fence_draw(stage, 88, 24, 0xF0DCB8);
    gb_stage_layer(stage, 1);
    gb_stage_shade(stage, 88, canvas->bottom + 2, 0xFFF2CC, 0xE8C080);
    if (pier) { /* boardwalk */
        const gb_cells boards = gb_stage_cells(stage, 19, 30);
        for (int i = boards.first; i <= boards.last; i++)
            gb_ink_panel(canvas, 19 * i, 92, 19, 36, i % 3 ? 0xD8A870 : 0xC89860);
        gb_ink_panel(canvas, canvas->left - 4, 126, canvas->right - canvas->left + 8, 7, 0xA87848);
    }
    const gb_cells shells = gb_stage_cells(stage, 15, 10);
    for (int i = shells.first; i <= shells.last; i++) {
        gb_random each = gb_chance_cell(stage->seed, "shell", i);
        const double x = 15 * i, y = gb_chance_between(&each, pier ? 136 : 94, 143);
        gb_curve curve;
        gb_curve_arc(&curve, x, y, 3.6, 3.2, 0.5, 1);
        if (gb_chance_one_in(&each, 3))
            gb_ink_cel(canvas, &curve, paint[gb_chance_pick(&each, 5)], 0.8);
        else
            gb_ink_stroke(canvas, &curve, 1.1, 0xB88A50);
    }
    gb_props_scatter(stage, GB_PROP_CASTLE | GB_PROP_BARREL | GB_PROP_CRATES | GB_PROP_SIGNPOST | GB_PROP_CAT, 104,
                     150);
}

void gb_seaside_front(gb_stage *stage)
{
    gb_stage_layer(stage, 1.35);
    const gb_cells cells = gb_stage_cells(stage, 300, 120);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "near palm", i);
        gb_tree_draw(&stage->canvas, GB_TREE_PALM, 300 * i + 150, 210, 335, 0x3A8A4A, random);
    }
}
