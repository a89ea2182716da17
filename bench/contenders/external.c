/* `run --external`: frames that were made elsewhere. A folder is paired by name; a video or a pack, which has no names,
 * by order. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "contenders/foreign_kind.h"
#include "core/file.h"
#include "core/memory.h"
#include "datasets/frame_source.h"

typedef struct external {
    char **file;   /* of a folder, per pick: its file's name in the folder; NULL: there is none */
    int picks;
    FILE *spool;   /* else: the stream's frames, decoded, one after the other */
} external;

static void close_external(void *opened)
{
    external *x = opened;
    for (int i = 0; x->file && i < x->picks; i++) free(x->file[i]);
    free(x->file);
    if (x->spool) fclose(x->spool);
    free(x);
}

static gb_status check(const char *place, gb_error *err)
{
    if (gb_file_exists(place)) return GB_OK;
    return gb_fail(err, GB_E_NOT_FOUND, "%s: expected a folder, a video or a pack of widened frames, found nothing",
                   place);
}

/* The pick whose frame `name` (a file's) is for; -1: a frame that this run does not look at; GB_E_MISMATCH when it is
 * no frame of the dataset. Names that do not begin as this dataset's do are another dataset's: -1. */
static gb_status find_pick(const gb_foreign *foreign, const char *name, int *pick, gb_error *err)
{
    const gb_foreign_env *env = &foreign->env;
    char begin[GB_FRAME_NAME], exact[GB_FRAME_NAME];
    const int stem = (int)(strlen(name) - strlen(gb_path_extension(name)));
    gb_frame_name(env->dataset, 0, begin);
    *strrchr(begin, '-') = '\0';
    const size_t length = strlen(begin);
    *pick = -1;
    if (strncmp(name, begin, length) != 0 || name[length] != '-') return GB_OK;
    const char *digits = name + length + 1;
    if (strspn(digits, "0123456789") != (size_t)(name + stem - digits)) return GB_OK; /* "toon-night-000001" */
    char *end;
    const long frame = strtol(digits, &end, 10);
    gb_frame_name(env->dataset, (int)frame, exact);
    if (frame >= env->frames || (int)strlen(exact) != stem || strncmp(exact, name, (size_t)stem) != 0)
        return gb_fail(err, GB_E_MISMATCH, "%s/%s: expected frames %s-%06d to %s-%06d, found another", foreign->place,
                       name, begin, 0, begin, env->frames - 1);
    int low = 0, high = env->picks->count; /* picks are in the order of their frames */
    while (low < high) {
        const int middle = (low + high) / 2;
        if (env->picks->pick[middle].frame < frame)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < env->picks->count && env->picks->pick[low].frame == frame) *pick = low;
    return GB_OK;
}

static gb_status take_file(const gb_foreign *foreign, external *x, char **name, gb_error *err)
{
    int pick;
    GB_TRY(find_pick(foreign, *name, &pick, err));
    if (pick < 0) return GB_OK;
    if (x->file[pick])
        return gb_fail(err, GB_E_MISMATCH, "%s: expected one file a frame, found both %s and %s", foreign->place,
                       x->file[pick], *name);
    x->file[pick] = *name;
    *name = NULL;
    return GB_OK;
}

static gb_status open_folder(const gb_foreign *foreign, external *x, gb_error *err)
{
    char **names = NULL;
    size_t count = 0;
    gb_status status = GB_OK;
    x->picks = foreign->env.picks->count;
    x->file = gb_alloc((size_t)x->picks, sizeof *x->file);
    if (!x->file) return gb_fail_memory(err, foreign->place, (size_t)x->picks);
    GB_TRY(gb_directory_list(foreign->place, &names, &count, err));
    for (size_t i = 0; i < count; i++)
        if (gb_image_is_name(names[i])) GB_GO(take_file(foreign, x, &names[i], err));
done:
    gb_directory_free(names, count);
    return status;
}

static gb_status wrong_size(const char *what, const gb_image *found, gb_geometry g, gb_error *err)
{
    return gb_fail(err, GB_E_MISMATCH, "%s: expected a widened frame of %dx%d, found %dx%d", what, g.width, g.height,
                   found->width, found->height);
}

