#include "report/limits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "core/suggest.h"

#define MAX_FILE ((size_t)1 << 20)

__asm__(".pushsection .rodata\n"
        ".global gb_embedded_limits_begin, gb_embedded_limits_end\n"
        "gb_embedded_limits_begin: .incbin \"src/report/limits.json\"\n"
        "gb_embedded_limits_end: .byte 0\n"
        ".popsection\n");
extern const char gb_embedded_limits_begin[], gb_embedded_limits_end[];

struct gb_limits {
    cJSON *root;
};

/* Every member of `object` is one of `names`. */
static gb_status only(const cJSON *object, const char *const *names, size_t count, const char *what, gb_error *err)
{
    if (!cJSON_IsObject(object)) return gb_fail(err, GB_E_FORMAT, "%s: expected an object", what);
    for (const cJSON *item = object->child; item; item = item->next) {
        bool found = false;
        for (size_t i = 0; i < count; i++) found = found || !strcmp(names[i], item->string);
        if (found) continue;
        const char *near = gb_suggest(item->string, names, count);
        return gb_fail(err, GB_E_FORMAT, "%s: unknown member \"%s\"%s%s%s", what, item->string,
                       near ? ": did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
    return GB_OK;
}

static bool is_least(const cJSON *item)
{
    return cJSON_IsNull(item) || (cJSON_IsNumber(item) && item->valuedouble >= 0.0 && isfinite(item->valuedouble));
}

static gb_status check_metric(const cJSON *metric, const char *path, gb_error *err)
{
    static const char *const members[] = {"least", "target"}, *const regions[] = {"full", "sides", "seam"};
    char what[4400];
    snprintf(what, sizeof what, "%s: %s", path, metric->string);
    GB_TRY(only(metric, members, 2, what, err));
    const cJSON *least = cJSON_GetObjectItemCaseSensitive(metric, "least"), *one;
    const cJSON *target = cJSON_GetObjectItemCaseSensitive(metric, "target");
    if (target && !(cJSON_IsNumber(target) && isfinite(target->valuedouble)))
        return gb_fail(err, GB_E_FORMAT, "%s: expected a number \"target\"", what);
    if (is_least(least)) return GB_OK;
    if (!cJSON_IsObject(least))
        return gb_fail(err, GB_E_FORMAT, "%s: expected \"least\" to be a number from 0, null, or one for each region",
                       what);
    GB_TRY(only(least, regions, 3, what, err));
    cJSON_ArrayForEach(one, least)
    {
        if (!is_least(one))
            return gb_fail(err, GB_E_FORMAT, "%s: expected a number from 0 or null for \"%s\"", what, one->string);
    }
    return GB_OK;
}

static gb_status check(const cJSON *root, const char *path, const char *const *known, size_t known_count,
                       gb_error *err)
{
    static const char *const members[] = {"schema", "metrics", "speed"}, *const speed_members[] = {"least"};
    GB_TRY(only(root, members, 3, path, err));
    const char *schema = gb_json_string_or(root, "schema", "none");
    if (strcmp(schema, GB_LIMITS_SCHEMA) != 0)
        return gb_fail(err, GB_E_FORMAT, "%s: expected schema \"%s\", found \"%.80s\"", path, GB_LIMITS_SCHEMA, schema);
    const cJSON *metrics = cJSON_GetObjectItemCaseSensitive(root, "metrics"), *metric;
    const cJSON *speed = cJSON_GetObjectItemCaseSensitive(root, "speed");
    char what[4400];
    snprintf(what, sizeof what, "%s: metrics", path);
    if (known)
        GB_TRY(only(metrics, known, known_count, what, err));
    else if (!cJSON_IsObject(metrics))
        return gb_fail(err, GB_E_FORMAT, "%s: expected an object", what);
    cJSON_ArrayForEach(metric, metrics) GB_TRY(check_metric(metric, path, err));
    snprintf(what, sizeof what, "%s: speed", path);
    if (speed) GB_TRY(only(speed, speed_members, 1, what, err));
    const cJSON *least = cJSON_GetObjectItemCaseSensitive(speed, "least");
    if (!cJSON_IsNumber(least) || !(least->valuedouble > 0.0 && least->valuedouble < 10.0))
        return gb_fail(err, GB_E_FORMAT, "%s: expected \"least\" to be a fraction such as 0.05", what);
    return GB_OK;
}

gb_status gb_limits_read(const char *path, const char *const *known, size_t known_count, gb_limits **out,
                         gb_error *err)
{
    cJSON *root = NULL;
    const char *const name = path ? path : "built-in limits";
    if (path)
        GB_TRY(gb_json_read(path, MAX_FILE, &root, err));
    else
        GB_TRY(gb_json_parse(gb_embedded_limits_begin, (size_t)(gb_embedded_limits_end - gb_embedded_limits_begin),
                             name, &root, err));
    gb_status status = check(root, name, known, known_count, err);
    gb_limits *limits = status == GB_OK ? gb_alloc(1, sizeof *limits) : NULL;
    if (!limits) {
        cJSON_Delete(root);
        return status == GB_OK ? gb_fail_memory(err, "limits", sizeof *limits) : status;
    }
    limits->root = root;
    *out = limits;
    return GB_OK;
}

void gb_limits_free(gb_limits *limits)
{
    if (!limits) return;
    cJSON_Delete(limits->root);
    free(limits);
}

gb_effect gb_limits_effect(const gb_limits *limits, const char *metric, const char *direction, gb_region region)
{
    const gb_effect unsaid = {.better = GB_BETTER_UNSAID};
    const cJSON *metrics = cJSON_GetObjectItemCaseSensitive(limits->root, "metrics");
    const cJSON *entry = cJSON_GetObjectItemCaseSensitive(metrics, metric);
    const cJSON *least = cJSON_GetObjectItemCaseSensitive(entry, "least");
    const cJSON *target = cJSON_GetObjectItemCaseSensitive(entry, "target");
    if (cJSON_IsObject(least)) least = cJSON_GetObjectItemCaseSensitive(least, gb_region_name(region));
    if (!cJSON_IsNumber(least)) return unsaid;
    gb_effect effect = {.least = least->valuedouble};
    if (target) {
        effect.better = GB_BETTER_NEAR;
        effect.target = target->valuedouble;
    } else if (!strcmp(direction, "lower")) {
        effect.better = GB_BETTER_LOWER;
    } else if (!strcmp(direction, "higher")) {
        effect.better = GB_BETTER_HIGHER;
    } else {
        return unsaid;
    }
    return effect;
}

double gb_limits_speed(const gb_limits *limits)
{
    return gb_json_number_or(cJSON_GetObjectItemCaseSensitive(limits->root, "speed"), "least", NAN);
}
