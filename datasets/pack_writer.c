#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/h5_sink.h"
#include "core/memory.h"
#include "core/temporary.h"
#include "datasets/pack_format.h"

/* Film packs to 0.72 of its size; levels 1 to 6 differ by 2 % and read back alike (2 ms a frame). */
#define DEFLATE_LEVEL 4

struct gb_pack_writer {
    char *path;
    gb_temporary temporary;
    gb_pack_info info; /* frames and shots count up */
    hid_t file, wide, narrow, flow;
    int why;         /* of the first write that failed */
    gb_shot *shots;
    size_t capacity;
    int16_t *motion; /* one frame's flow as stored */
    int flows;       /* of the last shot */
    gb_sha256 *sha;
};

static gb_status write_failed(const gb_pack_writer *writer, gb_error *err)
{
    const int why = writer->why ? writer->why : errno;
    return gb_fail(err, GB_E_IO, "%s: cannot write the pack: %s", writer->path, why ? strerror(why) : "HDF5 refused");
}

/* A fixed version of the format and no times, so that the same frames give the same bytes. */
static hid_t create_file(const char *path, int *why)
{
    const hid_t creation = H5Pcreate(H5P_FILE_CREATE), access = H5Pcreate(H5P_FILE_ACCESS);
    hid_t file = -1;
    if (gb_h5_sink_set(access, why) >= 0 && H5Pset_obj_track_times(creation, false) >= 0 &&
        H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0 &&
        H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0)
        file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
    H5Pclose(creation);
    H5Pclose(access);
    return file;
}

static hid_t create_frames(hid_t file, const char *name, hid_t type, int width, int height, int channels)
{
    const hsize_t none[4] = {0, (hsize_t)height, (hsize_t)width, (hsize_t)channels};
    const hsize_t most[4] = {H5S_UNLIMITED, none[1], none[2], none[3]}, chunk[4] = {1, none[1], none[2], none[3]};
    const hid_t space = H5Screate_simple(4, none, most), creation = H5Pcreate(H5P_DATASET_CREATE);
    const int16_t none_known = GB_PACK_NO_FLOW; /* of a shot's last frame, which is not written */
    hid_t frames = -1;
    if (H5Pset_chunk(creation, 4, chunk) >= 0 && H5Pset_deflate(creation, DEFLATE_LEVEL) >= 0 &&
        (channels != 2 || H5Pset_fill_value(creation, H5T_NATIVE_INT16, &none_known) >= 0) &&
        H5Pset_fill_time(creation, channels == 2 ? H5D_FILL_TIME_IFSET : H5D_FILL_TIME_NEVER) >= 0 &&
        H5Pset_obj_track_times(creation, false) >= 0)
        frames = H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    H5Pclose(creation);
    H5Sclose(space);
    return frames;
}

static herr_t write_text(hid_t file, const char *name, const char *text)
{
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, strlen(text) + 1);
    const hid_t attribute = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const herr_t result = attribute < 0 ? -1 : H5Awrite(attribute, type, text);
    if (attribute >= 0) H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
    return result;
}

static herr_t write_number(hid_t file, const char *name, int value)
{
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate2(file, name, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT);
    const herr_t result = attribute < 0 ? -1 : H5Awrite(attribute, H5T_NATIVE_INT, &value);
    if (attribute >= 0) H5Aclose(attribute);
    H5Sclose(space);
    return result;
}

static herr_t write_info(hid_t file, const gb_pack_info *info)
{
    herr_t bad = write_text(file, "format", GB_PACK_FORMAT);
    bad |= write_text(file, "id", info->id);
    bad |= write_text(file, "title", info->title);
    bad |= write_text(file, "domain", info->domain);
    bad |= write_text(file, "licence", info->licence);
    bad |= write_text(file, "source", info->source);
    bad |= write_number(file, "width", info->geometry.width);
    bad |= write_number(file, "height", info->geometry.height);
    bad |= write_number(file, "side", info->geometry.side);
    bad |= write_number(file, "paired", info->paired ? 1 : 0);
    if (gb_pack_flow_is_estimated(info)) bad |= write_text(file, "flow_from", info->flow_from);
    return bad;
}

