#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/fold.h"
#include "cli/print_json.h"
#include "commands.h"
#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "datasets/dataset.h"
#include "selection/build_options.h"

static gb_status find(const char *id, const gb_dataset **out, gb_error *err)
{
    size_t count;
    const gb_dataset *const *all = gb_datasets(&count);
    const char *known[64];
    if (count > 64) count = 64;
    for (size_t i = 0; i < count; i++) known[i] = all[i]->id;
    *out = gb_dataset_find(id);
    return *out ? GB_OK : gb_cli_unknown("dataset", id, known, count, err);
}

/* Whether it holds flow, and how that was found. */
static void add_flow(cJSON *object, const gb_pack_info *info)
{
    cJSON_AddBoolToObject(object, "flow", info->has_flow);
    gb_json_add_string(object, "flow_from", info->has_flow ? info->flow_from : NULL);
}

static cJSON *describe(const gb_pack_info *info, const gb_shot *shots)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "id", info->id);
    cJSON_AddStringToObject(object, "title", info->title);
    cJSON_AddStringToObject(object, "domain", info->domain);
    cJSON_AddStringToObject(object, "licence", info->licence);
    cJSON_AddStringToObject(object, "source", info->source);
    cJSON_AddStringToObject(object, "content", info->content);
    cJSON_AddNumberToObject(object, "width", info->geometry.width);
    cJSON_AddNumberToObject(object, "height", info->geometry.height);
    cJSON_AddNumberToObject(object, "side", info->geometry.side);
    cJSON_AddNumberToObject(object, "frames", info->frames);
    cJSON_AddBoolToObject(object, "paired", info->paired);
    add_flow(object, info);
    cJSON *list = cJSON_AddArrayToObject(object, "shots");
    for (int s = 0; s < info->shots; s++) {
        cJSON *shot = cJSON_CreateObject();
        cJSON_AddStringToObject(shot, "clip", shots[s].clip);
        cJSON_AddStringToObject(shot, "split", shots[s].split);
        cJSON_AddNumberToObject(shot, "first", shots[s].first);
        cJSON_AddNumberToObject(shot, "frames", shots[s].count);
        cJSON_AddNumberToObject(shot, "source_first", shots[s].source_first);
        cJSON_AddNumberToObject(shot, "stride", shots[s].stride);
        gb_json_add_number(shot, "fps", shots[s].fps);
        cJSON_AddStringToObject(shot, "tags", shots[s].tags);
        gb_json_append(list, shot);
    }
    return object;
}

/* A pack that was just made, as it can be read again: what it holds, and where it lies. */
static gb_status print_made(const char *path, gb_error *err)
{
    gb_pack *pack = NULL;
    GB_TRY(gb_pack_open(path, &pack, err));
    cJSON *object = describe(gb_pack_get_info(pack), gb_pack_shots(pack));
    cJSON_AddStringToObject(object, "path", path);
    const gb_status status = gb_print_json(stdout, object, err);
    gb_pack_close(pack);
    return status;
}

gb_status gb_command_dataset_fetch(const gb_options *options, gb_error *err)
{
    const gb_dataset *dataset = NULL;
    gb_progress progress;
    const gb_build_options build = gb_build_options_read(options, &progress);
    char *path = NULL;
    GB_TRY(find(options->argument[0], &dataset, err));
    gb_status status = gb_dataset_fetch(dataset, options->from, &build, err);
    gb_progress_end(&progress);
    if (status == GB_OK) status = gb_dataset_pack_path(dataset, build.geometry, &path, err);
    if (status == GB_OK && options->json) status = print_made(path, err);
    else if (status == GB_OK && !options->quiet) printf("%s: %s\n", dataset->id, path);
    free(path);
    return status;
}

static gb_status read_shots(const gb_list *asked, gb_build_options *build, gb_error *err)
{
    static const char *const split[3] = {"train=", "val=", "test="};
    build->shots_given = asked->count > 0;
    for (int i = 0; i < asked->count; i++) {
        const char *text = asked->item[i];
        int which = 0;
        while (which < 3 && strncmp(text, split[which], strlen(split[which])) != 0) which++;
        char *end = NULL;
        const char *number = which < 3 ? text + strlen(split[which]) : text;
        const long value = which < 3 ? strtol(number, &end, 10) : -1;
        if (value < 0 || value > 1000000 || end == number || *end)
            return gb_fail(err, GB_E_USAGE, "--shots: expected train=N, val=N or test=N, N of 0..1000000, found '%s'",
                           text);
        build->shots[which] = (int)value;
    }
    return GB_OK;
}

