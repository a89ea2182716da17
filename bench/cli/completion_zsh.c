#include <string.h>

#include "cli/completion.h"
#include "cli/options.h"
#include "cli/values.h"

/* Within single quotes; `special` are characters that the place itself would take for its own. */
static void put_text(FILE *out, const char *text, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'') {
            fputs("'\\''", out);
            continue;
        }
        if (*text == '\\' || strchr(special, *text)) fputc('\\', out);
        fputc(*text, out);
    }
}

/* "MESSAGE:ACTION" of _arguments. */
static void put_values(FILE *out, const char *placeholder, const gb_values *values, bool list)
{
    fputc(':', out);
    put_text(out, placeholder, ":");
    switch (values->kind) {
    case GB_VALUE_FREE: fputs(": ", out); return;
    case GB_VALUE_FILE: fputs(":_files", out); return;
    case GB_VALUE_FOLDER: fputs(":_files -/", out); return;
    case GB_VALUE_WORD: fputs(list ? ":_sequence compadd - " : ":(", out); break;
    case GB_VALUE_WORD_OR_FILE: fputs(":_alternative \"words\\:name\\:(", out); break;
    }
    gb_put_words(out, values->word, values->words);
    if (values->kind == GB_VALUE_WORD_OR_FILE) fputs(")\" \"files\\:file\\:_files\"", out);
    else if (!list) fputc(')', out);
}

static void put_function_name(FILE *out, const gb_command *command)
{
    fputs("_ganime_bench_", out);
    for (const char *c = command->name; *c; c++) fputc(*c == ' ' ? '_' : *c, out);
}

static void put_option(FILE *out, const gb_command *command, const gb_option *option)
{
    const bool repeats = option->type == GB_OPTION_LIST || option->type == GB_OPTION_TEXTS;
    fprintf(out, " \\\n        '%s--%s%s[", repeats ? "*" : "", option->name,
            option->type == GB_OPTION_FLAG ? "" : "=");
    put_text(out, gb_option_words(command, option), "[]");
    fputc(']', out);
    if (option->type != GB_OPTION_FLAG) {
        gb_values values;
        gb_values_of_option(option, &values);
        put_values(out, option->value, &values, option->type == GB_OPTION_LIST);
    }
    fputc('\'', out);
}

static void put_command(FILE *out, const gb_command *command)
{
    put_function_name(out, command);
    fputs("() {\n    _arguments -s -S :", out);
    for (int i = 0; i < GB_OPT_COUNT; i++)
        if (gb_command_takes(command, i)) put_option(out, command, &gb_option_table[i]);
    char one[128];
    int place = 1;
    for (const char *rest = command->arguments; gb_next_argument(&rest, one, sizeof one); place++) {
        fprintf(out, " \\\n        '%d:", place);
        gb_values values;
        gb_values_of(one, &values);
        put_values(out, one, &values, false);
        fputc('\'', out);
    }
    fputs("\n}\n", out);
}

/* An array for _describe: what may follow `first` ("" for the first word itself). */
static void put_names(FILE *out, const char *first)
{
    for (const gb_command *command = gb_commands; command->name; command++) {
        const gb_command_words words = gb_command_split(command);
        if (*first ? strcmp(words.first, first) != 0 : !gb_command_begins_group(command)) continue;
        fprintf(out, "            '%s:", *first ? words.second : words.first);
        put_text(out, *first || !*words.second ? command->summary : "more commands", ":");
        fputs("'\n", out);
    }
}

/* Calls the function of the command, whose words are taken off first. */
static void put_case(FILE *out, const gb_command *command)
{
    const gb_command_words words = gb_command_split(command);
    fprintf(out, "        '%s %s') words=(\"${(@)words[%d,-1]}\"); (( CURRENT -= %d )); ", words.first,
            *words.second ? words.second : "'*'", *words.second ? 3 : 2, *words.second ? 2 : 1);
    put_function_name(out, command);
    fputs(" ;;\n", out);
}

void gb_completion_zsh(FILE *out)
{
    fputs("#compdef ganime-bench\n# zsh completion of ganime-bench; made by `ganime-bench completion zsh`\n\n", out);
    for (const gb_command *command = gb_commands; command->name; command++) put_command(out, command);
    fputs("_ganime-bench() {\n    local -a names\n    if [[ $words[2] == -* ]]; then ", out);
    put_function_name(out, &gb_commands[0]);
    fputs("; return; fi\n    if (( CURRENT == 2 )); then\n        names=(\n", out);
    put_names(out, "");
    fputs("        )\n        _describe -t commands command names\n        return\n    fi\n", out);
    fputs("    if (( CURRENT == 3 )); then\n        case $words[2] in\n", out);
    for (const gb_command *group = gb_commands; group->name; group++) {
        const gb_command_words words = gb_command_split(group);
        if (!*words.second || !gb_command_begins_group(group)) continue;
        fprintf(out, "        %s) names=(\n", words.first);
        put_names(out, words.first);
        fputs("            ); _describe -t commands command names; return ;;\n", out);
    }
    fputs("        esac\n    fi\n    case \"$words[2] $words[3]\" in\n", out);
    for (const gb_command *command = gb_commands; command->name; command++) put_case(out, command);
    fputs("    esac\n}\n_ganime-bench \"$@\"\n", out);
}
