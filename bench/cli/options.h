/* The option table; see cli.h. */
#ifndef GB_BENCH_OPTIONS_H
#define GB_BENCH_OPTIONS_H

#include "cli/cli.h"

extern const gb_option gb_option_table[GB_OPT_COUNT];

#endif
