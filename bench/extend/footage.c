#include "extend/footage.h"

#include <libavutil/pixdesc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "image/frame_scaler.h"
#include "image/libav.h"
#include "image/retouch.h"
#include "image/upright.h"
#include "image/video_native.h"

#define BAR_SAMPLES 24

/* Fields that still show two moments are filled in before one frame in five is left out. */
static const char *const deinterlacers[] = {
    [GB_DEINTERLACE_NO] = "", [GB_DEINTERLACE_YES] = "bwdif=mode=send_frame",
    [GB_DEINTERLACE_FILM] = "fieldmatch,bwdif=mode=send_frame:deint=interlaced,decimate"};

struct gb_footage {
    char *path;
    gb_footage_options options;
    gb_footage_info info;
    gb_video *video;
    char **file;     /* of a folder, or the one image */
    size_t files;
    long decoded, given;
    int format, matrix, range;        /* of the first frame decoded */
    gb_frame_time decoded_time;       /* of the last one */
    gb_upright upright;
    gb_retouch *retouch;              /* NULL: nothing is done */
    char chain[256];
    AVFrame *source;                  /* what goes into `retouch` */
    bool ended;                       /* it has been told of the last */
    AVFrame *held[GB_FOOTAGE_AHEAD];  /* read, the first of them as a sample of what follows; the rest until given */
    gb_frame_time held_time[GB_FOOTAGE_AHEAD];
    int held_count, held_given;
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
    return gb_fail(err, GB_E_UNSUPPORTED, "%s: frame %ld: expected progressive video, found interlaced: give "
                   "--deinterlace yes, or --deinterlace film if it was made at 24 frames a second, as most animation "
                   "is", f->path, f->decoded);
}

/* What is done to every frame before anything else. */
static gb_status plan_retouch(gb_footage *f, gb_error *err)
{
    char turn[GB_UPRIGHT_TEXT];
    const char *fields = deinterlacers[f->options.deinterlace];
    GB_TRY(gb_upright_of(gb_video_stream(f->video), f->path, &f->upright, err));
    gb_upright_describe(f->upright, turn);
    snprintf(f->chain, sizeof f->chain, "%s%s%s", fields, *fields && *turn ? "," : "", turn);
    f->info.retouch = f->chain;
    f->source = *f->chain ? av_frame_alloc() : NULL;
    return *f->chain && !f->source ? gb_fail_memory(err, f->path, 0) : GB_OK;
}

static gb_status open_video(gb_footage *f, gb_error *err)
{
    const gb_video_options options = {.as_stored = true, .piped = f->info.piped};
    f->info.kind = GB_FOOTAGE_VIDEO;
    GB_TRY(gb_video_open(f->path, &options, &f->video, err));
    if (!f->info.piped) GB_TRY(gb_scan_video(f->path, f->options.end, &f->info.frames, err));
    const AVStream *stream = gb_video_stream(f->video);
    f->info.sar = gb_video_sample_aspect(f->video);
    f->info.rate = stream->avg_frame_rate;
    f->info.time_base = stream->time_base;
    f->info.streams = gb_video_streams(f->video);
    GB_TRY(plan_retouch(f, err));
    const bool refused = f->options.deinterlace == GB_DEINTERLACE_NO && is_interlaced(stream->codecpar->field_order);
    return refused ? fail_interlaced(f, err) : GB_OK;
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
    const bool first = f->info.width == 0;
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
    const AVRational said = gb_video_stream(f->video)->avg_frame_rate;
    const AVRational tick = av_inv_q(said.num > 0 ? said : (AVRational){25, 1});
    const int64_t step = av_rescale_q(1, tick, f->info.time_base);
    time->duration = gb_libav_duration(frame) > 0 ? gb_libav_duration(frame) : 0;
    time->pts = frame->best_effort_timestamp;
    if (time->pts == AV_NOPTS_VALUE) time->pts = f->decoded ? f->decoded_time.pts + (step > 0 ? step : 1) : 0;
    if (f->decoded == 0 || time->pts > f->decoded_time.pts) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: frame %ld: expected a later time than the frame before it has, found none",
                   f->path, f->decoded);
}

