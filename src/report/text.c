#include "report/text.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* What stands for an ASCII character in a format; NULL: itself. */
typedef const char *escape_fn(unsigned char c);

static void escape(gb_buffer *out, const char *text, escape_fn *special)
{
    const unsigned char *s = (const unsigned char *)(text ? text : "");
    while (*s) {
        const size_t length = gb_utf8_length((const char *)s);
        const char *instead = length == 0 ? REPLACEMENT : length == 1 ? special(*s) : NULL;
        if (instead)
            gb_buffer_text(out, instead);
        else
            gb_buffer_append(out, s, length);
        s += length ? length : 1;
    }
}

static const char *markup(unsigned char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ? REPLACEMENT : NULL;
    }
}

static const char *markdown(unsigned char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '|': return "\\|";
    case '\\': return "\\\\";
    case '`': return "\\`";
    case '*': return "\\*";
    case '_': return "\\_";
    case '[': return "\\[";
    case ']': return "\\]";
    case '~': return "\\~";
    case '#': return "\\#";
    case '$': return "\\$"; /* GitHub takes two for mathematics */
    case '\n':
    case '\r':
    case '\t': return " ";
    default: return c < 0x20 || c == 0x7f ? REPLACEMENT : NULL;
    }
}

static const char *json(unsigned char c)
{
    static const char control[32][7] = {"\\u0000", "\\u0001", "\\u0002", "\\u0003", "\\u0004", "\\u0005", "\\u0006",
                                        "\\u0007", "\\b",     "\\t",     "\\n",     "\\u000b", "\\f",     "\\r",
                                        "\\u000e", "\\u000f", "\\u0010", "\\u0011", "\\u0012", "\\u0013", "\\u0014",
                                        "\\u0015", "\\u0016", "\\u0017", "\\u0018", "\\u0019", "\\u001a", "\\u001b",
                                        "\\u001c", "\\u001d", "\\u001e", "\\u001f"};
    return c < 0x20 ? control[c] : c == '"' ? "\\\"" : c == '\\' ? "\\\\" : NULL;
}

static const char *csv(unsigned char c)
{
    return c == '"' ? "\"\"" : NULL;
}

static const char *itself(unsigned char c)
{
    (void)c;
    return NULL;
}

void gb_text_markup(gb_buffer *out, const char *text)
{
    escape(out, text, markup);
}

void gb_text_markdown(gb_buffer *out, const char *text)
{
    escape(out, text, markdown);
}

void gb_text_json(gb_buffer *out, const char *text)
{
    gb_buffer_text(out, "\"");
    escape(out, text, json);
    gb_buffer_text(out, "\"");
}

void gb_text_csv(gb_buffer *out, const char *text)
{
    const bool quoted = text && strpbrk(text, ",\"\r\n") != NULL;
    const bool formula = text && text[0] && strchr("=+-@\t\r", text[0]) != NULL;
    if (quoted) gb_buffer_text(out, "\"");
    if (formula) gb_buffer_text(out, "'");
    escape(out, text, csv);
    if (quoted) gb_buffer_text(out, "\"");
}

void gb_text_number(gb_buffer *out, double value)
{
    if (!isfinite(value)) {
        gb_buffer_text(out, "null");
        return;
    }
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        const double back = strtod(text, NULL);
        if (memcmp(&back, &value, sizeof value) == 0) break;
    }
    gb_buffer_text(out, text);
}

char *gb_text_utf8(const char *text)
{
    gb_buffer buffer;
    gb_buffer_init(&buffer, SIZE_MAX / 2);
    gb_buffer_text(&buffer, "");
    escape(&buffer, text, itself);
    if (buffer.status == GB_OK && buffer.data) return buffer.data;
    gb_buffer_free(&buffer);
    return NULL;
}
