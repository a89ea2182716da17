#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/h5_chunk.h"
#include "core/h5_claim.h"
#include "core/h5_sink.h"
#include "core/memory.h"
#include "core/utf8.h"
#include "datasets/pack_format.h"

struct gb_pack {
    char *path;
    pthread_mutex_t reading;
    hsize_t bytes; /* of the file */
    gb_pack_info info;
    hid_t file, wide, narrow, flow;
    gb_shot *shots;
    gb_image scratch; /* the 4:3 frame of a paired pack */
    int16_t *motion;  /* one frame's flow as stored */
    gb_h5_stored stored;
    int why; /* of the first read that failed */
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
    gb_utf8_mend(out); /* an id is a key of run.json */
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

/* Three bytes a pixel in pictures, two whole numbers of 16 bits in flow. */
#define PICTURE 3
#define FLOW 2

static bool is_one_frame_chunked(hid_t frames, int width, int height, int channels)
{
    hsize_t chunk[4] = {0};
    const hid_t creation = H5Dget_create_plist(frames);
    const bool good = H5Pget_layout(creation) == H5D_CHUNKED && H5Pget_chunk(creation, 4, chunk) == 4 &&
                      chunk[0] == 1 &&
                      chunk[1] == (hsize_t)height && chunk[2] == (hsize_t)width && chunk[3] == (hsize_t)channels;
    H5Pclose(creation);
    return good;
}

static bool has_type(hid_t type, int channels)
{
    return H5Tget_class(type) == H5T_INTEGER && H5Tget_size(type) == (channels == FLOW ? 2 : 1) &&
           H5Tget_order(type) == (channels == FLOW ? H5Tget_order(H5T_NATIVE_INT16) : H5Tget_order(type)) &&
           H5Tget_sign(type) == (channels == FLOW ? H5T_SGN_2 : H5T_SGN_NONE);
}

/* Opens (N,height,width,3) uint8 or (N,height,width,2) int16; `*count` gets N. */
static gb_status open_frames(const gb_pack *pack, const char *name, int width, int height, int channels, hid_t *out,
                             int *count, gb_error *err)
{
    const hid_t frames = gb_h5_open_own(pack->file, name);
    if (frames < 0) return gb_fail(err, GB_E_FORMAT, "%s: no dataset \"%s\" of its own", pack->path, name);
    const hid_t type = H5Dget_type(frames), space = H5Dget_space(frames);
    hsize_t size[4] = {0};
    const bool typed = has_type(type, channels);
    const bool shaped = H5Sget_simple_extent_ndims(space) == 4 &&
                        H5Sget_simple_extent_dims(space, size, NULL) == 4 && size[0] >= 1 && size[0] <= INT_MAX &&
                        size[1] == (hsize_t)height && size[2] == (hsize_t)width && size[3] == (hsize_t)channels;
    H5Sclose(space);
    H5Tclose(type);
    const bool good = typed && shaped && is_one_frame_chunked(frames, width, height, channels);
    const bool fits = gb_h5_claim_fits(frames, pack->bytes);
    if (good && fits) {
        *out = frames;
        *count = (int)size[0];
        return GB_OK;
    }
    H5Dclose(frames);
    if (good)
        return gb_fail(err, GB_E_FORMAT, "%s: damaged: dataset \"%s\" claims more than the file can hold", pack->path,
                       name);
    return gb_fail(err, GB_E_FORMAT, "%s: expected dataset \"%s\" to be (N,%d,%d,%d) %s, N >= 1, one frame a chunk, "
                   "found another", pack->path, name, height, width, channels, channels == FLOW ? "int16" : "uint8");
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
    else if (!gb_h5_claim_fits(table, pack->bytes) || !gb_h5_chunks_whole(table))
        status = gb_fail(err, GB_E_FORMAT, "%s: damaged: \"shots\" claims more than the file can hold", pack->path);
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

static gb_status read_tag_rows(gb_pack *pack, hid_t table, char *text, gb_error *err)
{
    const size_t size = sizeof pack->shots->tags;
    const hid_t wanted = gb_pack_tags_type(), found = H5Dget_type(table), space = H5Dget_space(table);
    const bool good = H5Tequal(found, wanted) > 0 &&
                      H5Sget_simple_extent_npoints(space) == (hssize_t)pack->info.shots &&
                      gb_h5_claim_fits(table, pack->bytes) && gb_h5_chunks_whole(table) &&
                      H5Dread(table, wanted, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0;
    H5Sclose(space);
    H5Tclose(found);
    H5Tclose(wanted);
    if (!good)
        return gb_fail(err, GB_E_FORMAT, "%s: expected \"tags\" to be %d strings of %zu bytes", pack->path,
                       pack->info.shots, size);
    for (int i = 0; i < pack->info.shots; i++) memcpy(pack->shots[i].tags, text + (size_t)i * size, size);
    return GB_OK;
}

static gb_status read_tags(gb_pack *pack, gb_error *err)
{
    for (int i = 0; i < pack->info.shots; i++) memset(pack->shots[i].tags, 0, sizeof pack->shots[i].tags);
    if (H5Lexists(pack->file, "tags", H5P_DEFAULT) <= 0) return GB_OK;
    const hid_t table = gb_h5_open_own(pack->file, "tags");
    if (table < 0) return gb_fail(err, GB_E_FORMAT, "%s: damaged: \"tags\" cannot be opened", pack->path);
    char *text = gb_alloc((size_t)pack->info.shots, sizeof pack->shots->tags);
    const gb_status status = text ? read_tag_rows(pack, table, text, err)
                                  : gb_fail_memory(err, pack->path, (size_t)pack->info.shots);
    free(text);
    H5Dclose(table);
    return status;
}

static gb_status read_shots(gb_pack *pack, gb_error *err)
{
    const hid_t table = gb_h5_open_own(pack->file, "shots");
    if (table < 0) return gb_fail(err, GB_E_FORMAT, "%s: no dataset \"shots\" of its own", pack->path);
    const gb_status status = read_shot_rows(pack, table, err);
    H5Dclose(table);
    GB_TRY(status);
    GB_TRY(read_tags(pack, err));
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

/* A further dataset of one chunk a frame, as many as there are 16:9 frames. */
static gb_status open_beside(gb_pack *pack, const char *name, int width, int channels, hid_t *out, gb_error *err)
{
    int count = 0;
    GB_TRY(open_frames(pack, name, width, pack->info.geometry.height, channels, out, &count, err));
    if (count == pack->info.frames) return GB_OK;
    return gb_fail(err, GB_E_MISMATCH, "%s: expected as many frames in \"%s\" as in \"wide\", found %d and %d",
                   pack->path, name, count, pack->info.frames);
}

/* Packs of drawn shows do not say it: theirs is exact. */
static gb_status read_flow_from(gb_pack *pack, gb_error *err)
{
    gb_pack_info *const info = &pack->info;
    const bool said = H5Aexists(pack->file, "flow_from") > 0;
    if (said) GB_TRY(read_text(pack, "flow_from", info->flow_from, sizeof info->flow_from, err));
    else if (info->has_flow) snprintf(info->flow_from, sizeof info->flow_from, GB_FLOW_EXACT);
    if (said && (!info->has_flow || !*info->flow_from))
        return gb_fail(err, GB_E_FORMAT, "%s: expected attribute \"flow_from\" to say how flow was estimated, found %s",
                       pack->path, info->has_flow ? "nothing in it" : "no flow");
    return GB_OK;
}

static gb_status open_flow(gb_pack *pack, gb_error *err)
{
    const gb_geometry geometry = pack->info.geometry;
    if (H5Lexists(pack->file, "flow", H5P_DEFAULT) <= 0) return GB_OK;
    pack->info.has_flow = true;
    const size_t pixels = (size_t)geometry.width * (size_t)geometry.height;
    pack->motion = gb_alloc(pixels, 2 * sizeof *pack->motion);
    if (!pack->motion) return gb_fail_memory(err, pack->path, pixels * 2 * sizeof *pack->motion);
    return open_beside(pack, "flow", geometry.width, FLOW, &pack->flow, err);
}

static gb_status read_failed(const gb_pack *pack, gb_error *err)
{
    return gb_fail(err, GB_E_IO, "%s: read failed: %s", pack->path, strerror(pack->why));
}

static gb_status open_tables(gb_pack *pack, gb_error *err)
{
    GB_TRY(read_info(pack, err));
    const gb_geometry geometry = pack->info.geometry;
    GB_TRY(open_frames(pack, "wide", geometry.width, geometry.height, PICTURE, &pack->wide, &pack->info.frames, err));
    if (pack->info.paired)
        GB_TRY(open_beside(pack, "narrow", geometry.width - 2 * geometry.side, PICTURE, &pack->narrow, err));
    GB_TRY(open_flow(pack, err));
    GB_TRY(read_flow_from(pack, err));
    return read_shots(pack, err);
}

static gb_status open_file(gb_pack *pack, gb_error *err)
{
    FILE *probe = fopen(pack->path, "rb"); /* HDF5 does not say why it cannot open a file */
    if (!probe)
        return gb_fail(err, errno == ENOENT ? GB_E_NOT_FOUND : GB_E_IO, "%s: %s", pack->path, strerror(errno));
    fclose(probe);
    pack->file = gb_h5_sink_open(pack->path, &pack->why);
    if (pack->file < 0 || H5Fget_filesize(pack->file, &pack->bytes) < 0)
        return gb_fail(err, GB_E_FORMAT, "%s: expected an HDF5 pack, found a truncated, damaged or other file",
                       pack->path);
    const gb_status status = open_tables(pack, err);
    return pack->why ? read_failed(pack, err) : status; /* what could not be read looked like zeros */
}

gb_status gb_pack_open(const char *path, gb_pack **out, gb_error *err)
{
    gb_pack_quiet();
    gb_pack *pack = gb_alloc(1, sizeof *pack);
    if (!pack) return gb_fail_memory(err, path, sizeof *pack);
    pthread_mutex_init(&pack->reading, NULL);
    pack->file = pack->wide = pack->narrow = pack->flow = -1;
    pack->path = gb_strdup(path);
    const gb_status status = pack->path && gb_h5_stored_open(&pack->stored) ? open_file(pack, err)
                                                                            : gb_fail_memory(err, path, strlen(path));
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
    if (pack->flow >= 0) H5Dclose(pack->flow);
    if (pack->file >= 0) gb_h5_sink_close(pack->file);
    pthread_mutex_destroy(&pack->reading);
    gb_image_free(&pack->scratch);
    free(pack->motion);
    gb_h5_stored_close(&pack->stored);
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

/* A frame is a chunk. */
static gb_status read_chunk(gb_pack *pack, hid_t frames, int index, int width, int channels, void *out, gb_error *err)
{
    const hsize_t start[4] = {(hsize_t)index, 0, 0, 0};
    const size_t values = (size_t)pack->info.geometry.height * (size_t)width * (size_t)channels;
    gb_pack_quiet(); /* HDF5 keeps that by thread */
    const size_t size = values * (channels == FLOW ? sizeof(int16_t) : 1);
    const bool good = gb_h5_chunk_read(frames, start, &pack->stored, out, size);
    if (pack->why) return read_failed(pack, err);
    if (good) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: %s %d is damaged and cannot be read", pack->path,
                   channels == FLOW ? "the flow of frame" : "frame", index);
}

static gb_status read_frame(gb_pack *pack, hid_t frames, int index, int width, gb_image *out, gb_error *err)
{
    GB_TRY(gb_image_reserve(out, width, pack->info.geometry.height, err));
    return read_chunk(pack, frames, index, width, PICTURE, out->rgb, err);
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

static gb_status read_pair(gb_pack *pack, int index, gb_image *truth, gb_image *input, gb_error *err)
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

gb_status gb_pack_read(gb_pack *pack, int index, gb_image *truth, gb_image *input, gb_error *err)
{
    pthread_mutex_lock(&pack->reading);
    const gb_status status = read_pair(pack, index, truth, input, err);
    pthread_mutex_unlock(&pack->reading);
    return status;
}

/* Whether the next frame is of the same shot. */
static bool is_followed(const gb_pack *pack, int index)
{
    int shot = 0;
    while (index >= pack->shots[shot].first + pack->shots[shot].count) shot++;
    return index + 1 < pack->shots[shot].first + pack->shots[shot].count;
}

static gb_status read_motion(gb_pack *pack, int index, gb_flow *out, gb_error *err)
{
    const gb_geometry geometry = pack->info.geometry;
    if (!pack->info.has_flow) return gb_fail(err, GB_E_UNSUPPORTED, "%s: holds no flow", pack->path);
    if (index < 0 || index >= pack->info.frames || !is_followed(pack, index))
        return gb_fail(err, GB_E_ARG, "%s: frame %d: expected one of 0..%d that another of its shot follows",
                       pack->path, index, pack->info.frames - 1);
    GB_TRY(gb_flow_reserve(out, geometry.width, geometry.height, err));
    GB_TRY(read_chunk(pack, pack->flow, index, geometry.width, FLOW, pack->motion, err));
    const size_t pixels = (size_t)geometry.width * (size_t)geometry.height;
    for (size_t i = 0; i < pixels; i++) {
        const int16_t *stored = pack->motion + 2 * i;
        out->valid[i] = stored[0] != GB_PACK_NO_FLOW;
        for (int k = 0; k < 2; k++)
            out->uv[2 * i + (size_t)k] = out->valid[i] ? (float)stored[k] / GB_FLOW_UNIT : 0;
    }
    return GB_OK;
}

gb_status gb_pack_read_flow(gb_pack *pack, int index, gb_flow *out, gb_error *err)
{
    pthread_mutex_lock(&pack->reading);
    const gb_status status = read_motion(pack, index, out, err);
    pthread_mutex_unlock(&pack->reading);
    return status;
}

static gb_status hash_frames(gb_pack *pack, gb_sha256 *sha, gb_image *frame, gb_error *err)
{
    const gb_geometry geometry = pack->info.geometry;
    gb_pack_hash_start(sha, &pack->info);
    for (int i = 0; i < pack->info.frames; i++) {
        GB_TRY(read_frame(pack, pack->wide, i, geometry.width, frame, err));
        gb_pack_hash_image(sha, frame);
        if (pack->info.paired) {
            GB_TRY(read_frame(pack, pack->narrow, i, geometry.width - 2 * geometry.side, &pack->scratch, err));
            gb_pack_hash_image(sha, &pack->scratch);
        }
        if (!pack->info.has_flow || !is_followed(pack, i)) continue;
        GB_TRY(read_chunk(pack, pack->flow, i, geometry.width, FLOW, pack->motion, err));
        gb_pack_hash_flow(sha, pack->motion, geometry);
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
