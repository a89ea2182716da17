#include <stdio.h>
#include <string.h>

#include "cli/completion.h"
#include "commands.h"

gb_status gb_command_manual(const gb_options *options, gb_error *err)
{
    (void)options;
    (void)err;
    gb_manual(stdout);
    return GB_OK;
}

gb_status gb_command_completion(const gb_options *options, gb_error *err)
{
    const char *known[8];
    size_t count = 0;
    for (const gb_shell *shell = gb_shells; shell->id; shell++) {
        if (!strcmp(shell->id, options->argument[0])) {
            shell->write(stdout);
            return GB_OK;
        }
        known[count++] = shell->id;
    }
    return gb_cli_unknown("shell", options->argument[0], known, count, err);
}
