/* The work itself: decoding, generating and encoding side by side, in bounded memory. */
#ifndef GB_EXTEND_WIDEN_H
#define GB_EXTEND_WIDEN_H

#include "extend/sink.h"

typedef struct gb_widen_result {
    long frames, resumed; /* in all; that were there already */
    double seconds;
} gb_widen_result;

/* All frames of the plan's footage into the sink, which is not finished here. The same bytes for any number of threads
 * and frames at a time. */
gb_status gb_widen(const gb_extend_plan *plan, gb_sink *sink, gb_widen_result *result, gb_error *err) GB_MUST_CHECK;

#endif
