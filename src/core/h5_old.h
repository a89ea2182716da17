/* Groups and indices of HDF5's older format: local heaps, which hold names, and version 1 B-trees ("HDF5 File Format
 * Specification 3.0", III.A.1, III.D), and the superblock, where all begins (II). */
#ifndef GB_CORE_H5_OLD_H
#define GB_CORE_H5_OLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the last local heap said of where its names are. */
typedef struct gb_h5_names {
    uint64_t at, size, free; /* `free`: the first free piece; 1: none */
} gb_h5_names;

/* Addresses and sizes of eight bytes; no data of another driver, for which HDF5 takes as much memory as it is told. */
bool gb_h5_superblock_is_sound(const uint8_t *block, size_t size);

/* "HEAP": notes where the names are. `address` is the block's own. */
bool gb_h5_local_heap_is_sound(gb_h5_names *names, uint64_t address, const uint8_t *block, size_t size);
/* Names that lie right behind their heap are read with it: bytes of both; else 0. */
size_t gb_h5_local_heap_size(const gb_h5_names *names, uint64_t address);
/* Of the names themselves: HDF5 follows the list of free pieces wherever it leads, and reads each name up to its zero.
 * The last byte is made one, which it is in any heap that HDF5 wrote. */
bool gb_h5_names_are_sound(const gb_h5_names *names, uint8_t *block, size_t size);

/* "TREE": HDF5 goes down for as long as a node says that there is something below it, in circles if need be. Calls
 * `level_of` for each node below, which gives its level, or -1 for what is no node of a tree. */
bool gb_h5_old_tree_is_sound(const uint8_t *block, size_t size, int (*level_of)(void *user, uint64_t address),
                             void *user);

#endif
