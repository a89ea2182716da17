/* The layer that looks at the whole plane at once: fast Fourier convolution (Chi, Jiang & Mu 2020). */
#ifndef GB_MODELS_FOURIER_UNIT_H
#define GB_MODELS_FOURIER_UNIT_H

#include "engine/builder.h"

/* x (N,H,W,c) -> same shape: the spectrum as 2c real channels, a 1x1 convolution "<name>.conv_layer", batch norm
 * "<name>.bn", ReLU, and back. */
gb_value gb_fourier_unit(gb_builder *builder, gb_value x, const char *name);

#endif
