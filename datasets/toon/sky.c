#include "datasets/toon/scenery.h"

const gb_sky *gb_sky_of(gb_mood mood)
{
    static const gb_sky sky[GB_MOOD_COUNT] = {
        {0x3C9BE6, 0xCBEFFA, 0xFFFFFF, 0xFFFFFF}, {0x7FB6E4, 0xFBD9C4, 0xFFF1E6, 0xFFF6EA},
        {0x6A58B4, 0xFFB474, 0xF8B9C4, 0xFFD6B8}, {0x8FA9BD, 0xDDE5E4, 0xEDF1F2, 0xDEE6EE},
        {0x121B4E, 0x4A5FA8, 0x5C6AAE, 0x98A0DC},
    };
    return &sky[mood];
}

void gb_cloud_draw(const gb_canvas *canvas, double x, double y, double width, gb_colour colour, uint64_t seed)
{
    gb_curve curve;
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x - width / 2, y);
    const int lobes = 5;
    for (int i = 0; i < lobes; i++) {
        const double from = x - width / 2 + width * i / lobes, to = from + width / lobes;
        const double middle = 1 - (i - 2.0) * (i - 2.0) / 6;
        const double rise = width * (0.12 + 0.22 * middle + 0.05 * gb_chance_noise(seed, i * 1.3));
        const double step = i < 2 ? -0.05 * width : i > 2 ? 0.05 * width : 0;
        const double next = i == lobes - 1 ? y : y - width * (0.03 + 0.10 * (1 - (i - 1.5) * (i - 1.5) / 4));
        gb_curve_sweep(&curve, from + step * 0.6, y - rise * 1.25, to + step * 0.4, y - rise * 1.25, to, next);
    }
    gb_curve_bend(&curve, x, y + width * 0.05, x - width / 2, y);
    gb_ink_tone(canvas, &curve, colour, width * 0.075);
    const gb_colour line = gb_colour_mix(gb_colour_shadow(colour), 0x4468A8, 45);
    gb_canvas thin = *canvas;
    thin.ink = line;
    gb_ink_outline(&thin, &curve, 1.2);
    gb_curve_arc(&curve, x - width * 0.12, y - width * 0.14, width * 0.10, width * 0.08, 0.45, 0.8);
    gb_ink_stroke(canvas, &curve, 1.3, line);
}

static void draw_stars(gb_stage *stage, double horizon)
{
    gb_part_begin(&stage->canvas, stage->frame / 3);
    const gb_canvas *canvas = &stage->canvas;
    const gb_cells cells = gb_stage_cells(stage, 17, 4);
    for (int i = cells.first; i <= cells.last; i++)
        for (int row = 0; row < 9; row++) {
            gb_random random = gb_chance_cell(stage->seed, "star", i * 16 + row);
            const double x = 17 * (i + gb_random_uniform(&random)), y = -140 + 22 * (row + gb_random_uniform(&random));
            const double size = gb_chance_between(&random, 0.4, 1.5);
            const int twinkle = (int)gb_random_below(&random, 5) == (stage->frame / 3) % 5;
            if (y > horizon) continue;
            if (size < 1.25) {
                gb_ink_dot(canvas, x, y, size * (twinkle ? 0.6 : 1), 0xFFFCE0);
                continue;
            }
            const double arm = twinkle ? 5.5 : 4;
            const gb_point star[8] = {{x, y - arm}, {x + 0.9, y - 0.9}, {x + arm, y}, {x + 0.9, y + 0.9},
                                      {x, y + arm}, {x - 0.9, y + 0.9}, {x - arm, y}, {x - 0.9, y - 0.9}};
            gb_curve curve = {.count = 8};
            for (int k = 0; k < 8; k++) curve.point[k] = star[k];
            gb_ink_fill(canvas, &curve, 0xFFFFFF);
        }
}

