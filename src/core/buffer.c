#include "core/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

void gb_buffer_init(gb_buffer *buffer, size_t max)
{
    *buffer = (gb_buffer){.max = max};
}

void gb_buffer_free(gb_buffer *buffer)
{
    if (!buffer) return;
    free(buffer->data);
    *buffer = (gb_buffer){.max = buffer->max};
}

void gb_buffer_append(gb_buffer *buffer, const void *bytes, size_t size)
{
    if (buffer->status != GB_OK) return;
    const bool fits = size <= buffer->max && buffer->size <= buffer->max - size;
    if (!fits || gb_grow(&buffer->data, &buffer->capacity, buffer->size + size + 1, 1) != 0) {
        if (fits) gb_text_lost();
        buffer->status = GB_E_NOMEM;
        return;
    }
    memcpy(buffer->data + buffer->size, bytes, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
}

void gb_buffer_text(gb_buffer *buffer, const char *text)
{
    gb_buffer_append(buffer, text, strlen(text));
}

void gb_buffer_printf(gb_buffer *buffer, const char *format, ...)
{
    char small[512];
    va_list args;
    va_start(args, format);
    const int need = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (need < 0) {
        buffer->status = GB_E_ARG;
    } else if ((size_t)need < sizeof small) {
        gb_buffer_append(buffer, small, (size_t)need);
    } else {
        char *large = malloc((size_t)need + 1);
        if (!large) {
            gb_text_lost();
            buffer->status = GB_E_NOMEM;
            return;
        }
        va_start(args, format);
        vsnprintf(large, (size_t)need + 1, format, args);
        va_end(args);
        gb_buffer_append(buffer, large, (size_t)need);
        free(large);
    }
}

gb_status gb_buffer_status(const gb_buffer *buffer, gb_error *err)
{
    if (buffer->status == GB_OK && !gb_text_was_lost()) return GB_OK;
    const gb_status status = buffer->status == GB_OK ? GB_E_NOMEM : buffer->status;
    return gb_fail(err, status, "text buffer: more than %zu bytes, or out of memory", buffer->max);
}
