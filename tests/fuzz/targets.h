/* What is fuzzed: each parser of data from outside, one small file and one line here each. A target takes any bytes and
 * returns 0; it fails by crashing, hanging, or taking more memory than its input is worth. */
#ifndef GB_TESTS_FUZZ_TARGETS_H
#define GB_TESTS_FUZZ_TARGETS_H

#include <stddef.h>
#include <stdint.h>

#define FUZZ_TARGETS(X)                                                                                           \
    X(png) X(jpeg) X(video) X(pack) X(manifest) X(safetensors) X(pickle) X(torch_zip) X(torch_legacy) X(h5_weights) \
    X(baseline) X(run) X(rows) X(limits) X(cell) X(command_line)

#define FUZZ_DECLARE(name) int fuzz_##name(const uint8_t *data, size_t size);
FUZZ_TARGETS(FUZZ_DECLARE)
#undef FUZZ_DECLARE

/* The bytes as a file in memory, for parsers that open one: its path, the same until the next call; NULL when the
 * system refuses. */
const char *fuzz_file(const uint8_t *data, size_t size);

/* Ends the program when something of HDF5's was left open: it keeps lists of its own, which no sanitizer sees into. */
void fuzz_check_h5(void);

#endif
