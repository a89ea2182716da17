/* The readers behind gb_checkpoint_read; each adds every tensor of the file at `path`, `bytes` long, to `weights`. */
#ifndef GB_CHECKPOINT_FORMATS_H
#define GB_CHECKPOINT_FORMATS_H

#include "checkpoint/pickle.h"
#include "engine/weights.h"

gb_status gb_read_torch_zip(const char *path, uint64_t bytes, gb_weights *weights, gb_error *err) GB_MUST_CHECK;
gb_status gb_read_torch_legacy(const char *path, uint64_t bytes, gb_weights *weights, gb_error *err) GB_MUST_CHECK;
gb_status gb_read_safetensors(const char *path, uint64_t bytes, gb_weights *weights, gb_error *err) GB_MUST_CHECK;
gb_status gb_read_h5(const char *path, uint64_t bytes, gb_weights *weights, gb_error *err) GB_MUST_CHECK;
gb_status gb_read_numpy_pickle(const char *path, uint64_t bytes, gb_weights *weights, gb_error *err) GB_MUST_CHECK;

/* Adds a numpy array of a pickle. */
gb_status gb_add_numpy_array(gb_weights *weights, const char *name, const gb_pickle_array *array, gb_error *err)
    GB_MUST_CHECK;

#endif
