#include <stdlib.h>
#include <string.h>

#include "api/picture.h"
#include "checkpoint/checkpoint.h"
#include "core/memory.h"
#include "core/suggest.h"
#include "models/net.h"

#define MAX_GENERATORS 64

struct gb_extender {
    const gb_generator *generator;
    gb_geometry geometry;
    gb_net_plan *plan; /* of a net, with its one worker */
    gb_net_worker *worker;
    gb_image frame;    /* the wide one */
};

static gb_status find_generator(const char *id, const gb_generator **out, gb_error *err)
{
    const char *known[MAX_GENERATORS];
    size_t count;
    if (!id) return gb_fail(err, GB_E_ARG, "gb_extender_new: expected a generator's id, found none");
    *out = gb_generator_find(id);
    if (*out) return GB_OK;
    const gb_generator *const *generators = gb_generators(&count);
    if (count > MAX_GENERATORS) count = MAX_GENERATORS;
    for (size_t i = 0; i < count; i++) known[i] = generators[i]->id;
    const char *const near = gb_suggest(id, known, count);
    return gb_fail(err, GB_E_NOT_FOUND, "unknown generator '%s'%s%s%s", id, near ? ": did you mean '" : "",
                   near ? near : "", near ? "'?" : "");
}

static gb_status open_net(gb_extender *extender, const char *path, const char *device, gb_error *err)
{
    const gb_geometry g = extender->geometry;
    const gb_net_options options = {.batch = 1, .width = g.width, .height = g.height, .side = g.side};
    const gb_backend *backend = NULL;
    gb_weights *weights = NULL;
    gb_status status = GB_OK;
    GB_GO(gb_backend_select(device ? device : "auto", &backend, NULL, err));
    GB_GO(gb_checkpoint_read(path, &weights, NULL, err));
    GB_GO(gb_net_plan_new(extender->generator->net, weights, &options, backend, &extender->plan, err));
    GB_GO(gb_net_worker_new(extender->plan, &extender->worker, err));
done:
    gb_weights_free(weights);
    return status;
}

static gb_status open_extender(gb_extender *extender, const char *generator, const char *weights, const char *device,
                               gb_error *err)
{
    const gb_geometry g = extender->geometry;
    GB_TRY(find_generator(generator, &extender->generator, err));
    GB_TRY(gb_geometry_check(g, err));
    if (g.side == 0) return gb_fail(err, GB_E_ARG, "side: expected strips to invent, found 0 pixels");
    if (!weights != !extender->generator->net)
        return gb_fail(err, GB_E_ARG, "%s: expected %s weights, found %s", generator, weights ? "no" : "a file of",
                       weights ? weights : "none");
    GB_TRY(gb_image_new(g.width, g.height, &extender->frame, err));
    return weights ? open_net(extender, weights, device, err) : GB_OK;
}

gb_status gb_extender_new(const char *generator, const char *weights, const char *device, int width, int height,
                          int side, gb_extender **out, gb_error *err)
{
    if (!out) return gb_fail(err, GB_E_ARG, "gb_extender_new: expected a place for the extender");
    gb_extender *const extender = gb_alloc(1, sizeof *extender);
    if (!extender) return gb_fail_memory(err, "an extender", sizeof *extender);
    extender->geometry = (gb_geometry){.width = width, .height = height, .side = side};
    const gb_status status = open_extender(extender, generator, weights, device, err);
    if (status == GB_OK)
        *out = extender;
    else
        gb_extender_free(extender);
    return status;
}

void gb_extender_free(gb_extender *extender)
{
    if (!extender) return;
    gb_net_worker_free(extender->worker);
    gb_net_plan_free(extender->plan);
    gb_image_free(&extender->frame);
    free(extender);
}

gb_status gb_extender_run(gb_extender *extender, const gb_picture *narrow, const gb_picture *wide, gb_error *err)
{
    if (!extender) return gb_fail(err, GB_E_ARG, "gb_extender_run: expected an extender, found none");
    const gb_geometry g = extender->geometry;
    gb_image *const frame = &extender->frame;
    GB_TRY(gb_picture_check(narrow, "narrow", g.width - 2 * g.side, g.height, err));
    GB_TRY(gb_picture_check(wide, "wide", g.width, g.height, err));
    memset(frame->rgb, 0, (size_t)g.width * (size_t)g.height * 3);
    gb_picture_load(narrow, frame, g.side);
    if (extender->worker) {
        const gb_image *const frames[1] = {frame};
        const float *raw = NULL;
        GB_TRY(gb_net_run(extender->worker, frames, &raw, err));
        GB_TRY(gb_net_composite(extender->plan, raw, 0, GB_ROUND_NEAREST, frame, err));
    } else {
        GB_TRY(extender->generator->paint(frame, g.side, err));
    }
    gb_picture_store(frame, wide);
    return GB_OK;
}
