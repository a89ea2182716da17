/* A run's kept scores: blocks, and in each what a generator got, or the truth's part. */
#include "cells/block.h"
#include "cells/cell.h"
#include "fuzz/targets.h"

#define METRICS 2 /* as in corpus.sh */
#define ROOM 32

int fuzz_cell(const uint8_t *data, size_t size)
{
    gb_cell cell;
    gb_block block;
    gb_error err;
    size_t at = 0;
    if (gb_cell_new(1, METRICS, ROOM, &cell, &err) != GB_OK) return 0;
    while (gb_block_next((const char *)data, size, &at, &block))
        for (int contender = 0; contender < 2; contender++)
            (void)!gb_cell_decode(&cell, contender, block.bytes, block.size, "fuzz", &err);
    gb_cell_free(&cell);
    return 0;
}
