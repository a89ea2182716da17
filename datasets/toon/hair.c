#include "datasets/toon/character.h"

/* Skull cap from ear to ear with a hairline of `locks` hanging to `low`, parted at x = part. */
static void draw_fringe(const gb_canvas *canvas, gb_colour colour, double r, int locks, double high, double low,
                        double crown)
{
    gb_curve curve;
    gb_curve_arc(&curve, 0, 0.02 * r, 1.06 * r, crown * r, 0.47, 1.03);
    const double from = 1.04 * r, to = -1.05 * r;
    for (int i = 0; i < locks; i++) {
        const double x0 = from + (to - from) * i / locks, x1 = from + (to - from) * (i + 1) / locks;
        const double bow = 1 - (x1 / r) * (x1 / r) * 0.5;
        gb_curve_bend(&curve, x0 - 0.02 * r, low * r, x0 + (x1 - x0) * 0.55, low * r + 0.04 * r);
        gb_curve_bend(&curve, x1 + 0.04 * r, (low + high) * 0.5 * r, x1, i == locks - 1 ? 0.12 * r : high * r * bow);
    }
    gb_ink_cel(canvas, &curve, colour, 0.12 * r);
}

static void draw_shine(const gb_canvas *canvas, gb_colour colour, double r, double crown)
{
    gb_curve curve;
    gb_curve_arc(&curve, 0, 0, 0.72 * r, (crown - 0.26) * r, 0.58, 0.74);
    gb_ink_stroke(canvas, &curve, 0.13 * r, gb_colour_highlight(colour));
    gb_curve_arc(&curve, 0, 0, 0.72 * r, (crown - 0.26) * r, 0.77, 0.81);
    gb_ink_stroke(canvas, &curve, 0.1 * r, gb_colour_highlight(colour));
}

static void draw_spikes(const gb_canvas *canvas, gb_colour colour, double r, double sway)
{
    gb_curve curve;
    gb_curve_clear(&curve);
    gb_curve_add(&curve, -1.0 * r, 0.2 * r);
    static const double spike[8][3] = {{-1.32, -0.06, -1.02}, {-1.35, -0.55, -0.86}, {-1.05, -1.08, -0.6},
                                       {-0.55, -1.42, -0.22}, {0.05, -1.52, 0.2},    {0.62, -1.4, 0.55},
                                       {1.08, -1.02, 0.84},   {1.28, -0.48, 1.0}};
    for (int i = 0; i < 8; i++) {
        const double x = spike[i][2] * r, down = -0.98 * r * (1 - 0.55 * spike[i][2] * spike[i][2]);
        gb_curve_bend(&curve, (spike[i][0] * 0.9) * r, spike[i][1] * 0.75 * r, spike[i][0] * r + sway * 0.5,
                      spike[i][1] * r);
        gb_curve_bend(&curve, (spike[i][0] * 0.6 + spike[i][2] * 0.4) * r, (spike[i][1] * 0.95) * r, x, down);
    }
    gb_curve_add(&curve, 1.0 * r, 0.05 * r);
    for (int i = 0; i < 5; i++) {
        const double x0 = (0.95 - 0.38 * i) * r;
        gb_curve_bend(&curve, x0 - 0.05 * r, -0.3 * r, x0 - 0.22 * r, -0.28 * r - (i == 2) * 0.06 * r);
        gb_curve_bend(&curve, x0 - 0.3 * r, -0.5 * r, x0 - 0.38 * r, i == 4 ? 0.1 * r : -0.62 * r);
    }
    gb_ink_cel(canvas, &curve, colour, 0.12 * r);
    draw_shine(canvas, colour, r, 1.2);
}

