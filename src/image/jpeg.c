#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "image/codec.h"

/* Each block of 64 samples takes a bit at least, and the components share no block: 512; for all that is unforeseen,
 * twice that. Arithmetic coding has no such bound; a flat picture of 1920x1080 takes some 300 bytes. */
#define PIXELS_A_BYTE 1024
#define PIXELS_A_BYTE_ARITHMETIC 65536
/* Each goes over the whole picture, and one may be a few bytes. Encoders write about ten. */
#define SCANS_MAX 500

/* All that must outlive a longjmp out of libjpeg. */
typedef struct jpeg_job {
    struct jpeg_error_mgr manager; /* first: libjpeg hands out a pointer to it */
    jmp_buf jump;
    struct jpeg_decompress_struct reader;
    struct jpeg_compress_struct writer;
    struct jpeg_progress_mgr progress;
    gb_image image;
    unsigned char *written; /* moved by libjpeg only when it finishes */
    unsigned long written_size;
    char message[JMSG_LENGTH_MAX];
} jpeg_job;

static void on_error(j_common_ptr codec)
{
    jpeg_job *job = (jpeg_job *)codec->err;
    codec->err->format_message(codec, job->message);
    longjmp(job->jump, 1);
}

/* libjpeg only warns of a file that ends early and fills up with grey; here each warning is an error. */
static void on_message(j_common_ptr codec, int level)
{
    if (level < 0) on_error(codec);
}

static void on_progress(j_common_ptr codec)
{
    jpeg_job *job = (jpeg_job *)codec->err;
    if (job->reader.input_scan_number <= SCANS_MAX) return;
    snprintf(job->message, sizeof job->message, "more than %d scans", SCANS_MAX);
    longjmp(job->jump, 1);
}

static void job_init(jpeg_job *job)
{
    *job = (jpeg_job){.progress.progress_monitor = on_progress};
    jpeg_std_error(&job->manager);
    job->manager.error_exit = on_error;
    job->manager.emit_message = on_message;
}

static gb_status decode_rows(jpeg_job *job, const uint8_t *bytes, size_t size, const char *what, gb_error *err)
{
    if (setjmp(job->jump)) return gb_fail(err, GB_E_FORMAT, "%s: damaged JPEG: %s", what, job->message);
    struct jpeg_decompress_struct *reader = &job->reader;
    jpeg_create_decompress(reader);
    reader->progress = &job->progress;
    jpeg_mem_src(reader, bytes, (unsigned long)size);
    jpeg_read_header(reader, TRUE);
    if (reader->num_components != 1 && reader->num_components != 3)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: expected a grey or colour JPEG, found %d components", what,
                       reader->num_components);
    if (reader->image_width > GB_IMAGE_MAX_SIDE || reader->image_height > GB_IMAGE_MAX_SIDE)
        return gb_fail(err, GB_E_FORMAT, "%s: expected at most %d pixels a side, found %ux%u", what,
                       GB_IMAGE_MAX_SIDE, reader->image_width, reader->image_height);
    const size_t pixels = (size_t)reader->image_width * reader->image_height;
    if (pixels / (reader->arith_code ? PIXELS_A_BYTE_ARITHMETIC : PIXELS_A_BYTE) > size)
        return gb_fail(err, GB_E_FORMAT, "%s: damaged JPEG: %zu bytes cannot hold the %ux%u pixels it claims", what,
                       size, reader->image_width, reader->image_height);
    reader->out_color_space = JCS_RGB;
    GB_TRY(gb_image_new((int)reader->image_width, (int)reader->image_height, &job->image, err));
    jpeg_start_decompress(reader);
    while (reader->output_scanline < reader->output_height) {
        JSAMPROW row = job->image.rgb + (size_t)reader->output_scanline * reader->output_width * 3;
        jpeg_read_scanlines(reader, &row, 1);
    }
    jpeg_finish_decompress(reader);
    return GB_OK;
}

gb_status gb_jpeg_decode(const uint8_t *bytes, size_t size, const char *what, gb_image *out, gb_error *err)
{
    jpeg_job job;
    job_init(&job);
    job.reader.err = &job.manager;
    const gb_status status = decode_rows(&job, bytes, size, what, err);
    jpeg_destroy_decompress(&job.reader);
    if (status == GB_OK)
        *out = job.image;
    else
        gb_image_free(&job.image);
    return status;
}

/* TurboJPEG's bound for 4:2:0. */
static unsigned long largest_size(const gb_image *image)
{
    const unsigned long width = ((unsigned long)image->width + 15) / 16 * 16;
    const unsigned long height = ((unsigned long)image->height + 15) / 16 * 16;
    return width * height * 3 + 2048;
}

static gb_status encode_rows(jpeg_job *job, const gb_image *image, int quality, gb_error *err)
{
    if (setjmp(job->jump)) return gb_fail(err, GB_E_FORMAT, "JPEG encoder: %s", job->message);
    struct jpeg_compress_struct *writer = &job->writer;
    jpeg_create_compress(writer);
    jpeg_mem_dest(writer, &job->written, &job->written_size);
    writer->image_width = (JDIMENSION)image->width;
    writer->image_height = (JDIMENSION)image->height;
    writer->input_components = 3;
    writer->in_color_space = JCS_RGB;
    jpeg_set_defaults(writer); /* YCbCr 4:2:0, integer DCT, standard tables: as OpenCV's imwrite */
    jpeg_set_quality(writer, quality, TRUE);
    jpeg_start_compress(writer, TRUE);
    while (writer->next_scanline < writer->image_height) {
        JSAMPROW row = image->rgb + (size_t)writer->next_scanline * writer->image_width * 3;
        jpeg_write_scanlines(writer, &row, 1);
    }
    jpeg_finish_compress(writer);
    return GB_OK;
}

gb_status gb_image_encode_jpeg(const gb_image *image, int quality, uint8_t **bytes, size_t *size, gb_error *err)
{
    if (quality < 1 || quality > 100)
        return gb_fail(err, GB_E_ARG, "JPEG quality: expected 1..100, found %d", quality);
    jpeg_job job;
    job_init(&job);
    job.writer.err = &job.manager;
    job.written_size = largest_size(image);
    uint8_t *room = malloc(job.written_size);
    if (!room) return gb_fail_memory(err, "JPEG encoder", job.written_size);
    job.written = room;
    const gb_status status = encode_rows(&job, image, quality, err);
    jpeg_destroy_compress(&job.writer);
    if (status != GB_OK || job.written != room) free(room);
    if (status != GB_OK) return status;
    *bytes = job.written;
    *size = job.written_size;
    return GB_OK;
}
