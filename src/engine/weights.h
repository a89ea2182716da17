/* Named parameters of one net, as float32 in PyTorch's layouts (convolution O,I,H,W; transposed convolution I,O,H,W).
 *
 * A container is filled once (by a checkpoint reader, by a formula, or lazily at random) and then only read; the net's
 * builder takes tensors from it by name and shape, strictly. */
#ifndef GB_ENGINE_WEIGHTS_H
#define GB_ENGINE_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

#define GB_MAX_RANK 6

typedef struct gb_tensor {
    char *name;
    int rank;
    int64_t dim[GB_MAX_RANK];
    float *data;     /* row-major, dim product elements; owned by the container; NULL for a non-float tensor */
    bool taken;      /* a builder has asked for it */
} gb_tensor;

typedef struct gb_weights gb_weights;

gb_status gb_weights_new(gb_weights **out, gb_error *err) GB_MUST_CHECK;

/* A container that makes every tensor asked of it: uniform, scaled by fan-in (1/sqrt) so that activations stay near 1;
 * batch-norm tensors near identity. For timing a net without weights; never for a quality number. */
gb_status gb_weights_new_random(uint64_t seed, gb_weights **out, gb_error *err) GB_MUST_CHECK;
bool gb_weights_are_random(const gb_weights *weights);
void gb_weights_free(gb_weights *weights);

/* Adds a tensor; `data` (allocated by gb_alloc_aligned or malloc) is owned by the container from here on, also when
 * this fails. A name that exists already is GB_E_FORMAT. `data` NULL marks a non-float tensor (batch counters). */
gb_status gb_weights_add(gb_weights *weights, const char *name, int rank, const int64_t *dim, float *data,
                         gb_error *err) GB_MUST_CHECK;

size_t gb_weights_count(const gb_weights *weights);
const gb_tensor *gb_weights_at(const gb_weights *weights, size_t index);            /* in insertion order */
const gb_tensor *gb_weights_find(const gb_weights *weights, const char *name);      /* NULL when absent */
int64_t gb_tensor_size(const gb_tensor *tensor);                                    /* number of elements */

/* Keeps the tensors whose name begins with `prefix` and takes the prefix off; the others are freed. */
void gb_weights_keep_prefix(gb_weights *weights, const char *prefix);

/* The file that the tensors came from and its sha256; empty strings when there is none. */
void gb_weights_set_origin(gb_weights *weights, const char *path, const char *sha256);
const char *gb_weights_path(const gb_weights *weights);
const char *gb_weights_sha256(const gb_weights *weights);

/* The tensor `name` with exactly this shape, marked as taken. A missing (GB_E_NOT_FOUND) or misshapen (GB_E_MISMATCH)
 * tensor is noted, so that gb_weights_check can list them all. Non-finite values are GB_E_NUMERIC, naming tensor and
 * index. */
gb_status gb_weights_take(gb_weights *weights, const char *name, int rank, const int64_t *dim, const float **data,
                          gb_error *err) GB_MUST_CHECK;

/* Strictness, after a net was built: GB_E_MISMATCH with one line listing every missing and misshapen tensor noted by
 * gb_weights_take and every surplus tensor, i.e. one never taken, except non-float ones and those whose name begins
 * with one of the NULL-ended `ignore` prefixes. */
gb_status gb_weights_check(const gb_weights *weights, const char *const *ignore, gb_error *err) GB_MUST_CHECK;

#endif
