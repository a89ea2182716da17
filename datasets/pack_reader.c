#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/pack_format.h"

struct gb_pack {
    char *path;
    gb_pack_info info;
    hid_t file, wide, narrow;
    gb_shot *shots;
    gb_image scratch; /* the 4:3 frame of a paired pack */
};

static gb_status read_text(const gb_pack *pack, const char *name, char *out, size_t size, gb_error *err)
{
    const hid_t attribute = H5Aopen(pack->file, name, H5P_DEFAULT);
    if (attribute < 0)
        return gb_fail(err, GB_E_FORMAT, "%s: expected a pack (%s), found no attribute \"%s\"", pack->path,
                       GB_PACK_FORMAT, name);
    const hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    char text[1024] = "";
    const bool fits = H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 &&
                      H5Sget_simple_extent_npoints(space) == 1 && H5Tget_size(type) < sizeof text;
    const bool good = fits && H5Aread(attribute, type, text) >= 0 && strlen(text) < size;
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    if (!good)
        return gb_fail(err, GB_E_FORMAT, "%s: expected attribute \"%s\" to be a fixed-length string below %zu bytes",
                       pack->path, name, size);
    snprintf(out, size, "%s", text);
    return GB_OK;
}

static gb_status read_number(const gb_pack *pack, const char *name, int *out, gb_error *err)
{
    const hid_t attribute = H5Aopen(pack->file, name, H5P_DEFAULT);
    if (attribute < 0) return gb_fail(err, GB_E_FORMAT, "%s: no attribute \"%s\"", pack->path, name);
    const hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    int value = 0;
    const bool good = H5Tget_class(type) == H5T_INTEGER && H5Sget_simple_extent_npoints(space) == 1 &&
                      H5Aread(attribute, H5T_NATIVE_INT, &value) >= 0;
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    if (!good) return gb_fail(err, GB_E_FORMAT, "%s: expected attribute \"%s\" to be a number", pack->path, name);
    *out = value;
    return GB_OK;
}

static gb_status read_info(gb_pack *pack, gb_error *err)
{
    gb_pack_info *info = &pack->info;
    char format[64];
    int paired = 0;
    GB_TRY(read_text(pack, "format", format, sizeof format, err));
    if (strcmp(format, GB_PACK_FORMAT) != 0)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: expected format %s, found %s", pack->path, GB_PACK_FORMAT, format);
    GB_TRY(read_text(pack, "id", info->id, sizeof info->id, err));
    GB_TRY(read_text(pack, "title", info->title, sizeof info->title, err));
    GB_TRY(read_text(pack, "domain", info->domain, sizeof info->domain, err));
    GB_TRY(read_text(pack, "licence", info->licence, sizeof info->licence, err));
    GB_TRY(read_text(pack, "source", info->source, sizeof info->source, err));
    GB_TRY(read_text(pack, "content", info->content, sizeof info->content, err));
    GB_TRY(read_number(pack, "width", &info->geometry.width, err));
    GB_TRY(read_number(pack, "height", &info->geometry.height, err));
    GB_TRY(read_number(pack, "side", &info->geometry.side, err));
    GB_TRY(read_number(pack, "paired", &paired, err));
    info->paired = paired != 0;
    if (gb_geometry_check(info->geometry, err) != GB_OK) return gb_fail_in(err, "%s", pack->path);
    return GB_OK;
}

static bool is_one_frame_chunked(hid_t frames, int width, int height)
{
    hsize_t chunk[4] = {0};
    const hid_t creation = H5Dget_create_plist(frames);
    const bool good = H5Pget_layout(creation) == H5D_CHUNKED && H5Pget_chunk(creation, 4, chunk) == 4 &&
                      chunk[0] == 1 && chunk[1] == (hsize_t)height && chunk[2] == (hsize_t)width && chunk[3] == 3;
    H5Pclose(creation);
    return good;
}

/* Opens (N,height,width,3) uint8; `*count` gets N. */
static gb_status open_frames(const gb_pack *pack, const char *name, int width, int height, hid_t *out, int *count,
                             gb_error *err)
{
    const hid_t frames = H5Dopen2(pack->file, name, H5P_DEFAULT);
    if (frames < 0) return gb_fail(err, GB_E_FORMAT, "%s: no dataset \"%s\"", pack->path, name);
    const hid_t type = H5Dget_type(frames), space = H5Dget_space(frames);
    hsize_t size[4] = {0};
    const bool bytes = H5Tget_class(type) == H5T_INTEGER && H5Tget_size(type) == 1 && H5Tget_sign(type) == H5T_SGN_NONE;
    const bool shaped = H5Sget_simple_extent_ndims(space) == 4 &&
                        H5Sget_simple_extent_dims(space, size, NULL) == 4 && size[0] >= 1 && size[0] <= INT_MAX &&
                        size[1] == (hsize_t)height && size[2] == (hsize_t)width && size[3] == 3;
    H5Sclose(space);
    H5Tclose(type);
    if (bytes && shaped && is_one_frame_chunked(frames, width, height)) {
        *out = frames;
        *count = (int)size[0];
        return GB_OK;
    }
    H5Dclose(frames);
    return gb_fail(err, GB_E_FORMAT, "%s: expected dataset \"%s\" to be (N,%d,%d,3) uint8, N >= 1, one frame a chunk, "
                   "found another", pack->path, name, height, width);
}