static gb_status start_flow(gb_pack_writer *writer, gb_error *err)
{
    const gb_geometry geometry = writer->info.geometry;
    const size_t pixels = (size_t)geometry.width * (size_t)geometry.height;
    writer->motion = gb_alloc(pixels, 2 * sizeof *writer->motion);
    if (!writer->motion) return gb_fail_memory(err, writer->path, pixels * 2 * sizeof *writer->motion);
    writer->flow = create_frames(writer->file, "flow", H5T_STD_I16LE, geometry.width, geometry.height, 2);
    return writer->flow < 0 ? write_failed(writer, err) : GB_OK;
}

static gb_status start_file(gb_pack_writer *writer, gb_error *err)
{
    const gb_geometry geometry = writer->info.geometry;
    GB_TRY(gb_temporary_open(writer->path, &writer->temporary, err));
    GB_TRY(gb_sha256_new(&writer->sha, err));
    gb_pack_hash_start(writer->sha, &writer->info);
    errno = 0;
    writer->file = create_file(writer->temporary.name, &writer->why);
    if (writer->file < 0 || write_info(writer->file, &writer->info) < 0) return write_failed(writer, err);
    writer->wide = create_frames(writer->file, "wide", H5T_STD_U8LE, geometry.width, geometry.height, 3);
    if (writer->wide < 0) return write_failed(writer, err);
    if (writer->info.paired) {
        writer->narrow = create_frames(writer->file, "narrow", H5T_STD_U8LE, geometry.width - 2 * geometry.side,
                                       geometry.height, 3);
        if (writer->narrow < 0) return write_failed(writer, err);
    }
    return writer->info.has_flow ? start_flow(writer, err) : GB_OK;
}

gb_status gb_pack_create(const char *path, const gb_pack_info *info, gb_pack_writer **out, gb_error *err)
{
    GB_TRY(gb_geometry_check(info->geometry, err));
    gb_pack_quiet();
    gb_pack_writer *writer = gb_alloc(1, sizeof *writer);
    if (!writer) return gb_fail_memory(err, path, sizeof *writer);
    writer->file = writer->wide = writer->narrow = writer->flow = -1;
    writer->info = *info;
    writer->info.frames = writer->info.shots = 0;
    writer->path = gb_strdup(path);
    const gb_status status = writer->path ? start_file(writer, err) : gb_fail_memory(err, path, strlen(path));
    if (status != GB_OK)
        gb_pack_abandon(writer);
    else
        *out = writer;
    return status;
}

static gb_shot *last_shot(gb_pack_writer *writer)
{
    return writer->info.shots ? &writer->shots[writer->info.shots - 1] : NULL;
}

static gb_status check_last_shot(gb_pack_writer *writer, gb_error *err)
{
    const gb_shot *shot = last_shot(writer);
    if (!shot) return GB_OK;
    if (shot->count == 0)
        return gb_fail(err, GB_E_ARG, "%s: shot %d of \"%s\" has no frames", writer->path, writer->info.shots - 1,
                       shot->clip);
    if (writer->info.has_flow && writer->flows != shot->count - 1)
        return gb_fail(err, GB_E_ARG, "%s: shot %d of \"%s\": expected flow for all frames but the last, %d, found %d",
                       writer->path, writer->info.shots - 1, shot->clip, shot->count - 1, writer->flows);
    writer->flows = 0;
    return GB_OK;
}

gb_status gb_pack_begin_shot(gb_pack_writer *writer, const gb_shot *shot, gb_error *err)
{
    GB_TRY(gb_pack_check_shot(shot, writer->path, err));
    GB_TRY(check_last_shot(writer, err));
    if (gb_grow(&writer->shots, &writer->capacity, (size_t)writer->info.shots + 1, sizeof *shot) != 0)
        return gb_fail_memory(err, writer->path, sizeof *shot);
    /* Field by field: bytes after a name's end would end up in the file. */
    gb_shot *own = &writer->shots[writer->info.shots++];
    memset(own, 0, sizeof *own);
    snprintf(own->clip, sizeof own->clip, "%s", shot->clip);
    snprintf(own->split, sizeof own->split, "%s", shot->split);
    own->first = writer->info.frames;
    own->source_first = shot->source_first;
    own->stride = shot->stride;
    own->fps = shot->fps;
    snprintf(own->tags, sizeof own->tags, "%s", shot->tags);
    return GB_OK;
}

