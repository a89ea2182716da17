#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/add_flow.h"
#include "datasets/fetch.h"
#include "datasets/folder.h"
#include "datasets/registry.h"
#include "datasets/source.h"
#include "flow/estimate.h"

/* Provenance that was not given is taken from the name, never from the whole path: packs are passed on. */
static void describe(const char *source, const gb_build_options *options, bool paired, gb_pack_info *info)
{
    *info = (gb_pack_info){.geometry = options->geometry, .paired = paired};
    char id[sizeof info->id];
    gb_build_default_id(source, id, sizeof id);
    snprintf(info->id, sizeof info->id, "%s", options->id ? options->id : id);
    snprintf(info->domain, sizeof info->domain, "%s", options->domain ? options->domain : "own");
    snprintf(info->title, sizeof info->title, "%s", options->title ? options->title : info->id);
    snprintf(info->licence, sizeof info->licence, "%s", options->licence ? options->licence : "not stated");
    snprintf(info->source, sizeof info->source, "%s", options->source_note ? options->source_note : id);
}

/* An image as a frame of the wanted size; *out is reserved. */
static gb_status fit(const char *path, const gb_image *image, int width, int height, gb_image *out, gb_error *err)
{
    gb_image_free(out);
    if (gb_image_resize(image, width, height, out, err) != GB_OK) return gb_fail_in(err, "%s", path);
    return GB_OK;
}

typedef struct frame_pair {
    gb_image read_wide, read_narrow, wide, narrow;
} frame_pair;

static gb_status read_pair(const gb_folder_frame *frame, gb_geometry geometry, frame_pair *pair, gb_error *err)
{
    gb_image_free(&pair->read_wide);
    gb_image_free(&pair->read_narrow);
    GB_TRY(gb_image_read(frame->wide, &pair->read_wide, err));
    const gb_image *wide = &pair->read_wide, *narrow = &pair->read_narrow;
    GB_TRY(gb_clip_check_shape(geometry, frame->wide, wide->width, wide->height, err));
    GB_TRY(fit(frame->wide, wide, geometry.width, geometry.height, &pair->wide, err));
    if (!frame->narrow) return GB_OK;
    GB_TRY(gb_image_read(frame->narrow, &pair->read_narrow, err));
    const int centre = geometry.width - 2 * geometry.side;
    const long long off = (long long)narrow->width * geometry.width - (long long)wide->width * centre;
    if (narrow->height != wide->height || llabs(off) > geometry.width)
        return gb_fail(err, GB_E_MISMATCH, "%s: expected the centre of %dx%d (%d of %d columns), found %dx%d",
                       frame->narrow, wide->width, wide->height, centre, geometry.width, narrow->width, narrow->height);
    return fit(frame->narrow, narrow, centre, geometry.height, &pair->narrow, err);
}

static gb_status add_frames(const gb_folder *folder, const gb_build_options *options, gb_clip_writer *writer,
                            frame_pair *pair, gb_error *err)
{
    writer->total = (long)folder->count;
    int index = 0;
    for (size_t i = 0; i < folder->count; i++, index++) {
        const gb_folder_frame *frame = &folder->frames[i];
        if (i == 0 || strcmp(frame->clip, frame[-1].clip) != 0) {
            const gb_clip clip = {.name = frame->clip, .split = options->split, .first = options->first,
                                  .end = options->end, .stride = options->stride};
            GB_TRY(gb_clip_begin(writer, &clip, 0, err));
            index = 0;
        }
        if (index < options->first || (options->end && index >= options->end)) continue;
        GB_TRY(read_pair(frame, options->geometry, pair, err));
        GB_TRY(gb_clip_add(writer, &pair->wide, frame->narrow ? &pair->narrow : NULL, err));
    }
    return GB_OK;
}

static gb_status finish(gb_clip_writer *writer, const gb_build_options *options, gb_status status, gb_error *err)
{
    gb_clip_writer_clear(writer);
    return gb_shot_writer_close(writer->shots, status, !options->split, err);
}

static gb_status build_folder(const char *source, const gb_build_options *options, const char *out, gb_error *err)
{
    gb_folder folder = {0};
    gb_pack_info info;
    frame_pair pair = {0};
    gb_clip_writer writer = {.geometry = options->geometry, .progress = options->progress, .user = options->user};
    GB_TRY(gb_folder_list(source, &folder, err));
    describe(source, options, folder.paired, &info);
    gb_status status = gb_shot_writer_open(out, &info, options, &writer.shots, err);
    if (status == GB_OK) {
        status = add_frames(&folder, options, &writer, &pair, err);
        status = finish(&writer, options, status, err);
    }
    gb_image_free(&pair.read_wide);
    gb_image_free(&pair.read_narrow);
    gb_image_free(&pair.wide);
    gb_image_free(&pair.narrow);
    gb_folder_free(&folder);
    return status;
}

/* What FFmpeg says of a damaged picture is less than what this program's own reader does. */
static gb_status explain_picture(const char *source, gb_status status, gb_error *err)
{
    gb_image picture = {0};
    gb_error own;
    if (status != GB_E_FORMAT || !gb_image_is_name(source)) return status;
    const gb_status read = gb_image_read(source, &picture, &own);
    gb_image_free(&picture);
    if (read != GB_OK && err) *err = own;
    return read == GB_OK ? status : read;
}

