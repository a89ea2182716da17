/* Convolutions to a single pixel and transposed ones from a single pixel: matrix times vector, as fast as the matrix
 * can be read. It is repacked once into panels of 64 outputs, so that it is read from first to last. In bf16 the matrix
 * alone is rounded. */
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/bf16.h"
#include "backend/cpu/finish.h"
#include "backend/cpu/isa.h"
#include "backend/cpu/plan.h"
#include "core/memory.h"

#define PANEL 64
#define GROUP 4 /* frames that share one reading of the matrix */
#define RUN 256 /* terms of a partial sum */
#define TILE 4 /* channels packed together */

typedef float vector __attribute__((vector_size(64), aligned(4), may_alias));
#define VECTORS (PANEL / 16)

typedef struct state {
    size_t in, out;
    size_t group; /* floats that hold the panels' results of one frame */
} state;

bool gb_cpu_dense_fits(const gb_node *node, gb_shape in)
{
    if (node->pad || node->output_pad) return false;
    if (node->op == GB_OP_DECONV) return in.h == 1 && in.w == 1 && node->dilation == 1;
    return in.h == node->kernel_h && in.w == node->kernel_w && node->dilation == 1;
}

/* y[f][0..64) = panel times x[f], for `frames` frames; sums run over runs of inputs, then over these, so that tens of
 * thousands of terms lose few digits. The order is the same whatever `frames` is. */
static inline __attribute__((always_inline)) void panel_times(const void *weights, bool bf16, size_t in,
                                                              const float *const x[GROUP], float *const y[GROUP],
                                                              int frames)
{
    const float *panel = weights;
    const gb_bf16 *rounded = weights;
    for (int f = 0; f < frames; f++) memset(y[f], 0, PANEL * sizeof *y[f]);
    for (size_t i = 0; i < in;) {
        const size_t end = in - i > RUN ? i + RUN : in;
        vector sum[GROUP][VECTORS] = {0};
        for (; i < end; i++, panel += PANEL, rounded += PANEL) {
            for (int v = 0; v < VECTORS; v++) {
                gb_sixteen w;
                if (bf16) gb_load_bf16(rounded + 16 * v, &w);
                else w = *(const gb_sixteen *)(panel + 16 * v);
                for (int f = 0; f < frames; f++) sum[f][v] += w * x[f][i];
            }
        }
        for (int f = 0; f < frames; f++)
            for (int v = 0; v < VECTORS; v++) *(vector *)(y[f] + 16 * v) += sum[f][v];
    }
}

GB_CLONES static void one_frame(const void *panel, bool bf16, size_t in, const float *const x[GROUP],
                                float *const y[GROUP])
{
    if (bf16) panel_times(panel, true, in, x, y, 1);
    else panel_times(panel, false, in, x, y, 1);
}

GB_CLONES static void four_frames(const void *panel, bool bf16, size_t in, const float *const x[GROUP],
                                  float *const y[GROUP])
{
    if (bf16) panel_times(panel, true, in, x, y, GROUP);
    else panel_times(panel, false, in, x, y, GROUP);
}

static void finish_frame(const gb_cpu_step *step, const gb_cpu_frame *frame, size_t f, const float *sum)
{
    const state *const s = step->state;
    float *const out = frame->out + f * s->out;
    const float *const bias = step->weights + (s->out + PANEL - 1) / PANEL * PANEL * s->in;
    for (size_t i = 0; i < s->out; i++) out[i] = sum[i] + bias[i % (size_t)step->node.shape.c];
    gb_cpu_finish(&step->node, frame->in[1] ? frame->in[1] + f * s->out : NULL,
                  frame->in[2] ? frame->in[2] + f * s->out : NULL, out, s->out);
}

