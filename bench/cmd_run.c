#include <stdio.h>

#include "commands.h"
#include "core/file.h"
#include "core/memory.h"
#include "run/campaign.h"
#include "run/table.h"

#include <stdlib.h>

static void print_json(const gb_run *run)
{
    char *path = gb_path_join(run->directory, "run.json"), *text = NULL;
    size_t size = 0;
    gb_error ignored;
    if (path && gb_file_read(path, (size_t)1 << 30, &text, &size, &ignored) == GB_OK) fwrite(text, 1, size, stdout);
    free(text);
    free(path);
}

gb_status gb_command_run(const gb_options *options, gb_error *err)
{
    gb_run *run = NULL;
    const gb_status status = gb_campaign_run(options, &run, err);
    if (run && options->json)
        print_json(run);
    else if (run && !options->quiet)
        gb_table_print(stdout, run);
    gb_run_free(run);
    return status;
}
