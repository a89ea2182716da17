#include "datasets/toon/scenery.h"

static void draw_trunk(const gb_canvas *canvas, double x, double y, double height, double width, gb_colour bark)
{
    gb_curve curve;
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x - width * 0.9, y);
    gb_curve_sweep(&curve, x - width * 0.4, y - height * 0.15, x - width * 0.45, y - height * 0.6, x - width * 0.4,
                   y - height);
    gb_curve_add(&curve, x + width * 0.4, y - height);
    gb_curve_sweep(&curve, x + width * 0.45, y - height * 0.6, x + width * 0.4, y - height * 0.15, x + width * 0.95, y);
    gb_ink_cel(canvas, &curve, bark, width * 0.45);
    for (int i = 0; i < 3; i++) {
        const double mark = y - height * (0.25 + 0.22 * i);
        gb_curve_clear(&curve);
        gb_curve_add(&curve, x - width * 0.15 + i % 2 * width * 0.2, mark);
        gb_curve_bend(&curve, x, mark - height * 0.06, x - width * 0.1, mark - height * 0.13);
        gb_ink_stroke(canvas, &curve, canvas->weight * 0.8, gb_colour_mix(bark, canvas->ink, 60));
    }
}

/* A few leaf edges inside a crown, as a brush would set them: three short arcs in a bunch. */
static void draw_leaf_marks(const gb_canvas *canvas, double x, double y, double rx, double ry, gb_colour colour,
                            int count, gb_random *random)
{
    gb_curve curve;
    for (int i = 0; i < count; i++) {
        const double turn = gb_random_uniform(random), out = 0.25 + 0.55 * gb_random_uniform(random);
        const double mx = x + rx * out * gb_wave_cos(turn), my = y + ry * out * gb_wave_sin(turn);
        const double size = gb_chance_between(random, 2.4, 4.6);
        for (int k = 0; k < 3; k++) {
            gb_curve_arc(&curve, mx + (k - 1) * size * 1.3, my + (k == 1 ? size * 0.4 : 0), size * 0.75, size * 0.7,
                         0.02, 0.48);
            gb_ink_stroke(canvas, &curve, canvas->weight * 0.75, colour);
        }
    }
}

static void draw_crown(const gb_canvas *canvas, double x, double y, double rx, double ry, gb_colour leaves,
                       gb_random *random)
{
    gb_curve curve;
    const int lobes = rx > 22 ? 11 : 8;
    gb_curve_lobes(&curve, x, y, rx, ry, lobes, gb_random_next(random));
    gb_ink_cel(canvas, &curve, leaves, ry * 0.3);
    gb_curve_lobes(&curve, x - rx * 0.25, y - ry * 0.3, rx * 0.55, ry * 0.5, 7, gb_random_next(random));
    gb_ink_fill(canvas, &curve, gb_colour_mix(leaves, 0xFFF7A0, 22));
    draw_leaf_marks(canvas, x, y, rx, ry, gb_colour_mix(leaves, canvas->ink, 55), (int)(rx * ry / 70) + 2, random);
}

static void draw_pine(const gb_canvas *canvas, double x, double y, double height, gb_colour leaves)
{
    gb_curve curve;
    draw_trunk(canvas, x, y, height * 0.2, height * 0.045, 0x8A5A3C);
    for (int tier = 0; tier < 4; tier++) {
        const double base = y - height * (0.10 + 0.21 * tier), half = height * (0.27 - 0.048 * tier);
        const double tip = base - height * 0.34;
        gb_curve_clear(&curve);
        gb_curve_add(&curve, x, tip);
        gb_curve_bend(&curve, x + half * 0.35, base - height * 0.1, x + half, base);
        for (int k = 0; k < 4; k++) {
            const double from = x + half - half * 0.5 * k;
            gb_curve_bend(&curve, from - half * 0.1, base + height * 0.045, from - half * 0.5, base);
        }
        gb_curve_bend(&curve, x - half * 0.35, base - height * 0.1, x, tip);
        gb_ink_cel(canvas, &curve, gb_colour_mix(leaves, 0xFFFFC0, tier * 4), half * 0.3);
    }
}

static void draw_poplar(const gb_canvas *canvas, double x, double y, double height, gb_colour leaves, gb_random *random)
{
    gb_curve curve;
    draw_trunk(canvas, x, y, height * 0.25, height * 0.04, 0x8A6244);
    gb_curve_lobes(&curve, x, y - height * 0.58, height * 0.15, height * 0.44, 15, gb_random_next(random));
    gb_ink_cel(canvas, &curve, leaves, height * 0.06);
    draw_leaf_marks(canvas, x, y - height * 0.58, height * 0.13, height * 0.4, gb_colour_mix(leaves, canvas->ink, 50),
                    (int)(height / 12), random);
}

/* A leaf that hangs from (x, y) to (x + reach, y + fall): a rib with blades below it, longest in the middle. */
static void draw_frond(const gb_canvas *canvas, double x, double y, double reach, double fall, double blade,
                       gb_colour colour)
{
    gb_curve curve;
    gb_point rib[9];
    const double up = blade * 1.4;
    for (int i = 0; i <= 8; i++) {
        const double t = i / 8.0;
        rib[i] = (gb_point){x + reach * t, y + fall * t * t - up * 2 * t * (1 - t) * (1.2 - t)};
    }
    gb_curve_clear(&curve);
    for (int i = 0; i <= 8; i++) gb_curve_add(&curve, rib[i].x, rib[i].y);
    for (int i = 7; i >= 0; i--) {
        const double t = (i + 0.5) / 8.0, hang = blade * (0.35 + 2.2 * t * (1 - t));
        gb_curve_add(&curve, (rib[i].x + rib[i + 1].x) / 2 + reach * 0.08, (rib[i].y + rib[i + 1].y) / 2 + hang);
        gb_curve_add(&curve, rib[i].x, rib[i].y + hang * 0.45 * (i > 0));
    }
    gb_ink_cel(canvas, &curve, colour, blade * 0.08);
    gb_curve_clear(&curve);
    for (int i = 0; i <= 8; i++) gb_curve_add(&curve, rib[i].x, rib[i].y + 1.2);
    gb_ink_stroke(canvas, &curve, canvas->weight, gb_colour_highlight(colour));
}

