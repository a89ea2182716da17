#include <string.h>

#include "cli/cli.h"
#include "cli/exit_codes.h"
#include "cli/options.h"

/* Prints `text` wrapped to 100 columns, continuation lines indented, no blank at a line's end. */
static void wrapped(FILE *out, const char *text, int column, int indent)
{
    for (bool first = true; *text; first = false) {
        text += strspn(text, " ");
        const int word = (int)strcspn(text, " ");
        const bool fits = column + word + !first <= 100;
        if (!fits) column = fprintf(out, "\n%*s", indent, "") - 1;
        column += fprintf(out, "%s%.*s", fits && !first ? " " : "", word, text);
        text += word;
    }
    fputc('\n', out);
}

/* What is explained, then from `column` on the words about it; on a line of their own where there is no room. */
static void entry(FILE *out, const char *left, const char *words, int column)
{
    if ((int)strlen(left) > column - 2)
        fprintf(out, "%s\n%*s", left, column, "");
    else
        fprintf(out, "%-*s", column, left);
    wrapped(out, words, column, column);
}

static void option_help(FILE *out, const gb_option *option)
{
    char left[64];
    snprintf(left, sizeof left, "  --%s%s%s", option->name, option->value ? " " : "",
             option->value ? option->value : "");
    entry(out, left, option->help, 28);
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

/* Those whose name begins with `start`. */
static void list_commands(FILE *out, const char *start)
{
    for (const gb_command *command = gb_commands; command->name; command++) {
        if (strncmp(command->name, start, strlen(start)) != 0) continue;
        char left[64];
        snprintf(left, sizeof left, "  %s %s", command->name, command->arguments);
        entry(out, left, command->summary, 34);
    }
}

static void group_help(FILE *out, const char *group)
{
    char start[32];
    snprintf(start, sizeof start, "%s ", group);
    fprintf(out, "usage: ganime-bench %s COMMAND [arguments] [options]\n\ncommands:\n", group);
    list_commands(out, start);
    fprintf(out, "\n'ganime-bench %s COMMAND --help' tells more.\n", group);
}

static void general_help(FILE *out)
{
    fputs("ganime-bench evaluates generators that widen 4:3 animation to 16:9 by inventing the two side strips.\n\n"
          "usage: ganime-bench COMMAND [arguments] [options]\n"
          "       ganime-bench --all                 everything: all generators, datasets, metrics, reports\n\n"
          "commands:\n",
          out);
    list_commands(out, "");
    fputs("\nexamples:\n"
          "  ganime-bench --all\n"
          "  ganime-bench run --generator mirror,edge --dataset episode.mkv --limit 200\n"
          "  ganime-bench run --generator lama-fourier --weights my.ckpt --dataset toon\n"
          "  ganime-bench score truth.png widened.png --json\n\n",
          out);
    exit_codes(out);
    fputs("'ganime-bench COMMAND --help' tells more, `ganime-bench manual | man -l -` all.\n", out);
}

void gb_cli_help(FILE *out, const gb_command *command, const char *group)
{
    if (command)
        command_help(out, command);
    else if (group)
        group_help(out, group);
    else
        general_help(out);
}
