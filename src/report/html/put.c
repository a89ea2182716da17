#include "report/html/put.h"

#include <stdarg.h>
#include <string.h>

#include "report/text.h"

void gb_html_put(gb_buffer *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    for (const char *at = format; *at;) {
        const size_t plain = strcspn(at, "%");
        gb_buffer_append(out, at, plain);
        at += plain;
        if (!*at) break;
        switch (at[1]) {
        case 's': gb_text_markup(out, va_arg(args, const char *)); break;
        case 'r': gb_buffer_text(out, va_arg(args, const char *)); break;
        case 'd': gb_buffer_printf(out, "%d", va_arg(args, int)); break;
        case 'f': gb_buffer_printf(out, "%.2f", va_arg(args, double)); break;
        case 'g': gb_buffer_printf(out, "%.9g", va_arg(args, double)); break;
        case '%': gb_buffer_text(out, "%"); break;
        default: out->status = GB_E_ARG; break; /* a mistake here, not in the data */
        }
        at += at[1] ? 2 : 1;
    }
    va_end(args);
}

void gb_html_base64(gb_buffer *out, const uint8_t *bytes, size_t size)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        const unsigned group = (unsigned)bytes[i] << 16 | (i + 1 < size ? (unsigned)bytes[i + 1] << 8 : 0u) |
                               (i + 2 < size ? bytes[i + 2] : 0u);
        char text[4] = {digit[group >> 18], digit[group >> 12 & 63], digit[group >> 6 & 63], digit[group & 63]};
        if (i + 2 >= size) text[3] = '=';
        if (i + 1 >= size) text[2] = '=';
        gb_buffer_append(out, text, sizeof text);
    }
}