static void draw_palm(const gb_canvas *canvas, double x, double y, double height, gb_colour leaves, gb_random *random)
{
    gb_curve curve;
    const double lean = gb_chance_between(random, -0.3, 0.3) * height, tx = x + lean, ty = y - height;
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x - height * 0.06, y);
    gb_curve_bend(&curve, x - height * 0.03 + lean * 0.1, y - height * 0.6, tx - height * 0.03, ty);
    gb_curve_add(&curve, tx + height * 0.03, ty);
    gb_curve_bend(&curve, x + height * 0.04 + lean * 0.1, y - height * 0.6, x + height * 0.07, y);
    gb_ink_cel(canvas, &curve, 0xB98352, height * 0.03);
    for (int i = 1; i < 11; i++) {
        const double t = i / 11.0, bx = x + 2 * t * (1 - t) * lean * 0.1 + t * t * lean, by = y - height * t;
        gb_curve_arc(&curve, bx, by - height * 0.02, height * 0.045, height * 0.025, 0.03, 0.47);
        gb_ink_stroke(canvas, &curve, canvas->weight, 0x6E4526);
    }
    for (int leaf = 0; leaf < 9; leaf++) {
        const double side = (leaf % 2 ? 1 : -1) * (4 - leaf / 2) / 4.0;
        draw_frond(canvas, tx, ty, height * 0.5 * side, height * (0.30 * side * side - 0.14), height * 0.2,
                   gb_colour_mix(leaves, 0x0B4A3A, leaf % 3 * 13));
    }
    gb_ink_dot(canvas, tx - 2, ty + 3, height * 0.035, 0x7A4A2A);
    gb_ink_dot(canvas, tx + 3, ty + 2, height * 0.035, 0x6B3E22);
}

static void draw_leafy(const gb_canvas *canvas, double x, double y, double height, gb_colour leaves, int apples,
                       gb_random *random)
{
    draw_trunk(canvas, x, y, height * 0.55, height * 0.075, 0x94643F);
    const double rx = height * gb_chance_between(random, 0.2, 0.24), ry = height * 0.19;
    draw_crown(canvas, x - rx * 0.8, y - height * 0.52, rx, ry, gb_colour_mix(leaves, 0x14506A, 16), random);
    draw_crown(canvas, x + rx * 0.85, y - height * 0.55, rx * 0.95, ry, gb_colour_mix(leaves, 0x14506A, 8), random);
    draw_crown(canvas, x, y - height * 0.73, rx * 1.2, ry * 1.3, leaves, random);
    for (int i = 0; apples && i < 9; i++) {
        const double turn = gb_random_uniform(random), out = gb_chance_between(random, 0.2, 1.3);
        gb_curve curve;
        gb_curve_ellipse(&curve, x + rx * out * gb_wave_cos(turn), y - height * 0.65 + ry * out * gb_wave_sin(turn),
                         height * 0.022, height * 0.022);
        gb_ink_cel(canvas, &curve, 0xE8423A, 1);
    }
}

void gb_tree_draw(const gb_canvas *canvas, gb_tree kind, double x, double y, double height, gb_colour leaves,
                  gb_random random)
{
    switch (kind) {
    case GB_TREE_PINE: draw_pine(canvas, x, y, height, leaves); break;
    case GB_TREE_POPLAR: draw_poplar(canvas, x, y, height, leaves, &random); break;
    case GB_TREE_PALM: draw_palm(canvas, x, y, height, leaves, &random); break;
    case GB_TREE_LEAFY: draw_leafy(canvas, x, y, height, leaves, 0, &random); break;
    case GB_TREE_APPLE: draw_leafy(canvas, x, y, height, leaves, 1, &random); break;
    }
}

void gb_bush_draw(const gb_canvas *canvas, double x, double y, double width, gb_colour leaves, gb_random random)
{
    draw_crown(canvas, x, y - width * 0.16, width * 0.5, width * 0.3, leaves, &random);
}

void gb_tuft_draw(const gb_canvas *canvas, double x, double y, double size, gb_colour grass)
{
    gb_curve curve;
    for (int i = -1; i <= 1; i++) {
        gb_curve_clear(&curve);
        gb_curve_add(&curve, x + i * size * 0.25, y);
        gb_curve_bend(&curve, x + i * size * 0.3, y - size * 0.6, x + i * size * 0.75, y - size * (i ? 0.8 : 1.1));
        gb_ink_stroke(canvas, &curve, canvas->weight * 0.9, grass);
    }
}

void gb_flower_draw(const gb_canvas *canvas, double x, double y, double size, gb_colour petals)
{
    gb_curve curve;
    gb_ink_line(canvas, x, y, x, y - size * 1.5, canvas->weight * 0.8, 0x2F7A3A);
    gb_curve_lobes(&curve, x, y - size * 1.7, size * 0.75, size * 0.75, 5, 1);
    gb_ink_cel(canvas, &curve, petals, size * 0.15);
    gb_ink_dot(canvas, x, y - size * 1.7, size * 0.25, 0xFFD23E);
}
