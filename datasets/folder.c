#include "datasets/folder.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "image/image.h"

static gb_status add_frame(gb_folder *folder, const char *clip, const char *directory, const char *name, gb_error *err)
{
    if (gb_grow(&folder->frames, &folder->capacity, folder->count + 1, sizeof *folder->frames) != 0)
        return gb_fail_memory(err, directory, folder->count);
    gb_folder_frame *frame = &folder->frames[folder->count++];
    *frame = (gb_folder_frame){.clip = gb_strdup(clip), .wide = gb_path_join(directory, name)};
    return frame->clip && frame->wide ? GB_OK : gb_fail_memory(err, directory, folder->count);
}

/* Adds the images of one directory; *folders counts the directories in it. */
static gb_status add_images(gb_folder *folder, const char *clip, const char *directory, int *folders, gb_error *err)
{
    char **names = NULL;
    size_t count = 0;
    GB_TRY(gb_directory_list(directory, &names, &count, err));
    gb_status status = GB_OK;
    for (size_t i = 0; i < count && status == GB_OK; i++) {
        char *path = gb_path_join(directory, names[i]);
        if (!path)
            status = gb_fail_memory(err, directory, strlen(names[i]));
        else if (gb_file_is_directory(path))
            ++*folders;
        else if (gb_image_is_name(names[i]))
            status = add_frame(folder, clip, directory, names[i], err);
        free(path);
    }
    gb_directory_free(names, count);
    return status;
}

static gb_status add_clip_folders(gb_folder *folder, const char *root, gb_error *err)
{
    char **names = NULL;
    size_t count = 0;
    GB_TRY(gb_directory_list(root, &names, &count, err));
    gb_status status = GB_OK;
    for (size_t i = 0; i < count && status == GB_OK; i++) {
        int ignored = 0;
        char *path = gb_path_join(root, names[i]);
        if (!path)
            status = gb_fail_memory(err, root, strlen(names[i]));
        else if (gb_file_is_directory(path))
            status = add_images(folder, names[i], path, &ignored, err);
        free(path);
    }
    gb_directory_free(names, count);
    return status;
}

/* `name` is the clip's when the folder is flat. */
static gb_status list_frames(const char *root, const char *name, gb_folder *out, gb_error *err)
{
    int folders = 0;
    GB_TRY(add_images(out, name, root, &folders, err));
    if (out->count && folders)
        return gb_fail(err, GB_E_FORMAT, "%s: expected either images or one folder per clip, found both", root);
    if (!out->count) GB_TRY(add_clip_folders(out, root, err));
    if (out->count) return GB_OK;
    return gb_fail(err, GB_E_NOT_FOUND, "%s: expected PNG or JPEG images, found none", root);
}

/* Order of "clip/frame", extensions aside. */
static int compare_frames(const gb_folder_frame *a, const gb_folder_frame *b, bool flat)
{
    const int clip = flat ? 0 : strcmp(a->clip, b->clip);
    if (clip) return clip;
    const char *x = gb_path_base(a->wide), *y = gb_path_base(b->wide);
    const size_t nx = strlen(x) - strlen(gb_path_extension(x)), ny = strlen(y) - strlen(gb_path_extension(y));
    const int same = memcmp(x, y, nx < ny ? nx : ny);
    return same ? same : (nx > ny) - (nx < ny);
}

static gb_status pair_frames(gb_folder *wide, gb_folder *narrow, bool flat, gb_error *err)
{
    for (size_t i = 0; i < wide->count || i < narrow->count; i++) {
        const gb_folder_frame *w = i < wide->count ? &wide->frames[i] : NULL;
        gb_folder_frame *n = i < narrow->count ? &narrow->frames[i] : NULL;
        const int order = !w ? 1 : !n ? -1 : compare_frames(w, n, flat);
        if (order)
            return gb_fail(err, GB_E_MISMATCH, "%s: expected a frame of this name in both `wide` and `narrow`, found "
                           "it in one", order < 0 ? w->wide : n->wide);
        wide->frames[i].narrow = n->wide;
        n->wide = NULL;
    }
    wide->paired = true;
    return GB_OK;
}

static gb_status list_pairs(const char *wide, const char *narrow, const char *name, gb_folder *out, gb_error *err)
{
    gb_folder other = {0};
    gb_status status = list_frames(wide, name, out, err);
    if (status == GB_OK) status = list_frames(narrow, name, &other, err);
    const bool flat = status == GB_OK && !strcmp(out->frames[0].clip, name) && !strcmp(other.frames[0].clip, name);
    if (status == GB_OK) status = pair_frames(out, &other, flat, err);
    gb_folder_free(&other);
    return status;
}

gb_status gb_folder_list(const char *path, gb_folder *out, gb_error *err)
{
    gb_folder folder = {0};
    gb_status status = GB_OK;
    char *root = gb_strdup(path), *wide = gb_path_join(path, "wide"), *narrow = gb_path_join(path, "narrow");
    if (!root || !wide || !narrow) {
        status = gb_fail_memory(err, path, strlen(path));
        goto done;
    }
    while (strlen(root) > 1 && root[strlen(root) - 1] == '/') root[strlen(root) - 1] = '\0';
    const bool has_wide = gb_file_is_directory(wide), has_narrow = gb_file_is_directory(narrow);
    if (has_wide && has_narrow)
        status = list_pairs(wide, narrow, gb_path_base(root), &folder, err);
    else if (has_narrow)
        status = gb_fail(err, GB_E_NOT_FOUND, "%s: expected `wide` beside `narrow`: 4:3 frames alone have no sides to "
                         "compare with", path);
    else
        status = list_frames(root, gb_path_base(root), &folder, err);
done:
    free(root);
    free(wide);
    free(narrow);
    if (status == GB_OK)
        *out = folder;
    else
        gb_folder_free(&folder);
    return status;
}

void gb_folder_free(gb_folder *folder)
{
    if (!folder) return;
    for (size_t i = 0; i < folder->count; i++) {
        free(folder->frames[i].clip);
        free(folder->frames[i].wide);
        free(folder->frames[i].narrow);
    }
    free(folder->frames);
    *folder = (gb_folder){0};
}
