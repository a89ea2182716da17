/* Names from files may be any bytes; JSON, XML and HTML must be UTF-8. */
#ifndef GB_CORE_UTF8_H
#define GB_CORE_UTF8_H

#include <stddef.h>

/* Bytes of the well-formed sequence at `s`, 1 to 4 (Unicode 15, table 3-7); 0 when there is none. A NUL ends a text, so
 * nothing beyond it is read. */
size_t gb_utf8_length(const char *s);

/* In place, at the same length: a byte that is no part of a well-formed sequence becomes '?'. */
void gb_utf8_mend(char *text);

#endif
