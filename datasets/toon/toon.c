#include "datasets/toon/toon.h"

#include <stdio.h>
#include <string.h>

static gb_pack_info describe(const char *id, gb_geometry geometry)
{
    const bool second = !strcmp(id, "toon_b");
    gb_pack_info info = {.geometry = geometry};
    snprintf(info.id, sizeof info.id, "%s", id);
    snprintf(info.title, sizeof info.title, "%s", second ? "Toon B" : "Toon");
    snprintf(info.domain, sizeof info.domain, "%s", second ? "out" : "in");
    snprintf(info.licence, sizeof info.licence, "that of ganime-bench");
    snprintf(info.source, sizeof info.source, "drawn by ganime-bench (datasets/toon)");
    return info;
}

static gb_status draw_shot(const gb_toon_show *show, int number, gb_geometry geometry, gb_pack_writer *writer,
                           gb_image *frame, gb_error *err)
{
    gb_toon_shot shot;
    GB_TRY(gb_toon_shot_get(show, number, &shot, err));
    gb_shot row = {.stride = 1, .fps = shot.fps};
    memcpy(row.clip, shot.clip, sizeof row.clip);
    memcpy(row.split, shot.split, sizeof row.split);
    GB_TRY(gb_pack_begin_shot(writer, &row, err));
    for (int i = 0; i < shot.frames; i++) {
        GB_TRY(gb_toon_draw(show, number, i, geometry.width, geometry.height, frame, err));
        GB_TRY(gb_pack_append(writer, frame, NULL, err));
    }
    return GB_OK;
}

gb_status gb_toon_build(const char *id, gb_geometry geometry, const char *path, gb_progress_fn *progress, void *user,
                        gb_error *err)
{
    gb_status status = GB_OK;
    gb_toon_show *show = NULL;
    gb_pack_writer *writer = NULL;
    gb_image frame = {0};
    GB_GO(gb_toon_open(id, NULL, &show, err));
    const gb_pack_info info = describe(id, geometry);
    GB_GO(gb_pack_create(path, &info, &writer, err));
    const int shots = gb_toon_shot_count(show);
    for (int i = 0; i < shots; i++) {
        if (progress) progress(user, id, i, shots);
        GB_GO(draw_shot(show, i, geometry, writer, &frame, err));
    }
    if (progress) progress(user, id, shots, shots);
    gb_pack_writer *const complete = writer;
    writer = NULL;
    status = gb_pack_finish(complete, err);
done:
    gb_pack_abandon(writer);
    gb_image_free(&frame);
    gb_toon_close(show);
    return status;
}
