/* `model run`: one net over a file of frames. */
#ifndef GB_MODEL_RUN_FILE_H
#define GB_MODEL_RUN_FILE_H

#include <stdio.h>

#include "models/net.h"

typedef struct gb_model_run_options {
    const char *net, *weights, *input, *output;
    const char *device;  /* NULL: auto */
    const char *precision; /* NULL: fp32 */
    int side;            /* negative: an eighth of the width */
    bool batch_stats;    /* all frames are one batch then */
    int threads;         /* 0: one per processor */
    int batch;           /* frames handed to a worker at a time; 0: one. Does not change the result */
} gb_model_run_options;

typedef struct gb_model_run_result {
    long frames;
    int width, height, side, threads;
    gb_shape output;             /* n is 1, or `frames` with batch_stats */
    gb_net_info info;
    char weights_sha256[65], device[16];
    double seconds;              /* for the frames, without reading the weights */
} gb_model_run_result;

/* Reads `input_u8`, writes `output`: the net's raw values, not composited. Bit for bit the same for any number of
 * threads and any batch. */
gb_status gb_model_run_file(const gb_model_run_options *options, gb_model_run_result *out, gb_error *err)
    GB_MUST_CHECK;

/* One line, or JSON. */
gb_status gb_model_run_print(const gb_model_run_options *options, const gb_model_run_result *result, bool json,
                             FILE *to, gb_error *err) GB_MUST_CHECK;

#endif
