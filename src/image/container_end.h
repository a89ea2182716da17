/* Whether a container ended before what it promised; FFmpeg's demuxers end quietly there. */
#ifndef GB_IMAGE_CONTAINER_END_H
#define GB_IMAGE_CONTAINER_END_H

#include <libavformat/avformat.h>
#include <stdbool.h>

/* Asked once reading has come to the end: `packets` of the stream were read, the last ended at byte `tail`. MP4
 * promises a number of samples, Matroska a size, YUV4MPEG2 whole frames; other containers promise nothing and are taken
 * as complete. Writes the reason when true. */
bool gb_container_is_cut(AVFormatContext *format, const AVStream *stream, int64_t packets, int64_t tail, char *why,
                         size_t size);

/* True of an MP4 or MOV that ends before its index (moov), without which nothing of it can be read. */
bool gb_container_lacks_index(const char *path);

#endif
