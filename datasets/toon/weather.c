#include <math.h>

#include "datasets/toon/sets.h"

typedef struct flake {
    double x, y, size, turn;
    int kind;
} flake;

static void draw_snow(const gb_canvas *canvas, flake f)
{
    gb_ink_dot(canvas, f.x, f.y, f.size, 0xFFFFFF);
}

static void draw_drop(const gb_canvas *canvas, flake f)
{
    gb_ink_source(canvas, 0xEAF6FF, 0.62);
    cairo_set_line_width(canvas->cairo, 0.5 + 0.28 * f.size);
    cairo_move_to(canvas->cairo, f.x, f.y);
    cairo_line_to(canvas->cairo, f.x - 2.2 * f.size, f.y + 8 * f.size);
    cairo_stroke(canvas->cairo);
}

static void draw_leaf(const gb_canvas *canvas, flake f)
{
    static const gb_colour leaf[4] = {0xE88A2E, 0xD85A34, 0xF0B83A, 0xA8A03C};
    gb_curve curve;
    const double s = f.size * 1.9;
    gb_curve_clear(&curve);
    gb_curve_add(&curve, f.x - s, f.y);
    gb_curve_bend(&curve, f.x, f.y - s, f.x + s, f.y);
    gb_curve_bend(&curve, f.x, f.y + s, f.x - s, f.y);
    gb_curve_turn(&curve, f.x, f.y, f.turn);
    gb_ink_cel(canvas, &curve, leaf[f.kind & 3], s * 0.2);
}

static void draw_spark(const gb_canvas *canvas, flake f)
{
    gb_canvas glow = *canvas;
    glow.light = 0xFFFFFF;
    const double arm = f.size * 2.2 * (0.55 + 0.45 * gb_wave_sin(f.turn)), in = arm * 0.22;
    gb_curve curve = {.count = 8,
                      .point = {{f.x, f.y - arm},
                                {f.x + in, f.y - in},
                                {f.x + arm, f.y},
                                {f.x + in, f.y + in},
                                {f.x, f.y + arm},
                                {f.x - in, f.y + in},
                                {f.x - arm, f.y},
                                {f.x - in, f.y - in}}};
    gb_ink_fill(&glow, &curve, f.kind & 1 ? 0xFFF6B0 : 0xFFFFFF);
}

static void draw_petal(const gb_canvas *canvas, flake f)
{
    gb_curve curve;
    gb_curve_ellipse(&curve, f.x, f.y, f.size * 1.3, f.size * 0.75);
    gb_curve_turn(&curve, f.x, f.y, f.turn);
    gb_ink_cel(canvas, &curve, f.kind & 1 ? 0xFFC4D6 : 0xFF9EBC, f.size * 0.2);
}

void gb_weather_draw(gb_stage *stage, gb_weather weather)
{
    static const struct {
        int count;
        double fall, drift, small, large;
        void (*draw)(const gb_canvas *canvas, flake f);
    } kinds[GB_WEATHER_COUNT] = {
        [GB_WEATHER_SNOW] = {90, 34, -9, 0.9, 2.6, draw_snow},  [GB_WEATHER_RAIN] = {110, 420, -110, 1, 2.4, draw_drop},
        [GB_WEATHER_LEAVES] = {20, 38, 30, 2, 3.6, draw_leaf},  [GB_WEATHER_SPARKS] = {26, -9, 4, 1.6, 3.6, draw_spark},
        [GB_WEATHER_PETALS] = {34, 28, 18, 1.6, 3, draw_petal},
    };
    if (!kinds[weather].draw) return;
    gb_stage_layer(stage, 0);
    const double zoom = stage->camera.zoom, width = stage->width / zoom + 60, height = GB_STAGE_HEIGHT / zoom + 60;
    const double seconds = (stage->frame / 2 * 2) / 24.0; /* on twos */
    for (int i = 0; i < kinds[weather].count; i++) {
        gb_random random = gb_chance_cell(stage->seed, "weather", i);
        const double near = gb_chance_between(&random, 0.5, 1.3), u = gb_random_uniform(&random),
                     v = gb_random_uniform(&random);
        const double phase = gb_random_uniform(&random);
        double x = u + (kinds[weather].drift * near * seconds - stage->camera.x * near) / width;
        double y = v + kinds[weather].fall * near * seconds / height;
        x += 0.012 * gb_wave_sin(phase + seconds * 0.6);
        const flake f = {.x = (x - floor(x) - 0.5) * width,
                         .y = (y - floor(y) - 0.5) * height + stage->camera.y * 0.3,
                         .size = kinds[weather].small +
                                 (kinds[weather].large - kinds[weather].small) * (near - 0.5) / 0.8,
                         .turn = phase + seconds * (0.4 + 0.5 * u),
                         .kind = i};
        const bool turns = weather == GB_WEATHER_LEAVES || weather == GB_WEATHER_PETALS || weather == GB_WEATHER_SPARKS;
        gb_part_begin_at(&stage->canvas, f.x, f.y, turns ? stage->frame / 2 : 0);
        kinds[weather].draw(&stage->canvas, f);
    }
}
