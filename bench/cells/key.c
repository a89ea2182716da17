#include "cells/key.h"

#include <stdio.h>
#include <string.h>

/* Length first: no two lists of texts give the same bytes. */
static void add(gb_sha256 *sha, const char *text)
{
    char length[32];
    const size_t size = strlen(text);
    gb_sha256_update(sha, length, (size_t)snprintf(length, sizeof length, "%zu:", size));
    gb_sha256_update(sha, text, size);
}

gb_status gb_cell_key_make(const gb_key_parts *parts, gb_cell_key *out, gb_error *err)
{
    gb_sha256 *sha = NULL;
    GB_TRY(gb_sha256_new(&sha, err));
    add(sha, parts->numerics);
    add(sha, parts->protocol);
    add(sha, parts->generator);
    add(sha, parts->frames);
    gb_sha256_finish(sha, out->what);
    gb_sha256_memory(parts->engine, strlen(parts->engine), out->engine);
    return GB_OK;
}