static gb_status run(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    (void)err;
    const state *const s = step->state;
    const size_t frames = (size_t)step->node.shape.n;
    float *const sum = frame->scratch;
    const bool bf16 = step->precision == GB_PRECISION_BF16;
    const size_t size = bf16 ? sizeof(gb_bf16) : sizeof(float);
    for (size_t first = 0; first < frames;) {
        const size_t count = frames - first >= GROUP ? GROUP : 1;
        for (size_t panel = 0; panel < s->out; panel += PANEL) {
            const float *x[GROUP];
            float *y[GROUP];
            for (size_t f = 0; f < count; f++) {
                x[f] = frame->in[0] + (first + f) * s->in;
                y[f] = sum + f * s->group + panel;
            }
            const char *const weights = (const char *)step->weights + panel * s->in * size;
            (count == GROUP ? four_frames : one_frame)(weights, bf16, s->in, x, y);
        }
        for (size_t f = 0; f < count; f++) finish_frame(step, frame, first + f, sum + f * s->group);
        first += count;
    }
    return GB_OK;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Panels of outputs o: weight O,I,(kh,kw) becomes ((kh,kw),I) rows of 64 outputs. A few channels of all 64 are copied
 * first: rows of the matrix are a multiple of 4 KiB apart and would push each other out of the cache. */
static gb_status pack_convolution(const gb_node *node, const state *s, float *packed, gb_error *err)
{
    const size_t taps = (size_t)node->kernel_h * (size_t)node->kernel_w, channels = s->in / taps;
    const size_t step = TILE * taps + 16;
    float *const copy = gb_alloc_aligned(PANEL * step, sizeof *copy);
    if (!copy) return gb_fail_memory(err, "packing weights", PANEL * step * sizeof *copy);
    for (size_t panel = 0; panel < s->out; panel += PANEL) {
        const size_t width = smaller(PANEL, s->out - panel);
        float *const to = packed + panel * s->in;
        for (size_t first = 0; first < channels; first += TILE) {
            const size_t some = smaller(TILE, channels - first);
            for (size_t o = 0; o < width; o++)
                memcpy(copy + o * step, node->weight + (panel + o) * s->in + first * taps, some * taps * sizeof *copy);
            for (size_t t = 0; t < taps; t++)
                for (size_t c = 0; c < some; c++)
                    for (size_t o = 0; o < width; o++)
                        to[(t * channels + first + c) * PANEL + o] = copy[o * step + c * taps + t];
        }
    }
    free(copy);
    return GB_OK;
}

/* Panels of outputs ((kh,kw),o): weight I,O,(kh,kw) becomes I rows of 64 outputs. */
static void pack_deconvolution(const gb_node *node, const state *s, float *packed)
{
    const size_t taps = (size_t)node->kernel_h * (size_t)node->kernel_w, channels = s->out / taps;
    for (size_t i = 0; i < s->in; i++) {
        const float *const from = node->weight + i * s->out;
        size_t tap = 0, o = 0;
        for (size_t out = 0; out < s->out; out++) {
            packed[(out / PANEL * s->in + i) * PANEL + out % PANEL] = from[o * taps + tap];
            if (++o == channels) {
                o = 0;
                tap++;
            }
        }
    }
}

gb_status gb_cpu_make_dense(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    (void)engine;
    state *const s = gb_alloc(1, sizeof *s);
    if (!s) return gb_fail_memory(err, "a dense layer", sizeof *s);
    step->state = s;
    *s = (state){.in = (size_t)(step->in.h * step->in.w * step->in.c),
                 .out = (size_t)(node->shape.h * node->shape.w * node->shape.c)};
    s->group = (s->out + PANEL - 1) / PANEL * PANEL;
    const size_t channels = (size_t)node->shape.c, size = s->group * s->in + channels;
    step->weights = gb_cpu_alloc_floats(size);
    if (!step->weights) return gb_fail_memory(err, "a dense layer's weights", size * sizeof(float));
    if (s->group != s->out)
        memset(step->weights + (s->group - PANEL) * s->in, 0, PANEL * s->in * sizeof(float));
    if (node->op == GB_OP_CONV) GB_TRY(pack_convolution(node, s, step->weights, err));
    else pack_deconvolution(node, s, step->weights);
    float *const bias = step->weights + s->group * s->in;
    for (size_t i = 0; i < channels; i++) bias[i] = node->bias ? node->bias[i] : 0.0f;
    if (step->precision == GB_PRECISION_BF16)
        gb_to_bf16(step->weights, s->group * s->in, (gb_bf16 *)step->weights);
    step->all_frames = true;
    step->scratch = GROUP * s->group * sizeof(float);
    step->run = run;
    return GB_OK;
}
