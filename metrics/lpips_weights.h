/* LPIPS v0.1's weights, from any container that gb_checkpoint_read opens, under either naming in use: flax
 * ("AlexNet_0.Conv_1.kernel", H,W,I,O; "NetLinLayer_1.Conv_0.kernel") or torchvision's ("trunk.features.3.weight",
 * O,I,H,W; "heads.lin1"). */
#ifndef GB_METRICS_LPIPS_WEIGHTS_H
#define GB_METRICS_LPIPS_WEIGHTS_H

#include "metrics/lpips_net.h"

typedef struct gb_lpips_weights {
    gb_weights *trunk;          /* torchvision's names and layouts */
    float *head[GB_LPIPS_TAPS]; /* one non-negative weight per channel */
} gb_lpips_weights;

/* Where the file is: "<metric id>.ckpt" or ".h5" in `directory`, or, when that is NULL, the .ckpt that
 * `ganime-bench model fetch` puts into the cache. GB_E_NOT_FOUND, saying so, when there is none. The caller frees. */
gb_status gb_lpips_weights_find(const gb_lpips_net *net, const char *directory, char **path, gb_error *err)
    GB_MUST_CHECK;

/* Reads them and makes sure that they are the published ones, number by number (GB_E_MISMATCH otherwise), so that a
 * score under this metric's id cannot come from others. */
gb_status gb_lpips_weights_read(const gb_lpips_net *net, const char *path, gb_lpips_weights *out, gb_error *err)
    GB_MUST_CHECK;
void gb_lpips_weights_free(gb_lpips_weights *weights);

#endif
