/* How a frame is prepared, rounded and scored: everything that a number depends on besides the weights. */
#ifndef GB_PROTOCOL_PROTOCOL_H
#define GB_PROTOCOL_PROTOCOL_H

#include <cjson/cJSON.h>

#include "datasets/dataset.h"
#include "metrics/metric.h"
#include "models/net.h"
#include "protocol/frames.h"

typedef struct gb_protocol {
    const char *id;        /* "strict", "ganime" */
    gb_rounding rounding;  /* of generated strips to 8 bits */
    int jpeg_quality;      /* 0: scored as it is; else the widened frame goes through JPEG first */
    bool batch_stats;
    int stat_batch;        /* frames that share batch statistics; 1 unless batch_stats */
    int first_frames;      /* only the split's first so many frames are scored, --limit or 264 under "ganime"; 0: those
                            * that gb_frames_pick gives */
} gb_protocol;

/* Which frames of the split the protocol scores: its own first ones, else `limit` of them (0: all), spread. */
gb_status gb_protocol_pick(const gb_protocol *protocol, const gb_pack *pack, const char *split, long limit,
                           gb_picks *out, gb_error *err) GB_MUST_CHECK;

/* "strict" or "ganime"; `batchnorm` NULL, "running" or "batch" overrides the protocol's own. */
gb_protocol gb_protocol_named(const char *id, const char *batchnorm);

/* What the fingerprint is made of, spelt out: everything that a number depends on besides the generators' weights
 * (comparing those is what runs are for) and the engine that ran them (its precision counts, its name does not; that of
 * scores is named where it is another). The
 * datasets are added by the caller under "datasets", each as gb_protocol_describe_dataset has it. NULL when memory is
 * short. report/protocol_diff.h says what differs between two of these. */
cJSON *gb_protocol_describe(const gb_protocol *protocol, const char *precision, const char *score_precision,
                            const gb_metric *const *metrics, int metric_count);

/* Member of that object in a run of one part alone (--shard): "K/N". What the parts are merged into has none. */
#define GB_PROTOCOL_SHARD "shard"

/* One dataset: what is paired (by content hash), which frames of it, where the mask lies, and, where one of the metrics
 * estimates its flow, the library that does, for its versions give different flow. */
gb_status gb_protocol_describe_dataset(const gb_pack_info *info, const gb_shot *shots, const gb_picks *picks,
                                       const char *split, const gb_metric *const *metrics, int metric_count,
                                       cJSON **out, gb_error *err) GB_MUST_CHECK;

/* Applies what comes after compositing (JPEG). */
gb_status gb_protocol_finish(const gb_protocol *protocol, gb_image *frame, gb_error *err) GB_MUST_CHECK;

#endif
