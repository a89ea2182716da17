#include "backend/cpu/winograd_tiles.h"

#include <stdlib.h>
#include <string.h>

#include "backend/cpu/winograd_kernel.h"
#include "core/memory.h"
#include "core/random.h"

#define BLOCK 128 /* tiles at once, at most: their numbers stay in the cache */

/* Tiles at once when there are so many: few enough for the cache, and as good as no rest. 0 for none. */
static size_t block_of(size_t tiles)
{
    const size_t blocks = (tiles + BLOCK - 1) / BLOCK;
    return blocks ? (tiles + blocks - 1) / blocks : 0;
}

int gb_winograd_pick(const gb_winograd_axis *axis, const uint8_t *mark, gb_tile_origin *out)
{
    const int all = gb_winograd_axis_tiles(axis);
    int count = 0;
    gb_winograd_axis_origins(axis, out);
    for (int i = 0; i < all; i++) {
        bool wanted = false;
        for (int k = 0, at = out[i].out; k < GB_TILE_OUT && at < axis->size; k++, at += axis->out_step)
            wanted = wanted || mark[at];
        if (wanted) out[count++] = out[i];
    }
    return count;
}

/* One trial of a product: every row of the data is the same, and so must every row of the result be. */
typedef struct trial {
    gb_primitive primitive;
    gb_primitive_call call;
    float *data, *result;
    gb_bf16 *rounded; /* the data as bf16 products take them */
    void *scratch;
} trial;

static void trial_close(trial *t)
{
    gb_primitive_unbind(&t->call);
    gb_primitive_clear(&t->primitive);
    free(t->data);
    free(t->result);
    free(t->rounded);
    free(t->scratch);
}

static gb_status trial_run(dnnl_engine_t engine, const gb_products *m, trial *t, gb_error *err)
{
    const size_t rows = (size_t)(m->count * m->rows), in = (size_t)m->in;
    dnnl_stream_t stream = NULL;
    gb_status status;
    GB_GO(gb_primitive_products(engine, m, &t->primitive, err));
    GB_GO(gb_primitive_bind(&t->primitive, &t->call, err));
    t->data = gb_alloc_aligned(rows * in, sizeof *t->data);
    t->result = gb_alloc_aligned(rows * (size_t)m->out, sizeof *t->result);
    t->rounded = gb_alloc_aligned(rows * in, sizeof *t->rounded);
    t->scratch = gb_alloc_aligned(gb_primitive_scratch(&t->primitive), 1);
    if (!t->data || !t->result || !t->rounded || !t->scratch)
        GB_GO(gb_fail_memory(err, "trying a product", rows * (size_t)(m->in + m->out) * sizeof(float)));
    for (size_t i = 0; i < in; i++) t->data[i] = gb_random_weight(1, i, 1.0, 0.0);
    for (size_t row = 1; row < rows; row++) memcpy(t->data + row * in, t->data, in * sizeof *t->data);
    gb_to_bf16(t->data, rows * in, t->rounded);
    GB_GO(gb_primitive_status(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags), "start", err));
    const void *const data = m->bf16 ? (const void *)t->rounded : t->data;
    GB_GO(gb_primitive_run(&t->primitive, &t->call, stream, data, t->result, t->scratch, err));
done:
    dnnl_stream_destroy(stream);
    return status;
}

/* Whether each product's rows are, bit for bit, the first rows of the other trial. */
static bool rows_equal(const gb_products *m, const trial *t, const gb_products *of, const trial *first)
{
    const size_t out = (size_t)m->out;
    for (size_t k = 0; k < (size_t)m->count; k++) {
        const float *const expected = first->result + k * (size_t)of->rows * out;
        for (size_t r = 0; r < (size_t)m->rows; r++)
            if (memcmp(t->result + (k * (size_t)m->rows + r) * out, expected, out * sizeof *expected)) return false;
    }
    return true;
}

/* Which of two numbers of rows to take, the smaller one if that changes nothing. */
static gb_status choose_rows(dnnl_engine_t engine, const gb_products *few, const gb_products *all, gb_products *out,
                             gb_error *err)
{
    trial small = {0}, whole = {0};
    gb_status status;
    GB_GO(trial_run(engine, all, &whole, err));
    if (!rows_equal(all, &whole, all, &whole))
        GB_GO(gb_fail(err, GB_E_DEVICE, "oneDNN's products depend on the row: columns cannot be computed alone"));
    GB_GO(trial_run(engine, few, &small, err));
    *out = rows_equal(few, &small, all, &whole) ? *few : *all;
done:
    trial_close(&small);
    trial_close(&whole);
    return status;
}

gb_status gb_winograd_add_products(dnnl_engine_t engine, gb_cpu_step *step, const gb_products *products, size_t tiles,
                                   size_t all, gb_winograd_tiles *out, gb_error *err)
{
    gb_products few = *products, whole = *products;
    few.rows = (int64_t)block_of(tiles);
    whole.rows = (int64_t)block_of(all);
    if (tiles == 0) return GB_OK;
    if (tiles != all) GB_TRY(choose_rows(engine, &few, &whole, &few, err));
    out->block = (size_t)few.rows;
    out->primitive = step->primitives;
    return gb_cpu_step_products(engine, step, &few, err);
}
