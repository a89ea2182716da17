#include "models/state_dict.h"

#include <inttypes.h>
#include <string.h>

#include "core/buffer.h"

const char *const gb_usual_prefixes[] = {
    "gen_state.", "gen_state.module.", "state_dict.", "state_dict.module.", "model_state.", "model_state.module.",
    "generator.", "module.", "", NULL,
};

/* "(64, 3, 4, 4)", with "*" for a size of 0. */
static void write_shape(gb_buffer *text, int rank, const int64_t *dim)
{
    gb_buffer_text(text, "(");
    for (int i = 0; i < rank; i++) {
        gb_buffer_text(text, i ? ", " : "");
        if (dim[i]) gb_buffer_printf(text, "%" PRId64, dim[i]);
        else gb_buffer_text(text, "*");
    }
    gb_buffer_text(text, ")");
}

static gb_status fail_shape(const char *name, const int64_t expected[4], const gb_tensor *found, gb_error *err)
{
    gb_buffer text;
    gb_buffer_init(&text, 512);
    gb_buffer_printf(&text, "expected %s of ", name);
    write_shape(&text, 4, expected);
    gb_buffer_text(&text, ", found ");
    if (found) write_shape(&text, found->rank, found->dim);
    else gb_buffer_text(&text, "no tensor of that name");
    gb_fail(err, GB_E_MISMATCH, "%s", text.data ? text.data : name);
    gb_buffer_free(&text);
    return GB_E_MISMATCH;
}

gb_status gb_state_dict_shape(const gb_weights *weights, const char *name, const int64_t expected[4], int64_t limit,
                              int64_t out[4], gb_error *err)
{
    const gb_tensor *found = gb_weights_find(weights, name);
    if (!found || found->rank != 4) return fail_shape(name, expected, found, err);
    for (int i = 0; i < 4; i++) {
        const bool fits = expected[i] ? found->dim[i] == expected[i] : found->dim[i] >= 1 && found->dim[i] <= limit;
        if (!fits) return fail_shape(name, expected, found, err);
    }
    memcpy(out, found->dim, 4 * sizeof *out);
    return GB_OK;
}
