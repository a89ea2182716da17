/* How a frame is prepared, rounded and scored: everything that a number depends on besides the weights. */
#ifndef GB_RUN_PROTOCOL_H
#define GB_RUN_PROTOCOL_H

#include <cjson/cJSON.h>

#include "datasets/dataset.h"
#include "metrics/metric.h"
#include "models/net.h"

typedef struct gb_protocol {
    const char *id;        /* "strict", "ganime" */
    gb_rounding rounding;  /* of generated strips to 8 bits */
    int jpeg_quality;      /* 0: scored as it is; else the widened frame goes through JPEG first */
    bool batch_stats;
    int stat_batch;        /* frames that share batch statistics; 1 unless batch_stats */
} gb_protocol;

/* "strict" or "ganime"; `batchnorm` NULL, "running" or "batch" overrides the protocol's own. */
gb_protocol gb_protocol_named(const char *id, const char *batchnorm);

/* What the fingerprint is made of, spelt out: protocol, device precision, metrics with recipes, datasets with
 * content hashes. The generators' weights are not part of it: comparing them is what runs are for. */
cJSON *gb_protocol_describe(const gb_protocol *protocol, const char *device, const char *precision,
                            const gb_metric *const *metrics, int metric_count);

/* Applies what comes after compositing (JPEG). */
gb_status gb_protocol_finish(const gb_protocol *protocol, gb_image *frame, gb_error *err) GB_MUST_CHECK;

#endif
