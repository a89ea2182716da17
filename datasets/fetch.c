#include "datasets/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/download.h"
#include "datasets/registry.h"
#include "datasets/source.h"

#define SEARCH_DEPTH 2

/* *found stays NULL when there is none. Folders that cannot be listed are passed over. */
static gb_status search(const char *directory, const char *name, int depth, char **found, gb_error *err)
{
    char *path = gb_path_join(directory, name);
    if (!path) return gb_fail_memory(err, directory, strlen(name));
    if (gb_file_exists(path) && !gb_file_is_directory(path)) {
        *found = path;
        return GB_OK;
    }
    free(path);
    if (depth == 0) return GB_OK;
    char **names = NULL;
    size_t count = 0;
    gb_status status = GB_OK;
    if (gb_directory_list(directory, &names, &count, NULL) != GB_OK) return GB_OK;
    for (size_t i = 0; i < count && status == GB_OK && !*found; i++) {
        char *below = gb_path_join(directory, names[i]);
        if (!below)
            status = gb_fail_memory(err, directory, strlen(names[i]));
        else if (gb_file_is_directory(below))
            status = search(below, name, depth - 1, found, err);
        free(below);
    }
    gb_directory_free(names, count);
    return status;
}

static gb_status find_checked(const gb_manifest_file *file, const char *from, char **path, gb_error *err)
{
    char *found = NULL;
    char sha[GB_SHA256_HEX] = "";
    gb_status status = GB_OK;
    if (!gb_file_is_directory(from)) return gb_fail(err, GB_E_NOT_FOUND, "%s: expected a folder, found none", from);
    /* Nearer folders win, then the order of names. */
    for (int depth = 0; depth <= SEARCH_DEPTH && status == GB_OK && !found; depth++)
        status = search(from, file->name, depth, &found, err);
    if (status == GB_OK && !found)
        status = gb_fail(err, GB_E_NOT_FOUND, "%s: expected %s in it or up to %d folders below, found none", from,
                         file->name, SEARCH_DEPTH);
    if (status == GB_OK) status = gb_sha256_file(found, sha, err);
    if (status == GB_OK && strcmp(sha, file->sha256) != 0)
        status = gb_fail(err, GB_E_MISMATCH, "%s: expected sha256 %s, found %s", found, file->sha256, sha);
    if (status == GB_OK)
        *path = found;
    else
        free(found);
    return status;
}

gb_status gb_fetch_find(const gb_manifest *manifest, const char *from, const gb_build_options *options, char ***paths,
                        gb_error *err)
{
    char **list = gb_alloc((size_t)manifest->count, sizeof *list);
    if (!list) return gb_fail_memory(err, manifest->id, (size_t)manifest->count * sizeof *list);
    gb_status status = GB_OK;
    for (int i = 0; i < manifest->count && status == GB_OK; i++) {
        const gb_manifest_file *file = &manifest->files[i];
        if (options->progress) options->progress(options->user, from ? "checking" : "downloading", i, manifest->count);
        status = from ? find_checked(file, from, &list[i], err) : gb_download(file, &list[i], err);
    }
    if (status == GB_OK)
        *paths = list;
    else
        gb_fetch_free(list, manifest->count);
    return status;
}

void gb_fetch_free(char **paths, int count)
{
    for (int i = 0; paths && i < count; i++) free(paths[i]);
    free(paths);
}

gb_status gb_dataset_fetch(const gb_dataset *dataset, const char *from, const gb_build_options *options, gb_error *err)
{
    gb_build_options chosen;
    gb_manifest manifest = {0};
    char **paths = NULL, *out = NULL;
    GB_TRY(gb_build_resolve(options, &chosen, err));
    if (chosen.first || chosen.end || chosen.stride > 1)
        return gb_fail(err, GB_E_USAGE, "%s: first, end and stride are for own material; a named dataset has its own",
                       dataset->id);
    gb_status status = gb_dataset_pack_path(dataset, chosen.geometry, &out, err);
    if (status == GB_OK) status = gb_build_make_parent(out, err);
    if (status == GB_OK && dataset->drawn) {
        status = gb_build_drawn(dataset, &chosen, out, err);
    } else if (status == GB_OK) {
        status = gb_manifest_parse(dataset->manifest, strlen(dataset->manifest), dataset->id, &manifest, err);
        if (status == GB_OK) status = gb_fetch_find(&manifest, from, &chosen, &paths, err);
        if (status == GB_OK) status = gb_manifest_build(&manifest, paths, &chosen, out, err);
    }
    gb_fetch_free(paths, manifest.count);
    gb_manifest_free(&manifest);
    free(out);
    return status;
}
