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
