#include "video/carry.h"

#include <libavcodec/avcodec.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_dropped(enum AVMediaType type, const char *const *drop, int drop_count)
{
    const char *name = av_get_media_type_string(type);
    for (int i = 0; name && i < drop_count; i++)
        if (!strcmp(drop[i], name)) return true;
    return false;
}

/* Cover art is a stream of one picture; only MP4's kin are written with it. */
static bool takes_cover(const AVOutputFormat *to)
{
    return !strcmp(to->name, "mp4") || !strcmp(to->name, "mov") || !strcmp(to->name, "ipod");
}

gb_carry_kind gb_carry_kind_of(const AVFormatContext *source, unsigned stream, int picture, const AVOutputFormat *to,
                               const char *const *drop, int drop_count)
{
    const AVStream *s = source->streams[stream];
    const enum AVMediaType type = s->codecpar->codec_type;
    if ((int)stream == picture) return GB_CARRY_PICTURES;
    if (is_dropped(type, drop, drop_count)) return GB_CARRY_LEAVE;
    switch (type) {
    case AVMEDIA_TYPE_AUDIO:
    case AVMEDIA_TYPE_SUBTITLE:
    case AVMEDIA_TYPE_ATTACHMENT: return GB_CARRY_COPY;
    case AVMEDIA_TYPE_VIDEO:
        return (s->disposition & AV_DISPOSITION_ATTACHED_PIC) && takes_cover(to) ? GB_CARRY_COPY : GB_CARRY_LEAVE;
    default: return GB_CARRY_LEAVE;
    }
}

static const char *kind_name(const AVStream *stream)
{
    const char *name = av_get_media_type_string(stream->codecpar->codec_type);
    return name ? name : "unknown";
}

static bool takes(const AVOutputFormat *to, const AVStream *stream)
{
    if (stream->codecpar->codec_type == AVMEDIA_TYPE_ATTACHMENT) return !strcmp(to->name, "matroska");
    return avformat_query_codec(to, stream->codecpar->codec_id, FF_COMPLIANCE_NORMAL) == 1;
}

static void add_note(const AVStream *stream, char *note, size_t size)
{
    const size_t used = strlen(note);
    snprintf(note + used, size - used, "%sstream %d (%s, %s)", used ? ", " : "", stream->index, kind_name(stream),
             avcodec_get_name(stream->codecpar->codec_id));
}

static void add_kind(const char *kind, char *kinds, size_t size)
{
    const size_t used = strlen(kinds);
    if (!strstr(kinds, kind)) snprintf(kinds + used, size - used, "%s%s", used ? "," : "", kind);
}

gb_status gb_carry_check(const AVFormatContext *source, const char *path, int picture, const AVOutputFormat *to,
                         const char *const *drop, int drop_count, char *note, size_t size, gb_error *err)
{
    char unfit[512] = "", kinds[64] = "";
    int count = 0;
    note[0] = '\0';
    for (unsigned i = 0; i < source->nb_streams; i++) {
        const AVStream *stream = source->streams[i];
        const gb_carry_kind kind = gb_carry_kind_of(source, i, picture, to, drop, drop_count);
        if (kind == GB_CARRY_LEAVE && !is_dropped(stream->codecpar->codec_type, drop, drop_count))
            add_note(stream, note, size);
        if (kind != GB_CARRY_COPY || takes(to, stream)) continue;
        add_note(stream, unfit, sizeof unfit);
        add_kind(kind_name(stream), kinds, sizeof kinds);
        count++;
    }
    if (count == 0) return GB_OK;
    return gb_fail(err, GB_E_UNSUPPORTED, "%s: %s %s not fit into %s: write .mkv, or leave %s out with --drop %s", path,
                   unfit, count == 1 ? "does" : "do", to->name, count == 1 ? "it" : "them", kinds);
}

/* Tags by which a container speaks of itself. */
static bool is_stale(const char *key, bool pictures)
{
    static const char *const file_tags[] = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration"};
    static const char *const picture_tags[] = {"bps", "number_of_", "_statistics_", "duration", "encoder", "rotate"};
    for (size_t i = 0; !pictures && i < sizeof file_tags / sizeof file_tags[0]; i++)
        if (!strcasecmp(key, file_tags[i])) return true;
    for (size_t i = 0; pictures && i < sizeof picture_tags / sizeof picture_tags[0]; i++)
        if (!strncasecmp(key, picture_tags[i], strlen(picture_tags[i]))) return true;
    return false;
}

static void copy_tags(const AVDictionary *from, AVDictionary **to, bool pictures)
{
    const AVDictionaryEntry *tag = NULL;
    while ((tag = av_dict_get(from, "", tag, AV_DICT_IGNORE_SUFFIX)))
        if (!is_stale(tag->key, pictures)) av_dict_set(to, tag->key, tag->value, 0);
}

void gb_carry_stream_tags(const AVStream *from, AVStream *to, bool pictures)
{
    if (pictures) copy_tags(from->metadata, &to->metadata, true);
    else av_dict_copy(&to->metadata, from->metadata, 0);
    to->disposition = from->disposition;
}

gb_status gb_carry_describe(const AVFormatContext *source, AVFormatContext *out, gb_error *err)
{
    copy_tags(source->metadata, &out->metadata, false);
    if (source->nb_chapters == 0) return GB_OK;
    out->chapters = av_calloc(source->nb_chapters, sizeof *out->chapters);
    if (!out->chapters) return gb_fail_memory(err, "chapters", source->nb_chapters * sizeof *out->chapters);
    for (unsigned i = 0; i < source->nb_chapters; i++) {
        const AVChapter *from = source->chapters[i];
        AVChapter *to = av_mallocz(sizeof *to);
        if (!to) return gb_fail_memory(err, "chapters", sizeof *to);
        out->chapters[out->nb_chapters++] = to;
        to->id = from->id;
        to->time_base = from->time_base;
        to->start = from->start;
        to->end = from->end;
        av_dict_copy(&to->metadata, from->metadata, 0);
    }
    return GB_OK;
}
