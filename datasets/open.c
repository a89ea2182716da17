#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/sha256.h"
#include "core/suggest.h"
#include "datasets/folder.h"
#include "datasets/registry.h"
#include "datasets/source.h"

/* Raised when the same source would be built into something else. */
#define BUILD_VERSION 1

static gb_status hash_file(gb_sha256 *sha, const char *path, gb_error *err)
{
    char hex[GB_SHA256_HEX];
    GB_TRY(gb_sha256_file(path, hex, err));
    gb_sha256_update(sha, hex, sizeof hex);
    return GB_OK;
}

static void hash_text(gb_sha256 *sha, const char *text)
{
    gb_sha256_update(sha, text ? text : "", text ? strlen(text) + 1 : 1);
}

static gb_status hash_folder(gb_sha256 *sha, const char *path, gb_error *err)
{
    gb_folder folder = {0};
    GB_TRY(gb_folder_list(path, &folder, err));
    gb_status status = GB_OK;
    for (size_t i = 0; i < folder.count && status == GB_OK; i++) {
        const gb_folder_frame *frame = &folder.frames[i];
        hash_text(sha, frame->clip);
        status = hash_file(sha, frame->wide, err);
        if (status == GB_OK && frame->narrow) status = hash_file(sha, frame->narrow, err);
    }
    gb_folder_free(&folder);
    return status;
}

/* Everything that decides the pack's bytes: contents, options, and the name that becomes its id. */
static gb_status hash_source(const char *path, gb_source_kind kind, const char *id, const gb_build_options *options,
                             char hex[GB_SHA256_HEX], gb_error *err)
{
    gb_sha256 *sha = NULL;
    char line[160];
    GB_TRY(gb_sha256_new(&sha, err));
    const int size = snprintf(line, sizeof line, "%d %dx%d+%d [%d,%d) %d %d\n", BUILD_VERSION, options->geometry.width,
                              options->geometry.height, options->geometry.side, options->first, options->end,
                              options->stride, (int)kind);
    gb_sha256_update(sha, line, (size_t)size);
    hash_text(sha, id);
    hash_text(sha, options->split);
    hash_text(sha, options->id);
    hash_text(sha, options->title);
    hash_text(sha, options->licence);
    hash_text(sha, options->source_note);
    if (options->domain) hash_text(sha, options->domain);
    if (options->flow) hash_text(sha, "--flow");
    const gb_status status = kind == GB_SOURCE_FOLDER ? hash_folder(sha, path, err) : hash_file(sha, path, err);
    if (status != GB_OK) {
        gb_sha256_free(sha);
        return status;
    }
    gb_sha256_finish(sha, hex);
    return GB_OK;
}

/* A pack of a user's own material, from the cache if it is there and whole. */
static gb_status open_own(const char *path, gb_source_kind kind, const gb_build_options *options, gb_pack **out,
                          gb_error *err)
{
    char id[40], hex[GB_SHA256_HEX], leaf[128];
    char *cached = NULL;
    gb_build_default_id(path, id, sizeof id);
    GB_TRY(hash_source(path, kind, id, options, hex, err));
    snprintf(leaf, sizeof leaf, "datasets/own-%s-%.16s.h5", id, hex);
    GB_TRY(gb_cache_path(leaf, &cached, err));
    gb_status status = GB_OK;
    if (gb_pack_open(cached, out, NULL) != GB_OK) {
        status = gb_build_make_parent(cached, err);
        if (status == GB_OK) status = gb_dataset_build(path, options, cached, err);
        if (status == GB_OK) status = gb_pack_open(cached, out, err);
    }
    free(cached);
    return status;
}

static gb_status open_named(const gb_dataset *dataset, const gb_build_options *options, gb_pack **out, gb_error *err)
{
    const gb_geometry geometry = options->geometry;
    char *path = NULL;
    GB_TRY(gb_dataset_pack_path(dataset, geometry, &path, err));
    gb_status status = GB_OK;
    if (gb_file_exists(path)) {
        status = gb_pack_open(path, out, err);
    } else if (dataset->drawn) {
        status = gb_build_make_parent(path, err);
        if (status == GB_OK) status = gb_build_drawn(dataset, options, path, err);
        if (status == GB_OK) status = gb_pack_open(path, out, err);
    } else {
        status = gb_fail(err, GB_E_NOT_FOUND, "%s: not fetched at %dx%d with sides of %d: ganime-bench dataset fetch "
                         "%s [--from DIR]", dataset->id, geometry.width, geometry.height, geometry.side, dataset->id);
    }
    free(path);
    return status;
}

static gb_status fail_unknown(const char *name, gb_error *err)
{
    size_t count = 0;
    const gb_dataset *const *all = gb_datasets(&count);
    const char *ids[32];
    if (count > sizeof ids / sizeof ids[0]) count = sizeof ids / sizeof ids[0];
    for (size_t i = 0; i < count; i++) ids[i] = all[i]->id;
    const char *near = gb_suggest(name, ids, count);
    return gb_fail(err, GB_E_NOT_FOUND, "%s: expected a dataset's id, a pack, a video or a folder, found none%s%s%s",
                   name, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

gb_status gb_dataset_open(const char *id_or_path, const gb_build_options *options, gb_pack **out, gb_error *err)
{
    gb_build_options chosen;
    GB_TRY(gb_build_resolve(options, &chosen, err));
    const gb_dataset *named = gb_dataset_find(id_or_path);
    if (chosen.shots_given)
        return gb_fail(err, GB_E_USAGE, "%s: a pack of other shots is built, then opened by its path", id_or_path);
    if (named) return open_named(named, &chosen, out, err);
    const gb_source_kind kind = gb_source_get_kind(id_or_path);
    if (kind == GB_SOURCE_ABSENT) return fail_unknown(id_or_path, err);
    if (kind == GB_SOURCE_PACK) return gb_pack_open(id_or_path, out, err);
    return open_own(id_or_path, kind, &chosen, out, err);
}
