/* Shared by sheet.c, sheet_file.c and sheet_read.c. */
#ifndef GB_REPORT_SHEET_INTERNAL_H
#define GB_REPORT_SHEET_INTERNAL_H

#include "report/sheet.h"

/* One more zeroed shot at the end, or NULL when memory is short. */
gb_sheet_shot *gb_sheet_row_append(gb_sheet_row *row, int shot);

bool gb_sheet_is_row(const gb_run_summary *row, const char *generator, const char *dataset, const char *metric,
                     gb_region region);

/* Fills run, row and the story from a baseline file's text. */
gb_status gb_sheet_parse(gb_sheet *sheet, const char *text, size_t size, gb_error *err) GB_MUST_CHECK;

#endif
