#include "report/run_fields.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(type, member, kind)                        \
    {                                                    \
#member, GB_FIELD_##kind, offsetof(type, member) \
    }
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const gb_field datasets[] = {
    FIELD(gb_run_dataset, id, TEXT),
    FIELD(gb_run_dataset, title, TEXT_OR_NULL),
    FIELD(gb_run_dataset, domain, TEXT_OR_NULL),
    FIELD(gb_run_dataset, split, TEXT_OR_NULL),
    FIELD(gb_run_dataset, licence, TEXT_OR_NULL),
    FIELD(gb_run_dataset, source, TEXT_OR_NULL),
    FIELD(gb_run_dataset, content, TEXT_OR_NULL),
    FIELD(gb_run_dataset, flow_from, TEXT_OR_NONE),
    {"width", GB_FIELD_COUNT, offsetof(gb_run_dataset, geometry.width)},
    {"height", GB_FIELD_COUNT, offsetof(gb_run_dataset, geometry.height)},
    {"side", GB_FIELD_COUNT, offsetof(gb_run_dataset, geometry.side)},
    FIELD(gb_run_dataset, frames, COUNT),
    FIELD(gb_run_dataset, shots, COUNT),
    FIELD(gb_run_dataset, state, STATE),
    FIELD(gb_run_dataset, why, TEXT_OR_NULL),
    FIELD(gb_run_dataset, truth_mae_dt_sides, NUMBER_OR_NULL),
    FIELD(gb_run_dataset, truth_flicker_hold, NUMBER_OR_NULL),
    FIELD(gb_run_dataset, pairs, COUNT),
    FIELD(gb_run_dataset, hold_pairs, COUNT),
    FIELD(gb_run_dataset, cut_pairs, COUNT),
};

static const gb_field generators[] = {
    FIELD(gb_run_generator, id, TEXT),
    FIELD(gb_run_generator, title, TEXT_OR_NULL),
    FIELD(gb_run_generator, source, TEXT_OR_NULL),
    FIELD(gb_run_generator, state, STATE),
    FIELD(gb_run_generator, why, TEXT_OR_NULL),
    FIELD(gb_run_generator, weights, TEXT_OR_NULL),
    FIELD(gb_run_generator, weights_sha256, TEXT_OR_NULL),
    FIELD(gb_run_generator, batchnorm, TEXT_OR_NULL),
    FIELD(gb_run_generator, parameters, NUMBER),
    FIELD(gb_run_generator, gflop, NUMBER),
    FIELD(gb_run_generator, centre_maxabs, COUNT_OR_NULL),
    FIELD(gb_run_generator, kind, TEXT),
    FIELD(gb_run_generator, origin, TEXT_OR_NULL),
    FIELD(gb_run_generator, frames_sha256, TEXT_OR_NULL),
    FIELD(gb_run_generator, composited, BOOL),
    FIELD(gb_run_generator, delivered_centre, COUNT_OR_NULL),
    FIELD(gb_run_generator, filter, TEXT_OR_NONE),
};

static const gb_field metrics[] = {
    FIELD(gb_run_metric, id, TEXT),     FIELD(gb_run_metric, title, TEXT),     FIELD(gb_run_metric, unit, TEXT),
    FIELD(gb_run_metric, recipe, TEXT), FIELD(gb_run_metric, direction, TEXT), FIELD(gb_run_metric, digits, COUNT),
    FIELD(gb_run_metric, computed_on, TEXT_OR_NONE),
};

static const gb_field summary[] = {
    FIELD(gb_run_summary, generator, TEXT),   FIELD(gb_run_summary, dataset, TEXT),
    FIELD(gb_run_summary, metric, TEXT),      FIELD(gb_run_summary, region, REGION),
    FIELD(gb_run_summary, mean, ESTIMATE),    FIELD(gb_run_summary, lo, ESTIMATE),
    FIELD(gb_run_summary, hi, ESTIMATE),      FIELD(gb_run_summary, frames, COUNT),
    FIELD(gb_run_summary, shots, COUNT),      FIELD(gb_run_summary, state, STATE),
    FIELD(gb_run_summary, why, TEXT_OR_NULL),
};