static gb_status build_video(const char *source, const gb_build_options *options, const char *out, gb_error *err)
{
    gb_pack_info info;
    describe(source, options, false, &info);
    const gb_clip clip = {.name = info.id, .split = options->split, .first = options->first, .end = options->end,
                          .stride = options->stride};
    gb_clip_writer writer = {.geometry = options->geometry, .progress = options->progress, .user = options->user,
                             .total = options->end ? options->end - options->first : 0};
    GB_TRY(gb_source_check_video(source, err));
    GB_TRY(gb_shot_writer_open(out, &info, options, &writer.shots, err));
    const gb_status status = finish(&writer, options, gb_clip_from_video(&writer, &clip, source, err), err);
    return explain_picture(source, status, err);
}

/* No option that would say otherwise than the source does itself is passed over. */
static gb_status refuse_choices(const char *source, const char *what, const gb_build_options *o, gb_error *err)
{
    const bool manifest = gb_source_get_kind(source) == GB_SOURCE_MANIFEST;
    const char *const found = manifest && o->id            ? "--id"
                              : o->split                   ? "--split"
                              : o->first                   ? "--first"
                              : o->end                     ? "--end"
                              : !manifest && o->stride > 1 ? "--stride"
                                                           : NULL;
    if (!found) return GB_OK;
    return gb_fail(err, GB_E_USAGE, "%s: expected no %s with a %s, which says itself what it holds", source, found,
                   what);
}

/* The files are looked for beside the manifest. */
static gb_status build_manifest(const char *source, const gb_build_options *options, const char *out, gb_error *err)
{
    char *text = NULL, **paths = NULL, *folder = gb_strdup(source);
    size_t size = 0;
    gb_manifest manifest = {0};
    gb_status status = refuse_choices(source, "manifest", options, err);
    if (status == GB_OK && !folder) status = gb_fail_memory(err, source, strlen(source));
    if (status == GB_OK) status = gb_file_read(source, 1 << 24, &text, &size, err);
    if (status == GB_OK) status = gb_manifest_parse(text, size, source, &manifest, err);
    if (status == GB_OK) {
        char *slash = strrchr(folder, '/');
        if (slash) slash[slash == folder] = '\0';
        status = gb_fetch_find(&manifest, slash ? folder : ".", options, &paths, err);
    }
    if (status == GB_OK) status = gb_manifest_build(&manifest, paths, options, out, err);
    gb_fetch_free(paths, manifest.count);
    gb_manifest_free(&manifest);
    free(text);
    free(folder);
    return status;
}

/* A pack, or the one of a dataset that was fetched, with the flow that it lacks. */
static gb_status build_from_pack(const char *source, const gb_build_options *options, const char *out, gb_error *err)
{
    gb_pack *pack = NULL;
    GB_TRY(refuse_choices(source, "pack", options, err));
    GB_TRY(gb_dataset_open(source, options, &pack, err));
    const gb_status status = gb_pack_add_flow(pack, source, options, out, err);
    gb_pack_close(pack);
    return status;
}

gb_status gb_dataset_build(const char *source, const gb_build_options *options, const char *out, gb_error *err)
{
    gb_build_options chosen;
    GB_TRY(gb_build_resolve(options, &chosen, err));
    const gb_dataset *named = gb_dataset_find(source);
    const gb_source_kind kind = gb_source_get_kind(source);
    const bool drawn = named && named->drawn && kind == GB_SOURCE_ABSENT;
    if (chosen.shots_given && !drawn)
        return gb_fail(err, GB_E_USAGE, "%s: expected a drawn show with --shots (toon, toon_b), found %s", source,
                       kind == GB_SOURCE_ABSENT ? "none" : "other material");
    if (chosen.flow && !drawn && gb_flow_ready(err) != GB_OK) return gb_fail_in(err, "%s: --flow", source);
    switch (kind) {
    case GB_SOURCE_FOLDER: return build_folder(source, &chosen, out, err);
    case GB_SOURCE_VIDEO: return build_video(source, &chosen, out, err);
    case GB_SOURCE_MANIFEST: return build_manifest(source, &chosen, out, err);
    case GB_SOURCE_PACK:
        if (chosen.flow) return build_from_pack(source, &chosen, out, err);
        return gb_fail(err, GB_E_ARG, "%s: expected a video, a folder or a manifest, found a pack, to which --flow "
                       "alone adds something", source);
    case GB_SOURCE_ABSENT: break;
    }
    if (drawn) return gb_build_drawn(named, &chosen, out, err);
    if (named && chosen.flow) return build_from_pack(source, &chosen, out, err);
    if (named)
        return gb_fail(err, GB_E_USAGE, "%s: known by name: `dataset fetch %s` makes its pack, `--flow` one that keeps "
                       "its flow, too", source, source);
    return gb_fail(err, GB_E_NOT_FOUND, "%s: expected a video, a folder of images or a manifest, found none", source);
}
