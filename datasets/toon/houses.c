#include "datasets/toon/lettering.h"
#include "datasets/toon/scenery.h"

static const gb_colour walls[8] = {0xF6D9A8, 0xE98F6E, 0xA9D3C8, 0xF2B5B0, 0xC9B8E0, 0xFBEBC8, 0x9CC0E0, 0xD9796A};
static const gb_colour roofs[5] = {0xC8503A, 0x8A4A5A, 0x56708E, 0xB86A34, 0x5E7A58};

static int is_night(const gb_canvas *canvas)
{
    return (canvas->light >> 16 & 255u) < 190;
}

static void draw_pane(const gb_canvas *canvas, double x, double y, double w, double h, gb_random *random)
{
    gb_canvas glow = *canvas;
    const int lit = is_night(canvas) && !gb_chance_one_in(random, 3);
    if (lit) glow.light = 0xFFFFFF;
    gb_curve curve;
    gb_curve_box(&curve, x, y, w, h, 0);
    if (lit)
        gb_ink_gradient(&glow, &curve, 0xFFE98C, 0xFFB84A, y, y + h);
    else
        gb_ink_gradient(&glow, &curve, 0x5E93BC, 0xA9DCEB, y, y + h);
    const gb_colour drape = gb_chance_one_in(random, 2) ? 0xFFF4E0 : 0xE87A6A;
    for (int side = 0; side < 2; side++) {
        const double edge = side ? x + w : x, in = side ? -1 : 1;
        gb_curve_clear(&curve);
        gb_curve_add(&curve, edge, y);
        gb_curve_add(&curve, edge + in * w * 0.42, y);
        gb_curve_bend(&curve, edge + in * w * 0.32, y + h * 0.6, edge + in * w * 0.06, y + h * 0.8);
        gb_curve_add(&curve, edge, y + h * 0.8);
        gb_ink_fill(&glow, &curve, drape);
    }
    if (!lit) gb_ink_line(canvas, x + w * 0.55, y + h * 0.9, x + w * 0.85, y + h * 0.5, 1.1, 0xE8FAFF);
}

static void draw_window(const gb_canvas *canvas, double x, double y, double w, double h, int kind, gb_colour trim,
                        gb_random random)
{
    gb_ink_panel(canvas, x - 2, y - 2, w + 4, h + 4, 0xFFF8EA);
    draw_pane(canvas, x, y, w, h, &random);
    gb_ink_line(canvas, x + w / 2, y, x + w / 2, y + h, canvas->weight, canvas->ink);
    gb_ink_line(canvas, x, y + h * 0.45, x + w, y + h * 0.45, canvas->weight * 0.8, canvas->ink);
    gb_ink_panel(canvas, x - 4, y + h + 2, w + 8, 3, 0xFFF8EA);
    if (kind == 0)
        for (int side = 0; side < 2; side++) { /* shutters */
            const double sx = side ? x + w + 2.5 : x - 2.5 - w * 0.4;
            gb_ink_panel(canvas, sx, y - 2, w * 0.4, h + 4, trim);
            gb_ink_boards(canvas, (gb_field){sx + 1.4, sx + w * 0.4 - 1.4, y, y + h, 0}, 3.2,
                          gb_colour_mix(trim, canvas->ink, 60));
        }
    if (kind == 1) { /* flower box */
        gb_ink_panel(canvas, x - 4, y + h + 1, w + 8, 5.5, 0xA8643C);
        for (int i = 0; i < 6; i++) {
            gb_ink_dot(canvas, x - 2 + (w + 4) * i / 5, y + h - 0.4 - i % 2, 2.6, 0x3E8E4A);
            gb_ink_dot(canvas, x - 1 + (w + 4) * i / 5.2, y + h - 2.2 + i % 2, 1.5, i % 2 ? 0xFF5A6A : 0xFFD94A);
        }
    }
    if (kind == 2) { /* arch */
        gb_curve curve;
        gb_curve_arc(&curve, x + w / 2, y - 1, w / 2 + 3, w * 0.36, 0.5, 1);
        gb_ink_cel(canvas, &curve, trim, 1);
    }
}

