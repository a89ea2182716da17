/* Files that claim more than they hold. */
#ifndef GB_TESTS_HOSTILE_H
#define GB_TESTS_HOSTILE_H

#include <stdint.h>

/* A PNG whose header says so, with the right checksum, and nothing behind it. */
void write_png_claim(const char *path, uint32_t width, uint32_t height);

/* A zip of `count` stored entries of that name; each says that it is of `size` bytes, and four are there. */
void write_zip_claim(const char *path, const char *entry, uint32_t count, uint32_t size);

#endif