static void draw_sun(const gb_stage *stage, double x, double y, double radius)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_curve curve;
    const int rays = 14;
    for (int i = 0; i < rays; i++) {
        const double turn = (double)i / rays, long_ray = i % 2 ? 1.45 : 1.75;
        const double c = gb_wave_cos(turn), s = gb_wave_sin(turn);
        gb_curve_clear(&curve);
        gb_curve_add(&curve, x + c * radius * 1.2 - s * 1.6, y + s * radius * 1.2 + c * 1.6);
        gb_curve_add(&curve, x + c * radius * long_ray, y + s * radius * long_ray);
        gb_curve_add(&curve, x + c * radius * 1.2 + s * 1.6, y + s * radius * 1.2 - c * 1.6);
        gb_ink_fill(canvas, &curve, 0xFFE98A);
    }
    for (int ring = 2; ring > 0; ring--) {
        gb_curve_ellipse(&curve, x, y, radius * (1 + 0.16 * ring), radius * (1 + 0.16 * ring));
        gb_ink_glaze(canvas, &curve, 0xFFF6C0, 0.35);
    }
    gb_curve_ellipse(&curve, x, y, radius, radius);
    gb_ink_cel(canvas, &curve, 0xFFE25E, radius * 0.2);
}

static void draw_moon(const gb_stage *stage, double x, double y, double radius)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_curve curve;
    for (int ring = 3; ring > 0; ring--) {
        gb_curve_ellipse(&curve, x, y, radius * (1 + 0.25 * ring), radius * (1 + 0.25 * ring));
        gb_ink_glaze(canvas, &curve, 0xBFD0FF, 0.10);
    }
    gb_curve_ellipse(&curve, x, y, radius, radius);
    gb_ink_tone(canvas, &curve, 0xFFF8D8, radius * 0.25);
    gb_ink_dot(canvas, x - radius * 0.3, y - radius * 0.2, radius * 0.2, 0xE6DDB8);
    gb_ink_dot(canvas, x + radius * 0.3, y + radius * 0.3, radius * 0.13, 0xE6DDB8);
    gb_ink_dot(canvas, x + radius * 0.25, y - radius * 0.45, radius * 0.1, 0xE6DDB8);
}

static void draw_clouds(gb_stage *stage, double depth, double y, double size, double step, const char *tag)
{
    gb_stage_layer(stage, depth);
    const gb_sky *sky = gb_sky_of(stage->mood);
    const gb_cells cells = gb_stage_cells(stage, step, size);
    const double drift = 0.04 * (stage->frame / 3 * 3);
    gb_part_begin_at(&stage->canvas, drift, 0, 0);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, tag, i);
        const double x = step * (i + 0.6 * gb_random_uniform(&random)) + drift;
        const double width = size * gb_chance_between(&random, 0.6, 1.2);
        const double lift = gb_chance_between(&random, -16, 16);
        const int tint = gb_chance_pick(&random, 3) * 14;
        gb_cloud_draw(&stage->canvas, x, y + lift, width, gb_colour_mix(sky->cloud, sky->bottom, tint), random.state);
    }
}

void gb_sky_draw(gb_stage *stage, double horizon)
{
    const gb_sky *sky = gb_sky_of(stage->mood);
    const gb_colour light = stage->canvas.light;
    stage->canvas.light = 0xFFFFFF; /* the sky's colours are those of the hour already */
    gb_stage_layer(stage, 0);
    gb_stage_shade(stage, stage->canvas.top, stage->canvas.bottom, sky->top, sky->bottom);
    gb_random random = gb_chance_cell(stage->seed, "sky", 0);
    const double x = gb_chance_between(&random, -0.36, 0.36) * stage->width, y = gb_chance_between(&random, -112, -80);
    if (stage->mood == GB_MOOD_NIGHT) {
        draw_stars(stage, horizon);
        gb_stage_layer(stage, 0);
        draw_moon(stage, x, y, gb_chance_between(&random, 13, 20));
    } else if (stage->mood != GB_MOOD_OVERCAST) {
        draw_sun(stage, x, y, gb_chance_between(&random, 14, 22));
    }
    draw_clouds(stage, 0.06, horizon - 40, 92, 118, "low cloud");
    draw_clouds(stage, 0.1, -104, 78, 150, "cloud");
    stage->canvas.light = light;
}
