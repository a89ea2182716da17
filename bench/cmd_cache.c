#include <stdio.h>

#include "cells/cache.h"
#include "cli/print_json.h"
#include "commands.h"

static cJSON *describe(const gb_cell_cache *cache, const gb_cell_cache_size *size, const char *what)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "folder", gb_cell_cache_path(cache));
    cJSON_AddNumberToObject(object, what, (double)size->files);
    cJSON_AddNumberToObject(object, "bytes", (double)size->bytes);
    return object;
}

static gb_status with_cache(const gb_options *options, bool clear, gb_error *err)
{
    gb_cell_cache *cache = NULL;
    gb_cell_cache_size size = {0};
    GB_TRY(gb_cell_cache_open(0, &cache, err));
    gb_status status =
        clear ? gb_cell_cache_clear(cache, &size, err) : gb_cell_cache_measure(cache, &size, err);
    if (status == GB_OK && options->json)
        status = gb_print_json(stdout, describe(cache, &size, clear ? "removed" : "entries"), err);
    else if (status == GB_OK)
        printf("%s: %llu entries, %.1f MB%s\n", gb_cell_cache_path(cache), size.files, (double)size.bytes / 1e6,
               clear ? ", removed" : "");
    gb_cell_cache_close(cache);
    return status;
}

gb_status gb_command_cache_info(const gb_options *options, gb_error *err)
{
    return with_cache(options, false, err);
}

gb_status gb_command_cache_clear(const gb_options *options, gb_error *err)
{
    return with_cache(options, true, err);
}