gb_status gb_command_dataset_build(const gb_options *options, gb_error *err)
{
    gb_progress progress;
    gb_build_options build = gb_build_options_read(options, &progress);
    build.split = options->split;
    build.id = options->id;
    build.domain = options->domain;
    build.flow = options->flow;
    build.first = (int)options->first;
    build.end = (int)options->end;
    build.stride = (int)options->stride;
    build.threads = (int)options->threads;
    GB_TRY(read_shots(&options->shots, &build, err));
    const char *source = options->argument[0];
    char *out = NULL;
    if (options->out) {
        out = gb_strdup(options->out);
    } else {
        const char *base = gb_path_base(source);
        out = gb_format("%.*s.h5", (int)(strlen(base) - strlen(gb_path_extension(base))), base);
    }
    if (!out) return gb_fail_memory(err, "path", strlen(source));
    gb_status status = gb_dataset_build(source, &build, out, err);
    gb_progress_end(&progress);
    if (status == GB_OK && options->json) status = print_made(out, err);
    else if (status == GB_OK && !options->quiet) printf("%s\n", out);
    free(out);
    return status;
}

static gb_status open_pack(const gb_options *options, gb_pack **out, gb_error *err)
{
    GB_TRY(gb_build_options_check_name(options->argument[0], err));
    return gb_build_options_open(options, options->argument[0], out, err);
}

static void print_info(FILE *out, const gb_pack_info *info, const gb_shot *shots)
{
    fprintf(out, "%s: %s\n  %d frames of %d x %d, sides of %d px, %s\n  domain   %s\n  licence  %s\n  source   %s\n"
           "  content  %s\n  flow     %s\n\n  %5s %-28s %-6s %7s %7s %8s %7s  %s\n",
           info->id, info->title, info->frames, info->geometry.width, info->geometry.height, info->geometry.side,
           info->paired ? "with 4:3 frames of their own" : "4:3 frames are the centres", info->domain, info->licence,
           info->source, info->content, info->has_flow ? info->flow_from : "none", "shot", "clip", "split", "first",
           "frames", "source", "fps", "tags");
    for (int s = 0; s < info->shots; s++)
        fprintf(out, "  %5d %-28s %-6s %7d %7d %8d %7.3f  %s\n", s, shots[s].clip, shots[s].split, shots[s].first,
               shots[s].count, shots[s].source_first, shots[s].fps, shots[s].tags);
}

gb_status gb_command_dataset_info(const gb_options *options, gb_error *err)
{
    gb_pack *pack = NULL;
    GB_TRY(open_pack(options, &pack, err));
    gb_status status = GB_OK;
    if (options->json) {
        status = gb_print_json(stdout, describe(gb_pack_get_info(pack), gb_pack_shots(pack)), err);
    } else {
        gb_fold fold;
        FILE *const out = gb_fold_open(&fold, stdout);
        print_info(out, gb_pack_get_info(pack), gb_pack_shots(pack));
        status = gb_fold_close(&fold, out, err);
    }
    gb_pack_close(pack);
    return status;
}

/* Of a pack whose every frame was read and found to be what its hash says. */
static cJSON *describe_checked(const gb_pack_info *info)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "id", info->id);
    cJSON_AddNumberToObject(object, "frames", info->frames);
    cJSON_AddStringToObject(object, "content", info->content);
    add_flow(object, info);
    cJSON_AddBoolToObject(object, "good", true);
    return object;
}

static void print_checked(const gb_pack_info *info)
{
    printf("%s: %d frames, ", info->id, info->frames);
    if (info->has_flow) printf("flow (%s), ", info->flow_from);
    printf("content %s: good\n", info->content);
}

gb_status gb_command_dataset_verify(const gb_options *options, gb_error *err)
{
    gb_pack *pack = NULL;
    GB_TRY(open_pack(options, &pack, err));
    gb_status status = gb_pack_verify(pack, err);
    if (status == GB_OK && options->json)
        status = gb_print_json(stdout, describe_checked(gb_pack_get_info(pack)), err);
    else if (status == GB_OK && !options->quiet)
        print_checked(gb_pack_get_info(pack));
    gb_pack_close(pack);
    return status;
}
