#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "run/parts.h"

/* Writing over a part would lose it. */
static gb_status check_out(const gb_options *options, gb_error *err)
{
    if (!options->out) return gb_fail(err, GB_E_USAGE, "merge: expected --out DIR");
    gb_status status = GB_OK;
    char *out = realpath(options->out, NULL);
    for (int i = 0; out && i < options->argument_count && status == GB_OK; i++) {
        char *in = realpath(options->argument[i], NULL);
        if (in && !strcmp(in, out))
            status = gb_fail(err, GB_E_USAGE, "merge --out %s: expected another folder than the parts", options->out);
        free(in);
    }
    free(out);
    return status;
}

/* The parts' own command once more, with all its cells taken from them. */
gb_status gb_command_merge(const gb_options *options, gb_error *err)
{
    gb_parts parts = {0};
    GB_TRY(check_out(options, err));
    GB_TRY(gb_parts_read(options->argument, options->argument_count, options->allow_missing, &parts, err));
    gb_options whole = parts.job->options;
    whole.out = options->out;
    whole.shard = NULL;
    whole.cache = false;
    whole.parts = parts.folder;
    whole.part_count = parts.count;
    whole.command_line = options->command_line;
    whole.threads = options->threads;
    whole.no_panels = whole.no_panels || options->no_panels;
    whole.quiet = options->quiet;
    whole.json = options->json;
    const gb_status status = gb_run_and_print(&whole, err);
    gb_parts_free(&parts);
    return status;
}
