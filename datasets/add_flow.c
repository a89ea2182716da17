#include "datasets/add_flow.h"

#include <stdio.h>
#include <string.h>

#include "datasets/shot_writer.h"

typedef struct frames {
    gb_image truth, input, narrow; /* narrow: the input's centre, of paired packs */
} frames;

static gb_status cut_centre(const gb_image *input, int side, gb_image *out, gb_error *err)
{
    const int width = input->width - 2 * side;
    GB_TRY(gb_image_reserve(out, width, input->height, err));
    for (int y = 0; y < input->height; y++)
        memcpy(out->rgb + 3 * (size_t)y * (size_t)width,
               input->rgb + 3 * ((size_t)y * (size_t)input->width + (size_t)side), 3 * (size_t)width);
    return GB_OK;
}

static gb_status copy_shot(gb_pack *pack, const gb_shot *shot, gb_shot_writer *writer, frames *f, gb_error *err)
{
    const gb_pack_info *const info = gb_pack_get_info(pack);
    GB_TRY(gb_shot_writer_begin(writer, shot, err));
    for (int i = shot->first; i < shot->first + shot->count; i++) {
        GB_TRY(gb_pack_read(pack, i, &f->truth, &f->input, err));
        if (info->paired) GB_TRY(cut_centre(&f->input, info->geometry.side, &f->narrow, err));
        GB_TRY(gb_shot_writer_append(writer, &f->truth, info->paired ? &f->narrow : NULL, err));
    }
    return GB_OK;
}

static gb_status copy_shots(gb_pack *pack, const gb_build_options *options, gb_shot_writer *writer, gb_error *err)
{
    const gb_pack_info *const info = gb_pack_get_info(pack);
    const gb_shot *const shots = gb_pack_shots(pack);
    frames f = {0};
    gb_status status = GB_OK;
    for (int s = 0; s < info->shots && status == GB_OK; s++) {
        if (options->progress) options->progress(options->user, shots[s].clip, shots[s].first, info->frames);
        status = copy_shot(pack, &shots[s], writer, &f, err);
    }
    gb_image_free(&f.truth);
    gb_image_free(&f.input);
    gb_image_free(&f.narrow);
    return status;
}

gb_status gb_pack_add_flow(gb_pack *pack, const char *what, const gb_build_options *options, const char *out,
                           gb_error *err)
{
    gb_pack_info info = *gb_pack_get_info(pack);
    gb_build_options flowing = *options;
    gb_shot_writer *writer = NULL;
    if (info.has_flow)
        return gb_fail(err, GB_E_USAGE, "%s: expected a pack without flow, found flow (%s)", what, info.flow_from);
    flowing.flow = true;
    if (options->id) snprintf(info.id, sizeof info.id, "%s", options->id);
    if (options->domain) snprintf(info.domain, sizeof info.domain, "%s", options->domain);
    GB_TRY(gb_shot_writer_open(out, &info, &flowing, &writer, err));
    return gb_shot_writer_close(writer, copy_shots(pack, options, writer, err), false, err);
}
