/* One argument a line. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "fuzz/targets.h"

#define ARGUMENTS 64

int fuzz_command_line(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *rest = text, *argv[ARGUMENTS + 2] = {"ganime-bench"};
    int argc = 1;
    const gb_command *command = NULL;
    gb_options options;
    gb_error err;
    if (!text) return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    while (rest && argc <= ARGUMENTS) argv[argc++] = strsep(&rest, "\n");
    (void)!gb_cli_parse(argc, argv, &command, &options, &err);
    gb_cli_free(&options);
    free(text);
    return 0;
}