static void draw_cap(const gb_canvas *canvas, const gb_person *person, double r)
{
    gb_curve curve;
    for (int i = 0; i < 3; i++) { /* hair under the cap */
        gb_curve_ellipse(&curve, -0.92 * r + 0.05 * i * r, (-0.15 + 0.17 * i) * r, 0.16 * r, 0.14 * r);
        gb_ink_cel(canvas, &curve, person->hair_colour, 0.05 * r);
    }
    gb_curve_arc(&curve, -0.02 * r, -0.3 * r, 1.06 * r, 0.92 * r, 0.5, 1.0);
    gb_curve_bend(&curve, 0, -0.12 * r, -1.08 * r, -0.3 * r);
    gb_ink_cel(canvas, &curve, person->accent, 0.14 * r);
    gb_curve_arc(&curve, -0.02 * r, -0.3 * r, 0.36 * r, 0.92 * r, 0.5, 0.75);
    gb_ink_stroke(canvas, &curve, canvas->weight, canvas->ink);
    gb_curve_arc(&curve, -0.02 * r, -0.3 * r, 0.42 * r, 0.92 * r, 0.75, 1.0);
    gb_ink_stroke(canvas, &curve, canvas->weight, canvas->ink);
    gb_ink_dot(canvas, -0.02 * r, -1.22 * r, 0.09 * r, canvas->ink);
    gb_curve_clear(&curve);
    gb_curve_add(&curve, -0.1 * r, -0.24 * r);
    gb_curve_sweep(&curve, 0.3 * r, -0.55 * r, 1.3 * r, -0.55 * r, 1.62 * r, -0.2 * r);
    gb_curve_sweep(&curve, 1.3 * r, -0.22 * r, 0.5 * r, -0.28 * r, -0.1 * r, -0.24 * r);
    gb_ink_cel(canvas, &curve, gb_colour_mix(person->accent, person->top, 75), 0.08 * r);
}

static void draw_bow(const gb_canvas *canvas, gb_colour colour, double x, double y, double r)
{
    gb_curve curve;
    for (int way = -1; way <= 1; way += 2) {
        gb_curve_clear(&curve);
        gb_curve_add(&curve, x, y);
        gb_curve_sweep(&curve, x + way * 0.2 * r, y - 0.4 * r, x + way * 0.52 * r, y - 0.38 * r, x + way * 0.5 * r,
                       y - 0.05 * r);
        gb_curve_sweep(&curve, x + way * 0.52 * r, y + 0.28 * r, x + way * 0.2 * r, y + 0.24 * r, x, y);
        gb_ink_cel(canvas, &curve, colour, 0.08 * r);
    }
    gb_curve_ellipse(&curve, x, y - 0.02 * r, 0.12 * r, 0.13 * r);
    gb_ink_cel(canvas, &curve, colour, 0.05 * r);
}