static gb_status read_shot_rows(gb_pack *pack, hid_t table, gb_error *err)
{
    const hid_t packed = gb_pack_shot_type(true), native = gb_pack_shot_type(false), found = H5Dget_type(table);
    const hid_t space = H5Dget_space(table);
    hsize_t rows = 0;
    gb_status status = GB_OK;
    if (H5Tequal(found, packed) <= 0 || H5Sget_simple_extent_ndims(space) != 1 ||
        H5Sget_simple_extent_dims(space, &rows, NULL) != 1 || rows < 1 || rows > (hsize_t)pack->info.frames)
        status = gb_fail(err, GB_E_FORMAT, "%s: expected \"shots\" to be a table of 1..%d shots", pack->path,
                         pack->info.frames);
    else if (!(pack->shots = gb_alloc((size_t)rows, sizeof *pack->shots)))
        status = gb_fail_memory(err, pack->path, rows * sizeof *pack->shots);
    else if (H5Dread(table, native, H5S_ALL, H5S_ALL, H5P_DEFAULT, pack->shots) < 0)
        status = gb_fail(err, GB_E_FORMAT, "%s: damaged: \"shots\" cannot be read", pack->path);
    else
        pack->info.shots = (int)rows;
    H5Sclose(space);
    H5Tclose(found);
    H5Tclose(native);
    H5Tclose(packed);
    return status;
}

static gb_status read_shots(gb_pack *pack, gb_error *err)
{
    const hid_t table = H5Dopen2(pack->file, "shots", H5P_DEFAULT);
    if (table < 0) return gb_fail(err, GB_E_FORMAT, "%s: no dataset \"shots\"", pack->path);
    const gb_status status = read_shot_rows(pack, table, err);
    H5Dclose(table);
    GB_TRY(status);
    long long next = 0;
    for (int i = 0; i < pack->info.shots; i++) {
        const gb_shot *shot = &pack->shots[i];
        GB_TRY(gb_pack_check_shot(shot, pack->path, err));
        if (shot->first != next || shot->count < 1)
            return gb_fail(err, GB_E_FORMAT, "%s: shot %d: expected it to begin at frame %lld with at least one frame, "
                           "found frame %d and %d frames", pack->path, i, next, shot->first, shot->count);
        next += shot->count;
    }
    if (next != pack->info.frames)
        return gb_fail(err, GB_E_MISMATCH, "%s: expected the shots to cover all %d frames, found %lld", pack->path,
                       pack->info.frames, next);
    return GB_OK;
}

