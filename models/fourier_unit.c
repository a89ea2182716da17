#include "models/fourier_unit.h"

gb_value gb_fourier_unit(gb_builder *b, gb_value x, const char *name)
{
    const gb_shape shape = gb_build_shape(b, x);
    x = gb_build_rfft2(b, x);
    x = gb_build_conv(b, x, gb_build_name(b, "%s.conv_layer", name),
                      (gb_conv_spec){.out = 2 * shape.c, .kernel_h = 1});
    x = gb_build_relu(b, gb_build_batchnorm(b, x, gb_build_name(b, "%s.bn", name)));
    return gb_build_irfft2(b, x, shape.w);
}
