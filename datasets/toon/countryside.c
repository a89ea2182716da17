#include "datasets/toon/outdoors.h"
#include "datasets/toon/props.h"

static const gb_colour greens[5] = {0x86C450, 0x9CC84A, 0x6CB460, 0xB4C04C, 0xD8A84A};

void gb_meadow_back(gb_stage *stage)
{
    gb_random random = gb_chance_cell(stage->seed, "meadow", 0);
    const gb_colour grass = greens[gb_chance_pick(&random, 5)];
    const int far = gb_chance_pick(&random, 3), fence = gb_chance_pick(&random, 2);
    static const gb_colour paint[4] = {0xFFF8EA, 0xF0D8B0, 0xBFE0E8, 0xE8B0A0};
    const gb_colour rails = paint[gb_chance_pick(&random, 4)];
    const gb_tree near_tree = gb_chance_one_in(&random, 2) ? GB_TREE_APPLE : GB_TREE_LEAFY;
    gb_sky_draw(stage, 10);
    gb_stage_layer(stage, 0.2);
    if (far == 0) gb_mountains_draw(stage, 30, 110, 0x8C9CC8, "range");
    gb_hills_draw(stage, 26, 54, 90, gb_colour_mix(grass, 0x6AA8C8, 45), "far hills");
    gb_tree_row_draw(stage, GB_TREE_POPLAR, 20, 34, 15, gb_colour_mix(grass, 0x2A7A78, 50), "far trees");
    gb_stage_layer(stage, 0.42);
    gb_hills_draw(stage, 48, 44, 120, gb_colour_mix(grass, 0x4A9AA0, 22), "hills");
    gb_cells cells = gb_stage_cells(stage, 150, 80);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random each = gb_chance_cell(stage->seed, "farm", i);
        if (!gb_chance_one_in(&each, 3)) gb_house_draw(&stage->canvas, 150 * i, 50, 56, each);
    }
    gb_tree_row_draw(stage, far == 1 ? GB_TREE_PINE : GB_TREE_LEAFY, 52, 66, 40, gb_colour_mix(grass, 0x2E7A50, 45),
                     "trees");
    gb_stage_layer(stage, 0.8);
    gb_grass_draw(stage, 56, stage->canvas.bottom + 2, grass);
    gb_tree_row_draw(stage, near_tree, 66, 150, 150, gb_colour_mix(grass, 0x3A8A3A, 40), "near trees");
    if (fence)
        gb_picket_fence_draw(stage, 78, 44, rails);
    else
        gb_rail_fence_draw(stage, 78, 44, gb_colour_mix(rails, 0xA8703C, 60));
    cells = gb_stage_cells(stage, 64, 40);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random each = gb_chance_cell(stage->seed, "bush", i);
        if (gb_chance_one_in(&each, 2))
            gb_bush_draw(&stage->canvas, 64 * i + 30 * gb_random_uniform(&each), 84, gb_chance_between(&each, 30, 52),
                         gb_colour_mix(grass, 0x2E7A50, 35), each);
    }
    gb_stage_layer(stage, 1);
    gb_grass_draw(stage, 88, stage->canvas.bottom + 2, gb_colour_mix(grass, 0xE8D080, 12));
    gb_props_scatter(stage,
                     GB_PROP_BENCH | GB_PROP_SIGNPOST | GB_PROP_STUMP | GB_PROP_HAY | GB_PROP_BICYCLE | GB_PROP_BARREL,
                     100, 140);
}

void gb_meadow_front(gb_stage *stage)
{
    gb_stage_layer(stage, 1.3);
    const gb_cells cells = gb_stage_cells(stage, 17, 20);
    static const gb_colour petals[4] = {0xFFFFFF, 0xFF7A9A, 0xFFD23E, 0xA884F0};
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "near grass", i);
        const double x = 17 * i + 12 * gb_random_uniform(&random), y = gb_chance_between(&random, 146, 152);
        gb_tuft_draw(&stage->canvas, x, y, gb_chance_between(&random, 13, 22), 0x2F7A3C);
        if (gb_chance_one_in(&random, 3))
            gb_flower_draw(&stage->canvas, x + 5, y, 12, petals[gb_chance_pick(&random, 4)]);
    }
}

