#include <math.h>

#include "datasets/toon/character.h"

#define TROT_DRAWINGS 6
#define STRIDE 15.0

static const gb_colour fur = 0xE0A050, patch = 0x8A5230, muzzle = 0xFFF0D8; /* Biscuit */

double gb_dog_pace(void)
{
    return 2 * STRIDE / TROT_DRAWINGS;
}

static void draw_paw(const gb_canvas *canvas, double hip_x, double hip_y, double phase, int trots, int rear,
                     gb_colour colour)
{
    gb_curve curve;
    double q = phase - floor(phase), x = hip_x, y = -2;
    if (trots) {
        x += q < 0.5 ? STRIDE * (0.5 - 2 * q) : STRIDE * (2 * q - 1.5);
        y -= q < 0.5 ? 0 : 5 * gb_wave_sin(q - 0.5);
    }
    const gb_point hip = {hip_x, hip_y}, foot = {x, y};
    const gb_point knee = {(hip_x + x) / 2 + (rear ? -3.5 : 2), (hip_y + y) / 2};
    gb_curve_limb(&curve, hip, knee, foot, 5.4, 3.4, 2.6);
    gb_ink_cel(canvas, &curve, colour, 1.4);
    gb_curve_ellipse(&curve, x + 1.6, y, 4.2, 2.6);
    gb_ink_cel(canvas, &curve, muzzle, 0.8);
}

static void draw_dog_head(const gb_canvas *canvas, double x, double y, double flap, int pants)
{
    gb_curve curve;
    gb_curve_ellipse(&curve, x, y, 12.5, 11.5);
    gb_ink_cel(canvas, &curve, fur, 2);
    gb_curve_ellipse(&curve, x + 9, y + 4.2, 9, 6.4);
    gb_ink_cel(canvas, &curve, muzzle, 1.4);
    if (pants) {
        gb_curve_clear(&curve);
        gb_curve_add(&curve, x + 6, y + 8.6);
        gb_curve_sweep(&curve, x + 5, y + 17, x + 12, y + 17, x + 11.5, y + 8.6);
        gb_ink_cel(canvas, &curve, 0xF0707A, 0.8);
    }
    gb_curve_arc(&curve, x + 9, y + 4.6, 5.5, 4.4, 0.03, 0.47);
    gb_ink_stroke(canvas, &curve, canvas->weight, canvas->ink);
    gb_curve_ellipse(&curve, x + 15.4, y + 0.4, 3.4, 2.6);
    gb_ink_fill(canvas, &curve, 0x2A1C20);
    gb_ink_dot(canvas, x + 14.6, y - 0.5, 0.8, 0xFFFFFF);
    gb_curve_ellipse(&curve, x + 4.6, y - 3.6, 2.9, 3.8);
    gb_ink_cel(canvas, &curve, 0xFFFFFF, 0);
    gb_ink_dot(canvas, x + 5.6, y - 3, 1.8, 0x1A1214);
    gb_ink_dot(canvas, x + 5.1, y - 3.9, 0.6, 0xFFFFFF);
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x - 3, y - 9.5);
    gb_curve_sweep(&curve, x - 14, y - 13 - flap, x - 17 - flap, y + 2, x - 11 - flap, y + 10);
    gb_curve_sweep(&curve, x - 6, y + 9, x - 3, y, x - 1, y - 8);
    gb_ink_cel(canvas, &curve, patch, 1.6);
}

void gb_dog_draw(const gb_canvas *canvas, int drawing, int trots)
{
    gb_curve curve;
    const double phase = (double)(drawing % TROT_DRAWINGS) / TROT_DRAWINGS;
    const double bob = trots ? 1.4 * gb_wave_sin(2 * phase) : 0, wag = 5 * gb_wave_sin(drawing % 4 * 0.25);
    gb_curve_ellipse(&curve, 2, 0.5, 27, 3.2);
    gb_ink_glaze(canvas, &curve, 0x20183A, 0.25);
    draw_paw(canvas, 15, -19 + bob, phase + 0.5, trots, 0, gb_colour_shadow(fur));
    draw_paw(canvas, -13, -19 + bob, phase, trots, 1, gb_colour_shadow(fur));
    gb_curve_clear(&curve); /* tail */
    gb_curve_add(&curve, -18, -25 + bob);
    gb_curve_sweep(&curve, -27, -27 + bob, -31, -36 + bob, -28 + wag, -46 + bob);
    gb_curve_sweep(&curve, -23 + wag * 0.6, -42 + bob, -24, -34 + bob, -15, -31 + bob);
    gb_ink_cel(canvas, &curve, fur, 1.2);
    const gb_point body[9] = {{-20, -24 + bob}, {-15, -34 + bob}, {0, -34 + bob},  {14, -36 + bob}, {21, -30 + bob},
                              {19, -18 + bob},  {8, -15 + bob},   {-4, -17 + bob}, {-16, -15 + bob}};
    gb_curve_through(&curve, body, 9, 1);
    gb_ink_cel(canvas, &curve, fur, 3);
    gb_curve_ellipse(&curve, -5, -29 + bob, 7, 4.4);
    gb_ink_fill(canvas, &curve, patch);
    draw_paw(canvas, 13, -19 + bob, phase, trots, 0, fur);
    draw_paw(canvas, -14, -19 + bob, phase + 0.5, trots, 1, fur);
    gb_curve_limb(&curve, (gb_point){12, -33 + bob}, (gb_point){16, -33 + bob}, (gb_point){21, -32 + bob}, 2.4, 2.4,
                  2.4);
    gb_ink_cel(canvas, &curve, 0xE8483E, 0.8);
    draw_dog_head(canvas, 24, -42 + bob, trots ? bob : wag * 0.2, drawing % 5 < 3);
}
