#include "image/media.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "image/container_end.h"

/* What can come through a pipe; no lists of other files among them. */
#define PIPED_FORMATS "yuv4mpegpipe,matroska,webm,nut,mpegts,mpeg,avi,flv,ivf,ogg,mov,mp4"

static bool is_list(const AVInputFormat *format)
{
    static const char *const lists[] = {"hls", "concat", "dash", "imf"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (!strcmp(format->name, lists[i])) return true;
    return false;
}

/* Who names a file means that one. A list of others is found before FFmpeg follows it, which may never end. */
static bool is_playlist(const char *url)
{
    AVIOContext *io = NULL;
    const AVInputFormat *format = NULL;
    bool found = false;
    if (avio_open(&io, url, AVIO_FLAG_READ) < 0) return false; /* told by whoever opens it in earnest */
    if (av_probe_input_buffer2(io, &format, url, NULL, 0, 0) >= 0) found = is_list(format);
    avio_closep(&io);
    return found;
}

/* `protocol`: the only one that may be used, also by what the container refers to. `formats`: likewise; NULL: all. */
static gb_status open_url(const char *path, const char *url, const char *protocol, const char *formats,
                          AVFormatContext **out, gb_error *err)
{
    AVFormatContext *format = NULL;
    AVDictionary *options = NULL;
    av_dict_set(&options, "protocol_whitelist", protocol, 0);
    if (formats) av_dict_set(&options, "format_whitelist", formats, 0);
    int code = avformat_open_input(&format, url, NULL, &options);
    av_dict_free(&options);
    if (code >= 0) code = avformat_find_stream_info(format, NULL);
    if (code >= 0) {
        *out = format;
        return GB_OK;
    }
    avformat_close_input(&format);
    char text[AV_ERROR_MAX_STRING_SIZE];
    if (gb_container_lacks_index(path))
        return gb_fail(err, GB_E_FORMAT, "%s: expected an MP4 with its index (moov), found none: was it cut off?",
                       path);
    return gb_fail(err, GB_E_FORMAT, "%s: expected a video or a picture, found: %s", path,
                   av_make_error_string(text, sizeof text, code));
}

gb_status gb_media_open(const char *path, AVFormatContext **out, gb_error *err)
{
    av_log_set_level(AV_LOG_QUIET);
    if (gb_file_is_directory(path)) return gb_fail(err, GB_E_IO, "%s: expected a video, found a directory", path);
    GB_TRY(gb_file_check(path, err));
    char *url = gb_format("file:%s", path);
    if (!url) return gb_fail_memory(err, path, strlen(path));
    if (is_playlist(url)) {
        free(url);
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: expected a video, found a list of other files", path);
    }
    const gb_status status = open_url(path, url, "file", NULL, out, err); /* playlists stay on this machine */
    free(url);
    return status;
}

gb_status gb_media_open_piped(const char *name, AVFormatContext **out, gb_error *err)
{
    av_log_set_level(AV_LOG_QUIET);
    return open_url(name, "pipe:0", "pipe", PIPED_FORMATS, out, err);
}

gb_status gb_media_picture_stream(AVFormatContext *format, const char *path, int *index, gb_error *err)
{
    *index = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    if (*index >= 0) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: expected a video, found no picture stream", path);
}
