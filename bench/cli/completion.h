/* Completions for shells and the manual page, both made from the tables of options and commands alone. */
#ifndef GB_CLI_COMPLETION_H
#define GB_CLI_COMPLETION_H

#include <stdio.h>

#include "cli/cli.h"

typedef struct gb_shell {
    const char *id;                 /* "bash" */
    void (*write)(FILE *out);       /* the whole file that the shell loads */
} gb_shell;

extern const gb_shell gb_shells[]; /* ends with a NULL id */

void gb_completion_bash(FILE *out);
void gb_completion_zsh(FILE *out);
void gb_completion_fish(FILE *out);

/* roff with the man macros, for `man -l -`. */
void gb_manual(FILE *out);

/* Whether the command takes option `index` of the table; all take --help. */
bool gb_command_takes(const gb_command *command, int index);

/* The words of a command's name: "model info" has the group "model" and the rest "info"; "run" has "run" and "". */
typedef struct gb_command_words {
    char first[32];
    const char *second;
} gb_command_words;
gb_command_words gb_command_split(const gb_command *command);
/* Whether this is the first command of the table that begins with its first word. */
bool gb_command_begins_group(const gb_command *command);

/* The next placeholder of `*arguments` ("REF TEST") into `one`; false at the end. */
bool gb_next_argument(const char **arguments, char *one, size_t size);

/* Words with a blank between: "black edge mirror". */
void gb_put_words(FILE *out, const char *const *word, size_t count);

#endif
