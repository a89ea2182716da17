/* Kernels of plain C for more than one instruction set (core/clones.h). Those whose file is compiled with products and
 * sums contracted may round differently from one instruction set to another, never on one machine. */
#ifndef GB_BACKEND_CPU_ISA_H
#define GB_BACKEND_CPU_ISA_H

#include "core/clones.h"

#endif
