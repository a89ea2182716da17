/* The run's result on the terminal. */
#ifndef GB_FINDINGS_TABLE_H
#define GB_FINDINGS_TABLE_H

#include <stdio.h>

#include "report/run.h"

/* Per dataset one row a generator and what is found of it; then, on its own, what was timed. */
void gb_table_print(FILE *out, const gb_run *run);
void gb_table_print_throughput(FILE *out, const gb_run *run);

#endif
