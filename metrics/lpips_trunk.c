#include "metrics/lpips_trunk.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"

#define SEED 20261128u

struct gb_lpips_trunk {
    const gb_plan *plan;
    gb_session *session;
    gb_geometry geometry;
    const float (*levels)[256];
    bool reruns;   /* the backend can compute some columns alone */
    bool checked;  /* that has been checked once */
    gb_image last; /* whose maps are in the session */
    bool has_last;
};

gb_graph_use gb_lpips_trunk_use(gb_geometry geometry)
{
    const int64_t width = geometry.width, side = geometry.side;
    if (side == 0) return (gb_graph_use){0};
    return (gb_graph_use){.changing = {.count = 2, .run = {{0, side}, {width - side, width}}}};
}

gb_status gb_lpips_trunk_new(const gb_plan *plan, const gb_backend *backend, gb_geometry geometry,
                             const float (*levels)[256], gb_lpips_trunk **out, gb_error *err)
{
    gb_lpips_trunk *trunk = gb_alloc(1, sizeof *trunk);
    if (!trunk) return gb_fail_memory(err, "feature maps", sizeof *trunk);
    gb_status status;
    trunk->plan = plan;
    trunk->geometry = geometry;
    trunk->levels = levels;
    trunk->reruns = geometry.side > 0 && backend->session_rerun != NULL;
    GB_GO(gb_image_new(geometry.width, geometry.height, &trunk->last, err));
    GB_GO(gb_session_new(plan, &trunk->session, err));
    *out = trunk;
    trunk = NULL;
done:
    gb_lpips_trunk_free(trunk);
    return status;
}

void gb_lpips_trunk_free(gb_lpips_trunk *trunk)
{
    if (!trunk) return;
    gb_session_free(trunk->session);
    gb_image_free(&trunk->last);
    free(trunk);
}

const float *gb_lpips_trunk_map(const gb_lpips_trunk *trunk, int tap)
{
    return gb_session_output(trunk->session, (size_t)tap);
}

/* Columns [from, to) of the picture into the net's input, and into what is remembered of it. */
static void take_columns(gb_lpips_trunk *trunk, const gb_image *image, int from, int to)
{
    float *const input = gb_session_input(trunk->session, 0);
    const size_t count = 3 * (size_t)(to - from);
    for (int y = 0; y < image->height; y++) {
        const size_t at = 3 * ((size_t)y * (size_t)image->width + (size_t)from);
        memcpy(trunk->last.rgb + at, image->rgb + at, count);
        for (size_t i = 0; i < count; i += 3)
            for (size_t c = 0; c < 3; c++) input[at + i + c] = trunk->levels[c][image->rgb[at + i + c]];
    }
}

/* By what is in the strips. */
static bool is_sampled(const gb_lpips_trunk *trunk, const gb_image *image)
{
    const gb_geometry g = trunk->geometry;
    const size_t row = 3 * (size_t)g.width, strip = 3 * (size_t)g.side;
    uint64_t hash = SEED;
    for (size_t y = 0; y < (size_t)g.height; y += 8) {
        const uint8_t *const first = image->rgb + y * row;
        for (size_t i = 0; i < strip; i++)
            hash = (hash ^ first[i] ^ (uint64_t)first[row - 1 - i] << 8) * 0x100000001b3u;
    }
    return gb_random_mix(hash) % GB_LPIPS_CHECKED == 0;
}

/* Of all maps' bits, two numbers at a time: channels are even. */
static uint64_t hash_maps(const gb_lpips_trunk *trunk)
{
    uint64_t hash = SEED;
    for (size_t tap = 0; tap < gb_plan_output_count(trunk->plan); tap++) {
        const float *const map = gb_session_output(trunk->session, tap);
        const size_t size = gb_shape_size(gb_plan_output_shape(trunk->plan, tap));
        for (size_t i = 0; i < size; i += 2) {
            uint64_t bits;
            memcpy(&bits, &map[i], sizeof bits);
            hash = (hash ^ bits) * 0x100000001b3u;
        }
    }
    return hash;
}

static gb_status check_whole(gb_lpips_trunk *trunk, gb_error *err)
{
    const uint64_t in_part = hash_maps(trunk);
    GB_TRY(gb_session_run(trunk->session, err));
    trunk->checked = true;
    if (hash_maps(trunk) == in_part) return GB_OK;
    return gb_fail(err, GB_E_NUMERIC,
                   "the features of a frame computed for the strips alone are not those computed whole");
}

gb_status gb_lpips_trunk_run(gb_lpips_trunk *trunk, const gb_image *image, gb_error *err)
{
    const int width = image->width, side = trunk->geometry.side;
    const bool again = trunk->reruns && trunk->has_last && gb_image_same_centre(image, &trunk->last, side);
    trunk->has_last = false;
    take_columns(trunk, image, 0, again ? side : width);
    if (again) {
        take_columns(trunk, image, width - side, width);
        GB_TRY(gb_session_rerun(trunk->session, err));
        if (!trunk->checked || is_sampled(trunk, image)) GB_TRY(check_whole(trunk, err));
    } else {
        GB_TRY(gb_session_run(trunk->session, err));
    }
    trunk->has_last = true;
    return GB_OK;
}
