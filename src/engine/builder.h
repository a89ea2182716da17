/* Describes a net as readable layer calls. The first failure is kept and every later call is a no-op that returns
 * GB_NONE, so a net reads as a plain list; gb_builder_finish reports it. Weight names follow PyTorch: a layer `name`
 * has "<name>.weight", "<name>.bias", a batch norm also "<name>.running_mean" and "<name>.running_var". */
#ifndef GB_ENGINE_BUILDER_H
#define GB_ENGINE_BUILDER_H

#include "engine/graph.h"
#include "engine/weights.h"

typedef struct gb_builder gb_builder;

typedef struct gb_conv_spec {
    int64_t out;            /* channels */
    int kernel_h, kernel_w; /* kernel_w 0: square */
    int stride;             /* 0 counts as 1 */
    int pad;
    int dilation;           /* 0 counts as 1 */
    int output_pad;         /* transposed only */
    bool bias;
} gb_conv_spec;

/* `weights` is borrowed and must outlive the graph. batch_stats: batch norms use the statistics of their input. */
gb_status gb_builder_new(gb_weights *weights, bool batch_stats, gb_builder **out, gb_error *err) GB_MUST_CHECK;
void gb_builder_free(gb_builder *builder);

/* printf into a string owned by the builder; for layer names. */
const char *gb_build_name(gb_builder *builder, const char *format, ...) __attribute__((format(printf, 2, 3)));

gb_value gb_build_input(gb_builder *builder, gb_shape shape);
gb_value gb_build_conv(gb_builder *builder, gb_value x, const char *name, gb_conv_spec spec);
gb_value gb_build_deconv(gb_builder *builder, gb_value x, const char *name, gb_conv_spec spec);
gb_value gb_build_batchnorm(gb_builder *builder, gb_value x, const char *name); /* eps 1e-5 */
gb_value gb_build_activation(gb_builder *builder, gb_value x, gb_activation act, float slope);
gb_value gb_build_relu(gb_builder *builder, gb_value x);
gb_value gb_build_add(gb_builder *builder, gb_value a, gb_value b);
gb_value gb_build_concat(gb_builder *builder, gb_value a, gb_value b);
gb_value gb_build_maxpool(gb_builder *builder, gb_value x, int kernel, int stride);
gb_value gb_build_pad_reflect(gb_builder *builder, gb_value x, int pad);
gb_value gb_build_rfft2(gb_builder *builder, gb_value x);
gb_value gb_build_irfft2(gb_builder *builder, gb_value x, int64_t out_w);
gb_shape gb_build_shape(const gb_builder *builder, gb_value x); /* zeros for GB_NONE */

/* Ends the description. Fails with the first error met; missing and misshapen tensors are left to gb_weights_check,
 * which the caller asks first (a build with such tensors fails here with GB_E_MISMATCH). The builder stays, to be
 * freed. */
gb_status gb_builder_finish(gb_builder *builder, const gb_value *outputs, size_t count, gb_graph **out, gb_error *err)
    GB_MUST_CHECK;

#endif
