#include "datasets/frame_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/dataset.h"
#include "image/video.h"

typedef enum source_kind { SOURCE_IMAGE, SOURCE_FOLDER, SOURCE_VIDEO, SOURCE_PACK } source_kind;

struct gb_frame_source {
    source_kind kind;
    char *path;
    long index;    /* of the frame read last; -1 before the first */
    char *name;    /* of the file read last, in a folder */
    char **file;   /* folder: names of its images, sorted */
    size_t files;
    gb_video *video;
    gb_pack *pack;
    gb_image unused; /* a pack's 4:3 input */
    bool begins_shot;
};

/* Keeps the images' names alone, in order. */
static gb_status open_folder(gb_frame_source *source, gb_error *err)
{
    GB_TRY(gb_directory_list(source->path, &source->file, &source->files, err));
    size_t kept = 0;
    for (size_t i = 0; i < source->files; i++) {
        char *const name = source->file[i];
        if (gb_image_is_name(name))
            source->file[kept++] = name;
        else
            free(name);
    }
    source->files = kept;
    if (kept > 0) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: expected a folder of .png or .jpg files, found none", source->path);
}

/* By the first bytes; whatever is neither PNG, JPEG nor HDF5 is left to FFmpeg, unless it calls itself a picture. */
static gb_status find_kind(const char *path, source_kind *out, gb_error *err)
{
    static const unsigned char png[] = "\x89PNG", jpeg[] = "\xff\xd8\xff", hdf5[] = "\x89HDF\r\n\x1a\n";
    unsigned char head[8] = {0};
    if (gb_file_is_directory(path)) {
        *out = SOURCE_FOLDER;
        return GB_OK;
    }
    if (gb_file_exists(path)) GB_TRY(gb_file_check(path, err));
    FILE *const file = fopen(path, "rb");
    if (!file) {
        const bool missing = !gb_file_exists(path);
        return gb_fail(err, missing ? GB_E_NOT_FOUND : GB_E_IO,
                       "%s: expected an image, a folder, a video or a pack, found %s", path,
                       missing ? "nothing" : "a file that cannot be read");
    }
    const size_t size = fread(head, 1, sizeof head, file);
    fclose(file);
    if (size == 0)
        return gb_fail(err, GB_E_FORMAT, "%s: expected an image, a video or a pack, found an empty file", path);
    if (memcmp(head, hdf5, 8) == 0)
        *out = SOURCE_PACK;
    else if (memcmp(head, png, 4) == 0 || memcmp(head, jpeg, 3) == 0 || gb_image_is_name(gb_path_base(path)))
        *out = SOURCE_IMAGE;
    else
        *out = SOURCE_VIDEO;
    return GB_OK;
}

static gb_status open_kind(gb_frame_source *source, gb_error *err)
{
    const gb_video_options as_it_is = {0};
    switch (source->kind) {
    case SOURCE_IMAGE: return GB_OK;
    case SOURCE_FOLDER: return open_folder(source, err);
    case SOURCE_VIDEO: return gb_video_open(source->path, &as_it_is, &source->video, err);
    case SOURCE_PACK: return gb_pack_open(source->path, &source->pack, err);
    }
    return gb_fail(err, GB_E_ARG, "%s: unknown kind of source", source->path);
}

gb_status gb_frame_source_open(const char *path, gb_frame_source **out, gb_error *err)
{
    gb_status status = GB_OK;
    gb_frame_source *source = gb_alloc(1, sizeof *source);
    if (!source) return gb_fail_memory(err, path, sizeof *source);
    source->index = -1;
    source->path = gb_strdup(path);
    if (!source->path) GB_GO(gb_fail_memory(err, path, strlen(path)));
    GB_GO(find_kind(path, &source->kind, err));
    GB_GO(open_kind(source, err));
    *out = source;
    source = NULL;
done:
    gb_frame_source_close(source);
    return status;
}

