#include "video/scan.h"

#include <stdlib.h>

#include "core/memory.h"
#include "image/container_end.h"
#include "image/media.h"
#include "image/video_native.h"

gb_status gb_scan_video(const char *path, long end, long *packets, gb_error *err)
{
    AVFormatContext *format = NULL;
    AVPacket *packet = av_packet_alloc();
    gb_status status = GB_OK;
    int picture = -1;
    int64_t count = 0, tail = 0;
    char why[256];
    if (!packet) GB_GO(gb_fail_memory(err, path, 0));
    GB_GO(gb_media_open(path, &format, err));
    GB_GO(gb_media_picture_stream(format, path, &picture, err));
    for (unsigned i = 0; i < format->nb_streams; i++)
        if ((int)i != picture) format->streams[i]->discard = AVDISCARD_ALL;
    while (av_read_frame(format, packet) >= 0) {
        if (packet->stream_index == picture) {
            count++;
            tail = avio_tell(format->pb);
        }
        av_packet_unref(packet);
    }
    if (count == 0) GB_GO(gb_fail(err, GB_E_FORMAT, "%s: expected at least one frame, found none", path));
    const bool needed = end == 0 || count < end;
    if (needed && gb_container_is_cut(format, format->streams[picture], count, tail, why, sizeof why))
        GB_GO(gb_fail(err, GB_E_FORMAT, "%s: frame %lld: %s; --end %lld takes what lies before", path, (long long)count,
                      why, (long long)count));
    *packets = (long)count;
done:
    av_packet_free(&packet);
    avformat_close_input(&format);
    return status;
}

gb_status gb_bars_add(gb_bars *bars, const gb_image *picture, gb_error *err)
{
    if (!bars->column) {
        bars->column = gb_alloc((size_t)picture->width, 1);
        bars->line = gb_alloc((size_t)picture->height, 1);
        if (!bars->column || !bars->line) return gb_fail_memory(err, "bars", (size_t)picture->width);
        bars->width = picture->width;
        bars->height = picture->height;
    }
    if (picture->width != bars->width || picture->height != bars->height)
        return gb_fail(err, GB_E_MISMATCH, "expected %dx%d throughout, found %dx%d", bars->width, bars->height,
                       picture->width, picture->height);
    const uint8_t *at = picture->rgb;
    for (int y = 0; y < bars->height; y++) {
        for (int x = 0; x < bars->width; x++, at += 3) {
            const uint8_t a = at[0] > at[1] ? at[0] : at[1], most = a > at[2] ? a : at[2];
            if (most > bars->column[x]) bars->column[x] = most;
            if (most > bars->line[y]) bars->line[y] = most;
        }
    }
    return GB_OK;
}

void gb_bars_free(gb_bars *bars)
{
    free(bars->column);
    free(bars->line);
    *bars = (gb_bars){0};
}

/* How many of the first `most` entries from `at` on are dim beside those after them: scaling and lossy coding leave a
 * soft edge. */
static int dim_edge(const uint8_t *brightest, int count, int at, int step, int most)
{
    int peak = 0, dim = 0;
    for (int i = 0; i <= 2 * most; i++) {
        const int k = at + i * step;
        if (k >= 0 && k < count && brightest[k] > peak) peak = brightest[k];
    }
    while (dim < most && 2 * brightest[at + dim * step] < peak) dim++;
    return dim < most ? dim : 0; /* a picture that is dark all along its edge has no other */
}

/* Black entries at both ends when they are bars, or, with `edges`, where they are narrow; else 0 and 0. */
static void find_pair(const uint8_t *brightest, int count, bool edges, int *from, int *to)
{
    int before = 0, after = 0;
    while (before < count && brightest[before] <= GB_BARS_BLACK) before++;
    while (after < count - before && brightest[count - 1 - after] <= GB_BARS_BLACK) after++;
    const int least = (count + 49) / 50, narrow = count / 40, slack = count / 100 > 2 ? count / 100 : 2;
    const bool all = before == count, bars = before >= least && after >= least && abs(before - after) <= slack;
    if (all || (!bars && (!edges || before > narrow))) before = 0;
    if (all || (!bars && (!edges || after > narrow))) after = 0;
    const int quarter = (count - before - after) / 4, edge = slack > 4 ? slack : 4;
    const int most = edge < quarter ? edge : quarter;
    *from = before ? before + dim_edge(brightest, count, before, 1, most) : 0;
    *to = after ? count - after - dim_edge(brightest, count, count - after - 1, -1, most) : count;
}

gb_rect gb_bars_picture(const gb_bars *bars)
{
    int left, right, top, bottom;
    find_pair(bars->column, bars->width, true, &left, &right);
    find_pair(bars->line, bars->height, false, &top, &bottom);
    return (gb_rect){left, top, right - left, bottom - top};
}

/* One after the other from the beginning, for containers that cannot be read out of order. */
static gb_status add_first(gb_bars *bars, gb_video *video, int samples, gb_error *err)
{
    gb_image picture = {0};
    gb_status status = GB_OK;
    for (int i = 0; status == GB_OK && i < samples * 10; i++) {
        bool end = false;
        gb_error ignored;
        if (i % 10 != 0 && gb_video_skip(video, &end, &ignored) == GB_OK && !end) continue;
        if (end || gb_video_next(video, &picture, &end, &ignored) != GB_OK || end) break;
        status = gb_bars_add(bars, &picture, err);
    }
    gb_image_free(&picture);
    return status;
}

static gb_status add_spread(gb_bars *bars, gb_video *video, int samples, bool *any, gb_error *err)
{
    gb_image picture = {0};
    gb_status status = GB_OK;
    for (int i = 0; status == GB_OK && i < samples; i++) {
        bool end = false;
        gb_error ignored;
        if (gb_video_jump(video, (i + 0.5) / samples, &ignored) != GB_OK) continue;
        if (gb_video_next(video, &picture, &end, &ignored) != GB_OK || end) continue;
        status = gb_bars_add(bars, &picture, err);
        *any = true;
    }
    gb_image_free(&picture);
    return status;
}

/* At the stored size: a crop speaks of stored pixels. */
static gb_status open_stored(const char *path, gb_video **out, gb_error *err)
{
    gb_video *video = NULL;
    GB_TRY(gb_video_open(path, &(gb_video_options){.as_stored = true}, &video, err));
    const AVCodecParameters *p = gb_video_stream(video)->codecpar;
    const gb_video_options stored = {.width = p->width, .height = p->height, .as_stored = true};
    gb_video_close(video);
    return gb_video_open(path, &stored, out, err);
}

gb_status gb_bars_add_video(gb_bars *bars, const char *path, int samples, gb_error *err)
{
    gb_video *video = NULL;
    bool any = false;
    GB_TRY(open_stored(path, &video, err));
    gb_status status = add_spread(bars, video, samples, &any, err);
    gb_video_close(video);
    if (status != GB_OK || any) return status;
    GB_TRY(open_stored(path, &video, err));
    status = add_first(bars, video, samples, err);
    gb_video_close(video);
    return status;
}
