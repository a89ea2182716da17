/* Text as each format wants it. All writers replace bytes that are not UTF-8, and control characters that the format
 * cannot hold, by U+FFFD, so that a file's odd name never makes a report unreadable. NULL counts as "". */
#ifndef GB_REPORT_TEXT_H
#define GB_REPORT_TEXT_H

#include "core/buffer.h"

void gb_text_markup(gb_buffer *out, const char *text);   /* HTML and XML: text and quoted attributes */
void gb_text_json(gb_buffer *out, const char *text);     /* a quoted JSON string */
/* RFC 4180, quoted where needed. A text that a spreadsheet would take for a formula (it begins with = + - @, a tab or
 * a carriage return) gets an apostrophe before it. */
void gb_text_csv(gb_buffer *out, const char *text);
void gb_text_markdown(gb_buffer *out, const char *text); /* one line of GitHub Markdown, also within a table */

/* The shortest decimal that reads back as the same double; "null" when not finite. */
void gb_text_number(gb_buffer *out, double value);

/* A copy that is valid UTF-8; the caller frees; NULL when memory is short. */
char *gb_text_utf8(const char *text);

#endif