static void draw_cabin(const gb_canvas *canvas, double x, double y, gb_random random)
{
    gb_curve curve;
    const double w = gb_chance_between(&random, 78, 100), h = 52;
    for (int i = 0; i < 7; i++) {
        gb_curve_box(&curve, x - w / 2 - 3, y - h + i * h / 7, w + 6, h / 7, 3);
        gb_ink_cel(canvas, &curve, i % 2 ? 0xA8683C : 0xB8784A, 1.6);
    }
    gb_ink_panel(canvas, x - 8, y - 36, 18, 36, 0x7A4430);
    gb_ink_dot(canvas, x + 6, y - 18, 1.4, 0xFFD860);
    for (int side = -1; side <= 1; side += 2) {
        gb_ink_panel(canvas, x + side * w * 0.32 - 9, y - 38, 18, 17, 0xFFF4DC);
        gb_ink_panel(canvas, x + side * w * 0.32 - 6.5, y - 35.5, 13, 12, 0xFFDC78);
        gb_ink_line(canvas, x + side * w * 0.32, y - 36, x + side * w * 0.32, y - 23, canvas->weight, canvas->ink);
    }
    gb_ink_panel(canvas, x + w * 0.2, y - h - 46, 14, 40, 0x9A9098);
    curve = (gb_curve){.count = 4,
                       .point = {{x - w * 0.62, y - h + 4},
                                 {x - w * 0.34, y - h - 34},
                                 {x + w * 0.34, y - h - 34},
                                 {x + w * 0.62, y - h + 4}}};
    gb_ink_cel(canvas, &curve, 0xFAFCFF, 5);
    gb_ink_scallops(canvas, (gb_field){x - w * 0.6, x + w * 0.6, y - h - 30, y - h + 4, w * 0.26}, 11, 9, 0xA8B8D8);
}

void gb_alps_back(gb_stage *stage)
{
    gb_random random = gb_chance_cell(stage->seed, "alps", 0);
    const gb_colour rock = gb_chance_one_in(&random, 2) ? 0x8A90B8 : 0xA08C98;
    const gb_colour pine = gb_chance_one_in(&random, 2) ? 0x3E8A70 : 0x4E8A56;
    gb_sky_draw(stage, 0);
    gb_stage_layer(stage, 0.15);
    gb_mountains_draw(stage, 40, 150, rock, "peaks");
    gb_stage_layer(stage, 0.35);
    gb_hills_draw(stage, 46, 40, 110, 0xD8E6F6, "snow hills");
    gb_tree_row_draw(stage, GB_TREE_PINE, 44, 58, 21, gb_colour_mix(pine, 0x8AA8D0, 30), "far pines");
    gb_stage_layer(stage, 0.6);
    gb_hills_draw(stage, 74, 26, 150, 0xE6F0FA, "near hills");
    const gb_cells cells = gb_stage_cells(stage, 190, 80);
    for (int i = cells.first; i <= cells.last; i++)
        draw_cabin(&stage->canvas, 190 * i + 40, 74, gb_chance_cell(stage->seed, "cabin", i));
    gb_tree_row_draw(stage, GB_TREE_PINE, 80, 124, 62, pine, "pines");
    gb_stage_layer(stage, 0.85);
    gb_stage_shade(stage, 78, stage->canvas.bottom + 2, 0xD4E2F4, 0xF8FBFF);
    gb_rail_fence_draw(stage, 92, 36, 0x9A6A44);
    gb_stage_layer(stage, 1);
    gb_stage_shade(stage, 94, stage->canvas.bottom + 2, 0xFFFFFF, 0xDCE8F6);
    const gb_cells prints = gb_stage_cells(stage, 20, 20);
    for (int i = prints.first; i <= prints.last; i++) { /* hollows in the snow, stones, dry grass */
        gb_random each = gb_chance_cell(stage->seed, "hollow", i);
        gb_curve curve;
        const double x = 20 * i, y = gb_chance_between(&each, 100, 142);
        gb_curve_arc(&curve, x, y, gb_chance_between(&each, 6, 14), 3, 0.02, 0.48);
        gb_ink_stroke(&stage->canvas, &curve, 1.7, 0xA4BADC);
        if (gb_chance_one_in(&each, 4)) gb_tuft_draw(&stage->canvas, x, y, 8, 0x8A7A5A);
    }
    gb_props_scatter(stage, GB_PROP_SNOWMAN | GB_PROP_SIGNPOST | GB_PROP_SLED | GB_PROP_STUMP | GB_PROP_BENCH, 104,
                     140);
}

void gb_alps_front(gb_stage *stage)
{
    gb_stage_layer(stage, 1.35);
    const gb_cells cells = gb_stage_cells(stage, 240, 90);
    for (int i = cells.first; i <= cells.last; i++)
        gb_tree_draw(&stage->canvas, GB_TREE_PINE, 240 * i + 120, 210, 200, 0x2E6A5A,
                     gb_chance_cell(stage->seed, "near pine", i));
}

