/* The run's result on the terminal. */
#ifndef GB_RUN_TABLE_H
#define GB_RUN_TABLE_H

#include <stdio.h>

#include "report/run.h"

void gb_table_print(FILE *out, const gb_run *run);
void gb_table_print_throughput(FILE *out, const gb_run *run);

#endif
