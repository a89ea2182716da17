/* The option table; see cli.h. */
#ifndef GB_BENCH_OPTIONS_H
#define GB_BENCH_OPTIONS_H

#include "cli/cli.h"

extern const gb_option gb_option_table[GB_OPT_COUNT];

/* What an option says under a command; NULL: under most. */
const char *gb_option_words(const gb_command *command, const gb_option *option);
/* These, and its default where they do not name it; cut at `size`. */
void gb_option_explain(const gb_command *command, const gb_option *option, char *out, size_t size);

#endif
