/* The pickle machine's inside, shared by its opcodes, its allow-list and its walk. */
#ifndef GB_CHECKPOINT_PICKLE_MACHINE_H
#define GB_CHECKPOINT_PICKLE_MACHINE_H

#include "checkpoint/pickle.h"

/* Values are made in blocks and freed all at once. */
typedef struct gb_pickle_block gb_pickle_block;

struct gb_pickle {
    const char *path;
    const unsigned char *bytes;
    size_t size, at;
    gb_pickle_block *blocks;
    size_t values, pushes;
    gb_pickle_list stack, memo;
    bool stopped;
};

/* "<path>: damaged pickle: expected …, found … before byte N"; GB_E_FORMAT. */
gb_status gb_pickle_damaged(const gb_pickle *p, gb_error *err, const char *expected, const char *found);
const char *gb_pickle_kind_name(gb_pickle_kind kind);

gb_status gb_pickle_new(gb_pickle *p, gb_pickle_kind kind, gb_pickle_value **out, gb_error *err) GB_MUST_CHECK;
gb_status gb_pickle_append(gb_pickle *p, gb_pickle_list *list, gb_pickle_value *value, gb_error *err) GB_MUST_CHECK;
/* `size` zeroed bytes that live as long as the value, which owns nothing yet. */
gb_status gb_pickle_own(gb_pickle *p, gb_pickle_value *value, size_t size, gb_error *err) GB_MUST_CHECK;

/* Texts decoded into memory that `value` owns: protocol 0's escapes (of a quoted byte string, or of text to UTF-8), and
 * UTF-8 back to the one-byte characters that numpy's data were written as. */
gb_status gb_pickle_unescape(gb_pickle *p, gb_pickle_text text, bool is_bytes, gb_pickle_value *value, gb_error *err)
    GB_MUST_CHECK;
gb_status gb_pickle_encode_latin1(gb_pickle *p, gb_pickle_text text, gb_pickle_value *value, gb_error *err)
    GB_MUST_CHECK;

/* The allow-list: the global's value, or GB_E_FORMAT naming it. */
gb_status gb_pickle_find_global(gb_pickle *p, gb_pickle_text module, gb_pickle_text name, gb_pickle_value **out,
                                gb_error *err) GB_MUST_CHECK;
/* What an allowed global makes of its arguments, e.g. a tensor. */
gb_status gb_pickle_call(gb_pickle *p, const gb_pickle_value *callee, const gb_pickle_value *args,
                         gb_pickle_value **out, gb_error *err) GB_MUST_CHECK;
/* Gives a made value its state (opcode BUILD). */
gb_status gb_pickle_build(gb_pickle *p, gb_pickle_value *value, const gb_pickle_value *state, gb_error *err)
    GB_MUST_CHECK;
/* A PyTorch storage from the persistent id ('storage', type, key, location, count[, view]). */
gb_status gb_pickle_load_storage(gb_pickle *p, const gb_pickle_value *id, gb_pickle_value **out, gb_error *err)
    GB_MUST_CHECK;
/* "module.name" of an allowed global. */
void gb_pickle_global_name(const gb_pickle_global *global, char *text, size_t size);

/* numpy's makers (pickle_numpy.c). */
gb_status gb_pickle_numpy_dtype(gb_pickle *p, const gb_pickle_value *args, gb_pickle_value **out, gb_error *err)
    GB_MUST_CHECK;
gb_status gb_pickle_numpy_frombuffer(gb_pickle *p, const gb_pickle_value *args, gb_pickle_value **out, gb_error *err)
    GB_MUST_CHECK;
gb_status gb_pickle_numpy_build_dtype(gb_pickle *p, gb_pickle_value *value, const gb_pickle_value *state,
                                      gb_error *err) GB_MUST_CHECK;
gb_status gb_pickle_numpy_build_array(gb_pickle *p, gb_pickle_value *value, const gb_pickle_value *state,
                                      gb_error *err) GB_MUST_CHECK;
/* Reads whole numbers of a tuple or list into at most GB_MAX_RANK places. */
gb_status gb_pickle_shape(gb_pickle *p, const gb_pickle_value *value, int *rank, int64_t dim[GB_MAX_RANK],
                          gb_error *err) GB_MUST_CHECK;

#endif
