/* The machine's roof: what `threads` cores can do at most, measured now. */
#ifndef GB_RUN_ROOF_H
#define GB_RUN_ROOF_H

#include "core/status.h"

typedef struct gb_roof {
    double flops;  /* float32 multiply-adds in registers, 2 FLOP each, per second */
    double bytes;  /* read from memory, per second */
} gb_roof;

/* Best of several short trials (about 0.3 s in all). */
gb_status gb_roof_measure(int threads, gb_roof *out, gb_error *err) GB_MUST_CHECK;

/* The least time for so much work. */
double gb_roof_seconds(const gb_roof *roof, double flops, double bytes);

#endif
