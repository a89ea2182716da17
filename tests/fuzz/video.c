/* FFmpeg's demuxers and decoders, and what is made of what they say. */
#include "fuzz/targets.h"
#include "image/video.h"

#define FRAMES 4

int fuzz_video(const uint8_t *data, size_t size)
{
    const gb_video_options options = {.width = 64, .height = 36};
    const char *path = fuzz_file(data, size);
    gb_video *video = NULL;
    gb_image frame = {0};
    gb_error err;
    bool end = false;
    if (!path || gb_video_open(path, &options, &video, &err) != GB_OK) return 0;
    for (int i = 0; i < FRAMES && !end; i++)
        if (gb_video_next(video, &frame, &end, &err) != GB_OK) break;
    gb_image_free(&frame);
    gb_video_close(video);
    return 0;
}
