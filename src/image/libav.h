/* What FFmpeg's libraries have renamed between 5.1 and 7.1, by the names that stay. */
#ifndef GB_IMAGE_LIBAV_H
#define GB_IMAGE_LIBAV_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdbool.h>

/* How a picture is to be turned, as nine numbers; NULL: as it is. */
static inline const int32_t *gb_libav_display_matrix(const AVStream *stream)
{
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
    const AVCodecParameters *const p = stream->codecpar;
    const AVPacketSideData *const found =
        av_packet_side_data_get(p->coded_side_data, p->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
    return found ? (const int32_t *)found->data : NULL;
#else
    return (const int32_t *)av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, NULL);
#endif
}

/* In the stream's time base; 0: not said. */
static inline int64_t gb_libav_duration(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    return frame->duration;
#else
    return frame->pkt_duration;
#endif
}

static inline bool gb_libav_is_interlaced(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    return frame->flags & AV_FRAME_FLAG_INTERLACED;
#else
    return frame->interlaced_frame;
#endif
}

/* The pixels that an encoder takes, AV_PIX_FMT_NONE last; NULL: any. */
static inline const enum AVPixelFormat *gb_libav_formats(const AVCodec *encoder)
{
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)
    const void *list = NULL;
    const int code = avcodec_get_supported_config(NULL, encoder, AV_CODEC_CONFIG_PIX_FORMAT, 0, &list, NULL);
    return code < 0 ? NULL : (const enum AVPixelFormat *)list;
#else
    return encoder->pix_fmts;
#endif
}

/* What a function that writes for libavformat is given. */
#if LIBAVFORMAT_VERSION_MAJOR >= 61
typedef const uint8_t gb_libav_bytes;
#else
typedef uint8_t gb_libav_bytes;
#endif

#endif
