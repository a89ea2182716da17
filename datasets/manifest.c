#include "datasets/manifest.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"

#define MAX_FILES 4096

static gb_status read_range(const cJSON *object, const char *what, gb_clip *clip, gb_error *err)
{
    long long first = 0, end = 0;
    GB_TRY(gb_json_get_integer(object, "first", what, &first, err));
    GB_TRY(gb_json_get_integer(object, "end", what, &end, err));
    if (first < 0 || end <= first || end > INT_MAX)
        return gb_fail(err, GB_E_FORMAT, "%s: \"%s\": expected 0 <= first < end, found %lld and %lld", what, clip->name,
                       first, end);
    clip->first = (int)first;
    clip->end = (int)end;
    return GB_OK;
}

/* "w:h:x:y" in source pixels, as FFmpeg writes it; null: none. */
static gb_status read_crop(const cJSON *object, const char *what, gb_clip *clip, gb_error *err)
{
    const cJSON *crop = cJSON_GetObjectItemCaseSensitive(object, "crop");
    if (!crop || cJSON_IsNull(crop)) return GB_OK;
    int used = 0;
    const char *text = cJSON_IsString(crop) ? crop->valuestring : "";
    if (sscanf(text, "%6d:%6d:%6d:%6d%n", &clip->crop_w, &clip->crop_h, &clip->crop_x, &clip->crop_y, &used) != 4 ||
        text[used] || clip->crop_w < 1 || clip->crop_h < 1 || clip->crop_x < 0 || clip->crop_y < 0)
        return gb_fail(err, GB_E_FORMAT, "%s: \"%s\": expected crop \"width:height:x:y\", found \"%s\"", what,
                       clip->name, text);
    clip->cropped = true;
    return GB_OK;
}

static gb_status read_sha256(const cJSON *object, const char *what, char out[GB_SHA256_HEX], gb_error *err)
{
    const char *text = NULL;
    GB_TRY(gb_json_get_string(object, "sha256", what, &text, err));
    if (strlen(text) != GB_SHA256_HEX - 1 || strspn(text, "0123456789abcdefABCDEF") != GB_SHA256_HEX - 1)
        return gb_fail(err, GB_E_FORMAT, "%s: expected a sha256 of 64 hexadecimal digits, found \"%s\"", what, text);
    for (int i = 0; i < GB_SHA256_HEX; i++) out[i] = (char)tolower((unsigned char)text[i]);
    return GB_OK;
}

static gb_status read_file(const cJSON *object, const char *what, gb_manifest_file *file, gb_error *err)
{
    GB_TRY(gb_json_get_string(object, "name", what, &file->name, err));
    GB_TRY(gb_json_get_string(object, "clip", what, &file->clip.name, err));
    GB_TRY(gb_json_get_string(object, "split", what, &file->clip.split, err));
    GB_TRY(read_range(object, what, &file->clip, err));
    GB_TRY(read_crop(object, what, &file->clip, err));
    GB_TRY(read_sha256(object, what, file->sha256, err));
    if (!*file->name || strchr(file->name, '/'))
        return gb_fail(err, GB_E_FORMAT, "%s: expected a file name without a folder, found \"%s\"", what, file->name);
    file->repo = gb_json_string_or(object, "repo", "");
    file->commit = gb_json_string_or(object, "commit", "");
    file->path = gb_json_string_or(object, "path", "");
    file->licence = gb_json_string_or(object, "licence", "");
    file->obtain = gb_json_string_or(object, "obtain", "");
    return GB_OK;
}

/* Each repository once, as far as they fit. */
static void list_sources(gb_manifest *manifest)
{
    size_t used = 0;
    for (int i = 0; i < manifest->count; i++) {
        const gb_manifest_file *file = &manifest->files[i];
        bool seen = !*file->repo;
        for (int k = 0; k < i && !seen; k++) seen = !strcmp(file->repo, manifest->files[k].repo);
        if (seen) continue;
        const int wrote = snprintf(manifest->source + used, sizeof manifest->source - used, "%s%s%s%s",
                                   used ? "; " : "", file->repo, *file->commit ? " " : "", file->commit);
        if (wrote < 0 || (size_t)wrote >= sizeof manifest->source - used) return;
        used += (size_t)wrote;
    }
}

