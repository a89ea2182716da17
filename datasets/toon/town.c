#include "datasets/toon/lettering.h"
#include "datasets/toon/outdoors.h"

static void draw_skyline(gb_stage *stage, double depth, double y, double height, gb_colour wall, const char *tag)
{
    gb_stage_layer(stage, depth);
    const gb_cells cells = gb_stage_cells(stage, 38, 30);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, tag, i);
        const double w = gb_chance_between(&random, 26, 46), h = height * gb_chance_between(&random, 0.5, 1.1);
        gb_tower_block_draw(&stage->canvas, 38 * i, y, w, h,
                            gb_colour_mix(wall, 0xE8B090, gb_chance_pick(&random, 4) * 9), random);
    }
}

static void draw_paving(const gb_stage *stage, double top, double bottom)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_stage_shade(stage, top, bottom, 0xC8BFC0, 0xE2D9D2);
    gb_ink_bricks(canvas, (gb_field){canvas->left - 2, canvas->right + 2, top, bottom, 0}, 33, 13,
                  gb_colour_mix(0xD0C6C4, canvas->ink, 45));
    const gb_cells cells = gb_stage_cells(stage, 26, 10);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "crack", i);
        const double x = 26 * i, y = gb_chance_between(&random, top + 4, bottom - 4);
        gb_ink_line(canvas, x, y, x + 5, y + 2, canvas->weight * 0.6, gb_colour_mix(0xD0C6C4, canvas->ink, 40));
    }
    gb_ink_panel(canvas, canvas->left - 4, bottom, canvas->right - canvas->left + 8, 6, 0xB4ACB0);
}

void gb_street_back(gb_stage *stage)
{
    const int night = stage->mood == GB_MOOD_NIGHT || stage->mood == GB_MOOD_DUSK;
    gb_sky_draw(stage, 0);
    draw_skyline(stage, 0.3, 50, 130, gb_colour_mix(0x9AA8C8, gb_sky_of(stage->mood)->bottom, 35), "skyline");
    gb_stage_layer(stage, 0.55);
    gb_tree_row_draw(stage, GB_TREE_LEAFY, 66, 104, 58, 0x6EA85A, "park");
    gb_stage_layer(stage, 0.84);
    const gb_canvas *canvas = &stage->canvas;
    gb_stage_band(stage, 64, canvas->bottom + 2, 0xC8BFC0);
    const double step = 104;
    gb_cells cells = gb_stage_cells(stage, step, step);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "house", i);
        const double width = gb_chance_between(&random, 84, 99);
        if (gb_chance_one_in(&random, 6)) {
            gb_tree_draw(canvas, GB_TREE_LEAFY, step * i, 74, 150, 0x5EA04E, random);
            gb_picket_fence_draw(&(gb_stage){.canvas = {.cairo = canvas->cairo,
                                                        .ink = canvas->ink,
                                                        .light = canvas->light,
                                                        .weight = canvas->weight,
                                                        .left = step * (i - 0.4),
                                                        .right = step * (i + 0.4)},
                                             .seed = stage->seed},
                                 76, 30, 0xFFF4E0);
        } else {
            gb_house_draw(canvas, step * i, 76, width, random);
        }
    }
    gb_stage_layer(stage, 1);
    draw_paving(stage, 76, 126);
    gb_stage_band(stage, 132, canvas->bottom + 2, 0x6A6874);
    cells = gb_stage_cells(stage, 60, 40);
    for (int i = cells.first; i <= cells.last; i++) gb_ink_panel(canvas, 60 * i, 138, 32, 3.4, 0xFFF0C0);
    cells = gb_stage_cells(stage, 128, 40);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "kerb", i);
        gb_street_lamp_draw(canvas, 128 * i, 88, 118, night);
        if (gb_chance_one_in(&random, 2)) gb_bush_draw(canvas, 128 * i + 54, 92, 36, 0x5EA04E, random);
        gb_ink_panel(canvas, 128 * i + 34, 88, 42, 10, 0xA8785A);
    }
}

void gb_street_front(gb_stage *stage)
{
    gb_stage_layer(stage, 1.3);
    const gb_canvas *canvas = &stage->canvas;
    const gb_cells cells = gb_stage_cells(stage, 46, 20);
    gb_ink_panel(canvas, canvas->left - 4, 138, canvas->right - canvas->left + 8, 4, 0x3A3A4A);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_curve curve;
        gb_ink_panel(canvas, 46 * i - 3, 126, 6, 40, 0x3A3A4A);
        gb_curve_ellipse(&curve, 46 * i, 124, 5, 5);
        gb_ink_cel(canvas, &curve, 0x4A4A5C, 1.4);
    }
}

