#include "datasets/toon/lettering.h"
#include "datasets/toon/outdoors.h"
#include "datasets/toon/props.h"

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
            gb_stage yard = *stage; /* a fence of this place alone */
            yard.canvas.left = step * (i - 0.4);
            yard.canvas.right = step * (i + 0.4);
            gb_picket_fence_draw(&yard, 76, 30, 0xFFF4E0);
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
    gb_props_scatter(
        stage, GB_PROP_BENCH | GB_PROP_MAILBOX | GB_PROP_CAR | GB_PROP_BICYCLE | GB_PROP_CRATES | GB_PROP_CAT, 98, 150);
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

static void draw_garage(const gb_canvas *canvas, double x, double foot, gb_random *random)
{
    static const gb_colour paints[4] = {0x5A7A9A, 0xC8A060, 0x7A9A78, 0xB85A4A};
    const gb_colour paint = paints[gb_chance_pick(random, 4)];
    gb_ink_panel(canvas, x - 42, -26, 84, foot + 28, 0xD8C8B0);
    gb_ink_panel(canvas, x - 36, -20, 72, foot + 20, paint);
    gb_ink_boards(canvas, (gb_field){x - 36, x + 36, -20, foot, 0}, 9, gb_colour_mix(paint, canvas->ink, 60));
    gb_ink_panel(canvas, x - 9, foot - 12, 18, 4, 0xE8ECF0);
    gb_ink_panel(canvas, x - 40, -58, 80, 22, 0x2E3A4A);
    static const char *const word[5] = {"GARAGE", "TYRES", "STORE", "KEYS", "RADIO"};
    gb_lettering_draw(canvas, word[gb_chance_pick(random, 5)], x, -41, 12, 2.6, 0xFFE08A, 0);
}

/* Iron stairs in a zigzag, as on the backs of tall houses. */
static void draw_fire_escape(const gb_canvas *canvas, double x, double top)
{
    const gb_colour iron = 0x3E4450;
    for (int floor = 0; floor < 3; floor++) {
        const double y = 20.0 - 58 * floor, way = floor % 2 ? 1 : -1;
        if (y < top - 60) break;
        gb_ink_panel(canvas, x - 34, y, 68, 4, iron);
        for (int bar = 0; bar <= 8; bar++)
            gb_ink_line(canvas, x - 33 + 8.2 * bar, y, x - 33 + 8.2 * bar, y - 20, 1.2, iron);
        gb_ink_line(canvas, x - 34, y - 20, x + 34, y - 20, 2.4, iron);
        for (int rail = 0; rail < 2; rail++)
            gb_ink_line(canvas, x - way * 20 + rail * 9, y, x + way * 20 + rail * 9, y - 54, 1.8, iron);
        for (int step = 1; step < 8; step++) {
            const double t = step / 8.0, sx = x - way * 20 + way * 40 * t;
            gb_ink_line(canvas, sx, y - 54 * t, sx + 9, y - 54 * t, 1.6, iron);
        }
    }
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
        const int kind = gb_chance_pick(&each, 6);
        if (kind == 4) {
            draw_garage(canvas, x, 70, &each);
        } else if (kind < 2 || kind == 5) {
            gb_window_draw(stage, x, -56, 34, 52, each);
            if (kind == 5) draw_fire_escape(canvas, x, canvas->top);
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
    gb_props_scatter(stage,
                     GB_PROP_CRATES | GB_PROP_BICYCLE | GB_PROP_BARREL | GB_PROP_CAT | GB_PROP_MAILBOX | GB_PROP_CAR,
                     96, 120);
}

void gb_alley_front(gb_stage *stage)
{
    gb_stage_layer(stage, 0.95);
    const gb_canvas *canvas = &stage->canvas;
    static const gb_colour wash[6] = {0xFFFFFF, 0xE8584A, 0x4A98D0, 0xF4C24A, 0x6AB878, 0xC888D0};
    const gb_cells cells = gb_stage_cells(stage, 26, 30);
    gb_part_begin(&stage->canvas, stage->frame / 3);
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

static void draw_billboard(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    static const char *const word[6] = {"COLA", "STARS", "SOAP", "HOTEL", "JAZZ", "MILK"};
    static const gb_colour paints[4] = {0xE8484A, 0x3AA0C8, 0xF0B83A, 0x8A5AC0};
    gb_canvas glow = *canvas;
    glow.light = 0xE8E0F8;
    const int kind = gb_chance_pick(random, 3);
    for (int leg = -1; leg <= 1; leg++) gb_ink_panel(canvas, x + 26 * leg - 2, y - 30, 4, 40, 0x4A4050);
    if (kind == 0) { /* a water tank */
        gb_ink_panel(canvas, x - 27, y - 78, 54, 50, 0x9A6A4A);
        for (int i = -2; i <= 2; i++)
            gb_ink_line(canvas, x + 9.5 * i, y - 77, x + 9.5 * i, y - 29, canvas->weight, canvas->ink);
        gb_curve curve = {.count = 3, .point = {{x - 32, y - 77}, {x, y - 104}, {x + 32, y - 77}}};
        gb_ink_cel(canvas, &curve, 0x6A5A68, 4);
        return;
    }
    const gb_colour paint = paints[gb_chance_pick(random, 4)];
    gb_ink_panel(&glow, x - 44, y - 76, 88, 48, gb_colour_mix(paint, 0x181028, 35));
    gb_ink_panel(&glow, x - 39, y - 71, 78, 38, paint);
    gb_lettering_draw(&glow, word[gb_chance_pick(random, 6)], x, y - 43, 19, 4.4, 0xFFF6C8, 1.2);
    for (int i = 0; i < 9; i++) gb_ink_dot(&glow, x - 40 + 10 * i, y - 73.5, 1.7, i % 2 ? 0xFFF6A0 : 0xFFB060);
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
    cells = gb_stage_cells(stage, 130, 70);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random each = gb_chance_cell(stage->seed, "billboard", i);
        draw_billboard(canvas, 130 * i + 50 * gb_random_uniform(&each), gb_chance_between(&each, 4, 40), &each);
    }
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
    }
    gb_part_begin(&stage->canvas, stage->frame / 3);
    for (int i = cells.first; i <= cells.last; i++)
        for (int puff = 0; puff < 4; puff++) { /* smoke, on threes */
            const double age = (double)((stage->frame / 3 * 3 + 14 * puff) % 56) / 56, x = 176 * i + 70;
            gb_curve curve;
            gb_curve_lobes(&curve, x - 8 + 30 * age, -4 - 70 * age, 6 + 12 * age, 5 + 9 * age, 6,
                           (unsigned long long)puff);
            gb_ink_glaze(canvas, &curve, 0xE8E4F0, 0.75 * (1 - age));
        }
    gb_part_begin(&stage->canvas, 0);
    gb_props_scatter(stage, GB_PROP_CAT | GB_PROP_CRATES | GB_PROP_BARREL, 94, 170);
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
