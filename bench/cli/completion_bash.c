#include <string.h>

#include "cli/completion.h"
#include "cli/options.h"
#include "cli/values.h"

static const char *const head =
    "# bash completion of ganime-bench; made by `ganime-bench completion bash`\n"
    "\n"
    "# WORDS: the current word goes on with the last name of its comma-separated list.\n"
    "_ganime_bench_list()\n"
    "{\n"
    "    local last=${cur##*,}\n"
    "    COMPREPLY=($(compgen -P \"${cur%\"$last\"}\" -W \"$1\" -- \"$last\"))\n"
    "    compopt -o nospace 2>/dev/null\n"
    "}\n"
    "_ganime_bench_words() { COMPREPLY+=($(compgen -W \"$1\" -- \"$cur\")); }\n"
    "_ganime_bench_files()\n"
    "{\n"
    "    local IFS=$'\\n'\n"
    "    COMPREPLY+=($(compgen \"$1\" -- \"$cur\"))\n"
    "    compopt -o filenames 2>/dev/null\n"
    "}\n"
    "\n"
    "_ganime_bench()\n"
    "{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}\n"
    "    COMPREPLY=()\n"
    "    if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
    "    case $prev in\n";

/* What is offered for one placeholder, as shell commands. */
static void put_offer(FILE *out, const gb_values *values, bool list)
{
    const bool words = values->kind == GB_VALUE_WORD || values->kind == GB_VALUE_WORD_OR_FILE;
    if (words) {
        fprintf(out, " %s '", list && values->kind == GB_VALUE_WORD ? "_ganime_bench_list" : "_ganime_bench_words");
        gb_put_words(out, values->word, values->words);
        fputs("';", out);
    }
    if (values->kind == GB_VALUE_FILE || values->kind == GB_VALUE_WORD_OR_FILE) fputs(" _ganime_bench_files -f;", out);
    if (values->kind == GB_VALUE_FOLDER) fputs(" _ganime_bench_files -d;", out);
}

static void put_option_values(FILE *out)
{
    for (int i = 0; i < GB_OPT_COUNT; i++) {
        const gb_option *const option = &gb_option_table[i];
        if (option->type == GB_OPTION_FLAG) continue;
        gb_values values;
        gb_values_of_option(option, &values);
        fprintf(out, "        --%s)", option->name);
        put_offer(out, &values, option->type == GB_OPTION_LIST);
        fputs(" return ;;\n", out);
    }
}

/* The words that a command line may begin with, and those after the first word of a group. */
static void put_commands(FILE *out)
{
    fputs("    if ((COMP_CWORD == 1)); then\n        _ganime_bench_words '", out);
    for (const gb_command *command = gb_commands; command->name; command++)
        if (gb_command_begins_group(command)) fprintf(out, "%s ", gb_command_split(command).first);
    for (int i = 0; i < GB_OPT_COUNT; i++)
        if (gb_command_takes(&gb_commands[0], i)) fprintf(out, "--%s ", gb_option_table[i].name);
    fprintf(out, "--%s'\n        return\n    fi\n", gb_option_table[GB_OPT_VERSION].name);
    fputs("    if ((COMP_CWORD == 2)); then\n        case $command in\n", out);
    for (const gb_command *group = gb_commands; group->name; group++) {
        const gb_command_words words = gb_command_split(group);
        if (!*words.second || !gb_command_begins_group(group)) continue;
        fprintf(out, "            %s) _ganime_bench_words '", words.first);
        for (const gb_command *command = gb_commands; command->name; command++) {
            const gb_command_words own = gb_command_split(command);
            if (!strcmp(own.first, words.first)) fprintf(out, "%s ", own.second);
        }
        fputs("'; return ;;\n", out);
    }
    fputs("        esac\n    fi\n", out);
}

static void put_command(FILE *out, const gb_command *command)
{
    const gb_command_words words = gb_command_split(command);
    if (*words.second) fprintf(out, "        '%s %s')\n", words.first, words.second);
    else fprintf(out, "        '%s '*%s)\n", words.first, command == gb_commands ? " | --*" : "");
    fputs("            if [[ $cur == -* ]]; then _ganime_bench_words '", out);
    for (int i = 0; i < GB_OPT_COUNT; i++)
        if (gb_command_takes(command, i)) fprintf(out, "--%s ", gb_option_table[i].name);
    fputs("'; return; fi\n", out);
    char one[128];
    for (const char *rest = command->arguments; gb_next_argument(&rest, one, sizeof one);) {
        gb_values values;
        gb_values_of(one, &values);
        fputs("           ", out);
        put_offer(out, &values, false);
        fputs("\n", out);
        if (values.kind != GB_VALUE_WORD) break; /* the next one is a file again */
    }
    fputs("            ;;\n", out);
}

void gb_completion_bash(FILE *out)
{
    fputs(head, out);
    put_option_values(out);
    fputs("    esac\n", out);
    put_commands(out);
    fputs("    case \"$command ${COMP_WORDS[2]}\" in\n", out);
    for (const gb_command *command = gb_commands; command->name; command++) put_command(out, command);
    fputs("    esac\n}\ncomplete -F _ganime_bench ganime-bench\n", out);
}
