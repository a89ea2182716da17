#include "datasets/toon/toon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/toon/drawers.h"

static gb_pack_info describe(const char *show, const gb_build_options *options)
{
    const bool second = !strcmp(show, "toon_b");
    gb_pack_info info = {.geometry = options->geometry, .has_flow = options->flow || !options->shots_given};
    snprintf(info.id, sizeof info.id, "%s", options->id ? options->id : show);
    snprintf(info.title, sizeof info.title, "%s", options->title ? options->title : second ? "Toon B" : "Toon");
    snprintf(info.domain, sizeof info.domain, "%s", options->domain ? options->domain : second ? "out" : "in");
    snprintf(info.licence, sizeof info.licence, "that of ganime-bench");
    snprintf(info.source, sizeof info.source, "drawn by ganime-bench (datasets/toon)");
    return info;
}

static gb_status check(const char *show, const gb_build_options *options, gb_error *err)
{
    if (options->stride < 0)
        return gb_fail(err, GB_E_ARG, "%s: expected a stride of 1 or more, found %d", show, options->stride);
    if (options->split || options->first || options->end)
        return gb_fail(err, GB_E_USAGE, "%s: expected --shots for a drawn show, found --split, --first or --end", show);
    return GB_OK;
}

/* Every stride-th frame of every shot; the caller frees *list. */
static gb_status list_drawings(const gb_toon_show *show, int stride, bool flow, gb_drawing **list, size_t *count,
                               gb_error *err)
{
    size_t capacity = 0;
    *count = 0;
    for (int shot = 0; shot < gb_toon_shot_count(show); shot++) {
        gb_toon_shot about;
        GB_TRY(gb_toon_shot_get(show, shot, &about, err));
        if (gb_grow(list, &capacity, *count + (size_t)about.frames, sizeof **list) != 0)
            return gb_fail_memory(err, "list of frames", *count * sizeof **list);
        for (int frame = 0; frame < about.frames; frame += stride) {
            const bool followed = flow && frame + stride < about.frames;
            (*list)[(*count)++] = (gb_drawing){shot, frame, followed ? frame + stride : -1};
        }
    }
    return GB_OK;
}

static gb_status begin_shot(const gb_toon_show *show, int number, int stride, gb_geometry geometry,
                            gb_pack_writer *writer, gb_error *err)
{
    gb_toon_shot shot;
    GB_TRY(gb_toon_shot_get(show, number, &shot, err));
    gb_shot row = {.stride = stride, .fps = shot.fps};
    memcpy(row.clip, shot.clip, sizeof row.clip);
    memcpy(row.split, shot.split, sizeof row.split);
    GB_TRY(gb_toon_tags(show, number, geometry, row.tags, sizeof row.tags, err));
    return gb_pack_begin_shot(writer, &row, err);
}

typedef struct job {
    const char *id;
    const gb_build_options *options;
    gb_geometry geometry;
    gb_toon_show *show;
    gb_drawing *list;
    size_t count;
    gb_drawers *drawers;
    gb_pack_writer *writer;
} job;

static gb_status write_frames(job *j, int stride, gb_error *err)
{
    const int shots = gb_toon_shot_count(j->show);
    for (size_t i = 0; i < j->count; i++) {
        const gb_image *frame = NULL;
        const gb_flow *flow = NULL;
        const int shot = j->list[i].shot;
        if (j->list[i].frame == 0) {
            if (j->options->progress) j->options->progress(j->options->user, j->id, shot, shots);
            GB_TRY(begin_shot(j->show, shot, stride, j->geometry, j->writer, err));
        }
        GB_TRY(gb_drawers_next(j->drawers, &frame, &flow, err));
        GB_TRY(gb_pack_append(j->writer, frame, NULL, err));
        if (j->list[i].next >= 0) GB_TRY(gb_pack_append_flow(j->writer, flow, err));
    }
    if (j->options->progress) j->options->progress(j->options->user, j->id, shots, shots);
    return GB_OK;
}

gb_status gb_toon_build(const char *id, const gb_build_options *options, const char *path, gb_error *err)
{
    gb_status status = GB_OK;
    job j = {.id = id, .options = options, .geometry = options->geometry};
    const int *shots = options->shots, stride = options->stride ? options->stride : 1;
    const gb_toon_size size = {shots[0], shots[1], shots[2]};
    GB_GO(check(id, options, err));
    GB_GO(gb_toon_open(id, options->shots_given ? &size : NULL, &j.show, err));
    const gb_pack_info info = describe(id, options);
    GB_GO(gb_pack_create(path, &info, &j.writer, err));
    GB_GO(list_drawings(j.show, stride, info.has_flow, &j.list, &j.count, err));
    GB_GO(gb_drawers_start(j.show, j.list, j.count, info.geometry.width, info.geometry.height, options->threads,
                           &j.drawers, err));
    GB_GO(write_frames(&j, stride, err));
    gb_pack_writer *const complete = j.writer;
    j.writer = NULL;
    status = gb_pack_finish(complete, err);
done:
    gb_drawers_stop(j.drawers);
    gb_pack_abandon(j.writer);
    free(j.list);
    gb_toon_close(j.show);
    return status;
}
