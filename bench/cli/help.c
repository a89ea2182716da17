#include <string.h>

#include "cli/cli.h"
#include "cli/exit_codes.h"
#include "cli/options.h"
#include "core/memory.h"
#include "core/terminal.h"

enum { WIDEST = 100, LEAST_WORDS = 40 /* columns for words beside what they explain */ };

/* Where help is written, and how wide it may be. */
typedef struct page {
    FILE *out;
    int width;
} page;

/* Prints `text` wrapped, continuation lines indented, no blank at a line's end; a line's end in it is kept. */
static void wrapped(const page *p, const char *text, int column, int indent)
{
    for (bool first = true; *text; first = false) {
        if (*text == '\n') {
            text++;
            fputc('\n', p->out);
            column = 0;
            first = true;
        }
        text += strspn(text, " ");
        if (!*text) break;
        const int word = (int)strcspn(text, " \n");
        const bool fits = column + word + !first <= p->width;
        if (!fits) column = fprintf(p->out, "\n%*s", indent, "") - 1;
        column += fprintf(p->out, "%s%.*s", fits && !first ? " " : "", word, text);
        text += word;
    }
    fputc('\n', p->out);
}

/* What is explained, then from `column` on the words about it; on lines of their own where there is no room. */
static void entry(const page *p, const char *left, const char *words, int column)
{
    if (p->width - column < LEAST_WORDS) column = 6;
    if ((int)strlen(left) <= column - 2) {
        fprintf(p->out, "%-*s", column, left);
    } else {
        fputs("  ", p->out);
        wrapped(p, left, 2, 4);
        fprintf(p->out, "%*s", column, "");
    }
    wrapped(p, words, column, column);
}

static void option_help(const page *p, const gb_command *command, const gb_option *option)
{
    char left[64], words[512];
    snprintf(left, sizeof left, "  --%s%s%s", option->name, option->value ? " " : "",
             option->value ? option->value : "");
    gb_option_explain(command, option, words, sizeof words);
    entry(p, left, words, 28);
}

/* The last blank outside quotes at which `line` may be broken before `most`; 0: none. */
static size_t break_of(const char *line, size_t length, size_t most)
{
    size_t found = 0;
    bool quoted = false;
    for (size_t i = 0; i < length && i <= most; i++) {
        if (line[i] == '\'') quoted = !quoted;
        if (line[i] == ' ' && !quoted && i > 2 && strncmp(line + i, " |", 2) != 0) found = i;
    }
    return found;
}

/* A shell's line, which stays one: a remark goes before it, what is too long goes on after a backslash. */
static void example_line(const page *p, const char *line, size_t length)
{
    const char *remark = length > (size_t)p->width ? memmem(line, length, " # ", 3) : NULL;
    if (remark) {
        fprintf(p->out, "  %.*s\n", (int)(line + length - remark - 1), remark + 1);
        length = (size_t)(remark - line);
        while (length && line[length - 1] == ' ') length--;
    }
    for (int room = p->width; length > (size_t)room; room = p->width - 6) {
        const size_t at = break_of(line, length, (size_t)room - 2);
        if (!at) break;
        fprintf(p->out, "%.*s \\\n      ", (int)at, line);
        line += at + 1;
        length -= at + 1;
    }
    fprintf(p->out, "%.*s\n", (int)length, line);
}

static void examples(const page *p, const char *text)
{
    fputs("\nexamples:\n", p->out);
    for (size_t length; *text; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        example_line(p, text, length);
    }
}

static void command_help(const page *p, const gb_command *command)
{
    char usage[256];
    snprintf(usage, sizeof usage, "usage: ganime-bench %s%s%s [options]", command->name,
             *command->arguments ? " " : "", command->arguments);
    wrapped(p, usage, 0, 7);
    fputc('\n', p->out);
    wrapped(p, command->summary, 0, 0);
    if (command->details) {
        fputc('\n', p->out);
        wrapped(p, command->details, 0, 0);
    }
    fputs("\noptions:\n", p->out);
    for (int i = 0; i < GB_OPT_COUNT; i++)
        if ((command->takes & GB_TAKES(i)) || i == GB_OPT_HELP) option_help(p, command, &gb_option_table[i]);
    if (command->examples) examples(p, command->examples);
}

static void exit_codes(const page *p)
{
    char text[512] = "exit codes: ";
    const int indent = (int)strlen(text);
    for (const gb_exit_code *one = gb_exit_codes; one->meaning; one++) {
        const size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%d %s%s", one->code, one->meaning, one[1].meaning ? ", " : "");
    }
    wrapped(p, text, 0, indent);
}

/* Those whose name begins with `start`. */
static void list_commands(const page *p, const char *start)
{
    for (const gb_command *command = gb_commands; command->name; command++) {
        if (strncmp(command->name, start, strlen(start)) != 0) continue;
        char left[64];
        snprintf(left, sizeof left, "  %s %s", command->name, command->arguments);
        entry(p, left, command->summary, 34);
    }
}

static void group_help(const page *p, const char *group)
{
    char start[32], text[128];
    snprintf(start, sizeof start, "%s ", group);
    snprintf(text, sizeof text, "usage: ganime-bench %s COMMAND [arguments] [options]", group);
    wrapped(p, text, 0, 7);
    fputs("\ncommands:\n", p->out);
    list_commands(p, start);
    snprintf(text, sizeof text, "'ganime-bench %s COMMAND --help' tells more.", group);
    fputc('\n', p->out);
    wrapped(p, text, 0, 0);
}

static void general_help(const page *p)
{
    static const char what[] = "ganime-bench evaluates generators that widen 4:3 animation to 16:9 by inventing "
                               "the two side strips.";
    wrapped(p, what, 0, 0);
    fputc('\n', p->out);
    wrapped(p, "usage: ganime-bench COMMAND [arguments] [options]", 0, 7);
    entry(p, "       ganime-bench --all", "everything: all generators, datasets, metrics, reports", 42);
    fputs("\ncommands:\n", p->out);
    list_commands(p, "");
    examples(p, "  ganime-bench --all\n"
                "  ganime-bench run --generator mirror,edge --dataset episode.mkv --limit 200\n"
                "  ganime-bench run --generator lama-fourier --weights my.ckpt --dataset toon\n"
                "  ganime-bench score truth.png widened.png --json\n");
    fputc('\n', p->out);
    exit_codes(p);
    wrapped(p, "'ganime-bench COMMAND --help' tells more, `ganime-bench manual | man -l -` all.", 0, 0);
}

void gb_cli_help(FILE *out, const gb_command *command, const char *group)
{
    const int columns = gb_terminal_columns(fileno(out));
    const page p = {.out = out, .width = columns && columns < WIDEST ? columns : WIDEST};
    if (command)
        command_help(&p, command);
    else if (group)
        group_help(&p, group);
    else
        general_help(&p);
}
