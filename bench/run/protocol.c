#include "run/protocol.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"

/* The study's scoring ran in batches of 15 and saved with OpenCV's default JPEG quality. */
#define STUDY_BATCH 15
#define STUDY_JPEG_QUALITY 95

gb_protocol gb_protocol_named(const char *id, const char *batchnorm)
{
    gb_protocol protocol = {.id = "strict", .rounding = GB_ROUND_NEAREST, .stat_batch = 1};
    if (!strcmp(id, "ganime"))
        protocol = (gb_protocol){.id = "ganime",
                                 .rounding = GB_ROUND_TRUNCATE,
                                 .jpeg_quality = STUDY_JPEG_QUALITY,
                                 .batch_stats = true};
    if (batchnorm) protocol.batch_stats = !strcmp(batchnorm, "batch");
    protocol.stat_batch = protocol.batch_stats ? STUDY_BATCH : 1;
    return protocol;
}

static void describe_metrics(cJSON *parent, const gb_metric *const *metrics, int count)
{
    cJSON *object = cJSON_AddObjectToObject(parent, "metrics");
    for (int m = 0; m < count; m++) cJSON_AddStringToObject(object, metrics[m]->id, metrics[m]->recipe);
}

cJSON *gb_protocol_describe(const gb_protocol *protocol, const char *device, const char *precision,
                            const gb_metric *const *metrics, int metric_count)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "protocol", protocol->id);
    cJSON_AddStringToObject(object, "rounding", protocol->rounding == GB_ROUND_NEAREST ? "nearest even" : "truncate");
    cJSON_AddStringToObject(object, "file_format", protocol->jpeg_quality ? "JPEG 95, 4:2:0" : "none (8-bit RGB)");
    cJSON_AddStringToObject(object, "batchnorm",
                            protocol->batch_stats ? "batch statistics of 15 frames" : "running statistics");
    cJSON_AddStringToObject(object, "composite", "strips from the output, centre from the input");
    cJSON_AddStringToObject(object, "engine", device);
    cJSON_AddStringToObject(object, "precision", precision);
    describe_metrics(object, metrics, metric_count);
    return object;
}

gb_status gb_protocol_finish(const gb_protocol *protocol, gb_image *frame, gb_error *err)
{
    if (!protocol->jpeg_quality) return GB_OK;
    uint8_t *bytes = NULL;
    size_t size = 0;
    gb_image decoded = {0};
    GB_TRY(gb_image_encode_jpeg(frame, protocol->jpeg_quality, &bytes, &size, err));
    const gb_status status = gb_image_decode(bytes, size, "JPEG of the widened frame", &decoded, err);
    free(bytes);
    if (status != GB_OK) return status;
    gb_image_free(frame);
    *frame = decoded;
    return GB_OK;
}
