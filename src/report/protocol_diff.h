/* What differs between the protocols of two runs (gb_run.protocol, as run.json spells it out). Two runs may be compared
 * when nothing does; what differs is named by its path, so that a refusal can say it. */
#ifndef GB_REPORT_PROTOCOL_DIFF_H
#define GB_REPORT_PROTOCOL_DIFF_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "core/buffer.h"

typedef struct gb_protocol_difference {
    char *field; /* path of keys: "rounding", "datasets.toon.content", "metrics.psnr_rgb" */
    char *a, *b; /* the values as JSON without white space; NULL: only the other has this field */
} gb_protocol_difference;

typedef struct gb_protocol_differences {
    gb_protocol_difference *item; /* in the order of a's fields, then those that b alone has */
    size_t count, capacity;
} gb_protocol_differences;

/* Members are compared by name whatever their order, numbers as doubles, lists element by element ("list[2]"). A member
 * that one side lacks is one difference, however much it holds: a metric or a dataset that only one run has is
 * "metrics.ID" or "datasets.ID" with a or b NULL, which a caller may take for a missing row rather than for another
 * protocol. Neither may be NULL. Free with gb_protocol_differences_free. */
gb_status gb_protocol_diff(const cJSON *a, const cJSON *b, gb_protocol_differences *out, gb_error *err) GB_MUST_CHECK;
void gb_protocol_differences_free(gb_protocol_differences *differences);

/* One line for an error or a report: `rounding ("nearest even" / "truncate"), metrics.x (... / none)`; long values are
 * cut. */
void gb_protocol_differences_print(const gb_protocol_differences *differences, gb_buffer *out);

#endif
