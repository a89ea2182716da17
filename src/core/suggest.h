/* Near misses for unknown names. */
#ifndef GB_CORE_SUGGEST_H
#define GB_CORE_SUGGEST_H

#include <stddef.h>

/* The candidate nearest to `name` by Damerau-Levenshtein distance (or that `name` is a prefix of), or NULL when none
 * is near enough (more than a third of the letters differ). Borrowed from `candidates`. */
const char *gb_suggest(const char *name, const char *const *candidates, size_t count);

#endif
