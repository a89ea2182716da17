#include "model/frames_file.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/h5_chunk.h"
#include "core/h5_claim.h"
#include "core/h5_sink.h"
#include "core/memory.h"

#define MAX_FRAMES 10000000

/* An open dataset and the space of one frame in memory. */
typedef struct stack {
    char *path;
    hid_t file, dataset, frame;
    long count;
    int height, width;
} stack;

struct gb_frames_in {
    stack stack;
    int why; /* of the first read that failed */
    uint8_t *planes;
};

struct gb_frames_out {
    stack stack;
    int why; /* of the first write that failed */
    char *final_path;
};

static void init_stack(stack *s)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* errors are ours to tell */
    *s = (stack){.file = H5I_INVALID_HID, .dataset = H5I_INVALID_HID, .frame = H5I_INVALID_HID};
}

/* False when the library could not write everything. */
static bool close_stack(stack *s)
{
    bool good = true;
    if (s->frame >= 0) H5Sclose(s->frame);
    if (s->dataset >= 0) good = H5Dclose(s->dataset) >= 0 && good;
    if (s->file >= 0) good = gb_h5_sink_close(s->file) >= 0 && good;
    s->file = s->dataset = s->frame = H5I_INVALID_HID;
    return good;
}

static gb_status make_frame_space(stack *s, gb_error *err)
{
    const hsize_t size[4] = {1, 3, (hsize_t)s->height, (hsize_t)s->width};
    s->frame = H5Screate_simple(4, size, NULL);
    return s->frame >= 0 ? GB_OK : gb_fail_memory(err, s->path, 0);
}

/* The space in the file with frame `index` selected; negative on failure. */
static hid_t select_frame(const stack *s, long index)
{
    const hsize_t start[4] = {(hsize_t)index, 0, 0, 0};
    const hsize_t size[4] = {1, 3, (hsize_t)s->height, (hsize_t)s->width};
    const hid_t space = H5Dget_space(s->dataset);
    if (space < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL) >= 0) return space;
    H5Sclose(space);
    return H5I_INVALID_HID;
}

static gb_status check_type(const stack *s, gb_error *err)
{
    const hid_t type = H5Dget_type(s->dataset);
    const H5T_class_t kind = H5Tget_class(type);
    const size_t size = H5Tget_size(type);
    const bool is_u8 = kind == H5T_INTEGER && size == 1 && H5Tget_sign(type) == H5T_SGN_NONE;
    H5Tclose(type);
    if (is_u8) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: input_u8: expected uint8, found %s of %zu bytes", s->path,
                   kind == H5T_INTEGER ? "integers" : kind == H5T_FLOAT ? "floats" : "another type", size);
}

static gb_status read_size(stack *s, gb_error *err)
{
    hsize_t size[4] = {0};
    const hid_t space = H5Dget_space(s->dataset);
    const int rank = H5Sget_simple_extent_ndims(space);
    if (rank == 4) H5Sget_simple_extent_dims(space, size, NULL);
    H5Sclose(space);
    if (rank != 4)
        return gb_fail(err, GB_E_FORMAT, "%s: input_u8: expected (N, 3, H, W), found %d dimensions", s->path, rank);
    const bool fits = size[0] >= 1 && size[0] <= MAX_FRAMES && size[1] == 3 && size[2] >= 1 && size[3] >= 1 &&
                      size[2] <= GB_IMAGE_MAX_SIDE && size[3] <= GB_IMAGE_MAX_SIDE;
    if (!fits)
        return gb_fail(err, GB_E_FORMAT,
                       "%s: input_u8: expected (N, 3, H, W) with at least one frame and sides of at most %d, found "
                       "(%" PRIuHSIZE ", %" PRIuHSIZE ", %" PRIuHSIZE ", %" PRIuHSIZE ")",
                       s->path, GB_IMAGE_MAX_SIDE, size[0], size[1], size[2], size[3]);
    s->count = (long)size[0];
    s->height = (int)size[2];
    s->width = (int)size[3];
    return GB_OK;
}

