#include "core/sha256.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"

struct gb_sha256 {
    struct sha256_ctx state;
};

gb_status gb_sha256_new(gb_sha256 **out, gb_error *err)
{
    gb_sha256 *sha = calloc(1, sizeof *sha);
    if (!sha) return gb_fail_memory(err, "sha256", sizeof *sha);
    sha256_init(&sha->state);
    *out = sha;
    return GB_OK;
}

void gb_sha256_update(gb_sha256 *sha, const void *bytes, size_t size)
{
    sha256_update(&sha->state, size, bytes);
}

static void write_digest(struct sha256_ctx *state, char hex[GB_SHA256_HEX])
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(state, sizeof digest, digest);
    for (int i = 0; i < SHA256_DIGEST_SIZE; i++) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void gb_sha256_finish(gb_sha256 *sha, char hex[GB_SHA256_HEX])
{
    write_digest(&sha->state, hex);
    gb_sha256_free(sha);
}

void gb_sha256_free(gb_sha256 *sha)
{
    free(sha);
}

void gb_sha256_memory(const void *bytes, size_t size, char hex[GB_SHA256_HEX])
{
    struct sha256_ctx state; /* no memory is asked for: whoever compares a checksum would take its lack for damage */
    sha256_init(&state);
    sha256_update(&state, size, bytes);
    write_digest(&state, hex);
}

gb_status gb_sha256_file(const char *path, char hex[GB_SHA256_HEX], gb_error *err)
{
    GB_TRY(gb_file_check(path, err));
    FILE *file = fopen(path, "rb");
    if (!file) return gb_fail(err, errno == ENOENT ? GB_E_NOT_FOUND : GB_E_IO, "%s: %s", path, strerror(errno));
    gb_sha256 *sha = NULL;
    gb_status status = gb_sha256_new(&sha, err);
    unsigned char block[1 << 16];
    size_t got;
    while (status == GB_OK && (got = fread(block, 1, sizeof block, file)) > 0) gb_sha256_update(sha, block, got);
    if (status == GB_OK && ferror(file)) status = gb_fail(err, GB_E_IO, "%s: read failed: %s", path, strerror(errno));
    fclose(file);
    if (status == GB_OK)
        gb_sha256_finish(sha, hex);
    else
        gb_sha256_free(sha);
    return status;
}
