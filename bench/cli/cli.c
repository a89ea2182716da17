#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/suggest.h"
#include "cli/options.h"

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(names[i], name)) return true;
    return false;
}

gb_status gb_cli_unknown(const char *kind, const char *name, const char *const *known, size_t count, gb_error *err)
{
    const char *near = gb_suggest(name, known, count);
    if (near) return gb_fail(err, GB_E_USAGE, "unknown %s '%s': did you mean '%s'?", kind, name, near);
    char list[512] = "";
    for (size_t i = 0; i < count; i++) {
        const size_t used = strlen(list);
        if (is_among(known[i], known, i)) continue;
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", known[i]);
    }
    return gb_fail(err, GB_E_USAGE, "unknown %s '%s': expected one of %s", kind, name, list);
}

static void *field(gb_options *options, const gb_option *option)
{
    return (char *)options + option->offset;
}

static gb_status set_number(const gb_option *option, const char *text, long *out, gb_error *err)
{
    char *end;
    errno = 0;
    const long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < option->min || value > option->max)
        return gb_fail(err, GB_E_USAGE, "--%s: expected a whole number from %ld to %ld, found '%s'", option->name,
                       option->min, option->max, text);
    *out = value;
    return GB_OK;
}

/* "b", or "b:12" where a choice may have a number. */
static bool is_choice(const char *text, const char *choice, bool numbered)
{
    const size_t length = strlen(choice);
    if (strncmp(text, choice, length) != 0) return false;
    if (text[length] == '\0') return true;
    const char *const digits = text + length + 1;
    return numbered && text[length] == ':' && *digits && strspn(digits, "0123456789") == strlen(digits);
}

static gb_status set_choice(const gb_option *option, const char *text, const char **out, gb_error *err)
{
    char copy[128];
    const char *known[16];
    size_t count = 0;
    snprintf(copy, sizeof copy, "%s", option->value);
    for (char *rest = copy, *one; (one = strsep(&rest, "|"));) {
        char *const number = strstr(one, "[:N]");
        if (number) *number = '\0';
        if (count < 16) known[count++] = one;
        if (!is_choice(text, one, number != NULL)) continue;
        *out = text;
        return GB_OK;
    }
    char kind[64];
    snprintf(kind, sizeof kind, "value of --%s", option->name);
    return gb_cli_unknown(kind, text, known, count, err);
}

/* `text` is writable and lives as long as the options: its commas become ends of strings. */
static gb_status add_to_list(const gb_option *option, char *text, gb_list *list, gb_error *err)
{
    for (char *one; (one = strsep(&text, ","));) {
        if (!*one) return gb_fail(err, GB_E_USAGE, "--%s: expected names between the commas, found none", option->name);
        if (list->count == GB_MAX_LIST)
            return gb_fail(err, GB_E_USAGE, "--%s: expected at most %d names", option->name, GB_MAX_LIST);
        list->item[list->count++] = one;
    }
    return GB_OK;
}

static gb_status add_text(const gb_option *option, const char *text, gb_list *list, gb_error *err)
{
    if (list->count == GB_MAX_LIST)
        return gb_fail(err, GB_E_USAGE, "--%s: expected it at most %d times", option->name, GB_MAX_LIST);
    list->item[list->count++] = text;
    return GB_OK;
}

static gb_status set_value(const gb_option *option, char *text, gb_options *options, gb_error *err)
{
    if (text && !*text)
        return gb_fail(err, GB_E_USAGE, "--%s: expected a value (%s), found an empty one", option->name, option->value);
    switch (option->type) {
    case GB_OPTION_FLAG: *(bool *)field(options, option) = true; return GB_OK;
    case GB_OPTION_NUMBER: return set_number(option, text, field(options, option), err);
    case GB_OPTION_TEXT: *(const char **)field(options, option) = text; return GB_OK;
    case GB_OPTION_CHOICE: return set_choice(option, text, field(options, option), err);
    case GB_OPTION_LIST: return add_to_list(option, text, field(options, option), err);
    case GB_OPTION_TEXTS: return add_text(option, text, field(options, option), err);
    }
    return GB_OK;
}

static void set_defaults(gb_options *options)
{
    for (int i = 0; i < GB_OPT_COUNT; i++) {
        const gb_option *option = &gb_option_table[i];
        if (!option->initial) continue;
        if (option->type == GB_OPTION_NUMBER)
            *(long *)field(options, option) = strtol(option->initial, NULL, 10);
        else
            *(const char **)field(options, option) = option->initial;
    }
}

