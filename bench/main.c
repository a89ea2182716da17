/* The only exit of the program: a status becomes an exit code and one line on stderr. */
#include <stdio.h>

#include "cli/cli.h"
#include "version.h"

/* The contract of README.md and results/README.md. */
static int exit_code(gb_status status)
{
    switch (status) {
    case GB_OK: return 0;
    case GB_E_WORSE: return 1;
    case GB_E_USAGE: return 2;
    case GB_E_UNLIKE: return 4;
    case GB_E_NO_BASELINE: return 5;
    default: return 3;
    }
}

static void print_version(void)
{
    printf("ganime-bench %s (%s)\n%s\n", GB_VERSION, gb_version_commit(), gb_version_compiler());
    cJSON *libraries = gb_version_libraries();
    for (const cJSON *item = libraries ? libraries->child : NULL; item; item = item->next)
        printf("%s %s\n", item->string, item->valuestring);
    cJSON_Delete(libraries);
}

static gb_status carry_out(const gb_command *command, const gb_options *options, gb_error *err)
{
    if (options->version) {
        print_version();
        return GB_OK;
    }
    if (options->help || !command) {
        gb_cli_help(stdout, command);
        return GB_OK;
    }
    return command->run(options, err);
}

int main(int argc, char **argv)
{
    const gb_command *command = NULL;
    gb_options options;
    gb_error err = {0};
    gb_status status = gb_cli_parse(argc, argv, &command, &options, &err);
    if (status == GB_OK) status = carry_out(command, &options, &err);
    if (status == GB_OK && (fflush(stdout) != 0 || ferror(stdout)))
        status = gb_fail(&err, GB_E_IO, "stdout: cannot write");
    if (status != GB_OK) fprintf(stderr, "ganime-bench: %s\n", err.text);
    gb_cli_free(&options);
    return exit_code(status);
}
