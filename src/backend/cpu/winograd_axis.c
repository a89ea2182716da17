#include "backend/cpu/winograd_axis.h"

#include "backend/cpu/phase.h"
#include "backend/cpu/winograd_kernel.h"

static bool of_convolution(const gb_node *node, int kernel, gb_winograd_axis *a)
{
    const int stride = node->stride, dilation = node->dilation;
    if (stride > 1 && dilation > 1) return false;
    const int longest = (kernel + stride - 1) / stride; /* of the interleaved kernels */
    a->taps = longest < GB_TILE_MAX_TAPS ? longest : GB_TILE_MAX_TAPS;
    const int runs = (longest + a->taps - 1) / a->taps, pictures = stride < kernel ? stride : kernel;
    if (runs * pictures > GB_AXIS_MAX_PATTERNS) return false;
    for (int i = 0; i < runs * pictures; i++) {
        const int before = stride * a->taps * (i / pictures);
        a->tap[i] = i % pictures + before;
        a->offset[i] = i % pictures + before * dilation;
    }
    a->patterns = runs * pictures;
    a->tap_step = stride;
    a->in_step = stride * dilation;
    a->out_step = dilation;
    a->residues = dilation;
    a->in_times = stride;
    a->in_over = 1;
    a->in_base = -node->pad;
    return true;
}

static bool of_phase(const gb_node *node, bool vertical, int phase, gb_winograd_axis *a)
{
    if (node->dilation > 1) return false;
    const gb_phase p = gb_phase_make(node, vertical, phase);
    if (p.taps > GB_TILE_MAX_TAPS) return false;
    a->taps = p.taps;
    a->patterns = 1;
    a->tap[0] = p.last;
    a->tap_step = -p.step;
    a->in_step = 1;
    a->out_step = p.step;
    a->first = (int)p.first;
    a->residues = 1;
    a->in_times = 1;
    a->in_over = p.step;
    a->in_base = (int)p.offset;
    return true;
}

bool gb_winograd_axis_make(const gb_node *node, bool vertical, int phase, gb_winograd_axis *out)
{
    gb_winograd_axis a = {.size = (int)(vertical ? node->shape.h : node->shape.w)};
    const int kernel = vertical ? node->kernel_h : node->kernel_w;
    const bool made = node->op == GB_OP_CONV ? of_convolution(node, kernel, &a) : of_phase(node, vertical, phase, &a);
    if (made) *out = a;
    return made;
}

int gb_winograd_axis_tiles(const gb_winograd_axis *a)
{
    int count = 0;
    for (int q = a->first; q < a->first + a->residues && q < a->size; q++)
        count += (a->size - q - 1) / (GB_TILE_OUT * a->out_step) + 1;
    return count;
}

void gb_winograd_axis_origins(const gb_winograd_axis *a, gb_tile_origin *origin)
{
    for (int q = a->first; q < a->first + a->residues; q++)
        for (int o = q; o < a->size; o += GB_TILE_OUT * a->out_step)
            *origin++ = (gb_tile_origin){o, (o - a->first) / a->in_over * a->in_times + a->in_base};
}

int gb_winograd_axis_element(const gb_winograd_axis *a, int kernel, int pattern, int tap)
{
    const int element = a->tap[pattern] + tap * a->tap_step;
    return element >= 0 && element < kernel ? element : -1;
}
