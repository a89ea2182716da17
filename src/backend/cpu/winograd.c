/* Convolutions with a third to a quarter of the multiplications: tiles of 4x4 outputs go through as many matrix
 * products as they have points, which oneDNN makes. */
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/plan.h"
#include "backend/cpu/winograd_axis.h"
#include "backend/cpu/winograd_kernel.h"
#include "core/memory.h"

#define BLOCK 128        /* tiles at once, at most: their numbers stay in the cache */
#define WORTH_WHILE 1.3  /* the direct sum's cost to ours, from where on the transforms pay */
#define READING 8        /* reading a weight takes as long as multiplying it so many times */

/* One set of products: all of a convolution, or one phase of a transposed one. */
typedef struct part {
    gb_winograd_axis y, x;
    gb_winograd_taps taps;
    int points, rows, columns;              /* rows and columns of tiles */
    const gb_tile_origin *row, *column;
    size_t block;
    size_t in; /* channels of all patterns together */
} part;

typedef struct state {
    int parts;
    part *part;
    gb_tile_origin *origin;
} state;

static int phases_of(const gb_node *node)
{
    return node->op == GB_OP_DECONV ? node->stride : 1;
}

/* Part i of the convolution; false when there is no such way. A part may have no tiles. */
static bool describe(const gb_node *node, gb_shape in, int i, part *p)
{
    const int phases = phases_of(node);
    *p = (part){0};
    if (!gb_winograd_axis_make(node, true, i / phases, &p->y)) return false;
    if (!gb_winograd_axis_make(node, false, i % phases, &p->x)) return false;
    p->taps = (gb_winograd_taps){p->y.taps, p->x.taps};
    p->points = (p->y.taps + GB_TILE_OUT - 1) * (p->x.taps + GB_TILE_OUT - 1);
    p->rows = gb_winograd_axis_tiles(&p->y);
    p->columns = gb_winograd_axis_tiles(&p->x);
    p->in = (size_t)(in.c * p->y.patterns * p->x.patterns);
    const size_t tiles = (size_t)p->rows * (size_t)p->columns, blocks = (tiles + BLOCK - 1) / BLOCK;
    p->block = blocks ? (tiles + blocks - 1) / blocks : 0;
    return true;
}

/* Counted in multiplications for each output channel. */
bool gb_cpu_winograd_fits(const gb_node *node, gb_shape in)
{
    if (in.c % GB_TILE_LANES || node->shape.c % GB_TILE_LANES) return false;
    if (node->act == GB_ACT_TANH || node->act == GB_ACT_SIGMOID) return false;
    if (node->kernel_h * node->kernel_w == 1) return false;
    const gb_shape *const many = node->op == GB_OP_DECONV ? &in : &node->shape;
    const double direct = (double)((many->h * many->w + READING) * in.c) * node->kernel_h * node->kernel_w;
    double ours = 0.0;
    for (int i = 0; i < phases_of(node) * phases_of(node); i++) {
        part p;
        if (!describe(node, in, i, &p)) return false;
        ours += (double)p.points * ((double)p.rows * p.columns + READING) * (double)p.in;
    }
    return direct >= WORTH_WHILE * ours;
}

/* What a tile reads, pattern after pattern; zeros outside the picture. */
static void transform_input(const gb_cpu_step *step, const float *x, const part *p, size_t tile, float *v)
{
    const gb_shape in = step->in;
    const float *const zeros = step->weights + step->node.shape.c;
    const int top = p->row[tile / (size_t)p->columns].in, left = p->column[tile % (size_t)p->columns].in;
    const int columns = p->taps.x + GB_TILE_OUT - 1;
    for (int k = 0; k < p->y.patterns * p->x.patterns; k++, v += in.c) {
        const int first_y = top + p->y.offset[k / p->x.patterns], first_x = left + p->x.offset[k % p->x.patterns];
        const float *pixel[GB_TILE_MAX_POINTS];
        for (int i = 0; i < p->points; i++) {
            const int64_t py = first_y + (i / columns) * p->y.in_step, px = first_x + (i % columns) * p->x.in_step;
            const bool inside = py >= 0 && py < in.h && px >= 0 && px < in.w;
            pixel[i] = inside ? x + (size_t)((py * in.w + px) * in.c) : zeros;
        }
        gb_winograd_input(p->taps, pixel, (size_t)in.c, v, p->block * p->in);
    }
}

static int outputs_left(const gb_winograd_axis *axis, int first)
{
    const int left = (axis->size - first - 1) / axis->out_step + 1;
    return left < GB_TILE_OUT ? left : GB_TILE_OUT;
}

static void transform_output(const gb_cpu_step *step, const gb_cpu_frame *frame, const part *p, size_t tile,
                             const float *m)
{
    const gb_node *const node = &step->node;
    const gb_shape out = node->shape;
    const int y = p->row[tile / (size_t)p->columns].out, x = p->column[tile % (size_t)p->columns].out;
    const size_t first = (size_t)((y * out.w + x) * out.c);
    const gb_winograd_end end = {
        .bias = step->weights, .out = frame->out + first,
        .addend = frame->in[1] ? frame->in[1] + first : NULL,
        .residual = frame->in[2] ? frame->in[2] + first : NULL,
        .row = (size_t)(p->y.out_step * out.w * out.c), .pixel = (size_t)(p->x.out_step * out.c),
        .rows = outputs_left(&p->y, y), .columns = outputs_left(&p->x, x),
        .rectify = node->act != GB_ACT_NONE, .slope = node->act == GB_ACT_LEAKY_RELU ? node->slope : 0.0f,
    };
    gb_winograd_output(p->taps, m, p->block * (size_t)out.c, (size_t)out.c, &end);
}

