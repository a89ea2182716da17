/* The roof: what `threads` cores can do at most, measured now, or what a card can. */
#ifndef GB_MACHINE_ROOF_H
#define GB_MACHINE_ROOF_H

#include "backend/backend.h"

typedef struct gb_roof {
    double flops;  /* float32 multiply-adds in registers, 2 FLOP each, per second */
    double bytes;  /* read from memory, per second */
} gb_roof;

/* Of the device that nets run on: of a processor measured with `threads` cores, of a card what it can do as a whole. */
gb_status gb_roof_of(const gb_backend *backend, gb_precision precision, int threads, gb_roof *out, gb_error *err)
    GB_MUST_CHECK;

/* Best of several short trials (about 0.3 s in all). */
gb_status gb_roof_measure(int threads, gb_roof *out, gb_error *err) GB_MUST_CHECK;

/* The least time for so much work. */
double gb_roof_seconds(const gb_roof *roof, double flops, double bytes);

#endif
