/* HTML with its arguments escaped: what a name holds can never become markup. */
#ifndef GB_REPORT_HTML_PUT_H
#define GB_REPORT_HTML_PUT_H

#include "core/buffer.h"

/* %s: text, escaped (NULL is empty). %r: markup made by this program, as it is. %d: int. %f: double, two digits, for
 * coordinates. %g: double, nine significant digits, for sorting. %%: a percent sign. Nothing else. */
void gb_html_put(gb_buffer *out, const char *format, ...);

#endif