static void draw_door(const gb_canvas *canvas, double x, double y, double w, double h, gb_colour colour)
{
    gb_curve curve;
    gb_ink_panel(canvas, x - w / 2 - 3, y - h - 3, w + 6, h + 3, 0xFFF3DC);
    gb_ink_panel(canvas, x - w / 2, y - h, w, h, colour);
    for (int i = 0; i < 4; i++)
        gb_ink_panel(canvas, x - w * 0.38 + i % 2 * w * 0.42, y - h * (i < 2 ? 0.9 : 0.45), w * 0.32, h * 0.34,
                     gb_colour_highlight(colour));
    gb_curve_ellipse(&curve, x + w * 0.36, y - h * 0.48, 1.6, 1.6);
    gb_ink_cel(canvas, &curve, 0xFFD24A, 0.4);
    gb_ink_panel(canvas, x - w / 2 - 5, y - 3, w + 10, 4, 0xB8B0A8);
}

static void draw_shop(const gb_canvas *canvas, double x, double y, double w, gb_random *random)
{
    static const char *const word[14] = {"BAKERY", "BOOKS",  "CAFE",  "TOYS", "FRUIT", "FLOWERS", "HOTEL",
                                         "FISH",   "MARKET", "RADIO", "TEA",  "SHOES", "CINEMA",  "POST"};
    static const gb_colour stripe[5] = {0xE8483E, 0x3E8ED0, 0x46A86A, 0xF0A030, 0x9A5AB8};
    const gb_colour colour = stripe[gb_chance_pick(random, 5)];
    gb_ink_panel(canvas, x - w * 0.44, y - 36, w * 0.56, 30, 0x6A4A3A);
    draw_pane(canvas, x - w * 0.42, y - 34, w * 0.52, 26, random);
    for (int i = 0; i < 6; i++) {
        const gb_colour ware = stripe[(i + (int)(random->state & 3)) % 5];
        gb_ink_panel(canvas, x - w * 0.40 + i * w * 0.082, y - 15 - i % 3 * 3, w * 0.06, 7 + i % 3 * 3, ware);
    }
    draw_door(canvas, x + w * 0.3, y, w * 0.22, 38, gb_colour_shadow(colour));
    const int bands = 10;
    for (int i = 0; i < bands; i++) {
        gb_curve curve;
        const double a = x - w * 0.48 + w * 0.96 * i / bands, b = a + w * 0.96 / bands;
        gb_curve_clear(&curve);
        gb_curve_add(&curve, a + (x - a) * 0.06, y - 52);
        gb_curve_add(&curve, b + (x - b) * 0.06, y - 52);
        gb_curve_add(&curve, b, y - 40);
        gb_curve_bend(&curve, (a + b) / 2, y - 32, a, y - 40);
        gb_ink_cel(canvas, &curve, i % 2 ? 0xFFF8EA : colour, 0);
    }
    const char *text = word[gb_chance_pick(random, 14)];
    double height = 10;
    const double wide = gb_lettering_width(text, height);
    if (wide > w * 0.8) height *= w * 0.8 / wide;
    gb_ink_panel(canvas, x - w * 0.46, y - 69, w * 0.92, 16, gb_colour_mix(colour, 0x20182A, 45));
    gb_lettering_draw(canvas, text, x, y - 56.5, height, 2, 0xFFF0B0, 0);
}

static void draw_gable(const gb_canvas *canvas, double x, double y, double w, gb_colour roof, gb_random *random)
{
    const double rise = w * gb_chance_between(random, 0.34, 0.5), in = w * gb_chance_between(random, 0.14, 0.34);
    if (!gb_chance_one_in(random, 3)) {
        const double cx = x + w * (gb_chance_one_in(random, 2) ? 0.22 : -0.26);
        gb_ink_panel(canvas, cx - 6, y - rise - 9, 12, rise, 0xB8604A);
        gb_ink_bricks(canvas, (gb_field){cx - 6, cx + 6, y - rise - 9, y - 6, 0}, 6, 3, 0x6A2E2A);
        gb_ink_panel(canvas, cx - 8, y - rise - 12, 16, 4, 0x8A5A4A);
    }
    gb_curve curve = {
        .count = 4,
        .point = {{x - w * 0.54, y}, {x - w * 0.54 + in, y - rise}, {x + w * 0.54 - in, y - rise}, {x + w * 0.54, y}}};
    gb_ink_gradient(canvas, &curve, gb_colour_highlight(roof), roof, y - rise, y);
    gb_ink_scallops(canvas, (gb_field){x - w * 0.53, x + w * 0.53, y - rise, y, in}, 7, 5.4,
                    gb_colour_mix(roof, canvas->ink, 62));
    gb_ink_outline(canvas, &curve, canvas->weight);
    gb_ink_panel(canvas, x - w * 0.55, y - 2, w * 1.1, 4, gb_colour_mix(roof, 0xFFF4E0, 65));
    if (gb_chance_one_in(random, 2)) return;
    const double dx = x + w * gb_chance_between(random, -0.12, 0.12); /* dormer */
    gb_ink_panel(canvas, dx - 9, y - rise * 0.62, 18, rise * 0.5, 0xFFF2D8);
    draw_window(canvas, dx - 5.5, y - rise * 0.56, 11, rise * 0.34, 3, roof, *random);
    const gb_point peak[3] = {{dx - 13, y - rise * 0.6}, {dx, y - rise * 0.98}, {dx + 13, y - rise * 0.6}};
    curve.count = 3;
    for (int i = 0; i < 3; i++) curve.point[i] = peak[i];
    gb_ink_cel(canvas, &curve, roof, 2);
}

