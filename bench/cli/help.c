#include <string.h>

#include "cli/cli.h"
#include "cli/exit_codes.h"
#include "cli/options.h"

/* Prints `text` wrapped to 100 columns, continuation lines indented. */
static void wrapped(FILE *out, const char *text, int column, int indent)
{
    while (*text) {
        const size_t word = strcspn(text, " ");
        if (column + (int)word > 100) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        }
        fprintf(out, "%.*s", (int)word, text);
        column += (int)word;
        text += word;
        if (*text == ' ') {
            fputc(' ', out);
            column++;
            text++;
        }
    }
    fputc('\n', out);
}

static void option_help(FILE *out, const gb_option *option)
{
    char left[64];
    snprintf(left, sizeof left, "  --%s%s%s", option->name, option->value ? " " : "",
             option->value ? option->value : "");
    if (strlen(left) > 26)
        fprintf(out, "%s\n%28s", left, "");
    else
        fprintf(out, "%-28s", left);
    wrapped(out, option->help, 28, 28);
}

static void command_help(FILE *out, const gb_command *command)
{
    fprintf(out, "usage: ganime-bench %s%s%s [options]\n\n", command->name, *command->arguments ? " " : "",
            command->arguments);
    wrapped(out, command->summary, 0, 0);
    if (command->details) fprintf(out, "\n%s\n", command->details);
    fputs("\noptions:\n", out);
    for (int i = 0; i < GB_OPT_COUNT; i++)
        if ((command->takes & GB_TAKES(i)) || i == GB_OPT_HELP) option_help(out, &gb_option_table[i]);
    if (command->examples) fprintf(out, "\nexamples:\n%s", command->examples);
}

static void exit_codes(FILE *out)
{
    char text[512] = "exit codes: ";
    const int indent = (int)strlen(text);
    for (const gb_exit_code *one = gb_exit_codes; one->meaning; one++) {
        const size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%d %s%s", one->code, one->meaning, one[1].meaning ? ", " : "");
    }
    wrapped(out, text, 0, indent);
}

static void general_help(FILE *out)
{
    fputs("ganime-bench evaluates generators that widen 4:3 animation to 16:9 by inventing the two side strips.\n\n"
          "usage: ganime-bench COMMAND [arguments] [options]\n"
          "       ganime-bench --all                 everything: all generators, datasets, metrics, reports\n\n"
          "commands:\n",
          out);
    for (const gb_command *command = gb_commands; command->name; command++) {
        char left[64];
        snprintf(left, sizeof left, "  %s %s", command->name, command->arguments);
        fprintf(out, "%-34s", left);
        wrapped(out, command->summary, 34, 34);
    }
    fputs("\nexamples:\n"
          "  ganime-bench --all\n"
          "  ganime-bench run --generator mirror,edge --dataset episode.mkv --limit 200\n"
          "  ganime-bench run --generator lama-fourier --weights my.ckpt --dataset toon\n"
          "  ganime-bench score truth.png widened.png --json\n\n",
          out);
    exit_codes(out);
    fputs("'ganime-bench COMMAND --help' tells more, `ganime-bench manual | man -l -` all.\n", out);
}

void gb_cli_help(FILE *out, const gb_command *command)
{
    if (command)
        command_help(out, command);
    else
        general_help(out);
}
