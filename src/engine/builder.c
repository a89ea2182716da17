#include "engine/builder.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "engine/graph_edit.h"

#define MAX_SIDE (1 << 20) /* pixels, channels, kernels, pads: keeps every product within 64 bits */
#define BATCHNORM_EPS 1e-5f /* PyTorch's default, which all nets here keep */

struct gb_builder {
    gb_weights *weights;
    bool batch_stats;
    gb_graph *graph;
    gb_error err;      /* the first failure; err.code GB_OK: none */
    gb_error tensors;  /* the first missing or misshapen tensor; building goes on */
    char **names;
    size_t name_count, name_capacity;
};

gb_status gb_builder_new(gb_weights *weights, bool batch_stats, gb_builder **out, gb_error *err)
{
    gb_builder *const builder = gb_alloc(1, sizeof *builder);
    if (!builder) return gb_fail_memory(err, "a builder", sizeof *builder);
    builder->weights = weights;
    builder->batch_stats = batch_stats;
    const gb_status status = gb_graph_new(&builder->graph, err);
    if (status != GB_OK) {
        gb_builder_free(builder);
        return status;
    }
    *out = builder;
    return GB_OK;
}

void gb_builder_free(gb_builder *builder)
{
    if (!builder) return;
    gb_graph_free(builder->graph);
    for (size_t i = 0; i < builder->name_count; i++) free(builder->names[i]);
    free(builder->names);
    free(builder);
}

static bool failed(const gb_builder *builder)
{
    return builder->err.code != GB_OK;
}

/* Keeps the error as the builder's first: "layer (op, input NxHxWxC): what". */
static gb_value refuse(gb_builder *builder, const gb_node *node, gb_status code, const char *format, ...)
    GB_PRINTF(4, 5);
static gb_value refuse(gb_builder *builder, const gb_node *node, gb_status code, const char *format, ...)
{
    if (failed(builder)) return GB_NONE;
    char what[400];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    const gb_shape in = gb_build_shape(builder, node->in[0]);
    gb_fail(&builder->err, code, "layer %s (input %lldx%lldx%lldx%lld, NHWC): %s", node->name, (long long)in.n,
            (long long)in.h, (long long)in.w, (long long)in.c, what);
    return GB_NONE;
}

const char *gb_build_name(gb_builder *builder, const char *format, ...)
{
    char *name = NULL;
    va_list args;
    va_start(args, format);
    const int length = vasprintf(&name, format, args);
    va_end(args);
    if (length < 0 || gb_grow(&builder->names, &builder->name_capacity, builder->name_count + 1, sizeof(char *))) {
        if (length >= 0) free(name);
        if (!failed(builder)) gb_fail_memory(&builder->err, "a layer's name", 1);
        return "";
    }
    return builder->names[builder->name_count++] = name;
}

gb_shape gb_build_shape(const gb_builder *builder, gb_value x)
{
    if (!builder->graph || x < 0 || (size_t)x >= builder->graph->count) return (gb_shape){0};
    return builder->graph->nodes[x].shape;
}

static gb_node new_node(gb_op op, const char *name, gb_value x)
{
    return (gb_node){.op = op, .name = name, .in = {x, GB_NONE, GB_NONE}};
}

/* False, with the builder failed, unless `x` is a value of this builder. */
static bool has_input(gb_builder *builder, const gb_node *node, gb_value x)
{
    if (failed(builder)) return false;
    if (x >= 0 && (size_t)x < builder->graph->count) return true;
    refuse(builder, node, GB_E_ARG, "its input is no value of this net");
    return false;
}

static bool shape_fits(gb_shape shape)
{
    const int64_t dim[4] = {shape.n, shape.h, shape.w, shape.c};
    int64_t size = 1;
    for (int i = 0; i < 4; i++) {
        if (dim[i] < 1 || dim[i] > MAX_SIDE || size > GB_MAX_VALUE_SIZE / dim[i]) return false;
        size *= dim[i];
    }
    return true;
}

static gb_value append(gb_builder *builder, const gb_node *node)
{
    const gb_shape s = node->shape;
    if (!shape_fits(s))
        return refuse(builder, node, GB_E_ARG, "its output would be %lldx%lldx%lldx%lld", (long long)s.n,
                      (long long)s.h, (long long)s.w, (long long)s.c);
    gb_value value = GB_NONE;
    if (gb_graph_append(builder->graph, node, &value, &builder->err) != GB_OK) return GB_NONE;
    return value;
}

