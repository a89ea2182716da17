#include "datasets/source.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/file.h"
#include "core/memory.h"

static const gb_geometry study = {512, 288, 64};

gb_status gb_build_resolve(const gb_build_options *options, gb_build_options *out, gb_error *err)
{
    gb_build_options chosen = options ? *options : (gb_build_options){0};
    if (!chosen.geometry.width && !chosen.geometry.height) {
        chosen.geometry.width = study.width;
        chosen.geometry.height = study.height;
        if (!chosen.geometry.side) chosen.geometry.side = study.side;
    }
    if (chosen.stride == 0) chosen.stride = 1;
    GB_TRY(gb_geometry_check(chosen.geometry, err));
    if (chosen.first < 0 || chosen.stride < 1 || (chosen.end && chosen.end <= chosen.first))
        return gb_fail(err, GB_E_USAGE, "expected 0 <= first < end and stride >= 1, found first %d, end %d, stride %d",
                       chosen.first, chosen.end, chosen.stride);
    if (chosen.split && strcmp(chosen.split, "train") && strcmp(chosen.split, "val") && strcmp(chosen.split, "test"))
        return gb_fail(err, GB_E_USAGE, "expected split train, val or test, found %s", chosen.split);
    if (chosen.domain && strcmp(chosen.domain, "in") && strcmp(chosen.domain, "out"))
        return gb_fail(err, GB_E_USAGE, "expected domain in or out, found %s", chosen.domain);
    *out = chosen;
    return GB_OK;
}

gb_status gb_build_make_parent(const char *path, gb_error *err)
{
    char *parent = gb_strdup(path);
    if (!parent) return gb_fail_memory(err, path, strlen(path));
    char *slash = strrchr(parent, '/');
    gb_status status = GB_OK;
    if (slash && slash != parent) {
        *slash = '\0';
        status = gb_directory_make(parent, err);
    }
    free(parent);
    return status;
}

gb_source_kind gb_source_get_kind(const char *path)
{
    static const unsigned char hdf5[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char head[sizeof hdf5] = {0};
    gb_error ignored;
    if (gb_file_is_directory(path)) return GB_SOURCE_FOLDER;
    if (gb_file_check(path, &ignored) == GB_E_IO) return GB_SOURCE_VIDEO; /* whose reader says what it is */
    FILE *file = fopen(path, "rb");
    if (!file) return GB_SOURCE_ABSENT;
    const size_t got = fread(head, 1, sizeof head, file);
    fclose(file);
    if (got == sizeof head && !memcmp(head, hdf5, sizeof hdf5)) return GB_SOURCE_PACK;
    const char *extension = gb_path_extension(path);
    if (!strcasecmp(extension, ".h5") || !strcasecmp(extension, ".hdf5")) return GB_SOURCE_PACK; /* a damaged one */
    return strcasecmp(extension, ".json") ? GB_SOURCE_VIDEO : GB_SOURCE_MANIFEST;
}

gb_status gb_source_check_video(const char *path, gb_error *err)
{
    GB_TRY(gb_file_check(path, err));
    FILE *file = fopen(path, "rb");
    if (!file) return gb_fail(err, GB_E_IO, "%s: %s", path, strerror(errno));
    const bool empty = fgetc(file) == EOF && !ferror(file);
    fclose(file);
    if (!empty) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: expected a dataset (a pack, a video, a picture, a folder of frames, a "
                   "manifest), found an empty file", path);
}

void gb_build_default_id(const char *source, char *id, size_t size)
{
    size_t length = strlen(source);
    while (length > 1 && source[length - 1] == '/') length--;
    const char *base = source + length;
    while (base > source && base[-1] != '/') base--;
    const char *dot = gb_file_is_directory(source) ? NULL : memrchr(base, '.', (size_t)(source + length - base));
    const size_t end = dot && dot != base ? (size_t)(dot - base) : (size_t)(source + length - base);
    size_t used = 0;
    for (size_t i = 0; i < end && used + 1 < size; i++) {
        const unsigned char c = (unsigned char)base[i];
        id[used++] = (char)(isalnum(c) || c == '.' || c == '-' || c >= 0x80 ? c : '_');
    }
    if (!used) id[used++] = '_';
    id[used] = '\0';
}
