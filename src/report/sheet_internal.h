/* Shared by sheet.c and sheet_file.c. */
#ifndef GB_REPORT_SHEET_INTERNAL_H
#define GB_REPORT_SHEET_INTERNAL_H

#include "report/sheet.h"

/* One more zeroed shot at the end, or NULL when memory is short. */
gb_sheet_shot *gb_sheet_row_append(gb_sheet_row *row, int shot);

/* Fills run, row and the story from a baseline file's text. */
gb_status gb_sheet_parse(gb_sheet *sheet, const char *text, size_t size, gb_error *err) GB_MUST_CHECK;

#endif
