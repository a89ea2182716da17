#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/print_json.h"
#include "commands.h"
#include "core/buffer.h"
#include "core/file.h"
#include "core/memory.h"
#include "protocol/frames.h"
#include "selection/build_options.h"

#define MAX_INDEX ((size_t)1 << 30)

typedef struct exporter {
    gb_pack *pack;
    const char *folder, *what;
    gb_image truth, input, narrow;
    gb_buffer index;
} exporter;

/* The columns between the strips. */
static gb_status cut_centre(exporter *e, gb_error *err)
{
    const gb_geometry g = gb_pack_get_info(e->pack)->geometry;
    const size_t pitch = (size_t)g.width * 3, strip = (size_t)g.side * 3, row = pitch - 2 * strip;
    GB_TRY(gb_image_reserve(&e->narrow, g.width - 2 * g.side, g.height, err));
    for (size_t y = 0; y < (size_t)g.height; y++)
        memcpy(e->narrow.rgb + y * row, e->input.rgb + y * pitch + strip, row);
    return GB_OK;
}

static gb_status write_frame(exporter *e, const gb_pick *pick, gb_error *err)
{
    const gb_pack_info *info = gb_pack_get_info(e->pack);
    const gb_image *image = &e->narrow;
    char name[GB_FRAME_NAME];
    gb_frame_name(info->id, pick->frame, name);
    GB_TRY(gb_pack_read(e->pack, pick->frame, &e->truth, &e->input, err));
    if (!strcmp(e->what, "canvas")) image = &e->input;
    else if (!strcmp(e->what, "truth")) image = &e->truth;
    else GB_TRY(cut_centre(e, err));
    char *path = gb_format("%s/%s.png", e->folder, name);
    if (!path) return gb_fail_memory(err, e->folder, sizeof name);
    const gb_status status = gb_image_write_png(path, image, err);
    free(path);
    gb_buffer_printf(&e->index, "%s.png,", name);
    gb_buffer_text(&e->index, "\"");
    for (const char *at = gb_pack_shots(e->pack)[pick->shot].clip; *at; at++)
        gb_buffer_append(&e->index, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
    gb_buffer_printf(&e->index, "\",%d,%d,%d\n", pick->shot, pick->frame, pick->follows);
    return status;
}

static gb_status write_index(exporter *e, gb_error *err)
{
    GB_TRY(gb_buffer_status(&e->index, err));
    char *path = gb_path_join(e->folder, "frames.csv");
    if (!path) return gb_fail_memory(err, e->folder, 16);
    const gb_status status = gb_file_write(path, e->index.data, e->index.size, err);
    free(path);
    return status;
}

static gb_status print_json(const exporter *e, int frames, gb_error *err)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "dataset", gb_pack_get_info(e->pack)->id);
    cJSON_AddStringToObject(object, "folder", e->folder);
    cJSON_AddStringToObject(object, "index", "frames.csv");
    cJSON_AddStringToObject(object, "what", e->what);
    cJSON_AddNumberToObject(object, "frames", frames);
    return gb_print_json(stdout, object, err);
}

gb_status gb_command_dataset_export(const gb_options *options, gb_error *err)
{
    gb_progress progress;
    const gb_build_options build = gb_build_options_read(options, &progress);
    exporter e = {.folder = options->out, .what = options->what};
    gb_picks picks = {0};
    gb_status status = GB_OK;
    if (!e.folder) return gb_fail(err, GB_E_USAGE, "dataset export: expected --out DIR, found none");
    gb_buffer_init(&e.index, MAX_INDEX);
    gb_buffer_text(&e.index, "file,clip,shot,frame,follows\n");
    status = gb_dataset_open(options->argument[0], &build, &e.pack, err);
    gb_progress_end(&progress);
    if (status != GB_OK) goto done;
    GB_GO(gb_frames_pick(e.pack, options->split ? options->split : "test", options->limit, &picks, err));
    GB_GO(gb_directory_make(e.folder, err));
    gb_progress_start(&progress, options->quiet || options->json, gb_pack_get_info(e.pack)->id, "frames", picks.count);
    for (int i = 0; i < picks.count && status == GB_OK; i++) {
        status = write_frame(&e, &picks.pick[i], err);
        gb_progress_show(&progress, i + 1);
    }
    gb_progress_end(&progress);
    if (status == GB_OK) status = write_index(&e, err);
    if (status == GB_OK && options->json) status = print_json(&e, picks.count, err);
    else if (status == GB_OK && !options->quiet) printf("%s: %d frames\n", e.folder, picks.count);
done:
    gb_picks_free(&picks);
    gb_pack_close(e.pack);
    gb_image_free(&e.truth);
    gb_image_free(&e.input);
    gb_image_free(&e.narrow);
    gb_buffer_free(&e.index);
    return status;
}
