/* A growing byte buffer with a stated maximum, for everything that is written piece by piece (JSON, HTML, SVG).
 * The first failure is kept: appends after it do nothing, and gb_buffer_status reports it once at the end. */
#ifndef GB_CORE_BUFFER_H
#define GB_CORE_BUFFER_H

#include <stddef.h>

#include "core/status.h"

typedef struct gb_buffer {
    char *data;      /* always NUL-terminated once anything was appended; owned */
    size_t size;     /* without the NUL */
    size_t capacity;
    size_t max;
    gb_status status;
} gb_buffer;

/* Does not allocate. `max` bounds size in bytes. */
void gb_buffer_init(gb_buffer *buffer, size_t max);
void gb_buffer_free(gb_buffer *buffer);

/* The bytes are copied; a text ends before its NUL. */
void gb_buffer_append(gb_buffer *buffer, const void *bytes, size_t size);
void gb_buffer_text(gb_buffer *buffer, const char *text);
void gb_buffer_printf(gb_buffer *buffer, const char *format, ...) GB_PRINTF(2, 3);

/* GB_OK, or GB_E_NOMEM when the maximum was passed, memory was short, or a text was lost anywhere (core/memory.h). */
gb_status gb_buffer_status(const gb_buffer *buffer, gb_error *err) GB_MUST_CHECK;

#endif
