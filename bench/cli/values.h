/* What may stand for a placeholder of the option and command tables, for the shells' completions. */
#ifndef GB_CLI_VALUES_H
#define GB_CLI_VALUES_H

#include "cli/cli.h"

enum { GB_MAX_WORDS = 96 };

typedef enum gb_value_kind {
    GB_VALUE_FREE,        /* a number, a text: nothing to offer */
    GB_VALUE_FILE,
    GB_VALUE_FOLDER,
    GB_VALUE_WORD,        /* one of `word` */
    GB_VALUE_WORD_OR_FILE
} gb_value_kind;

typedef struct gb_values {
    gb_value_kind kind;
    const char *word[GB_MAX_WORDS]; /* borrowed from registries, or from `text` */
    size_t words;
    char text[256];
} gb_values;

/* `placeholder` is one of a table: "DIR", "A,B", "on|off", "[RUN]" (brackets do not count), or NULL. Words between
 * bars or commas are offered but for those with capitals, which stand for something. One that nobody has told of is
 * completed as a file. `out` must stay where it is while its words are used. */
void gb_values_of(const char *placeholder, gb_values *out);

/* The same of an option that takes a value: nothing is offered for numbers. */
void gb_values_of_option(const gb_option *option, gb_values *out);

#endif