static herr_t write_chunk(hid_t frames, hid_t type, int index, int width, int height, int channels, const void *data)
{
    const hsize_t size[4] = {(hsize_t)index + 1, (hsize_t)height, (hsize_t)width, (hsize_t)channels};
    const hsize_t start[4] = {(hsize_t)index, 0, 0, 0}, count[4] = {1, size[1], size[2], size[3]};
    if (H5Dset_extent(frames, size) < 0) return -1;
    const hid_t file_space = H5Dget_space(frames), memory_space = H5Screate_simple(4, count, NULL);
    herr_t result = H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start, NULL, count, NULL);
    if (result >= 0) result = H5Dwrite(frames, type, memory_space, file_space, H5P_DEFAULT, data);
    H5Sclose(file_space);
    H5Sclose(memory_space);
    return result;
}

static herr_t write_frame(hid_t frames, int index, const gb_image *image)
{
    return write_chunk(frames, H5T_NATIVE_UINT8, index, image->width, image->height, 3, image->rgb);
}

static gb_status check_size(const gb_pack_writer *writer, const char *name, const gb_image *image, int width,
                            gb_error *err)
{
    if (image->width == width && image->height == writer->info.geometry.height) return GB_OK;
    return gb_fail(err, GB_E_MISMATCH, "%s: expected %s frames of %dx%d, found %dx%d", writer->path, name, width,
                   writer->info.geometry.height, image->width, image->height);
}

gb_status gb_pack_append(gb_pack_writer *writer, const gb_image *wide, const gb_image *narrow, gb_error *err)
{
    const gb_geometry geometry = writer->info.geometry;
    if (!writer->info.shots) return gb_fail(err, GB_E_ARG, "%s: a frame before the first shot", writer->path);
    if (writer->info.paired != (narrow != NULL))
        return gb_fail(err, GB_E_ARG, "%s: a 4:3 frame %s", writer->path,
                       narrow ? "in a pack without them" : "is missing");
    if (writer->info.frames == INT_MAX) return gb_fail(err, GB_E_NOMEM, "%s: too many frames", writer->path);
    GB_TRY(check_size(writer, "16:9", wide, geometry.width, err));
    if (narrow) GB_TRY(check_size(writer, "4:3", narrow, geometry.width - 2 * geometry.side, err));
    errno = 0;
    if (write_frame(writer->wide, writer->info.frames, wide) < 0) return write_failed(writer, err);
    if (narrow && write_frame(writer->narrow, writer->info.frames, narrow) < 0) return write_failed(writer, err);
    if (writer->why) return write_failed(writer, err);
    gb_pack_hash_image(writer->sha, wide);
    if (narrow) gb_pack_hash_image(writer->sha, narrow);
    writer->info.frames++;
    last_shot(writer)->count++;
    return GB_OK;
}

static int16_t to_unit(float motion)
{
    return (int16_t)lrintf(motion * GB_FLOW_UNIT);
}

/* Motion that is not a number or too long counts as not valid. */
static void store_flow(const gb_flow *flow, int16_t *out)
{
    const size_t pixels = (size_t)flow->width * (size_t)flow->height;
    for (size_t i = 0; i < pixels; i++) {
        const float u = flow->uv[2 * i], v = flow->uv[2 * i + 1];
        const bool kept = flow->valid[i] && fabsf(u) <= GB_FLOW_MOST && fabsf(v) <= GB_FLOW_MOST;
        out[2 * i] = kept ? to_unit(u) : GB_PACK_NO_FLOW;
        out[2 * i + 1] = kept ? to_unit(v) : 0;
    }
}

gb_status gb_pack_append_flow(gb_pack_writer *writer, const gb_flow *flow, gb_error *err)
{
    const gb_geometry geometry = writer->info.geometry;
    const gb_shot *shot = last_shot(writer);
    if (!writer->info.has_flow || !shot || writer->flows != shot->count - 1)
        return gb_fail(err, GB_E_ARG, "%s: flow %s", writer->path,
                       writer->info.has_flow ? "that no frame was appended for" : "for a pack without it");
    if (flow->width != geometry.width || flow->height != geometry.height)
        return gb_fail(err, GB_E_MISMATCH, "%s: expected flow of %dx%d, found %dx%d", writer->path, geometry.width,
                       geometry.height, flow->width, flow->height);
    store_flow(flow, writer->motion);
    errno = 0;
    if (write_chunk(writer->flow, H5T_NATIVE_INT16, writer->info.frames - 1, geometry.width, geometry.height, 2,
                    writer->motion) < 0 || writer->why)
        return write_failed(writer, err);
    gb_pack_hash_flow(writer->sha, writer->motion, geometry);
    writer->flows++;
    return GB_OK;
}

