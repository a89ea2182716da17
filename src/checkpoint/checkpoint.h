/* Reads trained parameters from the files people have, without ever running code from them.
 *
 * Formats, told apart by their first bytes (never by the name): PyTorch zip (.pt .pth .ckpt), PyTorch legacy (bare
 * pickles, or tar before 0.1.10 refused by name), safetensors, HDF5, numpy pickle. Pickles go through a small machine
 * that knows only the opcodes of data and an allow-list of globals that make tensors, arrays and plain containers. */
#ifndef GB_CHECKPOINT_CHECKPOINT_H
#define GB_CHECKPOINT_CHECKPOINT_H

#include "engine/weights.h"

typedef struct gb_checkpoint_info {
    char format[24];                 /* "torch-zip", "torch-legacy", "safetensors", "hdf5", "numpy-pickle" */
    char sha256[65];
    unsigned long long bytes;
} gb_checkpoint_info;

/* Every tensor of the file, nested dictionaries flattened with '.', e.g. "gen_state.main.0.weight". float16, bfloat16
 * and float64 are converted to float32; other element types are kept by name only. Limits: each tensor's claimed size
 * is checked against the bytes that are there before anything is allocated. `info` may be NULL. */
gb_status gb_checkpoint_read(const char *path, gb_weights **out, gb_checkpoint_info *info, gb_error *err) GB_MUST_CHECK;

/* Writes safetensors, float32 or float16 (round to nearest even), names sorted; deterministic byte for byte. */
gb_status gb_checkpoint_write_safetensors(const char *path, const gb_weights *weights, bool half, gb_error *err)
    GB_MUST_CHECK;

#endif
