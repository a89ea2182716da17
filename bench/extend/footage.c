#include "extend/footage.h"

#include <libavutil/pixdesc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/file.h"
#include "core/memory.h"
#include "image/video_native.h"

#define BAR_SAMPLES 24

struct gb_footage {
    char *path;
    gb_footage_options options;
    gb_footage_info info;
    gb_video *video;
    char **file;     /* of a folder, or the one image */
    size_t files;
    long given;
    AVFrame *first;  /* held until it is given, and as a sample of what follows */
    gb_frame_time first_time, last_time;
    bool peeked;     /* `first` has been read and not yet given */
    char name[256];
};

static gb_status open_folder(gb_footage *f, gb_error *err)
{
    f->info.kind = GB_FOOTAGE_FOLDER;
    GB_TRY(gb_directory_list(f->path, &f->file, &f->files, err));
    size_t kept = 0;
    for (size_t i = 0; i < f->files; i++) {
        char *const name = f->file[i];
        if (gb_image_is_name(name)) f->file[kept++] = name;
        else free(name);
    }
    f->files = kept;
    if (kept > 0) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: expected a folder of .png or .jpg files, found none", f->path);
}

static gb_status open_image(gb_footage *f, gb_error *err)
{
    f->info.kind = GB_FOOTAGE_IMAGE;
    f->file = gb_alloc(1, sizeof *f->file);
    if (!f->file) return gb_fail_memory(err, f->path, sizeof *f->file);
    f->files = 1;
    f->file[0] = gb_strdup(gb_path_base(f->path));
    return f->file[0] ? GB_OK : gb_fail_memory(err, f->path, 0);
}

static bool is_interlaced(enum AVFieldOrder order)
{
    return order != AV_FIELD_UNKNOWN && order != AV_FIELD_PROGRESSIVE;
}

static gb_status fail_interlaced(const gb_footage *f, gb_error *err)
{
    return gb_fail(err, GB_E_UNSUPPORTED, "%s: frame %ld: expected progressive video, found interlaced: deinterlace it "
                   "first, for instance with ffmpeg -i IN -vf bwdif OUT.mkv", f->path, f->given);
}

static gb_status open_video(gb_footage *f, gb_error *err)
{
    f->info.kind = GB_FOOTAGE_VIDEO;
    GB_TRY(gb_video_open(f->path, NULL, &f->video, err));
    GB_TRY(gb_scan_video(f->path, f->options.end, &f->info.frames, err));
    const AVStream *stream = gb_video_stream(f->video);
    f->info.sar = gb_video_sample_aspect(f->video);
    f->info.rate = stream->avg_frame_rate;
    f->info.time_base = stream->time_base;
    return is_interlaced(stream->codecpar->field_order) ? fail_interlaced(f, err) : GB_OK;
}

/* The path of file `index`; the caller frees. */
static char *file_path(const gb_footage *f, size_t index)
{
    return f->info.kind == GB_FOOTAGE_IMAGE ? gb_strdup(f->path) : gb_path_join(f->path, f->file[index]);
}

static gb_status read_file(const gb_footage *f, size_t index, gb_image *out, gb_error *err)
{
    char *path = file_path(f, index);
    if (!path) return gb_fail_memory(err, f->path, 0);
    gb_status status = gb_image_read(path, out, err);
    const bool first = !f->first || !f->first->width;
    if (status == GB_OK && !first && (out->width != f->info.width || out->height != f->info.height))
        status = gb_fail(err, GB_E_MISMATCH, "%s: expected %dx%d like the files before it, found %dx%d", path,
                         f->info.width, f->info.height, out->width, out->height);
    free(path);
    return status;
}

static gb_status next_file(gb_footage *f, AVFrame *frame, gb_frame_time *time, bool *end, gb_error *err)
{
    *end = f->given >= (long)f->files;
    if (*end) return GB_OK;
    gb_image image = {0};
    GB_TRY(read_file(f, (size_t)f->given, &image, err));
    frame->format = AV_PIX_FMT_RGB24;
    frame->width = image.width;
    frame->height = image.height;
    frame->colorspace = AVCOL_SPC_RGB;
    const bool made = av_frame_get_buffer(frame, 0) >= 0;
    const size_t line = (size_t)image.width * 3;
    for (int y = 0; made && y < image.height; y++)
        memcpy(frame->data[0] + (ptrdiff_t)y * frame->linesize[0], image.rgb + (size_t)y * line, line);
    gb_image_free(&image);
    *time = (gb_frame_time){f->given, 1};
    return made ? GB_OK : gb_fail_memory(err, f->path, line);
}

/* Streams without times follow one another at their rate. */
static gb_status set_time(const gb_footage *f, const AVFrame *frame, gb_frame_time *time, gb_error *err)
{
    const AVRational tick = av_inv_q(f->info.rate.num > 0 ? f->info.rate : (AVRational){25, 1});
    const int64_t step = av_rescale_q(1, tick, f->info.time_base);
    time->duration = frame->pkt_duration > 0 ? frame->pkt_duration : 0;
    time->pts = frame->best_effort_timestamp;
    if (time->pts == AV_NOPTS_VALUE) time->pts = f->given ? f->last_time.pts + (step > 0 ? step : 1) : 0;
    if (f->given == 0 || time->pts > f->last_time.pts) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: frame %ld: expected a later time than the frame before it has, found none",
                   f->path, f->given);
}

