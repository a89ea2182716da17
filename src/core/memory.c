#include "core/memory.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *gb_alloc(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1);
}

void *gb_alloc_aligned(size_t count, size_t size)
{
    if (size && count > (SIZE_MAX - GB_ALIGNMENT) / size) return NULL;
    const size_t bytes = (count * size + GB_ALIGNMENT - 1) / GB_ALIGNMENT * GB_ALIGNMENT;
    return aligned_alloc(GB_ALIGNMENT, bytes ? bytes : GB_ALIGNMENT);
}

void gb_give_back(void)
{
    malloc_trim(0);
}

int gb_grow(void *array, size_t *capacity, size_t need, size_t size)
{
    if (need <= *capacity) return 0;
    size_t wanted = *capacity ? *capacity : 16;
    while (wanted < need) {
        if (wanted > SIZE_MAX / 2) return -1;
        wanted *= 2;
    }
    if (size && wanted > SIZE_MAX / size) return -1;
    void *old;
    memcpy(&old, array, sizeof old);
    void *grown = realloc(old, wanted * size);
    if (!grown) return -1;
    memcpy(array, &grown, sizeof grown);
    *capacity = wanted;
    return 0;
}

static atomic_bool text_lost;

void gb_text_lost(void)
{
    atomic_store(&text_lost, true);
}

bool gb_text_was_lost(void)
{
    return atomic_load(&text_lost);
}

char *gb_strdup(const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy) gb_text_lost();
    return copy;
}

char *gb_format(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0) text = NULL;
    va_end(args);
    if (!text) gb_text_lost();
    return text;
}