/* Takes "<layer>.<part>". A missing or misshapen tensor leaves *data NULL and is remembered; anything else fails. */
static void take(gb_builder *builder, const char *layer, const char *part, int rank, const int64_t *dim,
                 const float **data)
{
    *data = NULL;
    if (failed(builder)) return;
    char *const name = gb_format("%s.%s", layer, part);
    if (!name) {
        gb_fail_memory(&builder->err, "a tensor's name", 1);
        return;
    }
    gb_error err = {0};
    const gb_status status = gb_weights_take(builder->weights, name, rank, dim, data, &err);
    free(name);
    if (status == GB_OK) return;
    *data = NULL;
    if (status != GB_E_NOT_FOUND && status != GB_E_MISMATCH) builder->err = err;
    else if (builder->tensors.code == GB_OK) builder->tensors = err;
}

gb_value gb_build_input(gb_builder *builder, gb_shape shape)
{
    if (failed(builder)) return GB_NONE;
    gb_node node = new_node(GB_OP_INPUT, "input", GB_NONE);
    node.shape = shape;
    return append(builder, &node);
}

/* Both kinds of convolution: defaults filled in, ranges checked. False with the builder failed. */
static bool set_kernel(gb_builder *builder, gb_node *node, const gb_conv_spec *spec)
{
    node->kernel_h = spec->kernel_h;
    node->kernel_w = spec->kernel_w ? spec->kernel_w : spec->kernel_h;
    node->stride = spec->stride ? spec->stride : 1;
    node->dilation = spec->dilation ? spec->dilation : 1;
    node->pad = spec->pad;
    node->output_pad = spec->output_pad;
    const int value[] = {node->kernel_h, node->kernel_w, node->stride, node->dilation};
    for (size_t i = 0; i < sizeof value / sizeof value[0]; i++) {
        if (value[i] >= 1 && value[i] <= MAX_SIDE) continue;
        refuse(builder, node, GB_E_ARG, "kernel %dx%d, stride %d, dilation %d: all must be positive", value[0],
               value[1], value[2], value[3]);
        return false;
    }
    if (spec->out < 1 || spec->out > MAX_SIDE || spec->pad < 0 || spec->pad > MAX_SIDE) {
        refuse(builder, node, GB_E_ARG, "%lld output channels, padding %d", (long long)spec->out, spec->pad);
        return false;
    }
    return true;
}

/* PyTorch's formula: floor((in + 2 pad - dilation (kernel - 1) - 1) / stride) + 1; 0 when the kernel does not fit. */
static int64_t conv_side(int64_t in, int64_t kernel, const gb_node *node)
{
    const int64_t room = in + 2 * (int64_t)node->pad - node->dilation * (kernel - 1) - 1;
    return room < 0 ? 0 : room / node->stride + 1;
}

gb_value gb_build_conv(gb_builder *builder, gb_value x, const char *name, gb_conv_spec spec)
{
    gb_node node = new_node(GB_OP_CONV, name, x);
    if (!has_input(builder, &node, x) || !set_kernel(builder, &node, &spec)) return GB_NONE;
    const gb_shape in = gb_build_shape(builder, x);
    if (spec.output_pad) return refuse(builder, &node, GB_E_ARG, "output padding is for transposed convolutions");
    node.shape.n = in.n;
    node.shape.h = conv_side(in.h, node.kernel_h, &node);
    node.shape.w = conv_side(in.w, node.kernel_w, &node);
    node.shape.c = spec.out;
    if (node.shape.h < 1 || node.shape.w < 1)
        return refuse(builder, &node, GB_E_MISMATCH, "a %dx%d kernel with dilation %d does not fit, padding %d",
                      node.kernel_h, node.kernel_w, node.dilation, node.pad);
    take(builder, name, "weight", 4, (int64_t[]){spec.out, in.c, node.kernel_h, node.kernel_w}, &node.weight);
    if (spec.bias) take(builder, name, "bias", 1, (int64_t[]){spec.out}, &node.bias);
    return failed(builder) ? GB_NONE : append(builder, &node);
}

