#include "datasets/clip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/video.h"

#define PROGRESS_EVERY 16

gb_status gb_clip_begin(gb_clip_writer *writer, const gb_clip *clip, double fps, gb_error *err)
{
    gb_shot *shot = &writer->shot;
    memset(shot, 0, sizeof *shot);
    snprintf(shot->clip, sizeof shot->clip, "%s", clip->name);
    snprintf(shot->split, sizeof shot->split, "%s", clip->split && *clip->split ? clip->split : "test");
    shot->stride = clip->stride > 0 ? clip->stride : 1;
    shot->fps = fps;
    writer->index = clip->first;
    writer->fresh = true;
    if (clip->first < 0 || clip->stride < 0 || (clip->end && clip->end <= clip->first))
        return gb_fail(err, GB_E_ARG, "%s: expected 0 <= first < end and stride >= 1, found %d, %d and %d", clip->name,
                       clip->first, clip->end, clip->stride);
    return GB_OK;
}

gb_status gb_clip_add(gb_clip_writer *writer, const gb_image *wide, const gb_image *narrow, gb_error *err)
{
    if (writer->fresh || gb_is_cut(&writer->previous, wide)) {
        writer->shot.source_first = writer->index;
        writer->since_cut = 0;
        writer->fresh = false;
        GB_TRY(gb_shot_writer_begin(writer->shots, &writer->shot, err));
    }
    if (writer->since_cut % writer->shot.stride == 0) GB_TRY(gb_shot_writer_append(writer->shots, wide, narrow, err));
    writer->index++;
    writer->since_cut++;
    if (writer->progress && ++writer->done % PROGRESS_EVERY == 0)
        writer->progress(writer->user, writer->shot.clip, writer->done, writer->total);
    return gb_image_copy(wide, &writer->previous, err);
}

void gb_clip_writer_clear(gb_clip_writer *writer)
{
    gb_image_free(&writer->previous);
}

gb_status gb_clip_check_shape(gb_geometry geometry, const char *path, int width, int height, gb_error *err)
{
    const long long off = llabs((long long)width * geometry.height - (long long)height * geometry.width);
    if (off <= (height > geometry.height ? height : geometry.height)) return GB_OK;
    const bool narrower = (long long)width * geometry.height < (long long)height * geometry.width;
    return gb_fail(err, GB_E_MISMATCH, "%s: expected a picture of the shape of %dx%d, found %dx%d%s", path,
                   geometry.width, geometry.height, width, height,
                   narrower && geometry.side ? "; a 4:3 picture has no sides to score (`extend` widens it)" : "");
}

static gb_status open_clip(const gb_clip_writer *writer, const gb_clip *clip, const char *path, gb_video **out,
                           gb_error *err)
{
    const gb_geometry geometry = writer->geometry;
    gb_video_options options = {.width = geometry.width, .height = geometry.height};
    if (clip->cropped) {
        options.crop_w = clip->crop_w;
        options.crop_h = clip->crop_h;
        options.crop_x = clip->crop_x;
        options.crop_y = clip->crop_y;
    }
    gb_video *video = NULL;
    GB_TRY(gb_video_open(path, &options, &video, err));
    const gb_video_info info = gb_video_get_info(video);
    const gb_status status = clip->cropped
                                 ? gb_clip_check_shape(geometry, path, clip->crop_w, clip->crop_h, err)
                                 : gb_clip_check_shape(geometry, path, info.width, info.height, err);
    if (status != GB_OK)
        gb_video_close(video);
    else
        *out = video;
    return status;
}

static gb_status copy_frames(gb_clip_writer *writer, const gb_clip *clip, const char *path, gb_video *video,
                             gb_image *frame, gb_error *err)
{
    bool end = false;
    int index = 0;
    for (; !end && (!clip->end || index < clip->end); index++) {
        if (index < clip->first) {
            GB_TRY(gb_video_skip(video, &end, err));
            continue;
        }
        GB_TRY(gb_video_next(video, frame, &end, err));
        if (!end) GB_TRY(gb_clip_add(writer, frame, NULL, err));
    }
    if (!end) return GB_OK;
    const int found = index - 1;
    const int needed = clip->end ? clip->end : clip->first + 1;
    if (found >= needed) return GB_OK;
    return gb_fail(err, GB_E_MISMATCH, "%s: expected at least %d frames, found %d", path, needed, found);
}

gb_status gb_clip_from_video(gb_clip_writer *writer, const gb_clip *clip, const char *path, gb_error *err)
{
    gb_video *video = NULL;
    gb_image frame = {0};
    GB_TRY(open_clip(writer, clip, path, &video, err));
    gb_status status = gb_clip_begin(writer, clip, gb_video_get_info(video).fps, err);
    if (status == GB_OK) status = copy_frames(writer, clip, path, video, &frame, err);
    gb_image_free(&frame);
    gb_video_close(video);
    return status;
}