static void draw_big_trunk(const gb_canvas *canvas, double x, double width, double foot, gb_colour bark,
                           gb_random random)
{
    gb_curve curve;
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x - width * 0.95, foot);
    gb_curve_sweep(&curve, x - width * 0.4, foot - 22, x - width * 0.5, 0, x - width * 0.42, -150);
    gb_curve_add(&curve, x + width * 0.42, -150);
    gb_curve_sweep(&curve, x + width * 0.5, 0, x + width * 0.4, foot - 22, x + width, foot);
    gb_curve_bend(&curve, x, foot + 6, x - width * 0.95, foot);
    gb_ink_cel(canvas, &curve, bark, width * 0.3);
    const gb_colour groove = gb_colour_mix(bark, canvas->ink, 62);
    for (int i = 0; i < 13; i++) {
        const double gx = x + width * gb_chance_between(&random, -0.34, 0.3),
                     gy = gb_chance_between(&random, -140, foot - 30);
        gb_curve_clear(&curve);
        gb_curve_add(&curve, gx, gy);
        gb_curve_bend(&curve, gx + 2.4, gy + 9, gx - 0.6, gy + gb_chance_between(&random, 15, 27));
        gb_ink_stroke(canvas, &curve, canvas->weight * 1.1, groove);
    }
    if (gb_chance_one_in(&random, 2)) { /* a knot */
        gb_curve_ellipse(&curve, x, foot - 70, width * 0.17, width * 0.24);
        gb_ink_cel(canvas, &curve, groove, 0);
    }
}

void gb_forest_back(gb_stage *stage)
{
    gb_random random = gb_chance_cell(stage->seed, "forest", 0);
    static const gb_colour leaf[4] = {0x5EA84E, 0xE89A3A, 0x4E9A78, 0xC8B040};
    const gb_colour leaves = leaf[gb_chance_pick(&random, 4)];
    static const double depth[3] = {0.3, 0.55, 0.82};
    gb_sky_draw(stage, 30);
    gb_stage_layer(stage, 0.15);
    gb_tree_row_draw(stage, GB_TREE_LEAFY, 62, 120, 34, gb_colour_mix(leaves, 0xCFE8E0, 50), "haze trees");
    for (int row = 0; row < 3; row++) {
        gb_stage_layer(stage, depth[row]);
        const gb_colour haze = gb_colour_mix(leaves, 0xCFE8E0, 44 - 20 * row);
        gb_grass_draw(stage, 52 + 14 * row, stage->canvas.bottom + 2, gb_colour_mix(haze, 0x7A9A4A, 30));
        const double step = 62 + 24 * row;
        const gb_cells cells = gb_stage_cells(stage, step, 40);
        for (int i = cells.first; i <= cells.last; i++) {
            gb_random each = gb_chance_cell(stage->seed, row == 2 ? "trunk" : row ? "mid trunk" : "far trunk", i);
            const double x = step * (i + 0.55 * gb_random_uniform(&each)),
                         width = (11 + 7 * row) * (0.8 + 0.5 * gb_random_uniform(&each));
            const gb_colour bark = gb_colour_mix(0x8A5E46, 0xCFE0D8, 46 - 22 * row);
            draw_big_trunk(&stage->canvas, x, width, 60 + 15.0 * row, bark, each);
            gb_bush_draw(&stage->canvas, x + step * 0.4, 62 + 14.0 * row, 26 + 9.0 * row, haze, each);
        }
        for (int i = cells.first; i <= cells.last; i++) { /* the canopy */
            gb_random each = gb_chance_cell(stage->seed, "canopy", i * 4 + row);
            gb_bush_draw(&stage->canvas, step * i, -108 + gb_chance_between(&each, -20, 8), step * 1.25, haze, each);
        }
    }
    gb_stage_layer(stage, 1);
    gb_grass_draw(stage, 92, stage->canvas.bottom + 2, gb_colour_mix(leaves, 0xB8B060, 30));
    const gb_cells cells = gb_stage_cells(stage, 70, 20);
    for (int i = cells.first; i <= cells.last; i++) { /* toadstools */
        gb_random each = gb_chance_cell(stage->seed, "toadstool", i);
        gb_curve curve;
        const double x = 70 * i + 40 * gb_random_uniform(&each), y = gb_chance_between(&each, 94, 104);
        gb_ink_panel(&stage->canvas, x - 2, y - 8, 4, 8, 0xFFF4E0);
        gb_curve_arc(&curve, x, y - 7, 8, 8, 0.5, 1);
        gb_ink_cel(&stage->canvas, &curve, 0xE8483E, 1.6);
        gb_ink_dot(&stage->canvas, x - 3, y - 10, 1.4, 0xFFFFFF);
        gb_ink_dot(&stage->canvas, x + 3, y - 11, 1.2, 0xFFFFFF);
    }
    gb_props_scatter(stage, GB_PROP_STUMP | GB_PROP_SIGNPOST | GB_PROP_BARREL | GB_PROP_CAT, 102, 170);
}

void gb_forest_front(gb_stage *stage)
{
    gb_stage_layer(stage, 1.4);
    const gb_cells cells = gb_stage_cells(stage, 330, 60);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "front trunk", i);
        if (gb_chance_one_in(&random, 3)) draw_big_trunk(&stage->canvas, 330 * i + 165, 32, 160, 0x5A3E3A, random);
    }
    gb_meadow_front(stage);
}
