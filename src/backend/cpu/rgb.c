/* Convolutions that end in a picture: three output channels, where oneDNN leaves 13 of 16 lanes idle. Lanes run over
 * the input channels here and are summed up at the end. */
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/finish.h"
#include "backend/cpu/phase.h"
#include "backend/cpu/plan.h"
#include "backend/cpu/rgb_kernel.h"
#include "core/memory.h"

#define MAX_WINDOW ((size_t)1 << 22) /* floats of scratch memory for a window at the border */

typedef struct part {
    gb_phase y, x;
    size_t weight; /* where its weights are: taps of y, taps of x, groups of 16 channels, 3 outputs, 16 channels */
} part;

typedef struct state {
    gb_rgb_kernel kernel;
    size_t bias; /* after the weights */
    int parts;
    part part[];
} state;

static size_t window_width(const gb_phase *x)
{
    return (size_t)(GB_RGB_MAX_PIXELS - 1 + (x->taps - 1) * x->spacing + 1);
}

bool gb_cpu_rgb_fits(const gb_node *node, gb_shape in)
{
    if (node->shape.c != 3 || in.c % 16 != 0 || (node->op == GB_OP_CONV && node->stride != 1)) return false;
    const gb_phase y = gb_phase_make(node, true, 0), x = gb_phase_make(node, false, 0);
    return (size_t)y.taps * window_width(&x) < MAX_WINDOW / (size_t)in.c;
}

/* The input under `pixels` outputs from column m of row y on, zero outside the picture, copied to `window`. */
static void copy_window(const part *p, gb_shape in, const float *x, int64_t y, int64_t m, float *window)
{
    const size_t c = (size_t)in.c, width = window_width(&p->x);
    const int64_t left = m + p->x.offset;
    for (int t = 0; t < p->y.taps; t++, window += width * c) {
        const int64_t row = y + p->y.offset + (int64_t)t * p->y.spacing;
        int64_t first = left < 0 ? -left : 0, end = in.w - left < (int64_t)width ? in.w - left : (int64_t)width;
        if (row < 0 || row >= in.h || end < first) first = end = 0;
        if (first > (int64_t)width) first = end = (int64_t)width;
        memset(window, 0, (size_t)first * c * sizeof *window);
        if (end > first)
            memcpy(window + (size_t)first * c, x + (size_t)(row * in.w + left + first) * c,
                   (size_t)(end - first) * c * sizeof *window);
        memset(window + (size_t)end * c, 0, (width - (size_t)end) * c * sizeof *window);
    }
}

/* Whether one of so many outputs of the phase, from its k-th on, is to be computed. */
static bool is_wanted(const uint8_t *mark, const part *p, int64_t k, int pixels)
{
    for (int64_t i = k; i < k + pixels && i < p->x.count; i++)
        if (mark[p->x.first + i * p->x.step]) return true;
    return false;
}

static void run_row(const gb_cpu_step *step, const gb_cpu_frame *frame, const part *p, int64_t m)
{
    const state *const s = step->state;
    const gb_shape in = step->in;
    const size_t c = (size_t)in.c;
    const float *const bias = step->weights + s->bias, *const weight = step->weights + p->weight;
    const int64_t top = m + p->y.offset, reach = (int64_t)(p->x.taps - 1) * p->x.spacing;
    const bool inside = top >= 0 && top + (int64_t)(p->y.taps - 1) * p->y.spacing < in.h;
    gb_rgb_taps taps = {.weight = weight, .rows = p->y.taps, .columns = p->x.taps, .groups = c / 16, .pixel = c};
    float *const row = frame->out + (size_t)((p->y.first + m * p->y.step) * step->node.shape.w) * 3;
    for (int64_t k = 0; k < p->x.count; k += s->kernel.pixels) {
        const int64_t left = k + p->x.offset, count = p->x.count - k;
        float sums[GB_RGB_MAX_PIXELS * 3];
        if (!is_wanted(step->columns[frame->pass], p, k, s->kernel.pixels)) continue;
        taps.row = (size_t)p->y.spacing * (size_t)in.w * c;
        taps.column = (size_t)p->x.spacing * c;
        taps.x = frame->in[0] + (size_t)(top * in.w + left) * c;
        if (!inside || left < 0 || left + s->kernel.pixels - 1 + reach >= in.w) {
            copy_window(p, in, frame->in[0], m, k, frame->scratch);
            taps.row = window_width(&p->x) * c;
            taps.x = frame->scratch;
        }
        s->kernel.run(&taps, sums);
        for (int64_t i = 0; i < s->kernel.pixels && i < count; i++)
            for (int o = 0; o < 3; o++)
                row[(p->x.first + (k + i) * p->x.step) * 3 + o] = sums[3 * i + o] + bias[o];
    }
}

