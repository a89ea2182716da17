/* What scoring one frame on a device takes, counted from the kernels of backend/cuda/score_code.cuh: for `perf --model`
 * and for whoever measures. Per frame, however many a call is given; launches are a call's. */
#ifndef GB_BACKEND_SCORING_COST_H
#define GB_BACKEND_SCORING_COST_H

#include <stdint.h>

typedef struct gb_scoring_cost {
    double flops;    /* of floating point; whole numbers count as free. SSIM's are double */
    double bytes;    /* read and written once each, neighbours' overlap cached */
    int64_t launches;
} gb_scoring_cost;

/* A frame becomes the input of `channels` floats a pixel; strips of `side` columns are composited. */
gb_scoring_cost gb_cost_of_feed(int width, int height, int channels);
gb_scoring_cost gb_cost_of_composite(int width, int height, int side);
/* Differences of two frames: PSNR, or the change from one to the next. */
gb_scoring_cost gb_cost_of_differences(int width, int height);
/* Frames moved on, a pair: what is to know of its motion is sent, once for all generators; a frame's errors. */
gb_scoring_cost gb_cost_of_motion(int width, int height);
gb_scoring_cost gb_cost_of_warp(int width, int height, int parts);
/* SSIM: the truth's part, once for all generators, and a frame's. */
gb_scoring_cost gb_cost_of_moments(int width, int height);
gb_scoring_cost gb_cost_of_ssim(int width, int height);
/* Of one map: unit vectors are kept; the distance to them. */
gb_scoring_cost gb_cost_of_unit(int64_t positions, int64_t channels);
gb_scoring_cost gb_cost_of_distance(int64_t h, int64_t w, int64_t channels);

#endif