void gb_hair_back_draw(const gb_canvas *canvas, const gb_person *person, double r, double sway)
{
    gb_curve curve;
    const gb_colour colour = person->hair_colour;
    switch (person->hair) {
    case GB_HAIR_BOB: {
        const gb_point bob[9] = {{0, -1.18 * r},
                                 {0.85 * r, -0.85 * r},
                                 {1.18 * r, 0},
                                 {1.1 * r + sway * 0.4, 0.78 * r},
                                 {0.5 * r, 0.98 * r},
                                 {-0.6 * r, 1.0 * r},
                                 {-1.32 * r + sway, 0.86 * r},
                                 {-1.24 * r, 0},
                                 {-0.85 * r, -0.9 * r}};
        gb_curve_through(&curve, bob, 9, 1);
        gb_ink_cel(canvas, &curve, gb_colour_mix(colour, 0x20203A, 18), 0.1 * r);
        break;
    }
    case GB_HAIR_CURLY:
        gb_curve_lobes(&curve, -0.08 * r, -0.22 * r, 1.52 * r, 1.42 * r, 13, 77);
        gb_ink_cel(canvas, &curve, colour, 0.16 * r);
        for (int i = 0; i < 9; i++) {
            const double turn = 0.42 + 0.075 * i;
            gb_curve_arc(&curve, -0.08 * r + 1.18 * r * gb_wave_cos(turn), -0.22 * r + 1.1 * r * gb_wave_sin(turn),
                         0.13 * r, 0.12 * r, 0.1 * i, 0.6 + 0.1 * i);
            gb_ink_stroke(canvas, &curve, canvas->weight, gb_colour_mix(colour, 0xFFC8A0, 30));
        }
        break;
    case GB_HAIR_BUN:
        gb_curve_ellipse(&curve, -0.3 * r, -1.28 * r, 0.5 * r, 0.42 * r);
        gb_ink_cel(canvas, &curve, colour, 0.1 * r);
        gb_curve_arc(&curve, -0.3 * r, -1.25 * r, 0.28 * r, 0.22 * r, 0.4, 1.2);
        gb_ink_stroke(canvas, &curve, canvas->weight, gb_colour_mix(colour, canvas->ink, 50));
        break;
    case GB_HAIR_TAIL:
        gb_curve_clear(&curve);
        gb_curve_add(&curve, -0.55 * r, -0.75 * r);
        gb_curve_sweep(&curve, -1.6 * r, -1.15 * r, -2.1 * r + sway, -0.1 * r, -1.75 * r + 2 * sway, 1.25 * r);
        gb_curve_sweep(&curve, -1.35 * r + sway, 0.9 * r, -1.3 * r, 0.2 * r, -0.8 * r, -0.1 * r);
        gb_ink_cel(canvas, &curve, colour, 0.14 * r);
        break;
    default: break;
    }
}

void gb_hair_front_draw(const gb_canvas *canvas, const gb_person *person, double r, double sway)
{
    gb_curve curve;
    const gb_colour colour = person->hair_colour;
    switch (person->hair) {
    case GB_HAIR_SPIKY: draw_spikes(canvas, colour, r, sway); break;
    case GB_HAIR_BOB:
        draw_fringe(canvas, colour, r, 5, -0.55, -0.3, 1.2);
        for (int side = 0; side < 2; side++) { /* locks before the ears */
            const double x = side ? -1.0 * r : 1.0 * r, w = side ? 0.3 * r : -0.22 * r;
            gb_curve_clear(&curve);
            gb_curve_add(&curve, x - w * 0.5, -0.3 * r);
            gb_curve_bend(&curve, x - w * 0.9, 0.3 * r, x + w * 0.35 + sway * 0.5, 0.74 * r);
            gb_curve_bend(&curve, x + w, 0.2 * r, x + w * 0.55, -0.35 * r);
            gb_ink_cel(canvas, &curve, colour, 0.06 * r);
        }
        draw_shine(canvas, colour, r, 1.2);
        break;
    case GB_HAIR_CURLY:
        for (int i = 0; i < 6; i++) {
            gb_curve_lobes(&curve, (-0.85 + 0.34 * i) * r, (-0.72 - (i == 2 || i == 3) * 0.12) * r, 0.34 * r, 0.28 * r,
                           6, (unsigned long long)i);
            gb_ink_cel(canvas, &curve, colour, 0.08 * r);
        }
        break;
    case GB_HAIR_BUN:
        draw_fringe(canvas, colour, r, 2, -0.86, -0.36, 1.14);
        draw_shine(canvas, colour, r, 1.16);
        break;
    case GB_HAIR_TAIL:
        draw_fringe(canvas, colour, r, 3, -0.75, -0.34, 1.15);
        draw_shine(canvas, gb_colour_mix(colour, 0x8090FF, 25), r, 1.15);
        gb_curve_ellipse(&curve, -0.72 * r, -0.76 * r, 0.16 * r, 0.22 * r);
        gb_ink_cel(canvas, &curve, person->accent, 0.05 * r);
        break;
    case GB_HAIR_CAP: draw_cap(canvas, person, r); break;
    }
    if (person->has & GB_HAS_BOW) draw_bow(canvas, person->accent, -0.55 * r, -1.02 * r, r);
}