static void finish_run(const gb_cpu_step *step, const gb_cpu_frame *frame, size_t at, size_t count)
{
    gb_cpu_finish(&step->node, frame->in[1] ? frame->in[1] + at : NULL, frame->in[2] ? frame->in[2] + at : NULL,
                  frame->out + at, count);
}

static gb_status run(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    (void)err;
    const state *const s = step->state;
    for (int i = 0; i < s->parts; i++)
        for (int64_t m = 0; m < s->part[i].y.count; m++) run_row(step, frame, &s->part[i], m);
    gb_cpu_each_run(step, frame, finish_run);
    return GB_OK;
}

/* O,I,ty,tx to ty,tx,I/16,O,16. */
static void pack(const float *plain, size_t channels, const part *p, float *packed)
{
    const size_t taps = (size_t)p->y.taps * (size_t)p->x.taps;
    for (size_t t = 0; t < taps; t++)
        for (size_t i = 0; i < channels; i++)
            for (size_t o = 0; o < 3; o++)
                packed[((t * channels / 16 + i / 16) * 3 + o) * 16 + i % 16] = plain[(o * channels + i) * taps + t];
}

static size_t plan_parts(const gb_node *node, state *s, size_t channels, size_t *window)
{
    const int phases = node->op == GB_OP_CONV ? 1 : node->stride;
    size_t size = 0;
    for (int i = 0; i < phases * phases; i++) {
        const part p = {gb_phase_make(node, true, i / phases), gb_phase_make(node, false, i % phases), size};
        if (!p.y.count || !p.x.count) continue;
        const size_t floats = (size_t)p.y.taps * window_width(&p.x) * channels;
        if (*window < floats) *window = floats;
        size += (size_t)p.y.taps * (size_t)p.x.taps * channels * 3;
        s->part[s->parts++] = p;
    }
    return size;
}

/* All that the pixels read that are made together with the column. */
static void mark_reads(const gb_cpu_step *step, int64_t column, uint8_t *mark)
{
    const state *const s = step->state;
    for (int i = 0; i < s->parts; i++) {
        const gb_phase *const x = &s->part[i].x;
        const int64_t along = column - x->first, k = along / x->step / s->kernel.pixels * s->kernel.pixels;
        if (along < 0 || along % x->step) continue;
        for (int n = 0; n < x->taps * s->kernel.pixels; n++) {
            const int64_t c = k + n / x->taps + x->offset + (int64_t)(n % x->taps) * x->spacing;
            if (c >= 0 && c < step->in.w) mark[c] = 1;
        }
    }
}

gb_status gb_cpu_make_rgb(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    (void)engine;
    const size_t phases = (size_t)node->stride * (size_t)node->stride, channels = (size_t)step->in.c;
    state *const s = gb_alloc(1, sizeof *s + phases * sizeof s->part[0]);
    if (!s) return gb_fail_memory(err, "a convolution", phases * sizeof s->part[0]);
    step->state = s;
    s->kernel = gb_rgb_kernel_select();
    size_t window = 0;
    s->bias = plan_parts(node, s, channels, &window);
    step->weights = gb_alloc_aligned(s->bias + 3, sizeof(float));
    float *const plain = gb_alloc_aligned(s->bias, sizeof(float));
    if (!step->weights || !plain) {
        free(plain);
        return gb_fail_memory(err, "a convolution's weights", 2 * s->bias * sizeof(float));
    }
    for (int i = 0; i < s->parts; i++) {
        gb_phase_weights(node, step->in.c, &s->part[i].y, &s->part[i].x, plain);
        pack(plain, channels, &s->part[i], step->weights + s->part[i].weight);
    }
    free(plain);
    for (size_t o = 0; o < 3; o++) step->weights[s->bias + o] = node->bias ? node->bias[o] : 0.0f;
    step->scratch = window * sizeof(float);
    step->partial = GB_CPU_ALWAYS;
    step->mark = mark_reads;
    step->run = run;
    return GB_OK;
}