static gb_status next_video(gb_footage *f, AVFrame *frame, gb_frame_time *time, bool *end, gb_error *err)
{
    const AVFrame *decoded = NULL;
    *end = f->options.end > 0 && f->given >= f->options.end;
    if (*end) return GB_OK;
    GB_TRY(gb_video_next_native(f->video, &decoded, end, err));
    if (*end) return GB_OK;
    if (decoded->interlaced_frame) return fail_interlaced(f, err);
    GB_TRY(set_time(f, decoded, time, err));
    if (f->given == 0 || (decoded->format == f->first->format && decoded->colorspace == f->first->colorspace &&
                          decoded->color_range == f->first->color_range))
        return av_frame_ref(frame, decoded) < 0 ? gb_fail_memory(err, f->path, 0) : GB_OK;
    return gb_fail(err, GB_E_UNSUPPORTED, "%s: frame %ld: expected pixels %s throughout, found %s or another matrix or "
                   "range", f->path, f->given, av_get_pix_fmt_name((enum AVPixelFormat)f->first->format),
                   av_get_pix_fmt_name((enum AVPixelFormat)decoded->format));
}

static gb_status read_next(gb_footage *f, AVFrame *frame, gb_frame_time *time, bool *end, gb_error *err)
{
    GB_TRY(f->video ? next_video(f, frame, time, end, err) : next_file(f, frame, time, end, err));
    if (*end) return GB_OK;
    const char *base = f->video ? "" : f->file[f->given];
    snprintf(f->name, sizeof f->name, "%.*s", (int)(strlen(base) - strlen(gb_path_extension(base))), base);
    f->last_time = *time;
    f->given++;
    return GB_OK;
}

static gb_status open_any(gb_footage *f, gb_error *err)
{
    static const unsigned char png[] = "\x89PNG", jpeg[] = "\xff\xd8\xff";
    unsigned char head[4] = {0};
    if (gb_file_is_directory(f->path)) return open_folder(f, err);
    if (gb_file_exists(f->path)) GB_TRY(gb_file_check(f->path, err));
    FILE *file = fopen(f->path, "rb");
    if (!file)
        return gb_fail(err, gb_file_exists(f->path) ? GB_E_IO : GB_E_NOT_FOUND,
                       "%s: expected a video, an image or a folder of images, found nothing that can be read", f->path);
    const size_t size = fread(head, 1, sizeof head, file);
    fclose(file);
    if (size == 0) return gb_fail(err, GB_E_FORMAT, "%s: expected a video or an image, found an empty file", f->path);
    return !memcmp(head, png, 4) || !memcmp(head, jpeg, 3) ? open_image(f, err) : open_video(f, err);
}

static gb_status peek(gb_footage *f, gb_error *err)
{
    bool end = false;
    f->first = av_frame_alloc();
    if (!f->first) return gb_fail_memory(err, f->path, 0);
    GB_TRY(read_next(f, f->first, &f->first_time, &end, err));
    if (end) return gb_fail(err, GB_E_FORMAT, "%s: expected at least one frame, found none", f->path);
    f->peeked = true;
    f->info.width = f->first->width;
    f->info.height = f->first->height;
    return GB_OK;
}

gb_status gb_footage_open(const char *path, const gb_footage_options *options, gb_footage **out, gb_error *err)
{
    gb_status status;
    gb_footage *f = gb_alloc(1, sizeof *f);
    if (!f) return gb_fail_memory(err, path, sizeof *f);
    f->options = *options;
    f->path = gb_strdup(path);
    if (!f->path) GB_GO(gb_fail_memory(err, path, strlen(path)));
    f->info.rate = (AVRational){options->rate, 1};
    f->info.sar = (AVRational){0, 1};
    f->info.time_base = av_inv_q(f->info.rate);
    GB_GO(open_any(f, err));
    if (!f->video && options->end > 0 && (size_t)options->end < f->files) {
        for (size_t i = (size_t)options->end; i < f->files; i++) free(f->file[i]);
        f->files = (size_t)options->end;
    }
    if (!f->video) f->info.frames = (long)f->files;
    if (options->end > 0 && options->end < f->info.frames) f->info.frames = options->end;
    GB_GO(peek(f, err));
done:
    if (status == GB_OK) *out = f;
    else gb_footage_close(f);
    return status;
}

void gb_footage_close(gb_footage *footage)
{
    if (!footage) return;
    gb_video_close(footage->video);
    gb_directory_free(footage->file, footage->files);
    av_frame_free(&footage->first);
    free(footage->path);
    free(footage);
}

gb_footage_info gb_footage_get_info(const gb_footage *footage)
{
    return footage->info;
}

const AVFrame *gb_footage_first(const gb_footage *footage)
{
    return footage->first;
}

gb_status gb_footage_next(gb_footage *footage, AVFrame *frame, gb_frame_time *time, bool *end, gb_error *err)
{
    if (!footage->peeked) return read_next(footage, frame, time, end, err);
    footage->peeked = false;
    *end = false;
    *time = footage->first_time;
    return av_frame_ref(frame, footage->first) < 0 ? gb_fail_memory(err, footage->path, 0) : GB_OK;
}

const char *gb_footage_name(const gb_footage *footage)
{
    return footage->name;
}

gb_status gb_footage_picture(const gb_footage *footage, gb_rect *out, gb_error *err)
{
    gb_bars bars = {0};
    gb_image image = {0};
    gb_status status = GB_OK;
    if (footage->video) GB_GO(gb_bars_add_video(&bars, footage->path, BAR_SAMPLES, err));
    const size_t step = footage->files / BAR_SAMPLES + 1;
    for (size_t i = 0; i < footage->files; i += step) {
        gb_image_free(&image);
        GB_GO(read_file(footage, i, &image, err));
        GB_GO(gb_bars_add(&bars, &image, err));
    }
    *out = (gb_rect){0, 0, footage->info.width, footage->info.height};
    if (bars.column) *out = gb_bars_picture(&bars);
done:
    gb_image_free(&image);
    gb_bars_free(&bars);
    return status;
}
