/* The only exit of the program: a status becomes an exit code and one line on stderr. */
#include <hdf5.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/exit_codes.h"
#include "core/json.h"
#include "core/memory.h"
#include "version.h"

static gb_status carry_out(const gb_command *command, const gb_options *options, gb_error *err)
{
    if (options->version) return gb_version_print(stdout, options->json, err);
    if (options->help || !command) {
        gb_cli_help(stdout, command, options->help_group);
        return GB_OK;
    }
    return command->run(options, err);
}

int main(int argc, char **argv)
{
    const gb_command *command = NULL;
    gb_options options;
    gb_error err = {0};
    gb_json_watch_memory();
    H5dont_atexit(); /* what a damaged file left open there HDF5 1.10 would close once more, and crash */
    gb_status status = gb_cli_parse(argc, argv, &command, &options, &err);
    if (status == GB_OK) status = carry_out(command, &options, &err);
    if (status == GB_OK && (fflush(stdout) != 0 || ferror(stdout)))
        status = gb_fail(&err, GB_E_IO, "stdout: cannot write");
    if (status == GB_OK && gb_text_was_lost()) status = gb_fail_memory(&err, "a text", 0);
    if (status != GB_OK) fprintf(stderr, "ganime-bench: %s\n", err.text);
    gb_cli_free(&options);
    return gb_exit_code_of(status);
}
