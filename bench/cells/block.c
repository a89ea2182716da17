#include "cells/block.h"

#include <stdint.h>
#include <string.h>

/* Text and numbers of fixed size, so a header is compared and copied as it is. */
typedef struct header {
    char magic[8];
    uint64_t size;
    uint64_t failed;
    char what[64], engine[64], frames[64];
} header;

static const char magic[8] = {'G', 'B', 'C', 'E', 'L', 'L', '1', '\n'};

enum { CHECKSUM = 64 };

gb_status gb_block_append(gb_buffer *out, const gb_block *block, gb_error *err)
{
    const size_t before = out->size;
    char sum[GB_SHA256_HEX];
    header head = {.size = block->size, .failed = block->failed};
    memcpy(head.magic, magic, sizeof magic);
    memcpy(head.what, block->key.what, sizeof head.what);
    memcpy(head.engine, block->key.engine, sizeof head.engine);
    memcpy(head.frames, block->frames, sizeof head.frames);
    gb_buffer_append(out, &head, sizeof head);
    gb_buffer_append(out, block->bytes, block->size);
    GB_TRY(gb_buffer_status(out, err));
    gb_sha256_memory(out->data + before, out->size - before, sum);
    gb_buffer_append(out, sum, CHECKSUM);
    return gb_buffer_status(out, err);
}

bool gb_block_next(const char *data, size_t size, size_t *at, gb_block *out)
{
    header head;
    char sum[GB_SHA256_HEX];
    const size_t left = size - *at;
    if (left < sizeof head + CHECKSUM) return false;
    memcpy(&head, data + *at, sizeof head);
    if (memcmp(head.magic, magic, sizeof magic) != 0 || head.size > left - sizeof head - CHECKSUM) return false;
    gb_sha256_memory(data + *at, sizeof head + head.size, sum);
    if (memcmp(sum, data + *at + sizeof head + head.size, CHECKSUM) != 0) return false;
    *out = (gb_block){.failed = head.failed != 0, .bytes = data + *at + sizeof head, .size = head.size};
    memcpy(out->key.what, head.what, sizeof head.what);
    memcpy(out->key.engine, head.engine, sizeof head.engine);
    memcpy(out->frames, head.frames, sizeof head.frames);
    *at += sizeof head + head.size + CHECKSUM;
    return true;
}
