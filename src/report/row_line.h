/* One row as one line of frames.jsonl. */
#ifndef GB_REPORT_ROW_LINE_H
#define GB_REPORT_ROW_LINE_H

#include <cjson/cJSON.h>

#include "core/buffer.h"
#include "report/row.h"

/* Appends the line with its newline. GB_E_ARG when a name is missing; GB_E_NUMERIC when an ok row has no finite sums:
 * that is a failed row, and whoever computed it has to say so. */
gb_status gb_row_line_append(gb_buffer *out, const gb_row *row, gb_error *err) GB_MUST_CHECK;

/* The opposite. `what` names the line in errors. The row's strings live in *holder, which the caller deletes. */
gb_status gb_row_line_parse(const char *text, size_t size, const char *what, gb_row *row, cJSON **holder, gb_error *err)
    GB_MUST_CHECK;

#endif
