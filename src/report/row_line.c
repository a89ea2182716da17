#include "report/row_line.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "core/json.h"
#include "report/text.h"

static void member(gb_buffer *out, const char *key, const char *text)
{
    gb_buffer_printf(out, ",\"%s\":", key);
    gb_text_json(out, text);
}

static void number(gb_buffer *out, const char *key, double value)
{
    gb_buffer_printf(out, ",\"%s\":", key);
    gb_text_number(out, value);
}

static bool sums_are_finite(const gb_row *row)
{
    return isfinite(row->num) && isfinite(row->den) && row->den > 0.0;
}

/* No value, but a term of a ratio of sums. */
static bool counts_without_value(const gb_row *row)
{
    return row->state == GB_STATE_UNDEFINED && isfinite(row->num) && row->den == 0.0;
}

gb_status gb_row_line_append(gb_buffer *out, const gb_row *row, gb_error *err)
{
    if (!row->generator || !row->dataset || !row->clip || !row->metric || (unsigned)row->state >= GB_STATE_COUNT ||
        (unsigned)row->region >= GB_REGION_COUNT)
        return gb_fail(err, GB_E_ARG, "row: expected generator, dataset, clip, metric, region and state");
    const bool ok = row->state == GB_STATE_OK;
    if (ok && !sums_are_finite(row))
        return gb_fail(err, GB_E_NUMERIC, "%s on %s, frame %d, %s %s: expected a finite value, found %g / %g",
                       row->generator, row->dataset, row->frame, row->metric, gb_region_name(row->region), row->num,
                       row->den);
    gb_buffer_text(out, "{\"generator\":");
    gb_text_json(out, row->generator);
    member(out, "dataset", row->dataset);
    member(out, "clip", row->clip);
    gb_buffer_printf(out, ",\"shot\":%d,\"frame\":%d", row->shot, row->frame);
    member(out, "metric", row->metric);
    member(out, "region", gb_region_name(row->region));
    number(out, "value", ok ? row->num / row->den : NAN);
    if ((ok && row->den != 1.0) || counts_without_value(row)) {
        number(out, "num", row->num);
        number(out, "den", row->den);
    }
    member(out, "state", gb_state_name(row->state));
    if (row->why) member(out, "why", row->why);
    gb_buffer_text(out, "}\n");
    return gb_buffer_status(out, err);
}

static gb_status get_index(const cJSON *object, const char *key, const char *what, int *out, gb_error *err)
{
    long long value;
    GB_TRY(gb_json_get_integer(object, key, what, &value, err));
    if (value < 0 || value > INT_MAX)
        return gb_fail(err, GB_E_FORMAT, "%s: expected \"%s\" from 0 to %d, found %lld", what, key, INT_MAX, value);
    *out = (int)value;
    return GB_OK;
}

static gb_status get_names(const cJSON *object, const char *what, gb_row *row, gb_error *err)
{
    const char *region, *state;
    GB_TRY(gb_json_get_string(object, "generator", what, &row->generator, err));
    GB_TRY(gb_json_get_string(object, "dataset", what, &row->dataset, err));
    GB_TRY(gb_json_get_string(object, "clip", what, &row->clip, err));
    GB_TRY(gb_json_get_string(object, "metric", what, &row->metric, err));
    GB_TRY(gb_json_get_string(object, "region", what, &region, err));
    GB_TRY(gb_json_get_string(object, "state", what, &state, err));
    if (!gb_region_parse(region, &row->region))
        return gb_fail(err, GB_E_FORMAT, "%s: expected a region, found \"%s\"", what, region);
    if (!gb_state_parse(state, &row->state))
        return gb_fail(err, GB_E_FORMAT, "%s: expected a state, found \"%s\"", what, state);
    row->why = gb_json_string_or(object, "why", NULL);
    return GB_OK;
}

/* Both sums or neither, and a value that follows from them: whatever was edited by hand is found here. */
static gb_status get_value(const cJSON *object, const char *what, gb_row *row, gb_error *err)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, "value");
    const cJSON *num = cJSON_GetObjectItemCaseSensitive(object, "num");
    const cJSON *den = cJSON_GetObjectItemCaseSensitive(object, "den");
    if (!cJSON_IsNumber(value) && !cJSON_IsNull(value))
        return gb_fail(err, GB_E_FORMAT, "%s: expected a number or null \"value\", found none", what);
    if (!num != !den || (num && (!cJSON_IsNumber(num) || !cJSON_IsNumber(den))))
        return gb_fail(err, GB_E_FORMAT, "%s: expected numbers \"num\" and \"den\", found one of them", what);
    row->num = num ? num->valuedouble : cJSON_IsNumber(value) ? value->valuedouble : NAN;
    row->den = den ? den->valuedouble : 1.0;
    if (row->state != GB_STATE_OK) {
        if ((num && !counts_without_value(row)) || !cJSON_IsNull(value))
            return gb_fail(err, GB_E_FORMAT, "%s: expected no value, because the state is \"%s\"", what,
                           gb_state_name(row->state));
        return GB_OK;
    }
    if (!sums_are_finite(row)) return gb_fail(err, GB_E_FORMAT, "%s: expected a finite value, found none", what);
    if (!cJSON_IsNumber(value) || value->valuedouble != row->num / row->den)
        return gb_fail(err, GB_E_FORMAT, "%s: expected \"value\" to be \"num\" / \"den\", it is not", what);
    return GB_OK;
}

gb_status gb_row_line_parse(const char *text, size_t size, const char *what, gb_row *row, cJSON **holder,
                            gb_error *err)
{
    cJSON *object = NULL;
    gb_row parsed = {0};
    gb_status status = GB_OK;
    GB_GO(gb_json_parse(text, size, what, &object, err));
    if (!cJSON_IsObject(object)) {
        status = gb_fail(err, GB_E_FORMAT, "%s: expected an object", what);
        goto done;
    }
    GB_GO(get_names(object, what, &parsed, err));
    GB_GO(get_index(object, "shot", what, &parsed.shot, err));
    GB_GO(get_index(object, "frame", what, &parsed.frame, err));
    GB_GO(get_value(object, what, &parsed, err));
    *row = parsed;
    *holder = object;
    object = NULL;
done:
    cJSON_Delete(object);
    return status;
}
