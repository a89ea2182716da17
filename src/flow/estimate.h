/* Optical flow estimated between two frames, by OpenCV. A program built without OpenCV has none, and says so. */
#ifndef GB_FLOW_ESTIMATE_H
#define GB_FLOW_ESTIMATE_H

#include "core/status.h"
#include "image/image.h"

typedef enum gb_flow_method {
    GB_FLOW_FARNEBACK, /* Farnebäck 2003; pyramid 0.5, 3 levels, window 15, 3 iterations, poly_n 5, poly_sigma 1.2 */
    GB_FLOW_DIS,       /* dense inverse search, Kroeger et al. 2016; preset "medium", patches 5 apart, 8 steps each */
    GB_FLOW_DIS_ROUGH, /* the same, refined twice instead of five times */
    GB_FLOW_METHODS
} gb_flow_method;

/* GB_E_UNSUPPORTED, saying what to install, where the program was built without OpenCV. */
gb_status gb_flow_ready(gb_error *err) GB_MUST_CHECK;
const char *gb_flow_library(void); /* OpenCV's version, "4.6.0"; NULL without it */

/* One per thread. Inside it runs on one thread (OpenCV is told so for the whole process), so that its result does not
 * depend on the machine's cores. */
typedef struct gb_flow_estimator gb_flow_estimator;
gb_status gb_flow_estimator_new(gb_flow_method method, int width, int height, gb_flow_estimator **out, gb_error *err)
    GB_MUST_CHECK;
void gb_flow_estimator_free(gb_flow_estimator *estimator);

/* Luma as OpenCV makes it of RGB, 8 bits: `grey` has width * height values. Images must have the estimator's size. */
gb_status gb_flow_grey(gb_flow_estimator *estimator, const gb_image *image, unsigned char *grey, gb_error *err)
    GB_MUST_CHECK;

/* Where each pixel of `first` is in `second`: uv has height x width x 2 values, u to the right and v down, in pixels.
 */
gb_status gb_flow_estimate(gb_flow_estimator *estimator, const unsigned char *first, const unsigned char *second,
                           float *uv, gb_error *err) GB_MUST_CHECK;

#endif