/* Decodes the whole stream, in order, before anything is scored: its frames are asked for out of order later. */
static gb_status open_stream(const gb_foreign *foreign, external *x, gb_error *err)
{
    const gb_foreign_env *env = &foreign->env;
    const gb_geometry g = env->geometry;
    gb_frame_source *source = NULL;
    gb_image frame = {0};
    gb_status status = GB_OK;
    long count = 0;
    x->spool = tmpfile();
    if (!x->spool) return gb_fail(err, GB_E_IO, "%s: no room to decode it: %s", foreign->place, strerror(errno));
    GB_GO(gb_frame_source_open(foreign->place, &source, err));
    for (bool end = false;; count++) {
        GB_GO(gb_frame_source_next(source, &frame, &end, err));
        if (end) break;
        if (frame.width != g.width || frame.height != g.height) GB_GO(wrong_size(foreign->place, &frame, g, err));
        const size_t bytes = (size_t)g.width * (size_t)g.height * 3;
        if (count < env->picks->count && fwrite(frame.rgb, 1, bytes, x->spool) != bytes)
            GB_GO(gb_fail(err, GB_E_IO, "%s: no room to decode it: %s", foreign->place, strerror(errno)));
    }
    if (fflush(x->spool) != 0)
        status = gb_fail(err, GB_E_IO, "%s: no room to decode it: %s", foreign->place, strerror(errno));
    else if (count != env->picks->count)
        status = gb_fail(err, GB_E_MISMATCH, "%s: expected the %d frames of %s that are scored, in order, found %ld",
                         foreign->place, env->picks->count, env->dataset, count);
done:
    gb_frame_source_close(source);
    gb_image_free(&frame);
    return status;
}

static gb_status open_external(gb_foreign *foreign, gb_error *err)
{
    external *x = gb_alloc(1, sizeof *x);
    if (!x) return gb_fail_memory(err, foreign->place, sizeof *x);
    const gb_status status =
        gb_file_is_directory(foreign->place) ? open_folder(foreign, x, err) : open_stream(foreign, x, err);
    if (status == GB_OK)
        foreign->opened = x;
    else
        close_external(x);
    return status;
}

static gb_status read_file(const gb_foreign *foreign, const char *file, gb_image *output, gb_error *err)
{
    gb_image image = {0};
    char *path = gb_path_join(foreign->place, file);
    if (!path) return gb_fail_memory(err, file, strlen(file));
    gb_status status = gb_image_read(path, &image, err);
    if (status == GB_OK && (image.width != output->width || image.height != output->height))
        status = wrong_size(path, &image, foreign->env.geometry, err);
    if (status == GB_OK) memcpy(output->rgb, image.rgb, (size_t)image.width * (size_t)image.height * 3);
    gb_image_free(&image);
    free(path);
    return status;
}

static gb_status read_spool(const gb_foreign *foreign, const external *x, int pick, gb_image *output, gb_error *err)
{
    const size_t bytes = (size_t)output->width * (size_t)output->height * 3;
    for (size_t done = 0; done < bytes;) {
        const ssize_t got = pread(fileno(x->spool), output->rgb + done, bytes - done,
                                  (off_t)((size_t)pick * bytes + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return gb_fail(err, GB_E_IO, "%s: lost a decoded frame: %s", foreign->place, strerror(errno));
        done += (size_t)got;
    }
    return GB_OK;
}

static gb_status frame(gb_foreign *foreign, void *worker, int pick, const gb_image *input, gb_image *output,
                       gb_error *err)
{
    (void)worker, (void)input;
    const external *x = foreign->opened;
    if (x->spool) return read_spool(foreign, x, pick, output, err);
    if (x->file[pick]) return read_file(foreign, x->file[pick], output, err);
    char name[GB_FRAME_NAME];
    gb_frame_name(foreign->env.dataset, foreign->env.picks->pick[pick].frame, name);
    return gb_fail(err, GB_E_NOT_FOUND, "%s/%s.png: missing (also as .jpg, .jpeg); `dataset export` writes inputs of "
                   "these names", foreign->place, name);
}

/* Of a folder the files' bytes; a stream is one file, known by its size and time. */
static gb_status stamp(gb_foreign *foreign, int first, int count, gb_sha256 *sha, gb_error *err)
{
    const external *x = foreign->opened;
    struct stat about;
    if (x->spool) {
        if (stat(foreign->place, &about) != 0)
            return gb_fail(err, GB_E_IO, "%s: %s", foreign->place, strerror(errno));
        const long long said[3] = {about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec};
        gb_sha256_update(sha, said, sizeof said);
        return GB_OK;
    }
    for (int p = first; p < first + count; p++) {
        char hex[GB_SHA256_HEX] = "none";
        char *path = x->file[p] ? gb_path_join(foreign->place, x->file[p]) : NULL;
        const gb_status status = path ? gb_sha256_file(path, hex, err) : GB_OK;
        free(path);
        if (status != GB_OK) return status;
        gb_sha256_update(sha, hex, strlen(hex) + 1);
    }
    return GB_OK;
}

const gb_foreign_kind gb_foreign_external = {
    .id = "external",
    .option = "--external",
    .expected = "DIR",
    .summary = "frames made elsewhere",
    .check = check,
    .open = open_external,
    .close = close_external,
    .frame = frame,
    .stamp = stamp,
};
