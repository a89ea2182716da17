/* HTML with its arguments escaped: what a name holds can never become markup. */
#ifndef GB_REPORT_HTML_PUT_H
#define GB_REPORT_HTML_PUT_H

#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"

/* %s: text, escaped (NULL is empty). %r: markup made by this program, as it is. %d: int. %f: double, two digits, for
 * coordinates. %g: double, nine significant digits, for sorting. %%: a percent sign. Nothing else. */
void gb_html_put(gb_buffer *out, const char *format, ...);

/* Bytes as base64, for data: URLs. */
void gb_html_base64(gb_buffer *out, const uint8_t *bytes, size_t size);

#endif
