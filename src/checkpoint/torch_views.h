/* The tensors of a PyTorch pickle, grouped by the storage that each is a view of. */
#ifndef GB_CHECKPOINT_TORCH_VIEWS_H
#define GB_CHECKPOINT_TORCH_VIEWS_H

#include "checkpoint/pickle.h"

typedef struct gb_torch_view {
    char *name;
    gb_pickle_storage storage;
    gb_view view;
    size_t order; /* in the pickle */
    bool announced, filled;
} gb_torch_view;

typedef struct gb_torch_views {
    const char *path;
    gb_torch_view *item; /* sorted by storage key */
    size_t count, capacity;
} gb_torch_views;

/* The views of one storage; none when count is 0. */
typedef struct gb_torch_group {
    gb_torch_view *view;
    size_t count;
} gb_torch_group;

/* Collects the tensors; numpy arrays go into `weights` at once. Refuses views that disagree about their storage, and
 * tensors that together are far larger than the storages they say they come from. */
gb_status gb_torch_views_collect(const char *path, const gb_pickle *pickle, gb_weights *weights, gb_torch_views *out,
                                 gb_error *err) GB_MUST_CHECK;
void gb_torch_views_free(gb_torch_views *views);

gb_torch_group gb_torch_group_find(const gb_torch_views *views, gb_pickle_text key);
gb_torch_group gb_torch_group_first(const gb_torch_views *views);
gb_torch_group gb_torch_group_next(const gb_torch_views *views, gb_torch_group group);
uint64_t gb_torch_group_bytes(gb_torch_group group); /* of its storage */
bool gb_torch_group_is_float(gb_torch_group group);

/* Reads a storage of floats, in little- or big-endian order, into its views, once. */
gb_status gb_torch_group_read(const gb_torch_views *views, gb_torch_group group, gb_source source, bool big_endian,
                              gb_error *err) GB_MUST_CHECK;

/* Hands all tensors, in the pickle's order, to `weights`; every storage of floats must have been read. */
gb_status gb_torch_views_give(gb_torch_views *views, gb_weights *weights, gb_error *err) GB_MUST_CHECK;

#endif