/* Scratch memory: what oneDNN wants is first; at the end are the numbers of a block of tiles, inputs and outputs. */
static gb_status run_part(const gb_cpu_step *step, const gb_cpu_frame *frame, int index, gb_error *err)
{
    const part *const p = &((const state *)step->state)->part[index];
    const size_t out = (size_t)step->node.shape.c, points = (size_t)p->points;
    const size_t tiles = (size_t)p->rows * (size_t)p->columns;
    float *const m = (float *)((char *)frame->scratch + step->scratch) - points * p->block * out;
    float *const v = m - points * p->block * p->in;
    for (size_t first = 0; first < tiles; first += p->block) {
        const size_t count = tiles - first < p->block ? tiles - first : p->block;
        for (size_t t = 0; t < count; t++) transform_input(step, frame->in[0], p, first + t, v + t * p->in);
        GB_TRY(gb_primitive_run(&step->primitive[index], &frame->call[index], frame->stream, v, m, frame->scratch,
                                err));
        for (size_t t = 0; t < count; t++) transform_output(step, frame, p, first + t, m + t * out);
    }
    return GB_OK;
}

static gb_status run(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    const state *const s = step->state;
    for (int i = 0; i < s->parts; i++) GB_TRY(run_part(step, frame, i, err));
    return GB_OK;
}

/* The weights of input channel i and output channel o in one pattern. */
static void pick_taps(const gb_node *node, const part *p, int pattern, size_t i, size_t o, size_t in, double *g)
{
    const size_t taps = (size_t)(node->kernel_h * node->kernel_w), out = (size_t)node->shape.c;
    const float *const kernel = node->weight + (node->op == GB_OP_CONV ? o * in + i : i * out + o) * taps;
    for (int ty = 0; ty < p->taps.y; ty++) {
        const int ky = gb_winograd_axis_element(&p->y, node->kernel_h, pattern / p->x.patterns, ty);
        for (int tx = 0; tx < p->taps.x; tx++) {
            const int kx = gb_winograd_axis_element(&p->x, node->kernel_w, pattern % p->x.patterns, tx);
            *g++ = ky < 0 || kx < 0 ? 0.0 : (double)kernel[ky * node->kernel_w + kx];
        }
    }
}

/* A matrix of I rows (pattern after pattern) and O columns for each point. */
static gb_status add_products(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, const part *p,
                              gb_error *err)
{
    const size_t in = (size_t)step->in.c, out = (size_t)node->shape.c, points = (size_t)p->points;
    float *const plain = gb_cpu_alloc_floats(points * p->in * out);
    if (!plain) return gb_fail_memory(err, "a convolution's weights", points * p->in * out * sizeof *plain);
    gb_winograd_basis basis;
    gb_winograd_basis_make(p->taps, &basis);
    for (size_t row = 0; row < p->in; row++) {
        for (size_t o = 0; o < out; o++) {
            double g[GB_TILE_MAX_TAPS * GB_TILE_MAX_TAPS], u[GB_TILE_MAX_POINTS];
            pick_taps(node, p, (int)(row / in), row % in, o, in, g);
            gb_winograd_weights(&basis, g, u);
            for (size_t k = 0; k < points; k++) plain[(k * p->in + row) * out + o] = (float)u[k];
        }
    }
    const gb_products products = {(int64_t)points, (int64_t)p->block, (int64_t)p->in, node->shape.c, plain};
    const gb_status status = gb_cpu_step_products(engine, step, &products, err);
    free(plain);
    return status;
}

/* Parts with tiles, in one allocation with the tiles' origins. */
static gb_status make_parts(const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    const int phases = phases_of(node);
    const size_t most = (size_t)(phases * phases), along = (size_t)(node->shape.h + node->shape.w);
    const size_t bytes = sizeof(state) + most * sizeof(part) + most * along * sizeof(gb_tile_origin);
    state *const s = gb_alloc(1, bytes);
    if (!s) return gb_fail_memory(err, "a convolution", bytes);
    step->state = s;
    s->part = (part *)(s + 1);
    gb_tile_origin *origin = (gb_tile_origin *)(s->part + most);
    for (int i = 0; i < phases * phases; i++) {
        part *const p = &s->part[s->parts];
        if (!describe(node, step->in, i, p)) return gb_fail(err, GB_E_UNSUPPORTED, "no such tiles");
        if (!p->rows || !p->columns) continue;
        p->row = origin;
        gb_winograd_axis_origins(&p->y, origin);
        origin += p->rows;
        p->column = origin;
        gb_winograd_axis_origins(&p->x, origin);
        origin += p->columns;
        s->parts++;
    }
    return GB_OK;
}

gb_status gb_cpu_make_winograd(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    const size_t in = (size_t)step->in.c, out = (size_t)node->shape.c;
    size_t numbers = 0;
    GB_TRY(make_parts(node, step, err));
    const state *const s = step->state;
    step->weights = gb_alloc_aligned(in + out, sizeof(float)); /* bias, then zeros */
    if (!step->weights) return gb_fail_memory(err, "a convolution's bias", (in + out) * sizeof(float));
    memset(step->weights, 0, (in + out) * sizeof(float));
    if (node->bias) memcpy(step->weights, node->bias, out * sizeof(float));
    for (int i = 0; i < s->parts; i++) {
        const part *const p = &s->part[i];
        const size_t wanted = (size_t)p->points * p->block * (p->in + out);
        if (numbers < wanted) numbers = wanted;
        GB_TRY(add_products(engine, node, step, p, err));
    }
    step->scratch = (step->scratch + GB_ALIGNMENT - 1) / GB_ALIGNMENT * GB_ALIGNMENT + numbers * sizeof(float);
    step->alias = node->in[1] != GB_NONE ? node->in[1] : node->in[2];
    step->run = run;
    return GB_OK;
}