static gb_status check_pixels(gb_footage *f, const AVFrame *frame, gb_error *err)
{
    if (f->decoded == 0) {
        f->format = frame->format;
        f->matrix = frame->colorspace;
        f->range = frame->color_range;
    }
    if (frame->format == f->format && (int)frame->colorspace == f->matrix && (int)frame->color_range == f->range)
        return GB_OK;
    return gb_fail(err, GB_E_UNSUPPORTED, "%s: frame %ld: expected pixels %s throughout, found %s or another matrix or "
                   "range", f->path, f->decoded, av_get_pix_fmt_name((enum AVPixelFormat)f->format),
                   av_get_pix_fmt_name((enum AVPixelFormat)frame->format));
}

/* The decoder's next frame, as it is stored. */
static gb_status decode(gb_footage *f, AVFrame *frame, gb_frame_time *time, bool *end, gb_error *err)
{
    const AVFrame *decoded = NULL;
    *end = f->options.end > 0 && f->decoded >= f->options.end;
    if (*end) return GB_OK;
    GB_TRY(gb_video_next_native(f->video, &decoded, end, err));
    if (*end) return GB_OK;
    if (gb_libav_is_interlaced(decoded) && f->options.deinterlace == GB_DEINTERLACE_NO) return fail_interlaced(f, err);
    GB_TRY(set_time(f, decoded, time, err));
    GB_TRY(check_pixels(f, decoded, err));
    f->decoded_time = *time;
    f->decoded++;
    return av_frame_ref(frame, decoded) < 0 ? gb_fail_memory(err, f->path, 0) : GB_OK;
}

static gb_status open_retouch(gb_footage *f, gb_error *err)
{
    const gb_retouch_spec spec = {.chain = f->chain, .sar = f->info.sar, .rate = f->info.rate,
                                  .time_base = f->info.time_base};
    const gb_status status = gb_retouch_new(&spec, f->source, &f->retouch, err);
    if (status != GB_OK) return gb_fail_in(err, "%s", f->path);
    f->info.sar = gb_retouch_sar(f->retouch);
    f->info.rate = gb_retouch_rate(f->retouch);
    if (f->options.deinterlace == GB_DEINTERLACE_FILM) f->info.frames = f->info.frames * 4 / 5;
    return GB_OK;
}

/* One more decoded frame, or word of the end, goes into the filters. */
static gb_status feed(gb_footage *f, gb_error *err)
{
    gb_frame_time time;
    GB_TRY(decode(f, f->source, &time, &f->ended, err));
    if (!f->ended) f->source->pts = time.pts;
    if (!f->ended && !f->retouch) GB_TRY(open_retouch(f, err));
    const gb_status status = f->retouch ? gb_retouch_send(f->retouch, f->ended ? NULL : f->source, err) : GB_OK;
    av_frame_unref(f->source);
    return status;
}

static gb_status next_video(gb_footage *f, AVFrame *frame, gb_frame_time *time, bool *end, gb_error *err)
{
    if (!*f->chain) return decode(f, frame, time, end, err);
    for (bool got = false;;) {
        if (f->retouch) GB_TRY(gb_retouch_receive(f->retouch, frame, &got, err));
        *end = !got && f->ended;
        *time = (gb_frame_time){frame->pts, f->options.deinterlace ? 0 : gb_libav_duration(frame)};
        if (got || f->ended) return GB_OK;
        GB_TRY(feed(f, err));
    }
}

static gb_status read_next(gb_footage *f, AVFrame *frame, gb_frame_time *time, bool *end, gb_error *err)
{
    GB_TRY(f->video ? next_video(f, frame, time, end, err) : next_file(f, frame, time, end, err));
    if (*end) return GB_OK;
    const char *base = f->video ? "" : f->file[f->given];
    snprintf(f->name, sizeof f->name, "%.*s", (int)(strlen(base) - strlen(gb_path_extension(base))), base);
    f->given++;
    return GB_OK;
}

/* Messages call it so. */
static gb_status open_stdin(gb_footage *f, gb_error *err)
{
    free(f->path);
    f->path = gb_strdup("standard input");
    f->info.piped = true;
    if (!f->path) return gb_fail_memory(err, "standard input", 0);
    if (isatty(STDIN_FILENO))
        return gb_fail(err, GB_E_USAGE, "standard input: expected a video through a pipe, found a terminal");
    return open_video(f, err);
}

