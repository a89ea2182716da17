/* 3x3 convolutions with a quarter of the multiplications: tiles of 4x4 outputs go through 36 matrix products, which
 * oneDNN makes. A dilated convolution is one of dilation 1 on each of the interleaved pictures. */
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/plan.h"
#include "backend/cpu/winograd_kernel.h"
#include "core/memory.h"

#define BLOCK 128 /* tiles at once, at most: their numbers stay in the cache */

/* The first output pixel of a tile. */
typedef struct tile {
    int y, x;
} tile;

typedef struct state {
    size_t tiles, block;
    tile tile[];
} state;

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Tiles along one axis of `size` outputs, all interleaved pictures together. */
static int64_t tiles_along(int64_t size, int64_t dilation)
{
    int64_t count = 0;
    for (int64_t r = 0; r < dilation && r < size; r++)
        count += ((size - r - 1) / dilation + GB_TILE_OUT) / GB_TILE_OUT;
    return count;
}

/* Worth it when at most half of the outputs computed are beyond the picture. */
bool gb_cpu_winograd_fits(const gb_node *node, gb_shape in)
{
    if (node->kernel_h != 3 || node->kernel_w != 3 || node->stride != 1) return false;
    if (in.c % GB_TILE_LANES || node->shape.c % GB_TILE_LANES) return false;
    if (node->act == GB_ACT_TANH || node->act == GB_ACT_SIGMOID) return false;
    const int64_t tiles = tiles_along(node->shape.h, node->dilation) * tiles_along(node->shape.w, node->dilation);
    return tiles * GB_TILE_OUT * GB_TILE_OUT <= 2 * node->shape.h * node->shape.w;
}

static void transform_input(const gb_cpu_step *step, const gb_cpu_frame *frame, tile at, float *v, size_t v_step)
{
    const gb_node *const node = &step->node;
    const gb_shape in = step->in;
    const float *const zeros = step->weights + node->shape.c;
    const float *pixel[GB_TILE_POINTS];
    for (int i = 0; i < GB_TILE_POINTS; i++) {
        const int64_t y = at.y - node->pad + (int64_t)(i / GB_TILE_IN) * node->dilation;
        const int64_t x = at.x - node->pad + (int64_t)(i % GB_TILE_IN) * node->dilation;
        const bool inside = y >= 0 && y < in.h && x >= 0 && x < in.w;
        pixel[i] = inside ? frame->in[0] + (size_t)((y * in.w + x) * in.c) : zeros;
    }
    gb_winograd_input(pixel, (size_t)in.c, v, v_step);
}

static void transform_output(const gb_cpu_step *step, const gb_cpu_frame *frame, tile at, const float *m, size_t m_step)
{
    const gb_node *const node = &step->node;
    const gb_shape out = node->shape;
    const int d = node->dilation;
    const size_t first = (size_t)((at.y * out.w + at.x) * out.c);
    const gb_winograd_end end = {
        .bias = step->weights, .out = frame->out + first,
        .addend = frame->in[1] ? frame->in[1] + first : NULL,
        .residual = frame->in[2] ? frame->in[2] + first : NULL,
        .row = (size_t)(d * out.w * out.c), .pixel = (size_t)(d * out.c),
        .rows = (int)smaller(GB_TILE_OUT, (out.h - at.y - 1) / d + 1),
        .columns = (int)smaller(GB_TILE_OUT, (out.w - at.x - 1) / d + 1),
        .rectify = node->act != GB_ACT_NONE, .slope = node->act == GB_ACT_LEAKY_RELU ? node->slope : 0.0f,
    };
    gb_winograd_output(m, m_step, (size_t)out.c, &end);
}

/* Scratch memory: what oneDNN wants is first; then the numbers of a block of tiles, inputs and outputs. */
static gb_status run(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    const state *const s = step->state;
    const size_t in = (size_t)step->in.c, out = (size_t)step->node.shape.c;
    float *const m = (float *)((char *)frame->scratch + step->scratch) - GB_TILE_POINTS * s->block * out;
    float *const v = m - GB_TILE_POINTS * s->block * in;
    for (size_t first = 0; first < s->tiles; first += s->block) {
        const size_t count = s->tiles - first < s->block ? s->tiles - first : s->block;
        for (size_t t = 0; t < count; t++)
            transform_input(step, frame, s->tile[first + t], v + t * in, s->block * in);
        GB_TRY(gb_primitive_run(&step->primitive[0], &frame->call[0], frame->stream, v, m, frame->scratch, err));
        for (size_t t = 0; t < count; t++)
            transform_output(step, frame, s->tile[first + t], m + t * out, s->block * out);
    }
    return GB_OK;
}

static void list_tiles(const gb_node *node, state *s)
{
    const int d = node->dilation, step = d * GB_TILE_OUT;
    for (int ry = 0; ry < d; ry++)
        for (int rx = 0; rx < d; rx++)
            for (int y = ry; y < node->shape.h; y += step)
                for (int x = rx; x < node->shape.w; x += step) s->tile[s->tiles++] = (tile){y, x};
}

/* 36 matrices of I rows and O columns. */
static gb_status add_products(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    const state *const s = step->state;
    const size_t in = (size_t)step->in.c, out = (size_t)node->shape.c;
    float *const plain = gb_cpu_alloc_weights(GB_TILE_POINTS * in * out);
    if (!plain) return gb_fail_memory(err, "a convolution's weights", GB_TILE_POINTS * in * out * sizeof *plain);
    for (size_t i = 0; i < in; i++) {
        for (size_t o = 0; o < out; o++) {
            double u[GB_TILE_POINTS];
            gb_winograd_weights(node->weight + (o * in + i) * 9, u);
            for (size_t k = 0; k < GB_TILE_POINTS; k++) plain[(k * in + i) * out + o] = (float)u[k];
        }
    }
    const gb_products products = {GB_TILE_POINTS, (int64_t)s->block, step->in.c, node->shape.c, plain};
    const gb_status status = gb_cpu_step_products(engine, step, &products, err);
    free(plain);
    return status;
}

gb_status gb_cpu_make_winograd(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    const size_t tiles =
        (size_t)(tiles_along(node->shape.h, node->dilation) * tiles_along(node->shape.w, node->dilation));
    const size_t in = (size_t)step->in.c, out = (size_t)node->shape.c, blocks = (tiles + BLOCK - 1) / BLOCK;
    state *const s = gb_alloc(1, sizeof *s + tiles * sizeof s->tile[0]);
    if (!s) return gb_fail_memory(err, "a convolution", tiles * sizeof s->tile[0]);
    step->state = s;
    s->block = (tiles + blocks - 1) / blocks;
    list_tiles(node, s);
    step->weights = gb_alloc_aligned(in + out, sizeof(float));
    if (!step->weights) return gb_fail_memory(err, "a convolution's bias", (in + out) * sizeof(float));
    memset(step->weights, 0, (in + out) * sizeof(float));
    if (node->bias) memcpy(step->weights, node->bias, out * sizeof(float));
    GB_TRY(add_products(engine, node, step, err));
    step->scratch = (step->scratch + GB_ALIGNMENT - 1) / GB_ALIGNMENT * GB_ALIGNMENT +
                    GB_TILE_POINTS * s->block * (in + out) * sizeof(float);
    step->alias = node->in[1] != GB_NONE ? node->in[1] : node->in[2];
    step->run = run;
    return GB_OK;
}
