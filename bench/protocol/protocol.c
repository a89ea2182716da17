#include "protocol/protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/sha256.h"
#include "flow/estimate.h"

/* The study's scoring ran in batches of 15, paired files by sorted name, and saved with OpenCV's default JPEG
 * quality. */
#define STUDY_BATCH 15
#define STUDY_JPEG_QUALITY 95
/* Its recorded means are multiples of a millionth of 1/264. */
#define STUDY_FRAMES 264

gb_protocol gb_protocol_named(const char *id, const char *batchnorm)
{
    gb_protocol protocol = {.id = "strict", .rounding = GB_ROUND_NEAREST, .stat_batch = 1};
    if (!strcmp(id, "ganime"))
        protocol = (gb_protocol){.id = "ganime",
                                 .rounding = GB_ROUND_TRUNCATE,
                                 .jpeg_quality = STUDY_JPEG_QUALITY,
                                 .first_frames = STUDY_FRAMES,
                                 .batch_stats = true};
    if (batchnorm) protocol.batch_stats = !strcmp(batchnorm, "batch");
    protocol.stat_batch = protocol.batch_stats ? STUDY_BATCH : 1;
    return protocol;
}

gb_status gb_protocol_pick(const gb_protocol *protocol, const gb_pack *pack, const char *split, long limit,
                           gb_picks *out, gb_error *err)
{
    if (!protocol->first_frames) return gb_frames_pick(pack, split, limit, out, err);
    return gb_frames_pick_first(pack, split, protocol->first_frames, out, err);
}

static void describe_metrics(cJSON *parent, const gb_metric *const *metrics, int count)
{
    cJSON *object = cJSON_AddObjectToObject(parent, "metrics");
    for (int m = 0; m < count; m++) {
        cJSON *metric = cJSON_AddObjectToObject(object, metrics[m]->id);
        cJSON_AddStringToObject(metric, "recipe", metrics[m]->recipe);
        gb_json_add_string(metric, "weights", metrics[m]->weights);
    }
}

static void describe_regions(cJSON *parent)
{
    char seam[64];
    cJSON *object = cJSON_AddObjectToObject(parent, "regions");
    snprintf(seam, sizeof seam, "the columns within %d px of a seam", GB_SEAM_HALF);
    cJSON_AddStringToObject(object, gb_region_name(GB_REGION_FULL), "the whole frame");
    cJSON_AddStringToObject(object, gb_region_name(GB_REGION_SIDES), "both strips");
    cJSON_AddStringToObject(object, gb_region_name(GB_REGION_SEAM), seam);
}

cJSON *gb_protocol_describe(const gb_protocol *protocol, const char *precision, const char *score_precision,
                            const gb_metric *const *metrics, int metric_count)
{
    char format[64] = "none", statistics[64] = "running statistics";
    cJSON *object = cJSON_CreateObject();
    if (protocol->jpeg_quality) snprintf(format, sizeof format, "JPEG %d, 4:2:0", protocol->jpeg_quality);
    if (protocol->batch_stats)
        snprintf(statistics, sizeof statistics, "batch statistics of %d frames", protocol->stat_batch);
    cJSON_AddStringToObject(object, "protocol", protocol->id);
    cJSON_AddStringToObject(object, "preprocessing",
                            "frames as packed, no resizing; nets are given u8/127.5 - 1 with strips of -1, or "
                            "u8/255 (1 - mask) with the mask as fourth channel");
    cJSON_AddStringToObject(object, "range", "8-bit RGB, 0 to 255, clamped");
    cJSON_AddStringToObject(object, "rounding", protocol->rounding == GB_ROUND_NEAREST ? "nearest even" : "truncate");
    cJSON_AddStringToObject(object, "file_format", format);
    cJSON_AddStringToObject(object, "batchnorm", statistics);
    cJSON_AddStringToObject(object, "mask", "two strips of each dataset's `side` px, full height");
    cJSON_AddStringToObject(object, "composite", "strips from the output, centre from the input");
    cJSON_AddStringToObject(object, "frames",
                            protocol->first_frames ? "the first of the split, in sorted order"
                                                   : "all of the split, or runs spread over its shots");
    cJSON_AddStringToObject(object, "pairing", "frame by frame, by index in the pack of that content");
    cJSON_AddStringToObject(object, "precision", precision);
    if (strcmp(precision, score_precision)) cJSON_AddStringToObject(object, "score_precision", score_precision);
    describe_regions(object);
    describe_metrics(object, metrics, metric_count);
    return object;
}

/* sha256 of the frames' indices in decimal, one a line. */
static gb_status hash_picks(const gb_picks *picks, char hex[GB_SHA256_HEX], gb_error *err)
{
    gb_sha256 *sha = NULL;
    GB_TRY(gb_sha256_new(&sha, err));
    for (int i = 0; i < picks->count; i++) {
        char line[16];
        gb_sha256_update(sha, line, (size_t)snprintf(line, sizeof line, "%d\n", picks->pick[i].frame));
    }
    gb_sha256_finish(sha, hex);
    return GB_OK;
}

/* Source frames per frame: one number where all shots agree, else a list of what occurs, in order. */
static void describe_stride(cJSON *object, const gb_shot *shots, const gb_picks *picks)
{
    char text[128] = "";
    int last = 0;
    for (int i = 0; i < picks->count; i++) {
        const int stride = shots[picks->pick[i].shot].stride;
        const size_t used = strlen(text);
        if (stride != last) snprintf(text + used, sizeof text - used, "%s%d", used ? "," : "", stride);
        last = stride;
    }
    cJSON_AddStringToObject(object, "stride", text);
}

static void describe_flow(cJSON *object, const gb_pack_info *info, const gb_metric *const *metrics, int count)
{
    const char *const version = gb_flow_library();
    char text[64];
    bool estimated = false;
    for (int m = 0; m < count; m++)
        estimated |= metrics[m]->estimates_flow && !(metrics[m]->uses_flow && info->has_flow);
    if (!estimated || !version) return;
    snprintf(text, sizeof text, "OpenCV %s", version);
    cJSON_AddStringToObject(object, "flow", text);
}

gb_status gb_protocol_describe_dataset(const gb_pack_info *info, const gb_shot *shots, const gb_picks *picks,
                                       const char *split, const gb_metric *const *metrics, int metric_count,
                                       cJSON **out, gb_error *err)
{
    char hex[GB_SHA256_HEX];
    GB_TRY(hash_picks(picks, hex, err));
    cJSON *object = cJSON_CreateObject();
    if (!object) return gb_fail_memory(err, "protocol", 4096);
    cJSON_AddStringToObject(object, "content", info->content);
    cJSON_AddStringToObject(object, "split", split);
    cJSON_AddNumberToObject(object, "frames", picks->count);
    cJSON_AddStringToObject(object, "picks", hex);
    describe_stride(object, shots, picks);
    cJSON_AddNumberToObject(object, "width", info->geometry.width);
    cJSON_AddNumberToObject(object, "height", info->geometry.height);
    cJSON_AddNumberToObject(object, "side", info->geometry.side);
    describe_flow(object, info, metrics, metric_count);
    *out = object;
    return GB_OK;
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