/* PyTorch's formula: (in - 1) stride - 2 pad + dilation (kernel - 1) + output_pad + 1. */
static int64_t deconv_side(int64_t in, int64_t kernel, const gb_node *node)
{
    return (in - 1) * node->stride - 2 * (int64_t)node->pad + node->dilation * (kernel - 1) + node->output_pad + 1;
}

gb_value gb_build_deconv(gb_builder *builder, gb_value x, const char *name, gb_conv_spec spec)
{
    gb_node node = new_node(GB_OP_DECONV, name, x);
    if (!has_input(builder, &node, x) || !set_kernel(builder, &node, &spec)) return GB_NONE;
    const gb_shape in = gb_build_shape(builder, x);
    if (node.output_pad < 0 || (node.output_pad >= node.stride && node.output_pad >= node.dilation))
        return refuse(builder, &node, GB_E_ARG, "output padding %d must be below stride %d or dilation %d",
                      node.output_pad, node.stride, node.dilation);
    node.shape.n = in.n;
    node.shape.h = deconv_side(in.h, node.kernel_h, &node);
    node.shape.w = deconv_side(in.w, node.kernel_w, &node);
    node.shape.c = spec.out;
    take(builder, name, "weight", 4, (int64_t[]){in.c, spec.out, node.kernel_h, node.kernel_w}, &node.weight);
    if (spec.bias) take(builder, name, "bias", 1, (int64_t[]){spec.out}, &node.bias);
    return failed(builder) ? GB_NONE : append(builder, &node);
}

gb_value gb_build_batchnorm(gb_builder *builder, gb_value x, const char *name)
{
    gb_node node = new_node(GB_OP_BATCHNORM, name, x);
    if (!has_input(builder, &node, x)) return GB_NONE;
    node.shape = gb_build_shape(builder, x);
    node.eps = BATCHNORM_EPS;
    node.batch_stats = builder->batch_stats;
    const int64_t c = node.shape.c;
    take(builder, name, "weight", 1, &c, &node.gamma);
    take(builder, name, "bias", 1, &c, &node.beta);
    take(builder, name, "running_mean", 1, &c, &node.mean);
    take(builder, name, "running_var", 1, &c, &node.var);
    for (int64_t i = 0; node.var && !node.batch_stats && i < c; i++)
        if (!(node.var[i] >= 0.0f))
            return refuse(builder, &node, GB_E_NUMERIC, "running_var[%lld] is %g, a variance is never negative",
                          (long long)i, (double)node.var[i]);
    return failed(builder) ? GB_NONE : append(builder, &node);
}

gb_value gb_build_activation(gb_builder *builder, gb_value x, gb_activation act, float slope)
{
    static const char *const name[] = {
        [GB_ACT_NONE] = "identity", [GB_ACT_RELU] = "relu",       [GB_ACT_LEAKY_RELU] = "leaky_relu",
        [GB_ACT_TANH] = "tanh",     [GB_ACT_SIGMOID] = "sigmoid",
    };
    if ((size_t)act >= sizeof name / sizeof name[0]) act = GB_ACT_NONE;
    gb_node node = new_node(GB_OP_ACTIVATION, name[act], x);
    if (!has_input(builder, &node, x)) return GB_NONE;
    if (!isfinite(slope)) return refuse(builder, &node, GB_E_NUMERIC, "slope is not finite");
    node.shape = gb_build_shape(builder, x);
    node.act = act;
    node.slope = slope;
    return append(builder, &node);
}

gb_value gb_build_relu(gb_builder *builder, gb_value x)
{
    return gb_build_activation(builder, x, GB_ACT_RELU, 0.0f);
}

gb_value gb_build_add(gb_builder *builder, gb_value a, gb_value b)
{
    gb_node node = new_node(GB_OP_ADD, "add", a);
    if (!has_input(builder, &node, a) || !has_input(builder, &node, b)) return GB_NONE;
    const gb_shape sa = gb_build_shape(builder, a), sb = gb_build_shape(builder, b);
    if (sa.n != sb.n || sa.h != sb.h || sa.w != sb.w || sa.c != sb.c)
        return refuse(builder, &node, GB_E_MISMATCH, "the other operand is %lldx%lldx%lldx%lld", (long long)sb.n,
                      (long long)sb.h, (long long)sb.w, (long long)sb.c);
    node.in[1] = b;
    node.shape = sa;
    return append(builder, &node);
}

