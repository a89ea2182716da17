#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/toon/performance.h"
#include "datasets/toon/toon.h"

#define MOST_SHOTS 1000000
#define FPS 24.0

struct gb_toon_show {
    int flat;
    gb_toon_size size;
};

static const int frames_of[3] = {12, 12, 20}; /* a shot of train, val, test */
static const char *const split_name[3] = {"train", "val", "test"};

gb_status gb_toon_open(const char *id, const gb_toon_size *size, gb_toon_show **out, gb_error *err)
{
    static const gb_toon_size standard[2] = {{8, 4, 16}, {0, 0, 10}};
    const int flat = !strcmp(id, "toon_b");
    if (!flat && strcmp(id, "toon") != 0)
        return gb_fail(err, GB_E_NOT_FOUND, "%s: expected a drawn show, toon or toon_b", id);
    const gb_toon_size s = size ? *size : standard[flat];
    if (s.train < 0 || s.val < 0 || s.test < 0 || (long)s.train + s.val + s.test > MOST_SHOTS)
        return gb_fail(err, GB_E_ARG, "%s: expected 0..%d shots in all, found %d + %d + %d", id, MOST_SHOTS, s.train,
                       s.val, s.test);
    gb_toon_show *show = gb_alloc(1, sizeof *show);
    if (!show) return gb_fail_memory(err, id, sizeof *show);
    *show = (gb_toon_show){flat, s};
    *out = show;
    return GB_OK;
}

void gb_toon_close(gb_toon_show *show)
{
    free(show);
}

int gb_toon_shot_count(const gb_toon_show *show)
{
    return show->size.train + show->size.val + show->size.test;
}

static gb_status find_shot(const gb_toon_show *show, int shot, int *split, gb_script *script, int *index, gb_error *err)
{
    const int size[3] = {show->size.train, show->size.val, show->size.test};
    if (shot < 0 || shot >= gb_toon_shot_count(show))
        return gb_fail(err, GB_E_ARG, "toon: expected a shot below %d, found %d", gb_toon_shot_count(show), shot);
    *index = shot;
    for (*split = 0; *index >= size[*split]; (*split)++) *index -= size[*split];
    gb_script_write(show->flat, split_name[*split], *index, frames_of[*split], script);
    return GB_OK;
}

gb_status gb_toon_shot_get(const gb_toon_show *show, int shot, gb_toon_shot *out, gb_error *err)
{
    gb_script script;
    int split = 0, index = 0;
    GB_TRY(find_shot(show, shot, &split, &script, &index, err));
    *out = (gb_toon_shot){
        .frames = script.frames, .hold = script.hold, .still = script.move == GB_MOVE_STILL,
        .talk = script.limited, .fps = FPS};
    snprintf(out->split, sizeof out->split, "%s", split_name[split]);
    snprintf(out->clip, sizeof out->clip, "%s%02d-%s", split_name[split], index, script.set->name);
    return GB_OK;
}

static gb_status find_frame(const gb_toon_show *show, int shot, int frame, int width, int height, gb_script *script,
                            gb_error *err)
{
    int split = 0, index = 0;
    GB_TRY(find_shot(show, shot, &split, script, &index, err));
    if (frame < 0 || frame >= script->frames)
        return gb_fail(err, GB_E_ARG, "toon: expected a frame below %d of shot %d, found %d", script->frames, shot,
                       frame);
    if (width < 16 || height < 16 || width > 4096 || height > 4096)
        return gb_fail(err, GB_E_ARG, "toon: expected 16..4096 pixels a side, found %dx%d", width, height);
    return GB_OK;
}

gb_status gb_toon_draw(const gb_toon_show *show, int shot, int frame, int width, int height, gb_image *out,
                       gb_error *err)
{
    gb_script script;
    GB_TRY(find_frame(show, shot, frame, width, height, &script, err));
    return gb_perform(&script, show->flat, frame, width, height, out, NULL, err);
}

/* The share of the strips' labels that are of an actor. */
static double count_actors(const gb_labels *labels, int side)
{
    const int width = labels->width * GB_LABELS, height = labels->height * GB_LABELS, strip = side * GB_LABELS;
    long actors = 0, all = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            if (strip && x >= strip && x < width - strip) continue;
            all++;
            actors += labels->parts.part[labels->label[(size_t)y * (size_t)width + (size_t)x]].actor;
        }
    return (double)actors / (double)all;
}

/* On average over five frames from first to last, drawn small. */
static gb_status measure_figures(const gb_script *script, int flat, gb_geometry geometry, double *out, gb_error *err)
{
    enum { LOOKS = 5, WIDTH = 128 };
    const int height = WIDTH * geometry.height / geometry.width, side = WIDTH * geometry.side / geometry.width;
    gb_labels *labels = gb_alloc(1, sizeof *labels);
    if (!labels) return gb_fail_memory(err, "labels", sizeof *labels);
    gb_status status = GB_OK;
    *out = 0;
    for (int i = 0; i < LOOKS && status == GB_OK; i++) {
        const int frame = i * (script->frames - 1) / (LOOKS - 1);
        status = gb_perform(script, flat, frame, WIDTH, height < 16 ? 16 : height, NULL, labels, err);
        if (status == GB_OK) *out += count_actors(labels, side) / LOOKS;
    }
    gb_labels_free(labels);
    free(labels);
    return status;
}

gb_status gb_toon_tags(const gb_toon_show *show, int shot, gb_geometry geometry, char *tags, size_t size,
                       gb_error *err)
{
    static const char *const place[] = {
        [GB_SET_OUTDOORS] = "outdoors", [GB_SET_INDOORS] = "indoors", [GB_SET_CARD] = "card"};
    static const char *const camera[] = {
        [GB_MOVE_STILL] = "still", [GB_MOVE_PAN] = "pan", [GB_MOVE_ZOOM] = "zoom", [GB_MOVE_FOLLOW] = "follow"};
    gb_script script;
    int split = 0, index = 0;
    double figures = 0;
    GB_TRY(gb_geometry_check(geometry, err));
    GB_TRY(find_shot(show, shot, &split, &script, &index, err));
    GB_TRY(measure_figures(&script, show->flat, geometry, &figures, err));
    const int needed =
        snprintf(tags, size, "%s %s %s %s%s", place[script.set->kind], script.set->pattern ? "pattern" : "scenery",
                 figures >= GB_TOON_FIGURES ? "figures" : "empty", camera[script.move],
                 script.weather == GB_WEATHER_NONE ? "" : " particles");
    if (needed < 0 || (size_t)needed >= size)
        return gb_fail(err, GB_E_ARG, "toon: expected %d bytes for tags, found %zu", needed + 1, size);
    return GB_OK;
}

gb_status gb_toon_flow(const gb_toon_show *show, int shot, int frame, int next, int width, int height, gb_flow *out,
                       gb_error *err)
{
    gb_status status = GB_OK;
    gb_script script;
    gb_labels *labels = gb_alloc(2, sizeof *labels);
    if (!labels) return gb_fail_memory(err, "flow", 2 * sizeof *labels);
    for (int i = 0; i < 2; i++) {
        const int number = i ? next : frame;
        GB_GO(find_frame(show, shot, number, width, height, &script, err));
        GB_GO(gb_perform(&script, show->flat, number, width, height, NULL, &labels[i], err));
    }
    status = gb_motion_flow(&labels[0], &labels[1], out, err);
done:
    for (int i = 0; i < 2; i++) gb_labels_free(&labels[i]);
    free(labels);
    return status;
}
