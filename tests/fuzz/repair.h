/* Checksums made to fit what they cover: without that every change ends at the first one, and what lies behind it is
 * never tried. */
#ifndef GB_TESTS_FUZZ_REPAIR_H
#define GB_TESTS_FUZZ_REPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In place, for the target of that name; targets without checksums are left as they are. */
void fuzz_repair(const char *target, uint8_t *data, size_t size);

/* Asked at every byte of an input, where a call of memcmp, which the fuzzer watches, took most of its time. */
static inline bool fuzz_starts(const uint8_t *at, const char *signature)
{
    for (int i = 0; i < 4; i++)
        if (at[i] != (uint8_t)signature[i]) return false;
    return true;
}

/* Of HDF5 files: repair_h5.c. */
void fuzz_repair_h5(uint8_t *data, size_t size);

#endif