static gb_status open_any(gb_footage *f, gb_error *err)
{
    static const unsigned char png[] = "\x89PNG", jpeg[] = "\xff\xd8\xff";
    unsigned char head[4] = {0};
    if (!strcmp(f->path, GB_FOOTAGE_STDIN)) return open_stdin(f, err);
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

/* Reads the first frames: one, unless none can be read again. */
static gb_status peek(gb_footage *f, gb_error *err)
{
    const int wanted = f->info.piped ? GB_FOOTAGE_AHEAD : 1;
    for (int i = 0; i < wanted; i++) {
        bool end = false;
        f->held[i] = av_frame_alloc();
        if (!f->held[i]) return gb_fail_memory(err, f->path, 0);
        GB_TRY(read_next(f, f->held[i], &f->held_time[i], &end, err));
        if (end) break;
        f->held_count++;
        f->info.width = f->held[0]->width;
        f->info.height = f->held[0]->height;
    }
    return f->held_count ? GB_OK : gb_fail(err, GB_E_FORMAT, "%s: expected at least one frame, found none", f->path);
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
    f->info.retouch = f->chain;
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
    gb_retouch_free(footage->retouch);
    av_frame_free(&footage->source);
    for (int i = 0; i < GB_FOOTAGE_AHEAD; i++) av_frame_free(&footage->held[i]);
    free(footage->path);
    free(footage);
}

gb_footage_info gb_footage_get_info(const gb_footage *footage)
{
    return footage->info;
}

const AVFrame *gb_footage_first(const gb_footage *footage)
{
    return footage->held[0];
}

gb_status gb_footage_next(gb_footage *footage, AVFrame *frame, gb_frame_time *time, bool *end, gb_error *err)
{
    gb_footage *f = footage;
    if (f->held_given == f->held_count) return read_next(f, frame, time, end, err);
    const int i = f->held_given++;
    *end = false;
    *time = f->held_time[i];
    if (av_frame_ref(frame, f->held[i]) < 0) return gb_fail_memory(err, f->path, 0);
    if (i > 0) av_frame_free(&f->held[i]);
    return GB_OK;
}

const char *gb_footage_name(const gb_footage *footage)
{
    return footage->name;
}

/* Of the frames that are held. */
static gb_status add_held(const gb_footage *f, gb_bars *bars, gb_error *err)
{
    const gb_frame_crop whole = {f->info.width, f->info.height, 0, 0};
    gb_frame_scaler *scaler = NULL;
    gb_image image = {0};
    gb_status status;
    GB_GO(gb_frame_scaler_new(whole, whole.width, whole.height, &scaler, err));
    for (int i = 0; i < f->held_count; i++) {
        GB_GO(gb_frame_scaler_run(scaler, f->held[i], &image, err));
        GB_GO(gb_bars_add(bars, &image, err));
    }
done:
    gb_image_free(&image);
    gb_frame_scaler_free(scaler);
    return status;
}

static gb_status add_files(const gb_footage *f, gb_bars *bars, gb_error *err)
{
    const size_t step = f->files / BAR_SAMPLES + 1;
    gb_image image = {0};
    gb_status status = GB_OK;
    for (size_t i = 0; status == GB_OK && i < f->files; i += step) {
        gb_image_free(&image);
        status = read_file(f, i, &image, err);
        if (status == GB_OK) status = gb_bars_add(bars, &image, err);
    }
    gb_image_free(&image);
    return status;
}

gb_status gb_footage_picture(const gb_footage *footage, gb_rect *out, gb_error *err)
{
    const gb_footage *f = footage;
    gb_bars bars = {0};
    gb_status status;
    if (f->info.piped) GB_GO(add_held(f, &bars, err));
    else if (f->video) GB_GO(gb_bars_add_video(&bars, f->path, BAR_SAMPLES, err));
    else GB_GO(add_files(f, &bars, err));
    *out = (gb_rect){0, 0, f->info.width, f->info.height};
    if (bars.column) *out = gb_bars_picture(&bars);
    if (bars.column && !f->info.piped) *out = gb_upright_rect(f->upright, *out, bars.width, bars.height);
done:
    gb_bars_free(&bars);
    return status;
}