static herr_t write_tags(const gb_pack_writer *writer)
{
    const size_t size = sizeof writer->shots->tags;
    const hsize_t rows = (hsize_t)writer->info.shots;
    char *text = gb_alloc((size_t)rows, size);
    if (!text) return -1;
    bool tagged = false;
    for (size_t i = 0; i < rows; i++) {
        memcpy(text + i * size, writer->shots[i].tags, size);
        tagged |= *writer->shots[i].tags != '\0';
    }
    herr_t result = 0;
    if (tagged) {
        const hid_t space = H5Screate_simple(1, &rows, NULL), creation = H5Pcreate(H5P_DATASET_CREATE);
        const hid_t type = gb_pack_tags_type();
        H5Pset_obj_track_times(creation, false);
        const hid_t table = H5Dcreate2(writer->file, "tags", type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
        result = table < 0 ? -1 : H5Dwrite(table, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text);
        if (table >= 0) H5Dclose(table);
        H5Tclose(type);
        H5Pclose(creation);
        H5Sclose(space);
    }
    free(text);
    return result;
}

static herr_t write_shots(const gb_pack_writer *writer)
{
    const hsize_t rows = (hsize_t)writer->info.shots;
    const hid_t space = H5Screate_simple(1, &rows, NULL), creation = H5Pcreate(H5P_DATASET_CREATE);
    const hid_t packed = gb_pack_shot_type(true), native = gb_pack_shot_type(false);
    herr_t result = -1;
    H5Pset_obj_track_times(creation, false);
    const hid_t table = H5Dcreate2(writer->file, "shots", packed, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    if (table >= 0) result = H5Dwrite(table, native, H5S_ALL, H5S_ALL, H5P_DEFAULT, writer->shots);
    if (table >= 0) H5Dclose(table);
    H5Tclose(native);
    H5Tclose(packed);
    H5Pclose(creation);
    H5Sclose(space);
    return result;
}

static gb_status close_file(gb_pack_writer *writer, gb_error *err)
{
    errno = 0;
    const hid_t file = writer->file;
    writer->file = writer->wide = writer->narrow = writer->flow = -1;
    if (gb_h5_sink_close(file) < 0 || writer->why) return write_failed(writer, err);
    return gb_temporary_close(&writer->temporary, writer->path, true, err);
}

static gb_status finish(gb_pack_writer *writer, gb_error *err)
{
    if (!writer->info.frames)
        return gb_fail(err, GB_E_FORMAT, "%s: expected at least one frame, found 0", writer->path);
    GB_TRY(check_last_shot(writer, err));
    for (int i = 0; i < writer->info.shots; i++) gb_pack_hash_shot(writer->sha, &writer->shots[i]);
    gb_sha256_finish(writer->sha, writer->info.content);
    writer->sha = NULL;
    errno = 0;
    const hsize_t frames[4] = {(hsize_t)writer->info.frames, (hsize_t)writer->info.geometry.height,
                               (hsize_t)writer->info.geometry.width, 2};
    if (writer->info.has_flow && H5Dset_extent(writer->flow, frames) < 0) return write_failed(writer, err);
    if (write_shots(writer) < 0 || write_tags(writer) < 0 ||
        write_text(writer->file, "content", writer->info.content) < 0)
        return write_failed(writer, err);
    return close_file(writer, err);
}

gb_status gb_pack_finish(gb_pack_writer *writer, gb_error *err)
{
    const gb_status status = finish(writer, err);
    gb_pack_abandon(writer);
    return status;
}

void gb_pack_split_shots(gb_pack_writer *writer)
{
    const int shots = writer->info.shots;
    for (int i = 0; i < shots; i++) {
        const bool last = shots < GB_SPLIT_LEAST || 10LL * i >= 9LL * shots;
        const char *split = last ? "test" : 10LL * i < 7LL * shots ? "train" : "val";
        snprintf(writer->shots[i].split, sizeof writer->shots[i].split, "%s", split);
    }
}

void gb_pack_abandon(gb_pack_writer *writer)
{
    if (!writer) return;
    if (writer->file >= 0) gb_h5_sink_close(writer->file);
    gb_error ignored;
    (void)!gb_temporary_close(&writer->temporary, writer->path, false, &ignored);
    gb_sha256_free(writer->sha);
    free(writer->path);
    free(writer->motion);
    free(writer->shots);
    free(writer);
}