static void draw_cornice(const gb_canvas *canvas, double x, double y, double w, gb_colour wall)
{
    gb_ink_panel(canvas, x - w * 0.52, y - 9, w * 1.04, 6, gb_colour_highlight(wall));
    for (double tooth = x - w * 0.48; tooth < x + w * 0.46; tooth += 6)
        gb_ink_panel(canvas, tooth, y - 3, 3.4, 4, gb_colour_highlight(wall));
    gb_ink_panel(canvas, x - w * 0.5, y - 14, w, 5, wall);
}

static void draw_wall(const gb_canvas *canvas, double x, double y, double w, double h, gb_colour wall, int kind)
{
    const gb_field field = {x - w / 2, x + w / 2, y - h, y, 0};
    const gb_colour line = gb_colour_mix(wall, canvas->ink, 34);
    gb_ink_panel(canvas, field.left, field.top, w, h, wall);
    if (kind == 0) gb_ink_bricks(canvas, field, 8, 4, line);
    if (kind == 1) gb_ink_boards(canvas, field, 5, line);
    if (kind == 2) { /* half-timbered */
        for (int i = 0; i <= 4; i++) gb_ink_panel(canvas, field.left + (w - 4) * i / 4, field.top, 4, h, 0x7A4C32);
        for (int i = 1; i < 4; i++) gb_ink_panel(canvas, field.left, field.top + h * i / 4, w, 4, 0x7A4C32);
    }
    if (kind == 3) /* loose stones in plaster */
        for (int i = 0; i < (int)(w * h / 380); i++) {
            gb_random random = gb_chance_cell((uint64_t)wall, "stone", i);
            const double sx = field.left + 5 + (w - 16) * gb_random_uniform(&random);
            const double sy = field.top + 5 + (h - 12) * gb_random_uniform(&random);
            gb_ink_line(canvas, sx, sy, sx + 6, sy, canvas->weight * 0.6, line);
            gb_ink_line(canvas, sx + 2, sy + 2.6, sx + 9, sy + 2.6, canvas->weight * 0.6, line);
        }
}

void gb_house_draw(const gb_canvas *canvas, double x, double y, double width, gb_random random)
{
    const gb_colour wall = walls[gb_chance_pick(&random, 8)], roof = roofs[gb_chance_pick(&random, 5)];
    const int floors = 2 + gb_chance_pick(&random, 2), kind = gb_chance_pick(&random, 5),
              shop = gb_chance_pick(&random, 5) < 2;
    const int columns = width > 80 ? 3 : 2, window = gb_chance_pick(&random, 4);
    const double storey = gb_chance_between(&random, 40, 46), ground = shop ? 72 : 50,
                 h = ground + storey * (floors - 1);
    draw_wall(canvas, x, y, width, h, wall, kind);
    for (int floor = 0; floor < floors; floor++)
        for (int column = 0; column < columns; column++) {
            const double cell = width / columns, w = cell * 0.36, cx = x - width / 2 + cell * (column + 0.5);
            if (floor == 0 && (shop || column == columns / 2)) continue;
            const double top = floor == 0 ? y - 40 : y - ground - storey * floor + 10;
            draw_window(canvas, cx - w / 2, top, w, storey * 0.5, window, roof,
                        gb_chance_cell(random.state, "pane", floor * 8 + column));
        }
    if (shop)
        draw_shop(canvas, x, y, width, &random);
    else
        draw_door(canvas, x - width / 2 + width / columns * (columns / 2 + 0.5), y, width * 0.2, 40,
                  gb_colour_mix(roof, 0x3A6A5A, 40));
    if (gb_chance_one_in(&random, 4))
        draw_cornice(canvas, x, y - h, width, wall);
    else
        draw_gable(canvas, x, y - h, width, roof, &random);
}