static void draw_poster(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    static const char *const word[8] = {"CIRCUS", "JAZZ", "LOST CAT", "FAIR", "OPERA", "SALE!", "VOTE", "RACE"};
    static const gb_colour paper[5] = {0xFFE9B8, 0xF0B0A0, 0xA8D8E0, 0xE0D0F0, 0xC8E0A8};
    const char *text = word[gb_chance_pick(random, 8)];
    gb_ink_panel(canvas, x - 19, y - 26, 38, 52, paper[gb_chance_pick(random, 5)]);
    const double wide = gb_lettering_width(text, 8);
    gb_lettering_draw(canvas, text, x, y - 13, wide > 32 ? 8 * 32 / wide : 8, 1.8, 0xA8302E, 0);
    gb_curve curve;
    gb_curve_lobes(&curve, x, y + 5, 11, 11, 8, random->state);
    gb_ink_cel(canvas, &curve, paper[gb_chance_pick(random, 5)], 2);
    gb_ink_dot(canvas, x - 3, y + 4, 1.3, canvas->ink);
    gb_ink_dot(canvas, x + 3, y + 4, 1.3, canvas->ink);
    gb_ink_line(canvas, x - 13, y + 21, x + 13, y + 21, 1.4, canvas->ink);
}

static void draw_bin(const gb_canvas *canvas, double x, double y)
{
    gb_curve curve = {.count = 4, .point = {{x - 13, y - 34}, {x + 13, y - 34}, {x + 10, y}, {x - 10, y}}};
    gb_ink_cel(canvas, &curve, 0x8C98A4, 4);
    for (int i = -2; i <= 2; i++)
        gb_ink_line(canvas, x + i * 4.6, y - 30, x + i * 3.8, y - 3, canvas->weight * 0.8, canvas->ink);
    gb_curve_arc(&curve, x, y - 34, 15, 7, 0.5, 1);
    gb_ink_cel(canvas, &curve, 0xA8B4BE, 1.6);
}

void gb_alley_back(gb_stage *stage)
{
    gb_random random = gb_chance_cell(stage->seed, "alley", 0);
    static const gb_colour clay[4] = {0xC8674C, 0xB8806A, 0xA85A58, 0xD08A5A};
    const gb_colour brick = clay[gb_chance_pick(&random, 4)];
    gb_stage_layer(stage, 0.9);
    const gb_canvas *canvas = &stage->canvas;
    gb_brick_wall_draw(stage, canvas->top - 8, 70, brick);
    const gb_cells cells = gb_stage_cells(stage, 88, 60);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random each = gb_chance_cell(stage->seed, "bay", i);
        const double x = 88 * i;
        const int kind = gb_chance_pick(&each, 4);
        if (kind < 2) {
            gb_window_draw(stage, x, -56, 34, 52, each);
        } else if (kind == 2) {
            draw_poster(canvas, x - 20, -12, &each);
            draw_poster(canvas, x + 22, -22, &each);
        } else { /* a door under a lamp */
            gb_ink_panel(canvas, x - 22, -30, 44, 102, 0xE8D4B0);
            gb_ink_panel(canvas, x - 17, -25, 34, 97, 0x3E7A6A);
            for (int k = 0; k < 6; k++) gb_ink_panel(canvas, x - 13 + k % 2 * 14, -20 + k / 2 * 30, 12, 24, 0x529080);
            gb_ink_dot(canvas, x + 12, 28, 2, 0xFFD860);
            gb_pendant_draw(canvas, x, -60, -42, 0x3A3A4A);
        }
        gb_ink_panel(canvas, x + 38, canvas->top - 4, 7, 74 - canvas->top, 0x6A7480); /* pipe */
        for (int k = -4; k < 2; k++) gb_ink_panel(canvas, x + 36, k * 34.0, 11, 4, 0x56606C);
    }
    gb_stage_layer(stage, 1);
    draw_paving(stage, 70, 150);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random each = gb_chance_cell(stage->seed, "litter", i);
        if (gb_chance_one_in(&each, 2)) draw_bin(canvas, 88 * i + 30, 90);
        if (gb_chance_one_in(&each, 3)) gb_plant_draw(canvas, 88 * i - 20, 90, 46, each);
    }
}

