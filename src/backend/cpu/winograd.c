/* Convolutions with a third to a quarter of the multiplications: tiles of 4x4 outputs go through as many matrix
 * products as they have points, which oneDNN makes. */
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/plan.h"
#include "backend/cpu/winograd_axis.h"
#include "backend/cpu/winograd_kernel.h"
#include "backend/cpu/winograd_tiles.h"
#include "backend/cpu/winograd_weights.h"
#include "core/memory.h"

#define WORTH_WHILE 1.3  /* the direct sum's cost to ours, from where on the transforms pay */
#define READING 8        /* reading a weight takes as long as multiplying it so many times */

/* One set of products: all of a convolution, or one phase of a transposed one. */
typedef struct part {
    gb_winograd_axis y, x;
    gb_winograd_taps taps;
    int points, rows, columns; /* rows and columns of tiles */
    const gb_tile_origin *row, *column;
    size_t in; /* channels of all patterns together */
    gb_winograd_tiles tiles[GB_CPU_PASSES];
} part;

typedef struct state {
    int parts;
    part *part;
    gb_tile_origin *origin; /* room for more */
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

static bool is_bf16(const gb_cpu_step *step)
{
    return step->precision == GB_PRECISION_BF16;
}

/* A tile's origins. */
typedef struct place {
    gb_tile_origin y, x;
} place;

static place place_of(const part *p, const gb_winograd_tiles *tiles, size_t tile)
{
    const size_t columns = (size_t)tiles->columns;
    return (place){p->row[tile / columns], tiles->column[tile % columns]};
}

/* What a tile reads, pattern after pattern; zeros outside the picture. `step_v`: from one point's numbers to the next.
 */
static void transform_input(const gb_cpu_step *step, const float *x, const part *p, place at, void *to, size_t step_v)
{
    const gb_shape in = step->in;
    const float *const zeros = step->weights + step->node.shape.c;
    const int columns = p->taps.x + GB_TILE_OUT - 1;
    const bool bf16 = is_bf16(step);
    float *v = bf16 ? NULL : to;
    gb_bf16 *rounded = bf16 ? to : NULL;
    for (int k = 0; k < p->y.patterns * p->x.patterns; k++) {
        const int first_y = at.y.in + p->y.offset[k / p->x.patterns];
        const int first_x = at.x.in + p->x.offset[k % p->x.patterns];
        const float *pixel[GB_TILE_MAX_POINTS];
        for (int i = 0; i < p->points; i++) {
            const int64_t py = first_y + (i / columns) * p->y.in_step, px = first_x + (i % columns) * p->x.in_step;
            const bool inside = py >= 0 && py < in.h && px >= 0 && px < in.w;
            pixel[i] = inside ? x + (size_t)((py * in.w + px) * in.c) : zeros;
        }
        if (bf16) {
            gb_winograd_input_bf16(p->taps, pixel, (size_t)in.c, rounded, step_v);
            rounded += in.c;
        } else {
            gb_winograd_input(p->taps, pixel, (size_t)in.c, v, step_v);
            v += in.c;
        }
    }
}

static int outputs_left(const gb_winograd_axis *axis, int first)
{
    const int left = (axis->size - first - 1) / axis->out_step + 1;
    return left < GB_TILE_OUT ? left : GB_TILE_OUT;
}

static void transform_output(const gb_cpu_step *step, const gb_cpu_frame *frame, const part *p, place at,
                             const float *m, size_t step_m)
{
    const gb_node *const node = &step->node;
    const gb_shape out = node->shape;
    const int y = at.y.out, x = at.x.out;
    const size_t first = (size_t)((y * out.w + x) * out.c);
    const gb_winograd_end end = {
        .bias = step->weights, .out = frame->out + first,
        .addend = frame->in[1] ? frame->in[1] + first : NULL,
        .residual = frame->in[2] ? frame->in[2] + first : NULL,
        .row = (size_t)(p->y.out_step * out.w * out.c), .pixel = (size_t)(p->x.out_step * out.c),
        .rows = outputs_left(&p->y, y), .columns = outputs_left(&p->x, x),
        .rectify = node->act != GB_ACT_NONE, .slope = node->act == GB_ACT_LEAKY_RELU ? node->slope : 0.0f,
    };
    gb_winograd_output(p->taps, m, step_m, (size_t)out.c, &end);
}

/* Scratch memory: what oneDNN wants is first; at the end are the numbers of a block of tiles, inputs and outputs. */
static gb_status run_part(const gb_cpu_step *step, const gb_cpu_frame *frame, const part *p, gb_error *err)
{
    const gb_winograd_tiles *const tiles = &p->tiles[frame->pass];
    const size_t out = (size_t)step->node.shape.c, points = (size_t)p->points, block = tiles->block;
    const size_t count = (size_t)p->rows * (size_t)tiles->columns;
    float *const m = (float *)((char *)frame->scratch + step->scratch) - points * block * out;
    const size_t size = is_bf16(step) ? sizeof(gb_bf16) : sizeof(float);
    char *const v = (char *)m - points * block * p->in * size;
    for (size_t first = 0; first < count; first += block) {
        const size_t some = count - first < block ? count - first : block;
        for (size_t t = 0; t < some; t++)
            transform_input(step, frame->in[0], p, place_of(p, tiles, first + t), v + t * p->in * size, block * p->in);
        GB_TRY(gb_primitive_run(&step->primitive[tiles->primitive], &frame->call[tiles->primitive], frame->stream, v, m,
                                frame->scratch, err));
        for (size_t t = 0; t < some; t++)
            transform_output(step, frame, p, place_of(p, tiles, first + t), m + t * out, block * out);
    }
    return GB_OK;
}

static gb_status run(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    const state *const s = step->state;
    for (int i = 0; i < s->parts; i++) GB_TRY(run_part(step, frame, &s->part[i], err));
    return GB_OK;
}

/* All that the tile reads in which the column is made. */
static void mark_reads(const gb_cpu_step *step, int64_t column, uint8_t *mark)
{
    const state *const s = step->state;
    for (int i = 0; i < s->parts; i++) {
        const gb_winograd_axis *const x = &s->part[i].x;
        for (int k = 0; k < s->part[i].columns; k++) {
            const gb_tile_origin at = s->part[i].column[k];
            const int64_t along = column - at.out;
            if (along < 0 || along % x->out_step || along / x->out_step >= GB_TILE_OUT) continue;
            for (int n = 0; n < x->patterns * (x->taps + GB_TILE_OUT - 1); n++) {
                const int64_t c = at.in + x->offset[n % x->patterns] + (int64_t)(n / x->patterns) * x->in_step;
                if (c >= 0 && c < step->in.w) mark[c] = 1;
            }
        }
    }
}

/* The weights of input channel i in one pattern: all output channels of a tap, tap after tap. */
static void pick_taps(const gb_node *node, const part *p, int pattern, size_t i, size_t in, double *g)
{
    const size_t taps = (size_t)(node->kernel_h * node->kernel_w), out = (size_t)node->shape.c;
    const float *const first = node->weight + (node->op == GB_OP_CONV ? i : i * out) * taps;
    const size_t next = node->op == GB_OP_CONV ? in * taps : taps;
    for (int ty = 0; ty < p->taps.y; ty++) {
        const int ky = gb_winograd_axis_element(&p->y, node->kernel_h, pattern / p->x.patterns, ty);
        for (int tx = 0; tx < p->taps.x; tx++, g += out) {
            const int kx = gb_winograd_axis_element(&p->x, node->kernel_w, pattern % p->x.patterns, tx);
            const size_t at = (size_t)(ky * node->kernel_w + kx);
            for (size_t o = 0; o < out; o++) g[o] = ky < 0 || kx < 0 ? 0.0 : (double)first[o * next + at];
        }
    }
}

/* A matrix of I rows (pattern after pattern) and O columns for each point; the caller frees. */
static float *transform_weights(const gb_node *node, size_t in, const part *p)
{
    const size_t out = (size_t)node->shape.c, points = (size_t)p->points;
    float *const plain = gb_cpu_alloc_floats(points * p->in * out);
    double *const g = gb_alloc((size_t)(p->taps.y * p->taps.x) * out, sizeof *g);
    gb_winograd_basis basis;
    gb_winograd_basis_make(p->taps, &basis);
    for (size_t row = 0; plain && g && row < p->in; row++) {
        pick_taps(node, p, (int)(row / in), row % in, in, g);
        gb_winograd_weights(&basis, g, out, plain + row * out, p->in * out);
    }
    free(g);
    if (g) return plain;
    free(plain);
    return NULL;
}

/* Parts with tiles, in one allocation with the tiles' origins: rows, columns, and the columns of each pass. */
static gb_status make_parts(const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    const int phases = phases_of(node);
    const size_t most = (size_t)(phases * phases);
    const size_t along = (size_t)(node->shape.h + (1 + GB_CPU_PASSES) * node->shape.w);
    const size_t bytes = sizeof(state) + most * sizeof(part) + most * along * sizeof(gb_tile_origin);
    state *const s = gb_alloc(1, bytes);
    if (!s) return gb_fail_memory(err, "a convolution", bytes);
    step->state = s;
    s->part = (part *)(s + 1);
    s->origin = (gb_tile_origin *)(s->part + most);
    for (int i = 0; i < phases * phases; i++) {
        part *const p = &s->part[s->parts];
        if (!describe(node, step->in, i, p)) return gb_fail(err, GB_E_UNSUPPORTED, "no such tiles");
        if (!p->rows || !p->columns) continue;
        p->row = s->origin;
        gb_winograd_axis_origins(&p->y, s->origin);
        s->origin += p->rows;
        p->column = s->origin;
        gb_winograd_axis_origins(&p->x, s->origin);
        s->origin += p->columns;
        s->parts++;
    }
    return GB_OK;
}

/* The tiles of each pass and their products. */
static gb_status prepare_part(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, part *p, gb_error *err)
{
    state *const s = step->state;
    const size_t rows = (size_t)p->rows, all = rows * (size_t)p->columns;
    float *const plain = transform_weights(node, (size_t)step->in.c, p);
    if (!plain) return gb_fail_memory(err, "a convolution's weights", (size_t)p->points * p->in * sizeof *plain);
    const gb_products products = {.count = p->points, .in = (int64_t)p->in, .out = node->shape.c, .weight = plain,
                                  .bf16 = is_bf16(step)};
    gb_status status = GB_OK;
    for (int pass = 0; pass < GB_CPU_PASSES && step->columns[pass] && status == GB_OK; pass++) {
        gb_winograd_tiles *const tiles = &p->tiles[pass];
        tiles->column = s->origin;
        tiles->columns = gb_winograd_pick(&p->x, step->columns[pass], s->origin);
        s->origin += tiles->columns;
        const gb_winograd_tiles *const before = &p->tiles[0];
        if (pass && tiles->columns == before->columns) {
            tiles->block = before->block;
            tiles->primitive = before->primitive;
            continue;
        }
        status = gb_winograd_add_products(engine, step, &products, rows * (size_t)tiles->columns, all, tiles, err);
    }
    free(plain);
    return status;
}

static gb_status prepare(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    const state *const s = step->state;
    size_t numbers = 0;
    for (int i = 0; i < s->parts; i++) {
        part *const p = &s->part[i];
        GB_TRY(prepare_part(engine, node, step, p, err));
        for (int pass = 0; pass < GB_CPU_PASSES; pass++) {
            const size_t wanted = (size_t)p->points * p->tiles[pass].block * (p->in + (size_t)node->shape.c);
            if (numbers < wanted) numbers = wanted;
        }
    }
    step->scratch = (step->scratch + GB_ALIGNMENT - 1) / GB_ALIGNMENT * GB_ALIGNMENT + numbers * sizeof(float);
    return GB_OK;
}

gb_status gb_cpu_make_winograd(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    (void)engine;
    const size_t in = (size_t)step->in.c, out = (size_t)node->shape.c;
    GB_TRY(make_parts(node, step, err));
    step->weights = gb_alloc_aligned(in + out, sizeof(float)); /* bias, then zeros */
    if (!step->weights) return gb_fail_memory(err, "a convolution's bias", (in + out) * sizeof(float));
    memset(step->weights, 0, (in + out) * sizeof(float));
    if (node->bias) memcpy(step->weights, node->bias, out * sizeof(float));
    step->alias = node->in[1] != GB_NONE ? node->in[1] : node->in[2];
    step->partial = GB_CPU_ALWAYS;
    step->mark = mark_reads;
    step->prepare = prepare;
    step->run = run;
    return GB_OK;
}
