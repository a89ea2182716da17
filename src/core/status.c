#include "core/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *gb_status_name(gb_status code)
{
    static const char *const name[] = {
        [GB_OK] = "ok",           [GB_E_ARG] = "argument",   [GB_E_USAGE] = "usage",
        [GB_E_NOMEM] = "memory",  [GB_E_IO] = "io",          [GB_E_NOT_FOUND] = "not found",
        [GB_E_FORMAT] = "format", [GB_E_UNSUPPORTED] = "unsupported", [GB_E_DEVICE] = "device",
        [GB_E_NUMERIC] = "numeric", [GB_E_MISMATCH] = "mismatch",
        [GB_E_WORSE] = "worse",   [GB_E_UNLIKE] = "not comparable", [GB_E_NO_BASELINE] = "no baseline",
    };
    const size_t count = sizeof name / sizeof name[0];
    return (size_t)code < count ? name[code] : "unknown";
}

/* A message is one line: control characters from file names and data become '?'. */
static void keep_to_one_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f) *text = '?';
}

gb_status gb_fail(gb_error *err, gb_status code, const char *format, ...)
{
    if (!err) return code;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    keep_to_one_line(err->text);
    err->code = code;
    return code;
}

gb_status gb_fail_in(gb_error *err, const char *format, ...)
{
    if (!err) return GB_E_FORMAT;
    char tail[sizeof err->text];
    memcpy(tail, err->text, sizeof tail);
    va_list args;
    va_start(args, format);
    const int used = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (used >= 0 && (size_t)used < sizeof err->text)
        snprintf(err->text + used, sizeof err->text - (size_t)used, ": %.*s", (int)sizeof err->text - used - 3, tail);
    keep_to_one_line(err->text);
    return err->code;
}

gb_status gb_fail_memory(gb_error *err, const char *what, unsigned long long bytes)
{
    return gb_fail(err, GB_E_NOMEM, "out of memory: %s needs %llu bytes", what, bytes);
}
