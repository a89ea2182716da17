#include "cli/completion.h"

#include <string.h>

const gb_shell gb_shells[] = {
    {"bash", gb_completion_bash},
    {"zsh", gb_completion_zsh},
    {"fish", gb_completion_fish},
    {0},
};

bool gb_command_takes(const gb_command *command, int index)
{
    return (command->takes & GB_TAKES(index)) || index == GB_OPT_HELP;
}

gb_command_words gb_command_split(const gb_command *command)
{
    gb_command_words words = {.second = ""};
    const char *const space = strchr(command->name, ' ');
    snprintf(words.first, sizeof words.first, "%.*s", space ? (int)(space - command->name) : 31, command->name);
    if (space) words.second = space + 1;
    return words;
}

bool gb_command_begins_group(const gb_command *command)
{
    const gb_command_words words = gb_command_split(command);
    for (const gb_command *before = gb_commands; before < command; before++)
        if (!strcmp(gb_command_split(before).first, words.first)) return false;
    return true;
}

bool gb_next_argument(const char **arguments, char *one, size_t size)
{
    *arguments += strspn(*arguments, " ");
    const size_t length = strcspn(*arguments, " ");
    snprintf(one, size, "%.*s", (int)length, *arguments);
    *arguments += length;
    return length > 0;
}

void gb_put_words(FILE *out, const char *const *word, size_t count)
{
    for (size_t i = 0; i < count; i++) fprintf(out, "%s%s", i ? " " : "", word[i]);
}