static const gb_field differences[] = {
    FIELD(gb_run_difference, generator, TEXT),      FIELD(gb_run_difference, other, TEXT),
    FIELD(gb_run_difference, dataset, TEXT),        FIELD(gb_run_difference, metric, TEXT),
    FIELD(gb_run_difference, region, REGION),       FIELD(gb_run_difference, mean, NUMBER_OR_NULL),
    FIELD(gb_run_difference, lo, NUMBER_OR_NULL),   FIELD(gb_run_difference, hi, NUMBER_OR_NULL),
    FIELD(gb_run_difference, frames, COUNT),        FIELD(gb_run_difference, shots, COUNT),
};

static const gb_field gaps[] = {
    FIELD(gb_run_gap, generator, TEXT),             FIELD(gb_run_gap, metric, TEXT),
    FIELD(gb_run_gap, region, REGION),              FIELD(gb_run_gap, inside, NUMBER_OR_NULL),
    FIELD(gb_run_gap, outside, NUMBER_OR_NULL),     FIELD(gb_run_gap, mean, NUMBER_OR_NULL),
    FIELD(gb_run_gap, lo, NUMBER_OR_NULL),          FIELD(gb_run_gap, hi, NUMBER_OR_NULL),
    FIELD(gb_run_gap, inside_shots, COUNT),         FIELD(gb_run_gap, outside_shots, COUNT),
};

static const gb_field by_tag[] = {
    FIELD(gb_run_tag, generator, TEXT),             FIELD(gb_run_tag, dataset, TEXT),
    FIELD(gb_run_tag, tag, TEXT),                   FIELD(gb_run_tag, metric, TEXT),
    FIELD(gb_run_tag, region, REGION),              FIELD(gb_run_tag, mean, NUMBER_OR_NULL),
    FIELD(gb_run_tag, lo, NUMBER_OR_NULL),          FIELD(gb_run_tag, hi, NUMBER_OR_NULL),
    FIELD(gb_run_tag, frames, COUNT),               FIELD(gb_run_tag, shots, COUNT),
    FIELD(gb_run_tag, rest, NUMBER_OR_NULL),        FIELD(gb_run_tag, difference, NUMBER_OR_NULL),
    FIELD(gb_run_tag, difference_lo, NUMBER_OR_NULL), FIELD(gb_run_tag, difference_hi, NUMBER_OR_NULL),
    FIELD(gb_run_tag, rest_shots, COUNT),
};

static const gb_field throughput[] = {
    FIELD(gb_run_throughput, generator, TEXT),        FIELD(gb_run_throughput, stage, TEXT),
    FIELD(gb_run_throughput, device, TEXT_OR_NULL),   FIELD(gb_run_throughput, precision, TEXT_OR_NULL),
    FIELD(gb_run_throughput, batch, COUNT),           FIELD(gb_run_throughput, threads, COUNT),
    FIELD(gb_run_throughput, p50_ms, NUMBER_OR_NULL), FIELD(gb_run_throughput, p90_ms, NUMBER_OR_NULL),
    FIELD(gb_run_throughput, p99_ms, NUMBER_OR_NULL), FIELD(gb_run_throughput, fps, NUMBER_OR_NULL),
    FIELD(gb_run_throughput, gflops, NUMBER_OR_NULL), FIELD(gb_run_throughput, roof_fraction, NUMBER_OR_NULL),
    FIELD(gb_run_throughput, random_weights, BOOL),
};

static const gb_field panels[] = {
    FIELD(gb_run_panel, dataset, TEXT), FIELD(gb_run_panel, clip, TEXT),        FIELD(gb_run_panel, shot, COUNT),
    FIELD(gb_run_panel, frame, COUNT),  FIELD(gb_run_panel, why, TEXT_OR_NULL),
};

static const gb_field audit[] = {
    FIELD(gb_run_audit, generator, TEXT), FIELD(gb_run_audit, dataset, TEXT), FIELD(gb_run_audit, sampled, COUNT),
    FIELD(gb_run_audit, equal, COUNT),    FIELD(gb_run_audit, state, STATE),  FIELD(gb_run_audit, why, TEXT_OR_NULL),
};

