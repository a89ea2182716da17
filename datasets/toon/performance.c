#include "datasets/toon/performance.h"

#include "datasets/toon/character.h"
#include "datasets/toon/flat.h"
#include "datasets/toon/motion.h"
#include "datasets/toon/scenery.h"

#define INK 0x2B1B22

static void play_actor(gb_stage *stage, const gb_script *script, const gb_actor *actor, int flat)
{
    int count;
    const gb_person *cast = gb_cast(&count);
    const int drawing = gb_script_body(script, actor, stage->frame), face = gb_script_face(script, actor, stage->frame);
    const int walks = actor->action == GB_ACTION_WALK;
    const double pace = actor->who < 0 ? gb_dog_pace() : gb_pose_pace(&cast[actor->who]);
    const double x = actor->x + (walks ? actor->facing * pace * actor->scale * drawing : 0);
    cairo_t *cairo = stage->canvas.cairo;
    gb_canvas canvas = stage->canvas;
    canvas.weight = 1.75 / actor->scale;
    canvas.light = gb_colour_mix(canvas.light, 0xFFFFFF, 28); /* so that faces are read at night, too */
    cairo_save(cairo);
    const cairo_matrix_t place = {.xx = actor->facing * actor->scale, .yy = actor->scale, .x0 = x, .y0 = actor->y};
    cairo_transform(cairo, &place);
    gb_part_begin(&canvas, drawing);
    if (canvas.parts) canvas.parts->part[canvas.part].actor = true;
    if (flat) {
        gb_flat_actor_draw(&canvas, actor, drawing, face);
    } else if (actor->who < 0) {
        gb_dog_draw(&canvas, drawing + (int)(actor->temper % 6), walks);
    } else {
        gb_pose pose;
        gb_pose_strike(&cast[actor->who], (gb_action)actor->action, drawing, face, actor->temper, &pose);
        gb_person_draw(&canvas, &cast[actor->who], &pose);
    }
    cairo_restore(cairo);
}

static void play(gb_stage *stage, const gb_script *script, int flat)
{
    script->set->back(stage);
    gb_stage_layer(stage, 1);
    for (int i = 0; i < script->actors; i++) play_actor(stage, script, &script->actor[i], flat);
    if (script->set->front) script->set->front(stage);
    gb_weather_draw(stage, script->weather);
}

static gb_colour light_of(const gb_script *script)
{
    if (script->set->kind == GB_SET_OUTDOORS) return gb_sky_of(script->mood)->light;
    return gb_colour_mix(gb_sky_of(script->mood)->light, 0xFFF4E4, 72);
}

static void copy_pixels(cairo_surface_t *surface, gb_image *out)
{
    cairo_surface_flush(surface);
    const unsigned char *pixels = cairo_image_surface_get_data(surface);
    const int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; y < out->height; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)(pixels + (size_t)y * (size_t)stride);
        uint8_t *rgb = out->rgb + (size_t)y * (size_t)out->width * 3;
        for (int x = 0; x < out->width; x++, rgb += 3) {
            rgb[0] = (uint8_t)(row[x] >> 16);
            rgb[1] = (uint8_t)(row[x] >> 8);
            rgb[2] = (uint8_t)row[x];
        }
    }
}

static void copy_labels(cairo_surface_t *surface, gb_labels *out)
{
    cairo_surface_flush(surface);
    const unsigned char *pixels = cairo_image_surface_get_data(surface);
    const int stride = cairo_image_surface_get_stride(surface), columns = out->width * GB_LABELS;
    uint8_t *label = out->label;
    for (int y = 0; y < out->height * GB_LABELS; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)(pixels + (size_t)y * (size_t)stride);
        for (int x = 0; x < columns; x++) *label++ = (uint8_t)row[x];
    }
}

static void draw_stage(cairo_t *cairo, const gb_script *script, int flat, int frame, double width, double height,
                       gb_parts *parts)
{
    cairo_set_antialias(cairo, parts ? CAIRO_ANTIALIAS_NONE : CAIRO_ANTIALIAS_GOOD);
    cairo_set_fill_rule(cairo, CAIRO_FILL_RULE_WINDING);
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_BUTT);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_MITER);
    gb_stage stage = {.canvas = {.cairo = cairo, .ink = INK, .light = light_of(script), .weight = 1.35, .parts = parts},
                      .camera = gb_script_camera(script, frame),
                      .width = GB_STAGE_HEIGHT * width / height,
                      .scale = height / GB_STAGE_HEIGHT,
                      .seed = script->seed,
                      .mood = script->mood,
                      .frame = frame};
    play(&stage, script, flat);
}

gb_status gb_perform(const gb_script *script, int flat, int frame, int width, int height, gb_image *out,
                     gb_labels *labels, gb_error *err)
{
    gb_status status = GB_OK;
    const int finer = labels ? GB_LABELS : 1;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width * finer, height * finer);
    cairo_t *cairo = cairo_create(surface);
    if (labels) labels->parts.count = 0;
    draw_stage(cairo, script, flat, frame, width * finer, height * finer, labels ? &labels->parts : NULL);
    if (cairo_status(cairo) != CAIRO_STATUS_SUCCESS) {
        status = gb_fail(err, GB_E_NOMEM, "toon: Cairo cannot draw %dx%d: %s", width, height,
                         cairo_status_to_string(cairo_status(cairo)));
        goto done;
    }
    if (labels) {
        GB_GO(gb_labels_reserve(labels, width, height, err));
        copy_labels(surface, labels);
    } else {
        GB_GO(gb_image_reserve(out, width, height, err));
        copy_pixels(surface, out);
    }
done:
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    return status;
}
