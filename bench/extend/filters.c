#include "extend/filters.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/dataset.h"

struct gb_filters {
    const gb_extend_plan *plan;
    const char *folder;
    gb_stabiliser **filter; /* one a contender; NULL: has none */
    size_t state_size;      /* of all of them */
    long frames;            /* that have gone through */
    gb_image before, now;   /* centres */
};

bool gb_filters_wanted(const gb_extend_plan *plan)
{
    for (int i = 0; i < plan->contenders.count; i++)
        if (plan->contenders.item[i].holds) return true;
    return false;
}

void gb_filters_free(gb_filters *filters)
{
    if (!filters) return;
    for (int i = 0; filters->filter && i < filters->plan->contenders.count; i++)
        gb_stabiliser_free(filters->filter[i]);
    free(filters->filter);
    gb_image_free(&filters->before);
    gb_image_free(&filters->now);
    free(filters);
}

static void take_centre(const gb_filters *f, const gb_image *frame, gb_image *centre)
{
    const size_t side = (size_t)f->plan->layout.work.side, row = (size_t)centre->width * 3;
    for (size_t y = 0; y < (size_t)frame->height; y++)
        memcpy(centre->rgb + y * row, frame->rgb + (y * (size_t)frame->width + side) * 3, row);
}

/* Numbered as segments are, so that the folder is cleared of them before the job's description goes. */
static char *state_path(const gb_filters *f, long frames)
{
    return gb_format("%s/%08ld.state", f->folder, frames);
}

static gb_status load(gb_filters *f, gb_error *err)
{
    char *bytes = NULL, *path = f->folder ? state_path(f, f->frames) : NULL;
    size_t size = 0;
    gb_status status = path ? GB_OK : gb_fail_memory(err, "state", 0);
    if (status == GB_OK) status = gb_file_read(path, f->state_size, &bytes, &size, err);
    if (status == GB_OK && size != f->state_size)
        status = gb_fail(err, GB_E_FORMAT, "%s: expected %zu bytes, found %zu: remove %s to begin again", path,
                         f->state_size, size, f->folder);
    const uint8_t *at = (const uint8_t *)bytes;
    for (int i = 0; status == GB_OK && i < f->plan->contenders.count; i++) {
        if (!f->filter[i]) continue;
        gb_stabiliser_load(f->filter[i], at);
        at += gb_stabiliser_state_size(f->filter[i]);
        take_centre(f, gb_stabiliser_last(f->filter[i]), &f->before);
    }
    free(bytes);
    free(path);
    return status;
}

gb_status gb_filters_new(const gb_extend_plan *plan, const char *folder, long there, gb_filters **out, gb_error *err)
{
    const gb_geometry g = plan->layout.work;
    gb_status status = GB_OK;
    gb_filters *f = gb_alloc(1, sizeof *f);
    if (!f) return gb_fail_memory(err, "filters", sizeof *f);
    *f = (gb_filters){.plan = plan, .folder = folder, .frames = there};
    f->filter = gb_alloc((size_t)plan->contenders.count, sizeof(gb_stabiliser *));
    if (!f->filter) GB_GO(gb_fail_memory(err, "filters", 0));
    for (int i = 0; i < plan->contenders.count; i++) {
        GB_GO(gb_contender_stabiliser(&plan->contenders.item[i], g, &f->filter[i], err));
        if (f->filter[i]) f->state_size += gb_stabiliser_state_size(f->filter[i]);
    }
    GB_GO(gb_image_new(g.width - 2 * g.side, g.height, &f->before, err));
    GB_GO(gb_image_new(g.width - 2 * g.side, g.height, &f->now, err));
    if (there) GB_GO(load(f, err));
    *out = f;
done:
    if (status != GB_OK) gb_filters_free(f);
    return status;
}

gb_status gb_filters_step(gb_filters *filters, gb_image *const *frames, uint8_t **state, gb_error *err)
{
    gb_filters *f = filters;
    *state = NULL;
    take_centre(f, frames[0], &f->now);
    const bool follows = f->frames > 0 && !gb_is_cut(&f->before, &f->now);
    for (int i = 0; i < f->plan->contenders.count; i++)
        if (f->filter[i]) gb_stabiliser_step(f->filter[i], follows, frames[i]);
    const gb_image swap = f->before;
    f->before = f->now;
    f->now = swap;
    if (++f->frames % f->plan->segment || !f->folder) return GB_OK;
    uint8_t *at = gb_alloc(f->state_size, 1);
    if (!at) return gb_fail_memory(err, "state", f->state_size);
    *state = at;
    for (int i = 0; i < f->plan->contenders.count; i++) {
        if (!f->filter[i]) continue;
        gb_stabiliser_save(f->filter[i], at);
        at += gb_stabiliser_state_size(f->filter[i]);
    }
    return GB_OK;
}

gb_status gb_filters_keep(const gb_filters *filters, long frames, const uint8_t *state, gb_error *err)
{
    char *path = state_path(filters, frames);
    if (!path) return gb_fail_memory(err, "state", 0);
    const gb_status status = gb_file_write(path, state, filters->state_size, err);
    free(path);
    return status;
}

void gb_filters_forget(const gb_filters *filters, long frames)
{
    char *path = state_path(filters, frames);
    if (path) unlink(path);
    free(path);
}
