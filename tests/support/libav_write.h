/* As image/libav.h, for what tests write. */
#ifndef TESTS_SUPPORT_LIBAV_WRITE_H
#define TESTS_SUPPORT_LIBAV_WRITE_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

static inline void libav_set_interlaced(AVFrame *frame)
{
#ifdef AV_FRAME_FLAG_INTERLACED
    frame->flags |= AV_FRAME_FLAG_INTERLACED | AV_FRAME_FLAG_TOP_FIELD_FIRST;
#else
    frame->interlaced_frame = frame->top_field_first = 1;
#endif
}

/* Nine numbers to be filled in, or NULL. */
static inline int32_t *libav_new_display_matrix(AVStream *stream)
{
    const size_t size = 9 * sizeof(int32_t);
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
    AVCodecParameters *const p = stream->codecpar;
    AVPacketSideData *const made = av_packet_side_data_new(&p->coded_side_data, &p->nb_coded_side_data,
                                                           AV_PKT_DATA_DISPLAYMATRIX, size, 0);
    return made ? (int32_t *)made->data : NULL;
#else
    return (int32_t *)av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, size);
#endif
}

#endif
