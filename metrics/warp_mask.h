/* Which pixels e_warp compares, and where they go: the truth's part, whether frames are here or on a device. */
#ifndef GB_METRICS_WARP_MASK_H
#define GB_METRICS_WARP_MASK_H

#include "metrics/on_device.h"

#define GB_WARP_ID "e_warp"

/* What errors are added up to: for region r those that a strip has a part in (GB_WARP_STRIP + r), and the others, which
 * every widened frame has from the truth. */
enum { GB_WARP_STRIP = 0, GB_WARP_REST = GB_REGION_COUNT, GB_WARP_PARTS = 2 * GB_REGION_COUNT };

/* One per worker. */
typedef struct gb_warp_mask gb_warp_mask;
gb_status gb_warp_mask_new(gb_geometry geometry, gb_warp_mask **out, gb_error *err) GB_MUST_CHECK;
void gb_warp_mask_free(gb_warp_mask *mask);

/* Measures the truth's motion, unless the dataset has it, and marks the pixels; what follows is of the pair that was
 * measured last. Frames or flow of another size than the geometry's are GB_E_MISMATCH. */
gb_status gb_warp_mask_measure(gb_warp_mask *mask, const gb_frame_pair *truth, gb_error *err) GB_MUST_CHECK;
const float *gb_warp_mask_flow(const gb_warp_mask *mask);           /* height x width x 2: where each pixel goes */
const unsigned char *gb_warp_mask_member(const gb_warp_mask *mask); /* height x width: bit p: it counts for part p */
const unsigned char *gb_warp_mask_sees_strip(const gb_warp_mask *mask); /* [column]: 1: one there counts with a strip */
const uint64_t *gb_warp_mask_used(const gb_warp_mask *mask);        /* [region]: pixels */

/* The score of a pair whose squared errors, in levels, add up to `sum`. */
void gb_warp_score(gb_geometry geometry, const uint64_t used[GB_REGION_COUNT], const double sum[GB_WARP_PARTS],
                   gb_scores *out);

extern const struct gb_metric_on_device gb_warp_on_device; /* warp_device.c */

#endif
