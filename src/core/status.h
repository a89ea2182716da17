/* Status codes and the one-line error that travels with them.
 *
 * Every function that can fail returns gb_status, takes a gb_error * as its last argument (NULL is allowed) and sets
 * its outputs only on success. The error text is one line: the file or thing, what was expected, what was found. */
#ifndef GB_CORE_STATUS_H
#define GB_CORE_STATUS_H

#include "ganime.h" /* gb_status and gb_error are the library's own */

#define GB_PRINTF(format_index, first) __attribute__((format(printf, format_index, first)))

/* Writes the line into *err (if any) and returns `code`, so that callers can `return gb_fail(...)`. */
gb_status gb_fail(gb_error *err, gb_status code, const char *format, ...) GB_PRINTF(3, 4);

/* Puts "<prefix>: " before the text of an error that is already set; returns its code. */
gb_status gb_fail_in(gb_error *err, const char *format, ...) GB_PRINTF(2, 3);

/* Out-of-memory in the one wording used everywhere. */
gb_status gb_fail_memory(gb_error *err, const char *what, unsigned long long bytes);

/* Returns from the caller on failure; for functions that hold nothing to release. */
#define GB_TRY(expression)                                  \
    do {                                                    \
        const gb_status gb_try_status = (expression);       \
        if (gb_try_status != GB_OK) return gb_try_status;   \
    } while (0)

/* Jumps to the caller's one clean-up label `done`, leaving the code in its local `status`. */
#define GB_GO(expression)                                   \
    do {                                                    \
        status = (expression);                              \
        if (status != GB_OK) goto done;                     \
    } while (0)

#endif