void gb_frame_source_close(gb_frame_source *source)
{
    if (!source) return;
    gb_directory_free(source->file, source->files);
    gb_video_close(source->video);
    gb_pack_close(source->pack);
    gb_image_free(&source->unused);
    free(source->name);
    free(source->path);
    free(source);
}

static gb_status next_file(gb_frame_source *source, long index, gb_image *out, bool *end, gb_error *err)
{
    if ((size_t)index >= source->files) {
        *end = true;
        return GB_OK;
    }
    free(source->name);
    source->name = gb_path_join(source->path, source->file[index]);
    if (!source->name) return gb_fail_memory(err, source->path, strlen(source->path));
    gb_image_free(out);
    return gb_image_read(source->name, out, err);
}

static gb_status next_of_pack(gb_frame_source *source, long index, gb_image *out, bool *end, gb_error *err)
{
    const gb_pack_info *const info = gb_pack_get_info(source->pack);
    if (index >= info->frames) {
        *end = true;
        return GB_OK;
    }
    const gb_shot *const shots = gb_pack_shots(source->pack);
    for (int i = 0; i < info->shots; i++)
        if (shots[i].first == index) source->begins_shot = true;
    return gb_pack_read(source->pack, (int)index, out, &source->unused, err);
}

static gb_status next_of_kind(gb_frame_source *source, long index, gb_image *out, bool *end, gb_error *err)
{
    switch (source->kind) {
    case SOURCE_IMAGE:
        *end = index > 0;
        if (*end) return GB_OK;
        gb_image_free(out);
        return gb_image_read(source->path, out, err);
    case SOURCE_FOLDER: return next_file(source, index, out, end, err);
    case SOURCE_VIDEO: return gb_video_next(source->video, out, end, err);
    case SOURCE_PACK: return next_of_pack(source, index, out, end, err);
    }
    return gb_fail(err, GB_E_ARG, "%s: unknown kind of source", source->path);
}

gb_status gb_frame_source_next(gb_frame_source *source, gb_image *out, bool *end, gb_error *err)
{
    bool ended = false;
    const long index = source->index + 1;
    source->begins_shot = index == 0;
    GB_TRY(next_of_kind(source, index, out, &ended, err));
    if (ended)
        *end = true;
    else
        source->index = index;
    return GB_OK;
}

const char *gb_frame_source_name(const gb_frame_source *source)
{
    return source->kind == SOURCE_FOLDER && source->name ? source->name : source->path;
}

long gb_frame_source_index(const gb_frame_source *source)
{
    return source->index;
}

bool gb_frame_source_begins_shot(const gb_frame_source *source)
{
    return source->begins_shot;
}

/* Compares names without their extensions. */
static int compare_stems(const char *a, const char *b)
{
    const size_t na = strlen(a) - strlen(gb_path_extension(a)), nb = strlen(b) - strlen(gb_path_extension(b));
    const int order = memcmp(a, b, na < nb ? na : nb);
    return order ? order : (na > nb) - (na < nb);
}

static bool has_stem(const gb_frame_source *source, const char *name)
{
    for (size_t i = 0; i < source->files; i++)
        if (compare_stems(source->file[i], name) == 0) return true;
    return false;
}

gb_status gb_frame_source_check_pairs(const gb_frame_source *ref, const gb_frame_source *test, gb_error *err)
{
    if (ref->kind != SOURCE_FOLDER || test->kind != SOURCE_FOLDER) return GB_OK;
    for (size_t i = 0; i < ref->files || i < test->files; i++) {
        const char *const a = i < ref->files ? ref->file[i] : NULL, *const b = i < test->files ? test->file[i] : NULL;
        if (a && b && compare_stems(a, b) == 0) continue;
        const bool a_alone = a && (!b || !has_stem(test, a));
        const gb_frame_source *const here = a_alone || !b ? ref : test, *const there = here == ref ? test : ref;
        return gb_fail(err, GB_E_MISMATCH, "%s/%s: expected its like in %s, found none", here->path,
                       here == ref ? a : b, there->path);
    }
    return GB_OK;
}