void gb_alley_front(gb_stage *stage)
{
    gb_stage_layer(stage, 0.95);
    const gb_canvas *canvas = &stage->canvas;
    static const gb_colour wash[6] = {0xFFFFFF, 0xE8584A, 0x4A98D0, 0xF4C24A, 0x6AB878, 0xC888D0};
    const gb_cells cells = gb_stage_cells(stage, 26, 30);
    for (int i = cells.first; i <= cells.last; i++) { /* a washing line above */
        gb_random random = gb_chance_cell(stage->seed, "wash", i);
        gb_curve curve;
        const double x = 26 * i, sway = gb_wave_sin((stage->frame / 3 % 8) / 8.0 + 0.13 * i) * 1.6, w = 9;
        const double h = gb_chance_between(&random, 22, 36);
        gb_ink_line(canvas, x - 13, -122, x + 13, -122, 1.2, canvas->ink);
        if (gb_chance_one_in(&random, 4)) continue;
        curve = (gb_curve){.count = 4,
                           .point = {{x - w, -121}, {x + w, -121}, {x + w + sway, -121 + h}, {x - w + sway, -121 + h}}};
        gb_ink_cel(canvas, &curve, wash[gb_chance_pick(&random, 6)], 2.4);
        gb_ink_line(canvas, x - w + sway, -125 + h, x + w + sway, -125 + h, 1, canvas->ink);
        gb_ink_panel(canvas, x - w, -125, 2, 6, 0xD8A860);
        gb_ink_panel(canvas, x + w - 2, -125, 2, 6, 0xD8A860);
    }
}

void gb_rooftops_back(gb_stage *stage)
{
    gb_random random = gb_chance_cell(stage->seed, "rooftops", 0);
    gb_sky_draw(stage, 60);
    draw_skyline(stage, 0.18, 70, 170, 0x6A78A8, "far towers");
    draw_skyline(stage, 0.4, 84, 118, 0x8A6E98, "towers");
    gb_stage_layer(stage, 0.7);
    const gb_canvas *canvas = &stage->canvas;
    gb_cells cells = gb_stage_cells(stage, 92, 70);
    for (int i = cells.first; i <= cells.last; i++)
        gb_house_draw(canvas, 92 * i, 150, 84, gb_chance_cell(stage->seed, "roof house", i));
    gb_stage_layer(stage, 1);
    const gb_colour roof = gb_chance_one_in(&random, 2) ? 0xA85048 : 0x6A6A8A;
    gb_stage_shade(stage, 84, canvas->bottom + 2, gb_colour_highlight(roof), roof);
    gb_ink_scallops(canvas, (gb_field){canvas->left - 20, canvas->right + 20, 94, canvas->bottom + 14, 0}, 17, 10,
                    gb_colour_mix(roof, canvas->ink, 60));
    gb_ink_panel(canvas, canvas->left - 4, 84, canvas->right - canvas->left + 8, 9, gb_colour_mix(roof, 0xFFF0D0, 40));
    cells = gb_stage_cells(stage, 176, 60);
    for (int i = cells.first; i <= cells.last; i++) {
        const double x = 176 * i + 70;
        gb_ink_panel(canvas, x - 17, 22, 34, 66, 0xB8604A);
        gb_ink_bricks(canvas, (gb_field){x - 17, x + 17, 22, 88, 0}, 11, 5.5, 0x6A2E2A);
        gb_ink_panel(canvas, x - 21, 16, 42, 8, 0x8A5A4A);
        for (int k = 0; k < 2; k++) gb_ink_panel(canvas, x - 13 + 15 * k, 4, 10, 13, 0xC87A50);
        for (int puff = 0; puff < 4; puff++) { /* smoke, on threes */
            const double age = (double)((stage->frame / 3 * 3 + 14 * puff) % 56) / 56;
            gb_curve curve;
            gb_curve_lobes(&curve, x - 8 + 30 * age, -4 - 70 * age, 6 + 12 * age, 5 + 9 * age, 6,
                           (unsigned long long)puff);
            gb_ink_glaze(canvas, &curve, 0xE8E4F0, 0.75 * (1 - age));
        }
    }
}

void gb_rooftops_front(gb_stage *stage)
{
    gb_stage_layer(stage, 1.1);
    gb_canvas glow = stage->canvas;
    glow.light = 0xFFFFFF;
    static const gb_colour bulb[4] = {0xFFE070, 0xFF8A70, 0x8AE0C0, 0x9AC0FF};
    const gb_cells cells = gb_stage_cells(stage, 20, 20);
    double before = 0;
    for (int i = cells.first; i <= cells.last; i++) { /* fairy lights */
        const int phase = ((i % 8) + 8) % 8;
        const double sag = -104 + 22 * (1 - (phase - 4) * (phase - 4) / 16.0), x = 20 * i;
        gb_curve curve;
        if (i > cells.first) gb_ink_line(&stage->canvas, x - 20, before, x, sag, 1.2, stage->canvas.ink);
        gb_curve_ellipse(&curve, x, sag + 6, 8, 9);
        gb_ink_glaze(&glow, &curve, bulb[phase % 4], 0.3);
        gb_curve_ellipse(&curve, x, sag + 5, 3.6, 5);
        gb_ink_cel(&glow, &curve, bulb[phase % 4], 1);
        before = sag;
    }
}