static gb_status read_failed(const gb_frames_in *in, gb_error *err)
{
    return gb_fail(err, GB_E_IO, "%s: read failed: %s", in->stack.path, strerror(in->why));
}

static gb_status open_input(gb_frames_in *in, const char *path, gb_error *err)
{
    stack *s = &in->stack;
    s->path = gb_strdup(path);
    if (!s->path) return gb_fail_memory(err, path, strlen(path));
    if (!gb_file_exists(path)) return gb_fail(err, GB_E_NOT_FOUND, "%s: no such file", path);
    s->file = gb_h5_sink_open(path, &in->why);
    if (s->file < 0)
        return gb_fail(err, GB_E_FORMAT, "%s: expected an HDF5 file, found something else or a truncated one", path);
    s->dataset = gb_h5_open_own(s->file, "input_u8");
    if (s->dataset < 0)
        return gb_fail(err, GB_E_FORMAT, "%s: expected a dataset input_u8 in this file, found none", path);
    GB_TRY(check_type(s, err));
    GB_TRY(read_size(s, err));
    hsize_t bytes = 0;
    if (H5Fget_filesize(s->file, &bytes) < 0 || !gb_h5_claim_fits(s->dataset, bytes))
        return gb_fail(err, GB_E_FORMAT, "%s: damaged: input_u8 claims more than the file can hold", path);
    const bool whole = gb_h5_chunks_whole(s->dataset);
    if (in->why) return read_failed(in, err);
    if (!whole) return gb_fail(err, GB_E_FORMAT, "%s: damaged: input_u8 has chunks that are not whole", path);
    GB_TRY(make_frame_space(s, err));
    const size_t size = (size_t)s->height * (size_t)s->width;
    in->planes = gb_alloc(3, size);
    return in->planes ? GB_OK : gb_fail_memory(err, path, 3 * size);
}

gb_status gb_frames_in_open(const char *path, gb_frames_in **out, gb_error *err)
{
    gb_frames_in *in = gb_alloc(1, sizeof *in);
    if (!in) return gb_fail_memory(err, path, sizeof *in);
    init_stack(&in->stack);
    const gb_status status = open_input(in, path, err);
    if (status == GB_OK) *out = in;
    else gb_frames_in_close(in);
    return status;
}

void gb_frames_in_close(gb_frames_in *in)
{
    if (!in) return;
    close_stack(&in->stack);
    free(in->stack.path);
    free(in->planes);
    free(in);
}

long gb_frames_in_count(const gb_frames_in *in)
{
    return in->stack.count;
}

int gb_frames_in_width(const gb_frames_in *in)
{
    return in->stack.width;
}

int gb_frames_in_height(const gb_frames_in *in)
{
    return in->stack.height;
}

gb_status gb_frames_in_read(gb_frames_in *in, long index, gb_image *out, gb_error *err)
{
    const stack *s = &in->stack;
    const hid_t space = select_frame(s, index);
    const bool good =
        space >= 0 && H5Dread(s->dataset, H5T_NATIVE_UINT8, s->frame, space, H5P_DEFAULT, in->planes) >= 0;
    if (space >= 0) H5Sclose(space);
    if (in->why) return read_failed(in, err);
    if (!good) return gb_fail(err, GB_E_FORMAT, "%s: input_u8: frame %ld is damaged", s->path, index);
    const size_t plane = (size_t)s->height * (size_t)s->width;
    for (size_t i = 0; i < plane; i++)
        for (size_t c = 0; c < 3; c++) out->rgb[3 * i + c] = in->planes[c * plane + i];
    return GB_OK;
}

