#include <limits.h>
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/deflate.h"
#include "image/codec.h"

/* All that must outlive a longjmp out of libpng. */
typedef struct png_job {
    jmp_buf jump;
    png_structp png;
    png_infop info;
    const uint8_t *bytes; /* reading */
    size_t size, at;
    gb_buffer written;    /* writing */
    gb_image image;
    char message[160];
} png_job;

static void on_error(png_structp png, png_const_charp message)
{
    png_job *job = png_get_error_ptr(png);
    const size_t length = strnlen(message, sizeof job->message - 1);
    memcpy(job->message, message, length);
    job->message[length] = '\0';
    longjmp(job->jump, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void read_bytes(png_structp png, png_bytep out, size_t size)
{
    png_job *job = png_get_io_ptr(png);
    if (size > job->size - job->at) png_error(png, "file ends early");
    memcpy(out, job->bytes + job->at, size);
    job->at += size;
}

static void write_bytes(png_structp png, png_bytep bytes, size_t size)
{
    png_job *job = png_get_io_ptr(png);
    gb_buffer_append(&job->written, bytes, size);
}

static void flush_bytes(png_structp png)
{
    (void)png;
}

/* Any PNG as 8-bit RGB: alpha dropped rather than blended, 16 bits cut to the upper 8, no gamma applied. */
static void set_transforms(png_job *job)
{
    png_set_palette_to_rgb(job->png);
    png_set_expand_gray_1_2_4_to_8(job->png);
    png_set_strip_16(job->png);
    png_set_strip_alpha(job->png);
    png_set_gray_to_rgb(job->png);
}

static gb_status decode_rows(png_job *job, const char *what, gb_error *err)
{
    if (setjmp(job->jump)) return gb_fail(err, GB_E_FORMAT, "%s: damaged PNG: %s", what, job->message);
    png_set_user_limits(job->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* told here, and better */
    png_set_read_fn(job->png, job, read_bytes);
    png_read_info(job->png, job->info);
    const png_uint_32 width = png_get_image_width(job->png, job->info);
    const png_uint_32 height = png_get_image_height(job->png, job->info);
    if (width > GB_IMAGE_MAX_SIDE || height > GB_IMAGE_MAX_SIDE)
        return gb_fail(err, GB_E_FORMAT, "%s: expected at most %d pixels a side, found %ux%u", what, GB_IMAGE_MAX_SIDE,
                       (unsigned)width, (unsigned)height);
    if (png_get_rowbytes(job->png, job->info) * height / GB_DEFLATE_RATIO > job->size)
        return gb_fail(err, GB_E_FORMAT, "%s: damaged PNG: %zu bytes cannot hold the %ux%u pixels it claims", what,
                       job->size, (unsigned)width, (unsigned)height);
    set_transforms(job);
    const int passes = png_set_interlace_handling(job->png);
    png_read_update_info(job->png, job->info);
    if (png_get_rowbytes(job->png, job->info) != (size_t)width * 3) png_error(job->png, "not RGB after expansion");
    GB_TRY(gb_image_new((int)width, (int)height, &job->image, err));
    for (int pass = 0; pass < passes; pass++)
        for (size_t y = 0; y < height; y++) png_read_row(job->png, job->image.rgb + y * width * 3, NULL);
    png_read_end(job->png, NULL);
    return GB_OK;
}

gb_status gb_png_decode(const uint8_t *bytes, size_t size, const char *what, gb_image *out, gb_error *err)
{
    png_job job = {.bytes = bytes, .size = size};
    gb_status status = GB_OK;
    job.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &job, on_error, on_warning);
    if (job.png) job.info = png_create_info_struct(job.png);
    status = job.info ? decode_rows(&job, what, err) : gb_fail_memory(err, what, size);
    png_destroy_read_struct(&job.png, &job.info, NULL);
    if (status == GB_OK)
        *out = job.image;
    else
        gb_image_free(&job.image);
    return status;
}

/* 3 to 20 % larger than by libpng's defaults on frames of all kinds, in a quarter to two fifths of the time. */
#define LEVEL 1
#define FILTER PNG_FILTER_PAETH

static gb_status encode_rows(png_job *job, const gb_image *image, gb_error *err)
{
    if (setjmp(job->jump)) return gb_fail(err, GB_E_FORMAT, "PNG encoder: %s", job->message);
    png_set_write_fn(job->png, job, write_bytes, flush_bytes);
    png_set_IHDR(job->png, job->info, (png_uint_32)image->width, (png_uint_32)image->height, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(job->png, LEVEL);
    png_set_filter(job->png, PNG_FILTER_TYPE_BASE, FILTER);
    png_write_info(job->png, job->info);
    for (int y = 0; y < image->height; y++)
        png_write_row(job->png, image->rgb + (size_t)y * (size_t)image->width * 3);
    png_write_end(job->png, NULL);
    return gb_buffer_status(&job->written, err);
}

gb_status gb_image_encode_png(const gb_image *image, uint8_t **bytes, size_t *size, gb_error *err)
{
    png_job job = {0};
    gb_buffer_init(&job.written, INT_MAX);
    job.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &job, on_error, on_warning);
    if (job.png) job.info = png_create_info_struct(job.png);
    const gb_status status = job.info ? encode_rows(&job, image, err) : gb_fail_memory(err, "PNG encoder", 0);
    png_destroy_write_struct(&job.png, &job.info);
    if (status != GB_OK) {
        gb_buffer_free(&job.written);
        return status;
    }
    *bytes = (uint8_t *)job.written.data;
    *size = job.written.size;
    return GB_OK;
}
