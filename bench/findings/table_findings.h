/* Below the tables on the terminal: differences, tags and the domain gap, of the leading metric. */
#ifndef GB_FINDINGS_TABLE_FINDINGS_H
#define GB_FINDINGS_TABLE_FINDINGS_H

#include <stdio.h>

#include "report/run.h"

/* Of the column of generators: 16 letters, or what the longest id needs. */
int gb_table_name_width(const gb_run *run);

void gb_table_print_differences(FILE *out, const gb_run *run, const char *dataset);
void gb_table_print_tags(FILE *out, const gb_run *run, const char *dataset);
void gb_table_print_gaps(FILE *out, const gb_run *run);

#endif