static gb_status open_file(gb_pack *pack, gb_error *err)
{
    FILE *probe = fopen(pack->path, "rb"); /* HDF5 does not say why it cannot open a file */
    if (!probe)
        return gb_fail(err, errno == ENOENT ? GB_E_NOT_FOUND : GB_E_IO, "%s: %s", pack->path, strerror(errno));
    fclose(probe);
    pack->file = H5Fopen(pack->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (pack->file < 0)
        return gb_fail(err, GB_E_FORMAT, "%s: expected an HDF5 pack, found a truncated, damaged or other file",
                       pack->path);
    GB_TRY(read_info(pack, err));
    const gb_geometry geometry = pack->info.geometry;
    int narrow = 0;
    GB_TRY(open_frames(pack, "wide", geometry.width, geometry.height, &pack->wide, &pack->info.frames, err));
    if (pack->info.paired) {
        GB_TRY(open_frames(pack, "narrow", geometry.width - 2 * geometry.side, geometry.height, &pack->narrow, &narrow,
                           err));
        if (narrow != pack->info.frames)
            return gb_fail(err, GB_E_MISMATCH, "%s: expected as many 4:3 as 16:9 frames, found %d and %d", pack->path,
                           narrow, pack->info.frames);
    }
    return read_shots(pack, err);
}

gb_status gb_pack_open(const char *path, gb_pack **out, gb_error *err)
{
    gb_pack_quiet();
    gb_pack *pack = gb_alloc(1, sizeof *pack);
    if (!pack) return gb_fail_memory(err, path, sizeof *pack);
    pack->file = pack->wide = pack->narrow = -1;
    pack->path = gb_strdup(path);
    const gb_status status = pack->path ? open_file(pack, err) : gb_fail_memory(err, path, strlen(path));
    if (status != GB_OK)
        gb_pack_close(pack);
    else
        *out = pack;
    return status;
}

void gb_pack_close(gb_pack *pack)
{
    if (!pack) return;
    if (pack->wide >= 0) H5Dclose(pack->wide);
    if (pack->narrow >= 0) H5Dclose(pack->narrow);
    if (pack->file >= 0) H5Fclose(pack->file);
    gb_image_free(&pack->scratch);
    free(pack->shots);
    free(pack->path);
    free(pack);
}

const gb_pack_info *gb_pack_get_info(const gb_pack *pack)
{
    return &pack->info;
}

const gb_shot *gb_pack_shots(const gb_pack *pack)
{
    return pack->shots;
}

static gb_status read_frame(const gb_pack *pack, hid_t frames, int index, int width, gb_image *out, gb_error *err)
{
    GB_TRY(gb_image_reserve(out, width, pack->info.geometry.height, err));
    const hsize_t start[4] = {(hsize_t)index, 0, 0, 0}, count[4] = {1, (hsize_t)out->height, (hsize_t)width, 3};
    const hid_t file_space = H5Dget_space(frames), memory_space = H5Screate_simple(4, count, NULL);
    herr_t result = H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start, NULL, count, NULL);
    if (result >= 0) result = H5Dread(frames, H5T_NATIVE_UINT8, memory_space, file_space, H5P_DEFAULT, out->rgb);
    H5Sclose(file_space);
    H5Sclose(memory_space);
    if (result >= 0) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: frame %d is damaged and cannot be read", pack->path, index);
}

/* Strips black, centre from `narrow`, or from the centre of `truth` when NULL. */
static void make_input(gb_geometry geometry, const gb_image *truth, const gb_image *narrow, gb_image *input)
{
    const size_t row = (size_t)geometry.width * 3, strip = (size_t)geometry.side * 3, centre = row - 2 * strip;
    for (size_t y = 0; y < (size_t)geometry.height; y++) {
        uint8_t *to = input->rgb + y * row;
        memset(to, 0, strip);
        memcpy(to + strip, narrow ? narrow->rgb + y * centre : truth->rgb + y * row + strip, centre);
        memset(to + strip + centre, 0, strip);
    }
}

gb_status gb_pack_read(gb_pack *pack, int index, gb_image *truth, gb_image *input, gb_error *err)
{
    const gb_geometry geometry = pack->info.geometry;
    if (index < 0 || index >= pack->info.frames)
        return gb_fail(err, GB_E_ARG, "%s: expected a frame of 0..%d, found %d", pack->path, pack->info.frames - 1,
                       index);
    GB_TRY(read_frame(pack, pack->wide, index, geometry.width, truth, err));
    if (pack->info.paired)
        GB_TRY(read_frame(pack, pack->narrow, index, geometry.width - 2 * geometry.side, &pack->scratch, err));
    GB_TRY(gb_image_reserve(input, geometry.width, geometry.height, err));
    make_input(geometry, truth, pack->info.paired ? &pack->scratch : NULL, input);
    return GB_OK;
}

static gb_status hash_frames(gb_pack *pack, gb_sha256 *sha, gb_image *frame, gb_error *err)
{
    const gb_geometry geometry = pack->info.geometry;
    gb_pack_hash_start(sha, &pack->info);
    for (int i = 0; i < pack->info.frames; i++) {
        GB_TRY(read_frame(pack, pack->wide, i, geometry.width, frame, err));
        gb_pack_hash_image(sha, frame);
        if (!pack->info.paired) continue;
        GB_TRY(read_frame(pack, pack->narrow, i, geometry.width - 2 * geometry.side, &pack->scratch, err));
        gb_pack_hash_image(sha, &pack->scratch);
    }
    for (int i = 0; i < pack->info.shots; i++) gb_pack_hash_shot(sha, &pack->shots[i]);
    return GB_OK;
}

gb_status gb_pack_verify(gb_pack *pack, gb_error *err)
{
    gb_sha256 *sha = NULL;
    gb_image frame = {0};
    char found[GB_SHA256_HEX];
    GB_TRY(gb_sha256_new(&sha, err));
    const gb_status status = hash_frames(pack, sha, &frame, err);
    gb_image_free(&frame);
    if (status != GB_OK) {
        gb_sha256_free(sha);
        return status;
    }
    gb_sha256_finish(sha, found);
    if (!strcmp(found, pack->info.content)) return GB_OK;
    return gb_fail(err, GB_E_MISMATCH, "%s: content: expected sha256 %s, found %s", pack->path, pack->info.content,
                   found);
}
