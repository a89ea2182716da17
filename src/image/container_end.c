#include "image/container_end.h"

#include <stdio.h>
#include <string.h>

/* EBML's number of variable length; -1 for the value that means "unknown". */
static int64_t read_ebml_size(AVIOContext *in)
{
    const int first = avio_r8(in);
    int length = 1;
    for (int mask = 0x80; length <= 8 && !(first & mask); mask >>= 1) length++;
    if (length > 8) return -1;
    int64_t value = first & (0xff >> length);
    bool unknown = value == 0xff >> length;
    for (int i = 1; i < length; i++) {
        const int byte = avio_r8(in);
        unknown = unknown && byte == 0xff;
        value = value << 8 | byte;
    }
    return unknown ? -1 : value;
}

/* Where a Matroska file's Segment ends, or -1 when it does not say. */
static int64_t matroska_end(AVIOContext *in)
{
    if (avio_seek(in, 0, SEEK_SET) < 0 || avio_rb32(in) != 0x1A45DFA3) return -1;
    const int64_t header = read_ebml_size(in);
    if (header < 0 || avio_skip(in, header) < 0 || avio_rb32(in) != 0x18538067) return -1;
    const int64_t segment = read_ebml_size(in);
    return segment < 0 ? -1 : avio_tell(in) + segment;
}

bool gb_container_is_cut(AVFormatContext *format, const AVStream *stream, int64_t packets, int64_t tail, char *why,
                         size_t size)
{
    const char *name = format->iformat->name;
    const int64_t known = avio_size(format->pb), bytes = known >= 0 ? known : avio_tell(format->pb); /* of a pipe */
    if (strstr(name, "mp4") && packets < stream->nb_frames) {
        snprintf(why, size, "expected %lld frames, the file ends early", (long long)stream->nb_frames);
        return true;
    }
    if (!strcmp(name, "yuv4mpegpipe") && bytes > tail) {
        snprintf(why, size, "the file ends inside a frame");
        return true;
    }
    if (!strstr(name, "matroska")) return false;
    const int64_t end = matroska_end(format->pb);
    if (end <= bytes) return false;
    snprintf(why, size, "expected %lld bytes, the file ends after %lld", (long long)end, (long long)bytes);
    return true;
}

/* A box's length (8 or 16 bytes of header among them) and name; 0: there is none. */
static uint64_t read_box(FILE *file, char name[5])
{
    unsigned char head[16];
    uint64_t length = 0;
    if (fread(head, 1, 8, file) != 8) return 0;
    memcpy(name, head + 4, 4);
    name[4] = '\0';
    for (int i = 0; i < 4; i++) length = length << 8 | head[i];
    if (length != 1) return length;
    if (fread(head + 8, 1, 8, file) != 8) return 0;
    length = 0;
    for (int i = 8; i < 16; i++) length = length << 8 | head[i];
    return length;
}

bool gb_container_lacks_index(const char *path)
{
    enum { MOST_BOXES = 1000 };
    FILE *file = fopen(path, "rb");
    char name[5] = "";
    bool begun = false, indexed = false;
    uint64_t at = 0;
    for (int i = 0; file && i < MOST_BOXES && !indexed; i++) {
        const uint64_t length = fseeko(file, (off_t)at, SEEK_SET) == 0 ? read_box(file, name) : 0;
        if (length < 8 || (i == 0 && strcmp(name, "ftyp") != 0) || length > (uint64_t)INT64_MAX - at) break;
        begun = true;
        indexed = !strcmp(name, "moov");
        at += length;
    }
    if (file) fclose(file);
    return begun && !indexed;
}