static gb_status find_option(const gb_command *command, const char *name, size_t length, const gb_option **out,
                             gb_error *err)
{
    const char *known[GB_OPT_COUNT];
    size_t count = 0;
    for (int i = 0; i < GB_OPT_COUNT; i++) {
        if (!(command->takes & GB_TAKES(i)) && i != GB_OPT_HELP) continue;
        const gb_option *option = &gb_option_table[i];
        if (strlen(option->name) == length && !strncmp(option->name, name, length)) {
            *out = option;
            return GB_OK;
        }
        known[count++] = option->name;
    }
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%.*s", (int)length, name);
    const char *near = gb_suggest(wanted, known, count);
    if (near)
        return gb_fail(err, GB_E_USAGE, "%s: unknown option --%s: did you mean --%s?", command->name, wanted, near);
    return gb_fail(err, GB_E_USAGE, "%s: unknown option --%s: see 'ganime-bench %s --help'", command->name, wanted,
                   command->name);
}

/* One option at argv[*at]; moves *at past the value that it takes. */
static gb_status parse_option(const gb_command *command, int argc, char **argv, int *at, gb_options *options,
                              gb_error *err)
{
    char *name = argv[*at] + 2;
    char *equals = strchr(name, '=');
    const gb_option *option = NULL;
    GB_TRY(find_option(command, name, equals ? (size_t)(equals - name) : strlen(name), &option, err));
    if (option->type == GB_OPTION_FLAG) {
        if (equals) return gb_fail(err, GB_E_USAGE, "--%s: expected no value, found '%s'", option->name, equals + 1);
        return set_value(option, NULL, options, err);
    }
    if (equals) return set_value(option, equals + 1, options, err);
    if (*at + 1 >= argc) return gb_fail(err, GB_E_USAGE, "--%s: expected a value (%s)", option->name, option->value);
    return set_value(option, argv[++*at], options, err);
}

/* Whether commands of two words begin so, as "model" does. */
static bool is_group(const char *word)
{
    const size_t length = strlen(word);
    for (const gb_command *command = gb_commands; command->name; command++)
        if (length > 0 && !strncmp(command->name, word, length) && command->name[length] == ' ') return true;
    return false;
}

/* The command whose words begin argv[1…]; `*words` is how many. */
static const gb_command *find_command(int argc, char **argv, int *words)
{
    for (const gb_command *command = gb_commands; command->name; command++) {
        char first[32];
        const char *space = strchr(command->name, ' ');
        snprintf(first, sizeof first, "%.*s", space ? (int)(space - command->name) : 31, command->name);
        if (strcmp(first, argv[1]) != 0) continue;
        *words = space ? 2 : 1;
        if (!space || (argc > 2 && !strcmp(space + 1, argv[2]))) return command;
    }
    return NULL;
}

static gb_status unknown_command(int argc, char **argv, gb_error *err)
{
    if (is_group(argv[1]) && argc < 3)
        return gb_fail(err, GB_E_USAGE, "%s: expected one of its commands: see 'ganime-bench %s --help'", argv[1],
                       argv[1]);
    const char *known[64] = {0};
    char group[64][32];
    size_t count = 0, nested = 0;
    for (const gb_command *command = gb_commands; command->name && count < 64; command++) {
        const char *space = strchr(command->name, ' ');
        snprintf(group[count], sizeof group[0], "%.*s", space ? (int)(space - command->name) : 31, command->name);
        if (space && !strcmp(group[count], argv[1])) known[nested++] = space + 1;
        count++;
    }
    if (nested) {
        char kind[64];
        snprintf(kind, sizeof kind, "'%s' command", argv[1]);
        return gb_cli_unknown(kind, argv[2], known, nested, err);
    }
    for (size_t i = 0; i < count; i++) known[i] = group[i];
    return gb_cli_unknown("command", argv[1], known, count, err);
}

char *gb_cli_quote(char *to, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    const bool quoted = !*word || word[strspn(word, plain)];
    if (quoted) *to++ = '\'';
    for (; *word; word++)
        if (*word == '\'') to = stpcpy(to, "'\\''");
        else *to++ = *word;
    if (quoted) *to++ = '\'';
    *to = '\0';
    return to;
}

