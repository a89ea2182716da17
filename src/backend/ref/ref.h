/* The oracle: every operation as a plain loop over its definition, sums in double, values float32 in between. It runs
 * graphs as they are, folded or not, and is slow on purpose: nothing here is clever enough to be wrong. */
#ifndef GB_BACKEND_REF_REF_H
#define GB_BACKEND_REF_REF_H

#include "backend/backend.h"

extern const gb_backend gb_backend_ref;

#endif
