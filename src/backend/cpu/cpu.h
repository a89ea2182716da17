/* The processor's backend: oneDNN's primitives, and kernels of our own where it has none or is slow. One session keeps
 * one core busy; run several sessions for more. */
#ifndef GB_BACKEND_CPU_CPU_H
#define GB_BACKEND_CPU_CPU_H

#include "backend/backend.h"

extern const gb_backend gb_backend_cpu;

#endif