static const gb_field ladder[] = {
    FIELD(gb_run_step, dataset, TEXT),  FIELD(gb_run_step, generator, TEXT), FIELD(gb_run_step, metric, TEXT),
    FIELD(gb_run_step, region, REGION), FIELD(gb_run_step, step, TEXT),      FIELD(gb_run_step, mean, ESTIMATE),
    FIELD(gb_run_step, lo, ESTIMATE),   FIELD(gb_run_step, hi, ESTIMATE),    FIELD(gb_run_step, change, ESTIMATE),
    FIELD(gb_run_step, frames, COUNT),  FIELD(gb_run_step, shots, COUNT),    FIELD(gb_run_step, state, STATE),
    FIELD(gb_run_step, why, TEXT_OR_NULL),
};

static const gb_field changes[] = {
    FIELD(gb_run_change, generator, TEXT), FIELD(gb_run_change, dataset, TEXT), FIELD(gb_run_change, region, REGION),
    FIELD(gb_run_change, distance, COUNT), FIELD(gb_run_change, mean, NUMBER),  FIELD(gb_run_change, truth, NUMBER),
    FIELD(gb_run_change, pairs, COUNT),    FIELD(gb_run_change, shots, COUNT),
};

static const gb_field slices[] = {
    FIELD(gb_run_slice, generator, TEXT), FIELD(gb_run_slice, dataset, TEXT), FIELD(gb_run_slice, clip, TEXT),
    FIELD(gb_run_slice, shot, COUNT),     FIELD(gb_run_slice, frame, COUNT),  FIELD(gb_run_slice, frames, COUNT),
    FIELD(gb_run_slice, row, COUNT),      FIELD(gb_run_slice, path, TEXT),
};

static const gb_field pictures[] = {
    FIELD(gb_run_picture, label, TEXT),
    FIELD(gb_run_picture, path, TEXT),
    FIELD(gb_run_picture, lpips, NUMBER_OR_NULL),
    FIELD(gb_run_picture, heat, TEXT_OR_NONE),
};

#define RECORD(list, type, count)                                                                  \
    {                                                                                              \
#list, sizeof(type), offsetof(gb_run, list), offsetof(gb_run, count), list, COUNT_OF(list), \
        .optional = false                                                                          \
    }
#define OPTIONAL(list, type, count)                                                                \
    {                                                                                              \
#list, sizeof(type), offsetof(gb_run, list), offsetof(gb_run, count), list, COUNT_OF(list), \
        .optional = true                                                                           \
    }

const gb_record gb_run_records[GB_RECORD_COUNT] = {
    RECORD(datasets, gb_run_dataset, dataset_count),
    RECORD(generators, gb_run_generator, generator_count),
    RECORD(metrics, gb_run_metric, metric_count),
    RECORD(summary, gb_run_summary, summary_count),
    OPTIONAL(differences, gb_run_difference, difference_count),
    OPTIONAL(gaps, gb_run_gap, gap_count),
    OPTIONAL(by_tag, gb_run_tag, tag_count),
    RECORD(throughput, gb_run_throughput, throughput_count),
    RECORD(panels, gb_run_panel, panel_count),
    OPTIONAL(audit, gb_run_audit, audit_count),
    OPTIONAL(ladder, gb_run_step, ladder_count),
    OPTIONAL(changes, gb_run_change, change_count),
    OPTIONAL(slices, gb_run_slice, slice_count),
};

const gb_record gb_run_picture_record = {"pictures", sizeof(gb_run_picture), 0, 0, pictures, COUNT_OF(pictures),
                                         false};

const gb_record *gb_run_record_find(const char *key)
{
    for (int i = 0; i < GB_RECORD_COUNT; i++)
        if (!strcmp(gb_run_records[i].key, key)) return &gb_run_records[i];
    return NULL;
}

void gb_run_record_free(const gb_record *record, void *element)
{
    for (size_t f = 0; f < record->field_count; f++) {
        const gb_field_kind kind = record->fields[f].kind;
        if (kind != GB_FIELD_TEXT && kind != GB_FIELD_TEXT_OR_NULL && kind != GB_FIELD_TEXT_OR_NONE) continue;
        char *text;
        memcpy(&text, (char *)element + record->fields[f].offset, sizeof text);
        free(text);
    }
}
