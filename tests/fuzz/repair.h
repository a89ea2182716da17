/* Checksums made to fit what they cover: without that every change ends at the first one, and what lies behind it is
 * never tried. */
#ifndef GB_TESTS_FUZZ_REPAIR_H
#define GB_TESTS_FUZZ_REPAIR_H

#include <stddef.h>
#include <stdint.h>

/* In place, for the target of that name; targets without checksums are left as they are. */
void fuzz_repair(const char *target, uint8_t *data, size_t size);

/* Of HDF5 files: repair_h5.c. */
void fuzz_repair_h5(uint8_t *data, size_t size);

#endif
