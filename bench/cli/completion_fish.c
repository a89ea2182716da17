#include <string.h>

#include "cli/completion.h"
#include "cli/options.h"
#include "cli/values.h"

static const char *const head =
    "# fish completion of ganime-bench; made by `ganime-bench completion fish`\n"
    "\n"
    "# Whether the command line has these words of a command, and no others before its options.\n"
    "function __ganime_bench_in\n"
    "    set -l words (commandline -opc)\n"
    "    set -e words[1]\n"
    "    test \"$words[1..$(count $argv)]\" = \"$argv\"\n"
    "end\n"
    "function __ganime_bench_alone # no word yet, or, with WORD, that one alone\n"
    "    set -l words (commandline -opc)\n"
    "    set -e words[1]\n"
    "    test \"$words\" = \"$argv\"\n"
    "end\n"
    "function __ganime_bench_run # `ganime-bench --all` is `ganime-bench run --all`\n"
    "    set -l words (commandline -opc) (commandline -ct)\n"
    "    __ganime_bench_in run; or string match -qr -- '^--' \"$words[2]\"\n"
    "end\n"
    "complete -c ganime-bench -f\n";

static void put_quoted(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\') fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

/* -x: no files; -r: files; -F: files although the line above says none. */
static void put_values(FILE *out, const gb_values *values, bool list)
{
    const bool words = values->kind == GB_VALUE_WORD || values->kind == GB_VALUE_WORD_OR_FILE;
    if (values->kind == GB_VALUE_FILE || values->kind == GB_VALUE_WORD_OR_FILE) fputs(" -r -F", out);
    else fputs(" -x", out);
    if (values->kind == GB_VALUE_FOLDER) fputs(" -a '(__fish_complete_directories)'", out);
    if (!words) return;
    fputs(list ? " -a '(__fish_append , " : " -a '", out);
    gb_put_words(out, values->word, values->words);
    fputs(list ? ")'" : "'", out);
}

static void put_condition(FILE *out, const gb_command *command)
{
    fputs("complete -c ganime-bench -n ", out);
    if (command == gb_commands) fputs("__ganime_bench_run", out);
    else fprintf(out, "'__ganime_bench_in %s'", command->name);
}

static void put_command_name(FILE *out, const gb_command *command)
{
    const gb_command_words words = gb_command_split(command);
    if (!*words.second || gb_command_begins_group(command)) {
        fprintf(out, "complete -c ganime-bench -n __ganime_bench_alone -a %s", words.first);
        if (!*words.second) {
            fputs(" -d ", out);
            put_quoted(out, command->summary);
        }
        fputc('\n', out);
    }
    if (!*words.second) return;
    fprintf(out, "complete -c ganime-bench -n '__ganime_bench_alone %s' -a %s -d ", words.first, words.second);
    put_quoted(out, command->summary);
    fputc('\n', out);
}

static void put_option(FILE *out, const gb_command *command, const gb_option *option)
{
    put_condition(out, command);
    fprintf(out, " -l %s", option->name);
    if (option->type != GB_OPTION_FLAG) {
        gb_values values;
        gb_values_of_option(option, &values);
        put_values(out, &values, option->type == GB_OPTION_LIST);
    }
    fputs(" -d ", out);
    put_quoted(out, gb_option_words(command, option));
    fputc('\n', out);
}

static void put_arguments(FILE *out, const gb_command *command)
{
    char one[128];
    for (const char *rest = command->arguments; gb_next_argument(&rest, one, sizeof one);) {
        gb_values values;
        gb_values_of(one, &values);
        const bool files = values.kind == GB_VALUE_FILE || values.kind == GB_VALUE_WORD_OR_FILE;
        if (!files && !values.words) continue;
        put_condition(out, command);
        if (files) fputs(" -F", out);
        if (values.words) {
            fputs(" -a '", out);
            gb_put_words(out, values.word, values.words);
            fputc('\'', out);
        }
        fputc('\n', out);
    }
}

void gb_completion_fish(FILE *out)
{
    fputs(head, out);
    for (const gb_command *command = gb_commands; command->name; command++) {
        put_command_name(out, command);
        for (int i = 0; i < GB_OPT_COUNT; i++)
            if (gb_command_takes(command, i)) put_option(out, command, &gb_option_table[i]);
        put_arguments(out, command);
    }
    fprintf(out, "complete -c ganime-bench -n __ganime_bench_alone -l %s -d ", gb_option_table[GB_OPT_VERSION].name);
    put_quoted(out, gb_option_table[GB_OPT_VERSION].help);
    fputc('\n', out);
}
