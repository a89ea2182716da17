/* SHA-256 (FIPS 180-4) by Nettle (the processor's own instructions where it has them), as lower-case hexadecimal. */
#ifndef GB_CORE_SHA256_H
#define GB_CORE_SHA256_H

#include <stddef.h>

#include "core/status.h"

#define GB_SHA256_HEX 65 /* 64 digits and NUL */

typedef struct gb_sha256 gb_sha256;

gb_status gb_sha256_new(gb_sha256 **out, gb_error *err) GB_MUST_CHECK;
void gb_sha256_update(gb_sha256 *sha, const void *bytes, size_t size);
void gb_sha256_finish(gb_sha256 *sha, char hex[GB_SHA256_HEX]); /* also frees sha */
void gb_sha256_free(gb_sha256 *sha);

/* Of bytes; asks for no memory, so that it cannot fail. */
void gb_sha256_memory(const void *bytes, size_t size, char hex[GB_SHA256_HEX]);

/* Of a whole file, which is read piece by piece. */
gb_status gb_sha256_file(const char *path, char hex[GB_SHA256_HEX], gb_error *err) GB_MUST_CHECK;

#endif
