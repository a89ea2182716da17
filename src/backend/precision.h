/* What a net's products are computed in. Sums, batch norms, transforms and what goes in and out are float32 in all of
 * them. Metrics' nets always run in GB_PRECISION_FP32: a score does not depend on how the picture was made. */
#ifndef GB_BACKEND_PRECISION_H
#define GB_BACKEND_PRECISION_H

#include <stdbool.h>

#include "core/status.h"

typedef enum gb_precision {
    GB_PRECISION_FP32, /* strict: every factor keeps its 24 bits */
    GB_PRECISION_TF32, /* factors rounded to 11 bits, range of float32 */
    GB_PRECISION_FP16, /* 11 bits, at most 65504 */
    GB_PRECISION_BF16, /* 8 bits, range of float32 */
    GB_PRECISION_COUNT
} gb_precision;

const char *gb_precision_name(gb_precision precision); /* "fp32", "tf32", "fp16", "bf16" */

bool gb_precision_is_narrow(gb_precision precision); /* fp16, bf16: values are kept in 16 bits */

/* `name` is one of these, or NULL for fp32; anything else is GB_E_USAGE. */
gb_status gb_precision_read(const char *name, gb_precision *out, gb_error *err) GB_MUST_CHECK;

#endif
