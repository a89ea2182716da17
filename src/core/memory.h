/* Checked allocation. Everything is released with free(). */
#ifndef GB_CORE_MEMORY_H
#define GB_CORE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Alignment of every numeric buffer: one cache line, one AVX-512 register. */
#define GB_ALIGNMENT 64

/* count * size zeroed bytes; NULL when that overflows or memory is short. Zero bytes give a valid pointer. */
void *gb_alloc(size_t count, size_t size);

/* As gb_alloc, aligned to GB_ALIGNMENT and not zeroed. */
void *gb_alloc_aligned(size_t count, size_t size);

/* Grows `*array` of `*capacity` elements so that it holds at least `need`; returns 0 on success, -1 and leaves
 * everything as it was otherwise. */
int gb_grow(void *array, size_t *capacity, size_t need, size_t size);

/* What was freed goes back to the system. The C library keeps some of it for each thread that freed it: much, where
 * threads that end have worked with large pieces. */
void gb_give_back(void);

/* Texts are small and many, and what is made of them looks whole without one. So the first that memory is too short for
 * (gb_strdup, gb_format, a gb_buffer, JSON) is remembered for the process: from then on no report or JSON is written,
 * and the program ends with an error even where nobody looked. */
void gb_text_lost(void);
bool gb_text_was_lost(void);

/* Copies of strings; NULL when memory is short (or text is NULL). */
char *gb_strdup(const char *text);
char *gb_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
