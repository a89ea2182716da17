/* What both ways of computing LPIPS share, for lpips.c and lpips_device.c alone. */
#ifndef GB_METRICS_LPIPS_STATE_H
#define GB_METRICS_LPIPS_STATE_H

#include "metrics/column_sums.h"
#include "metrics/lpips.h"
#include "metrics/lpips_weights.h"

#define TAPS GB_LPIPS_TAPS

typedef struct lpips_state {
    const gb_lpips_rule *rule;
    gb_plan *plan;
    gb_lpips_weights weights;  /* heads only, once the plan is made */
    float scaled[3][256];      /* network input for each channel's 8-bit value */
} lpips_state;

/* Of an env's geometry, for runs of env->frames frames (0: one, of which columns may be computed anew). */
gb_status gb_lpips_state_open(const gb_lpips_rule *rule, const gb_metric_env *env, lpips_state *out, gb_error *err)
    GB_MUST_CHECK;
void gb_lpips_state_clear(lpips_state *state);

/* Of one frame. */
gb_shape gb_lpips_tap_shape(const lpips_state *state, int tap);
/* Where the columns of a tap's map are in the frame. */
gb_column_grid gb_lpips_tap_grid(const lpips_state *state, int tap);

/* No distance at all; a tap's term for one region, `total` over `columns` columns of its map, is then added. */
gb_scores gb_lpips_no_distance(gb_geometry geometry);
gb_status gb_lpips_add_term(const lpips_state *state, int tap, gb_region region, double total, int columns,
                            gb_scores *scores, gb_error *err) GB_MUST_CHECK;

#endif
