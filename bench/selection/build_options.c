#include "selection/build_options.h"

#include <string.h>

#include "core/file.h"

#include <unistd.h>

static gb_geometry read_geometry(const gb_options *options)
{
    gb_geometry g = {.width = (int)options->width, .height = (int)options->height, .side = (int)options->side};
    if (options->side >= 0) return g;
    g.side = gb_geometry_default_side(g.width, g.height);
    if (g.side == 0) g.side = g.width / 8;
    return g;
}

gb_build_options gb_build_options_read(const gb_options *options, gb_progress *progress)
{
    *progress = (gb_progress){.visible = !options->quiet && !options->json && isatty(STDERR_FILENO)};
    return (gb_build_options){
        .geometry = read_geometry(options), .progress = gb_progress_build, .user = progress};
}

gb_status gb_build_options_open(const gb_options *options, const char *name, gb_pack **out, gb_error *err)
{
    gb_progress progress;
    const gb_build_options build = gb_build_options_read(options, &progress);
    const gb_status status = gb_dataset_open(name, &build, out, err);
    gb_progress_end(&progress);
    return status;
}

gb_status gb_build_options_check_name(const char *name, gb_error *err)
{
    size_t count;
    const gb_dataset *const *all = gb_datasets(&count);
    const char *known[64];
    if (gb_dataset_find(name) || gb_file_exists(name)) return GB_OK;
    if (strpbrk(name, "./")) return gb_fail(err, GB_E_NOT_FOUND, "%s: no such dataset file or folder", name);
    if (count > sizeof known / sizeof *known) count = sizeof known / sizeof *known;
    for (size_t i = 0; i < count; i++) known[i] = all[i]->id;
    return gb_cli_unknown("dataset", name, known, count, err);
}