void gb_tower_block_draw(const gb_canvas *canvas, double x, double y, double width, double height, gb_colour wall,
                         gb_random random)
{
    gb_ink_panel(canvas, x - width / 2, y - height, width, height, wall);
    if (gb_chance_one_in(&random, 2)) gb_ink_panel(canvas, x - width * 0.3, y - height - 7, width * 0.6, 7, wall);
    if (gb_chance_one_in(&random, 3))
        gb_ink_line(canvas, x, y - height - 24, x, y - height, canvas->weight, canvas->ink);
    gb_canvas glow = *canvas;
    if (is_night(canvas)) glow.light = 0xFFFFFF;
    const int columns = (int)(width / 8), rows = (int)(height / 10);
    for (int pass = 0; pass < 2; pass++) {
        gb_random each = random;
        for (int i = 0; i < columns * rows; i++) {
            if ((int)gb_chance_one_in(&each, 3) != pass) continue;
            cairo_rectangle(canvas->cairo, x - width / 2 + width / columns * (i % columns + 0.26),
                            y - height + 4 + 10 * (i / columns), width / columns * 0.5, 6);
        }
        if (is_night(canvas))
            gb_ink_source(pass ? canvas : &glow, pass ? gb_colour_shadow(wall) : 0xFFD860, 1);
        else
            gb_ink_source(canvas, pass ? gb_colour_highlight(wall) : gb_colour_mix(wall, 0x24406A, 45), 1);
        cairo_fill(canvas->cairo);
    }
}

void gb_street_lamp_draw(const gb_canvas *canvas, double x, double y, double height, int lit)
{
    gb_curve curve;
    gb_ink_panel(canvas, x - 1.6, y - height, 3.2, height, 0x3E4A52);
    gb_ink_panel(canvas, x - 4, y - 10, 8, 10, 0x3E4A52);
    gb_ink_panel(canvas, x - 7, y - height - 1, 14, 3, 0x3E4A52);
    gb_canvas glow = *canvas;
    if (lit) {
        glow.light = 0xFFFFFF;
        for (int ring = 3; ring > 0; ring--) {
            gb_curve_ellipse(&curve, x, y - height - 9, 9.0 * ring, 9.0 * ring);
            gb_ink_glaze(&glow, &curve, 0xFFE080, 0.14);
        }
    }
    curve = (gb_curve){
        .count = 4,
        .point = {
            {x - 4, y - height - 1}, {x - 6, y - height - 14}, {x + 6, y - height - 14}, {x + 4, y - height - 1}}};
    gb_ink_cel(&glow, &curve, lit ? 0xFFF2B0 : 0xD8ECF0, 1);
    curve = (gb_curve){.count = 3, .point = {{x - 8, y - height - 13}, {x, y - height - 21}, {x + 8, y - height - 13}}};
    gb_ink_cel(canvas, &curve, 0x3E4A52, 1);
}

void gb_brick_wall_draw(const gb_stage *stage, double top, double bottom, gb_colour brick)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_stage_band(stage, top, bottom, brick);
    const double row = 7.5, length = 17;
    for (int index = (int)(top / row); index * row < bottom; index++) {
        const gb_cells cells = gb_stage_cells(stage, length, length);
        for (int i = cells.first; i <= cells.last; i++) {
            gb_random random = gb_chance_cell(stage->seed, "brick", i * 64 + index);
            if (!gb_chance_one_in(&random, 4)) continue;
            gb_ink_box(canvas, i * length + (index & 1 ? length / 2 : 0), index * row, length, row,
                       gb_colour_mix(brick, gb_chance_one_in(&random, 2) ? 0xFFD8B0 : 0x5A2A3A, 22));
        }
    }
    const gb_colour joint = gb_colour_mix(brick, canvas->ink, 55);
    gb_ink_bricks(canvas, (gb_field){canvas->left - 2, canvas->right + 2, top, bottom, 0}, length, row, joint);
}