static hid_t create_dataset(const stack *s)
{
    const hsize_t size[4] = {(hsize_t)s->count, 3, (hsize_t)s->height, (hsize_t)s->width};
    const hsize_t chunk[4] = {1, 3, (hsize_t)s->height, (hsize_t)s->width};
    const hid_t space = H5Screate_simple(4, size, NULL), how = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(how, 4, chunk);
    H5Pset_fill_time(how, H5D_FILL_TIME_NEVER);
    H5Pset_obj_track_times(how, false); /* the same output gives the same bytes */
    const hid_t dataset = H5Dcreate2(s->file, "output", H5T_IEEE_F32LE, space, H5P_DEFAULT, how, H5P_DEFAULT);
    H5Pclose(how);
    H5Sclose(space);
    return dataset;
}

static gb_status create_output(gb_frames_out *out, const char *path, gb_error *err)
{
    stack *s = &out->stack;
    out->final_path = gb_strdup(path);
    s->path = gb_format("%s.partial-%ld", path, (long)getpid());
    if (!out->final_path || !s->path) return gb_fail_memory(err, path, strlen(path));
    errno = 0;
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (gb_h5_sink_set(access, &out->why) >= 0) s->file = H5Fcreate(s->path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
    if (s->file < 0)
        return gb_fail(err, GB_E_IO, "%s: cannot be created: %s", path, out->why ? strerror(out->why) : "refused");
    s->dataset = create_dataset(s);
    if (s->dataset < 0 || out->why) return gb_fail(err, GB_E_IO, "%s: cannot make the dataset output", path);
    return make_frame_space(s, err);
}

gb_status gb_frames_out_open(const char *path, long count, int height, int width, gb_frames_out **out, gb_error *err)
{
    gb_frames_out *made = gb_alloc(1, sizeof *made);
    if (!made) return gb_fail_memory(err, path, sizeof *made);
    init_stack(&made->stack);
    made->stack.count = count;
    made->stack.height = height;
    made->stack.width = width;
    const gb_status status = create_output(made, path, err);
    if (status == GB_OK) *out = made;
    else gb_frames_out_abandon(made);
    return status;
}

gb_status gb_frames_out_write(gb_frames_out *out, long index, const float *planes, gb_error *err)
{
    const stack *s = &out->stack;
    const hid_t space = select_frame(s, index);
    const bool good = space >= 0 && !out->why &&
                      H5Dwrite(s->dataset, H5T_NATIVE_FLOAT, s->frame, space, H5P_DEFAULT, planes) >= 0 && !out->why;
    if (space >= 0) H5Sclose(space);
    if (good) return GB_OK;
    return gb_fail(err, GB_E_IO, "%s: cannot write frame %ld: %s", out->final_path, index,
                   out->why ? strerror(out->why) : "refused by HDF5");
}

/* The whole file is on disk before it gets its name. */
static gb_status publish(gb_frames_out *out, gb_error *err)
{
    errno = 0;
    bool good = close_stack(&out->stack) && !out->why;
    if (good) {
        const int file = open(out->stack.path, O_RDONLY | O_CLOEXEC);
        good = file >= 0 && fsync(file) == 0;
        if (file >= 0) close(file);
    }
    if (good && rename(out->stack.path, out->final_path) == 0) return GB_OK;
    const int why = out->why ? out->why : errno;
    return gb_fail(err, GB_E_IO, "%s: cannot be written: %s", out->final_path,
                   why ? strerror(why) : "refused by HDF5");
}

gb_status gb_frames_out_finish(gb_frames_out *out, gb_error *err)
{
    const gb_status status = publish(out, err);
    if (status != GB_OK) {
        gb_frames_out_abandon(out);
        return status;
    }
    free(out->stack.path);
    free(out->final_path);
    free(out);
    return GB_OK;
}

void gb_frames_out_abandon(gb_frames_out *out)
{
    if (!out) return;
    close_stack(&out->stack);
    if (out->stack.path) unlink(out->stack.path);
    free(out->stack.path);
    free(out->final_path);
    free(out);
}