gb_value gb_build_concat(gb_builder *builder, gb_value a, gb_value b)
{
    gb_node node = new_node(GB_OP_CONCAT, "concat", a);
    if (!has_input(builder, &node, a) || !has_input(builder, &node, b)) return GB_NONE;
    const gb_shape sa = gb_build_shape(builder, a), sb = gb_build_shape(builder, b);
    if (sa.n != sb.n || sa.h != sb.h || sa.w != sb.w)
        return refuse(builder, &node, GB_E_MISMATCH, "the other operand is %lldx%lldx%lldx%lld", (long long)sb.n,
                      (long long)sb.h, (long long)sb.w, (long long)sb.c);
    node.in[1] = b;
    node.shape = (gb_shape){sa.n, sa.h, sa.w, sa.c + sb.c};
    return append(builder, &node);
}

gb_value gb_build_maxpool(gb_builder *builder, gb_value x, int kernel, int stride)
{
    gb_node node = new_node(GB_OP_MAXPOOL, "maxpool", x);
    if (!has_input(builder, &node, x)) return GB_NONE;
    const gb_shape in = gb_build_shape(builder, x);
    if (kernel < 1 || stride < 1 || kernel > in.h || kernel > in.w)
        return refuse(builder, &node, GB_E_MISMATCH, "a window of %d with stride %d does not fit", kernel, stride);
    node.kernel_h = node.kernel_w = kernel;
    node.stride = stride;
    node.shape = (gb_shape){in.n, (in.h - kernel) / stride + 1, (in.w - kernel) / stride + 1, in.c};
    return append(builder, &node);
}

gb_value gb_build_pad_reflect(gb_builder *builder, gb_value x, int pad)
{
    gb_node node = new_node(GB_OP_PAD_REFLECT, "pad_reflect", x);
    if (!has_input(builder, &node, x)) return GB_NONE;
    const gb_shape in = gb_build_shape(builder, x);
    if (pad < 0 || pad >= in.h || pad >= in.w)
        return refuse(builder, &node, GB_E_MISMATCH, "reflecting %d pixels needs a larger picture", pad);
    node.pad = pad;
    node.shape = (gb_shape){in.n, in.h + 2 * pad, in.w + 2 * pad, in.c};
    return append(builder, &node);
}

gb_value gb_build_rfft2(gb_builder *builder, gb_value x)
{
    gb_node node = new_node(GB_OP_RFFT2, "rfft2", x);
    if (!has_input(builder, &node, x)) return GB_NONE;
    const gb_shape in = gb_build_shape(builder, x);
    node.shape = (gb_shape){in.n, in.h, in.w / 2 + 1, 2 * in.c};
    return append(builder, &node);
}

gb_value gb_build_irfft2(gb_builder *builder, gb_value x, int64_t out_w)
{
    gb_node node = new_node(GB_OP_IRFFT2, "irfft2", x);
    if (!has_input(builder, &node, x)) return GB_NONE;
    const gb_shape in = gb_build_shape(builder, x);
    if (in.c % 2 != 0 || out_w < 1 || out_w / 2 + 1 != in.w)
        return refuse(builder, &node, GB_E_MISMATCH, "%lld pixels wide, it needs %lld columns of re, im pairs",
                      (long long)out_w, (long long)(out_w / 2 + 1));
    node.out_w = out_w;
    node.shape = (gb_shape){in.n, in.h, out_w, in.c / 2};
    return append(builder, &node);
}

gb_status gb_builder_finish(gb_builder *builder, const gb_value *outputs, size_t count, gb_graph **out, gb_error *err)
{
    if (!failed(builder) && count == 0) gb_fail(&builder->err, GB_E_ARG, "a net needs an output");
    for (size_t i = 0; !failed(builder) && i < count; i++)
        if (outputs[i] < 0 || (size_t)outputs[i] >= builder->graph->count)
            gb_fail(&builder->err, GB_E_ARG, "output %zu is no value of this net", i);
    if (failed(builder)) return gb_fail(err, builder->err.code, "%s", builder->err.text);
    if (builder->tensors.code != GB_OK) return gb_fail(err, GB_E_MISMATCH, "%s", builder->tensors.text);
    GB_TRY(gb_graph_set_outputs(builder->graph, outputs, count, err));
    *out = builder->graph;
    builder->graph = NULL;
    gb_fail(&builder->err, GB_E_ARG, "this net was finished already");
    return GB_OK;
}