/* So that the recorded line can be given to a shell again. */
static char *join_command_line(int argc, char **argv)
{
    size_t size = 1;
    for (int i = 0; i < argc; i++) size += 4 * strlen(argv[i]) + 3;
    char *const text = gb_alloc(size, 1);
    char *end = text;
    for (int i = 0; text && i < argc; i++) {
        if (i) *end++ = ' ';
        end = gb_cli_quote(end, argv[i]);
    }
    return text;
}

/* The words before parsing takes them apart, one after the other with their ends. */
static char *copy_words(int argc, char **argv)
{
    size_t size = 1, used = 0;
    for (int i = 0; i < argc; i++) size += strlen(argv[i]) + 1;
    char *words = gb_alloc(size, 1);
    for (int i = 0; words && i < argc; i++) {
        memcpy(words + used, argv[i], strlen(argv[i]) + 1);
        used += strlen(argv[i]) + 1;
    }
    return words;
}

static gb_status parse_rest(const gb_command *command, int argc, char **argv, int at, gb_options *options,
                            gb_error *err)
{
    bool only_arguments = false;
    for (; at < argc; at++) {
        if (!only_arguments && !strcmp(argv[at], "--")) {
            only_arguments = true;
        } else if (!only_arguments && !strncmp(argv[at], "--", 2)) {
            GB_TRY(parse_option(command, argc, argv, &at, options, err));
        } else if (!only_arguments && !strcmp(argv[at], "-h")) {
            options->help = true;
        } else if (!*argv[at]) {
            return gb_fail(err, GB_E_USAGE, "%s: expected %s, found an empty argument", command->name,
                           *command->arguments ? command->arguments : "no arguments");
        } else if (options->argument_count < command->max_arguments) {
            options->argument[options->argument_count++] = argv[at];
        } else {
            return gb_fail(err, GB_E_USAGE, "%s: expected %s, found one more: '%s'", command->name,
                           *command->arguments ? command->arguments : "no arguments", argv[at]);
        }
    }
    if (!options->help && options->argument_count < command->min_arguments)
        return gb_fail(err, GB_E_USAGE, "%s: expected %s (see 'ganime-bench %s --help')", command->name,
                       command->arguments, command->name);
    return GB_OK;
}

static bool is_help(const char *word)
{
    return !strcmp(word, "help") || !strcmp(word, "--help") || !strcmp(word, "-h");
}

/* `help`, `help run`, `help model info`, and of a group `help model` or `model --help`. */
static gb_status parse_help(int argc, char **argv, const gb_command **command, gb_options *options, gb_error *err)
{
    options->help = true;
    if (!is_help(argv[1])) {
        options->help_group = argv[1];
        return GB_OK;
    }
    if (argc < 3) return GB_OK;
    int words;
    *command = find_command(argc - 1, argv + 1, &words);
    if (!*command && argc == 3 && is_group(argv[2])) options->help_group = argv[2];
    return *command || options->help_group ? GB_OK : unknown_command(argc - 1, argv + 1, err);
}

gb_status gb_cli_parse(int argc, char **argv, const gb_command **command, gb_options *options, gb_error *err)
{
    *options = (gb_options){0};
    *command = NULL;
    set_defaults(options);
    options->storage = join_command_line(argc, argv);
    options->words = copy_words(argc, argv);
    options->word_count = argc;
    if (!options->storage || !options->words) return gb_fail_memory(err, "command line", 0);
    options->command_line = options->storage;
    if (argc < 2) return gb_fail(err, GB_E_USAGE, "expected a command: see 'ganime-bench --help'");
    if (is_help(argv[1]) || (argc > 2 && is_group(argv[1]) && is_help(argv[2])))
        return parse_help(argc, argv, command, options, err);
    options->version = !strcmp(argv[1], "--version") || !strcmp(argv[1], "version");
    if (options->version) options->json = argc > 2 && !strcmp(argv[2], "--json");
    if (options->version) return GB_OK;
    int words = 0;
    const gb_command *found = NULL;
    if (!strncmp(argv[1], "--", 2))
        found = &gb_commands[0]; /* `ganime-bench --all …` is `run --all …` */
    else if (!(found = find_command(argc, argv, &words)))
        return unknown_command(argc, argv, err);
    *command = found;
    return parse_rest(found, argc, argv, 1 + words, options, err);
}

void gb_cli_free(gb_options *options)
{
    free(options->storage);
    free(options->words);
    options->storage = options->words = NULL;
}