static gb_status read_manifest(gb_manifest *manifest, const char *what, gb_error *err)
{
    const cJSON *json = manifest->json;
    const char *format = NULL;
    GB_TRY(gb_json_get_string(json, "format", what, &format, err));
    if (strcmp(format, GB_MANIFEST_FORMAT) != 0)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: expected format %s, found %s", what, GB_MANIFEST_FORMAT, format);
    GB_TRY(gb_json_get_string(json, "id", what, &manifest->id, err));
    GB_TRY(gb_json_get_string(json, "title", what, &manifest->title, err));
    GB_TRY(gb_json_get_string(json, "domain", what, &manifest->domain, err));
    if (strcmp(manifest->domain, "in") && strcmp(manifest->domain, "out") && strcmp(manifest->domain, "own"))
        return gb_fail(err, GB_E_FORMAT, "%s: expected domain in, out or own, found \"%s\"", what, manifest->domain);
    GB_TRY(gb_json_get_string(json, "summary", what, &manifest->summary, err));
    GB_TRY(gb_json_get_string(json, "licence", what, &manifest->licence, err));
    const cJSON *files = cJSON_GetObjectItemCaseSensitive(json, "files");
    const int count = cJSON_IsArray(files) ? cJSON_GetArraySize(files) : 0;
    if (count < 1 || count > MAX_FILES)
        return gb_fail(err, GB_E_FORMAT, "%s: expected 1..%d \"files\", found %d", what, MAX_FILES, count);
    manifest->files = gb_alloc((size_t)count, sizeof *manifest->files);
    if (!manifest->files) return gb_fail_memory(err, what, (size_t)count * sizeof *manifest->files);
    const cJSON *file = NULL;
    cJSON_ArrayForEach(file, files) GB_TRY(read_file(file, what, &manifest->files[manifest->count++], err));
    list_sources(manifest);
    return GB_OK;
}

gb_status gb_manifest_parse(const char *text, size_t size, const char *what, gb_manifest *out, gb_error *err)
{
    gb_manifest manifest = {0};
    GB_TRY(gb_json_parse(text, size, what, &manifest.json, err));
    const gb_status status = read_manifest(&manifest, what, err);
    if (status == GB_OK)
        *out = manifest;
    else
        gb_manifest_free(&manifest);
    return status;
}

void gb_manifest_free(gb_manifest *manifest)
{
    if (!manifest) return;
    free(manifest->files);
    cJSON_Delete(manifest->json);
    *manifest = (gb_manifest){0};
}

static gb_status add_clips(const gb_manifest *manifest, char *const *paths, int stride, gb_clip_writer *writer,
                           gb_error *err)
{
    for (int i = 0; i < manifest->count; i++) {
        const gb_clip *clip = &manifest->files[i].clip;
        writer->total += clip->end - clip->first;
    }
    for (int i = 0; i < manifest->count; i++) {
        gb_clip clip = manifest->files[i].clip;
        clip.stride = stride;
        GB_TRY(gb_clip_from_video(writer, &clip, paths[i], err));
    }
    return GB_OK;
}

gb_status gb_manifest_build(const gb_manifest *manifest, char *const *paths, const gb_build_options *options,
                            const char *out, gb_error *err)
{
    gb_pack_info info = {.geometry = options->geometry};
    snprintf(info.id, sizeof info.id, "%s", manifest->id);
    snprintf(info.title, sizeof info.title, "%s", manifest->title);
    snprintf(info.domain, sizeof info.domain, "%s", options->domain ? options->domain : manifest->domain);
    snprintf(info.licence, sizeof info.licence, "%s", manifest->licence);
    snprintf(info.source, sizeof info.source, "%s", manifest->source);
    gb_clip_writer writer = {.geometry = options->geometry, .progress = options->progress, .user = options->user};
    GB_TRY(gb_shot_writer_open(out, &info, options, &writer.shots, err));
    const gb_status status = add_clips(manifest, paths, options->stride, &writer, err);
    gb_clip_writer_clear(&writer);
    return gb_shot_writer_close(writer.shots, status, false, err);
}
