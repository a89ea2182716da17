/* A chart's scale: from values to percent of its width or height, with round ticks. */
#ifndef GB_REPORT_PLOT_AXIS_H
#define GB_REPORT_PLOT_AXIS_H

#include <stdbool.h>

#include "core/buffer.h"

enum { GB_AXIS_TICKS = 16 };

typedef struct gb_axis {
    double lo, hi;
    bool logarithmic;
    double tick[GB_AXIS_TICKS];
    int ticks, digits;
} gb_axis;

/* The least range that holds what was added; starts empty. */
typedef struct gb_range {
    double lo, hi;
    bool any;
} gb_range;
void gb_range_add(gb_range *range, double value); /* values that are not finite are left out */

/* Padded a little; about `most` ticks, at least three. An empty range becomes [0, 1]. */
gb_axis gb_axis_linear(gb_range range, int most);
gb_axis gb_axis_log(gb_range range); /* of positive values; ticks at 1, 2, 5 of each decade, or at decades alone */

double gb_axis_percent(const gb_axis *axis, double value); /* clamped to [0, 100] */
void gb_axis_label(gb_buffer *out, const gb_axis *axis, double tick);

#endif
