/* The schema documents in results/schema describe what is really written, and refuse what is not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "report/run_fields.h"
#include "support/sample_run.h"
#include "support/schema.h"
#include "support/support.h"

#define MAX_TEXT ((size_t)64 << 20)

static cJSON *read_json(const char *path)
{
    gb_error err = {0};
    cJSON *value = NULL;
    assert_ok(gb_json_read(path, MAX_TEXT, &value, &err), &err);
    return value;
}

static cJSON *parse(const char *text)
{
    gb_error err = {0};
    cJSON *value = NULL;
    assert_ok(gb_json_parse(text, strlen(text), "test", &value, &err), &err);
    return value;
}

static void make_run(const char *directory)
{
    gb_error err = {0};
    gb_run *run = NULL;
    assert_ok(sample_run_make(directory, (sample_size){.shots = 3, .frames = 4, .panels = 2}, &run, &err), &err);
    assert_ok(gb_report_find("json")->write(run, &err), &err);
    gb_run_free(run);
}

static void run_json_fits(void **state)
{
    (void)state;
    gb_error err = {0};
    make_run(test_scratch("run"));
    cJSON *schema = read_json("results/schema/run.schema.json"), *run = read_json(test_scratch("run/run.json"));
    assert_ok(schema_check(schema, run, &err), &err);
    /* Each of these must be noticed. */
    static const char *const worse[][3] = {{"summary", "mean", "\"0.5\""}, {"summary", "region", "\"left\""},
                                           {"datasets", "frames", "-1"},   {"generators", "parameters", "null"},
                                           {"metrics", "direction", "1"},  {"throughput", "samples_ms", "[\"1\"]"},
                                           {"panels", "pictures", "[{}]"}, {"summary", "state", "\"failed\""}};
    for (size_t i = 0; i < sizeof worse / sizeof *worse; i++) {
        cJSON *copy = cJSON_Duplicate(run, 1);
        cJSON *record = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(copy, worse[i][0]), 0);
        assert_true(cJSON_ReplaceItemInObjectCaseSensitive(record, worse[i][1], parse(worse[i][2])));
        assert_int_equal(schema_check(schema, copy, &err), GB_E_FORMAT);
        cJSON_Delete(copy);
    }
    cJSON_DeleteItemFromObjectCaseSensitive(run, "fingerprint");
    assert_fails(schema_check(schema, run, &err), GB_E_FORMAT, &err, "$.fingerprint: expected a member");
    cJSON_Delete(run);
    cJSON_Delete(schema);
}

/* The program's own tables and the schema name the same members. */
static void every_member_is_in_the_schema(void **state)
{
    (void)state;
    cJSON *schema = read_json("results/schema/run.schema.json");
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
    const cJSON *defs = cJSON_GetObjectItemCaseSensitive(schema, "$defs");
    for (int r = 0; r < GB_RECORD_COUNT; r++) {
        const gb_record *record = &gb_run_records[r];
        const cJSON *list = cJSON_GetObjectItemCaseSensitive(properties, record->key);
        const cJSON *reference =
            cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(list, "items"), "$ref");
        assert_non_null(reference);
        const cJSON *def = cJSON_GetObjectItemCaseSensitive(defs, strrchr(reference->valuestring, '/') + 1);
        const cJSON *members = cJSON_GetObjectItemCaseSensitive(def, "properties");
        const size_t lists = !strcmp(record->key, "throughput") ? 5 : !strcmp(record->key, "panels") ? 1 : 0;
        assert_int_equal(cJSON_GetArraySize(members), record->field_count + lists);
        for (size_t f = 0; f < record->field_count; f++)
            if (!cJSON_GetObjectItemCaseSensitive(members, record->fields[f].key))
                fail_msg("%s.%s is not in the schema", record->key, record->fields[f].key);
    }
    cJSON_Delete(schema);
}

static void rows_fit(void **state)
{
    (void)state;
    gb_error err = {0};
    char *text = NULL;
    size_t size = 0, lines = 0;
    make_run(test_scratch("run"));
    cJSON *schema = read_json("results/schema/row.schema.json");
    assert_ok(gb_file_read(test_scratch("run/frames.jsonl"), MAX_TEXT, &text, &size, &err), &err);
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1, lines++) {
        *end = '\0';
        cJSON *row = parse(line);
        assert_ok(schema_check(schema, row, &err), &err);
        cJSON_Delete(row);
    }
    assert_true(lines > 500);
    static const char start[] = "{\"generator\":\"g\",\"dataset\":\"d\",\"clip\":\"c\",\"shot\":0,\"frame\":0,"
                                "\"metric\":\"m\",\"region\":\"full\",";
    static const char *const worse[] = {"\"value\":null,\"state\":\"ok\"}", "\"value\":1,\"state\":\"failed\"}",
                                        "\"value\":1,\"state\":\"fine\"}", "\"value\":1,\"state\":\"ok\",\"x\":1}",
                                        "\"state\":\"ok\"}"};
    for (size_t i = 0; i < sizeof worse / sizeof *worse; i++) {
        char row[512];
        snprintf(row, sizeof row, "%s%s", start, worse[i]);
        cJSON *value = parse(row);
        assert_int_equal(schema_check(schema, value, &err), GB_E_FORMAT);
        cJSON_Delete(value);
    }
    free(text);
    cJSON_Delete(schema);
}

static void scores_fit(void **state)
{
    (void)state;
    gb_error err = {0};
    make_run(test_scratch("run"));
    static const char *const tests[] = {"000002-0", "000002-4"}; /* the truth itself, a generator's */
    cJSON *schema = read_json("results/schema/score.schema.json");
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        char output[16384];
        const char *folder = test_scratch("run/panels");
        assert_int_equal(test_command(output, sizeof output,
                                      "$BENCH score '%s/toon-000002-0.png' '%s/toon-%s.png' --json --metric "
                                      "psnr_rgb,ssim_gauss11_rgb",
                                      folder, folder, tests[i]),
                         0);
        cJSON *score = parse(output);
        assert_ok(schema_check(schema, score, &err), &err);
        cJSON_AddNumberToObject(cJSON_GetObjectItemCaseSensitive(score, "mean"), "psnr_rgb", 1.0);
        assert_int_equal(schema_check(schema, score, &err), GB_E_FORMAT);
        cJSON_Delete(score);
    }
    cJSON_Delete(schema);
}

static void limits_and_baselines_fit(void **state)
{
    (void)state;
    gb_error err = {0};
    char output[4096];
    cJSON *schema = read_json("results/schema/limits.schema.json"), *value = read_json("src/report/limits.json");
    assert_ok(schema_check(schema, value, &err), &err);
    cJSON_AddNumberToObject(cJSON_GetObjectItemCaseSensitive(value, "speed"), "most", 1.0);
    assert_int_equal(schema_check(schema, value, &err), GB_E_FORMAT);
    cJSON_Delete(value);
    cJSON_Delete(schema);
    const int code = test_command(output, sizeof output,
                                  "$BENCH gate --rebaseline --why 'a test' --baseline '%s' --dataset toon --limit 4 "
                                  "--generator mirror --metric psnr_rgb --no-timing --no-panels --quiet --out '%s'",
                                  test_scratch("baseline.json"), test_scratch("gate"));
    if (code != 0) fail_msg("%d: %.2000s", code, output);
    schema = read_json("results/schema/baseline.schema.json");
    value = read_json(test_scratch("baseline.json"));
    assert_ok(schema_check(schema, value, &err), &err);
    cJSON *row = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(value, "sums"), 0);
    cJSON_AddItemToArray(cJSON_GetArrayItem(row, 0), cJSON_CreateNumber(1.0));
    assert_fails(schema_check(schema, value, &err), GB_E_FORMAT, &err, "$.sums[0][0]: expected a shorter list");
    cJSON_DeleteItemFromArray(cJSON_GetArrayItem(row, 0), 6);
    cJSON_ReplaceItemInArray(cJSON_GetArrayItem(row, 0), 4, cJSON_CreateNull());
    assert_fails(schema_check(schema, value, &err), GB_E_FORMAT, &err, "$.sums[0][0][4]: expected number");
    cJSON_Delete(value);
    cJSON_Delete(schema);
}

/* Another tool's opinion, where it is there. */
static void another_validator_agrees(void **state)
{
    (void)state;
    char output[4096];
    if (test_command(NULL, 0, "python3 -c 'import jsonschema'") != 0)
        skip_because("no python3-jsonschema: the schemas are checked by this test's own validator alone");
    make_run(test_scratch("run"));
    const int code = test_command(
        output, sizeof output,
        "python3 -c \"import json, jsonschema\n"
        "read = lambda name: json.load(open('results/schema/' + name + '.schema.json'))\n"
        "jsonschema.Draft202012Validator.check_schema(read('score'))\n"
        "jsonschema.Draft202012Validator(read('run')).validate(json.load(open('%s/run.json')))\n"
        "for line in open('%s/frames.jsonl'): jsonschema.Draft202012Validator(read('row')).validate(json.loads(line))\n"
        "\"",
        test_scratch("run"), test_scratch("run"));
    if (code != 0) fail_msg("%.2000s", output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_json_fits), cmocka_unit_test(every_member_is_in_the_schema),
        cmocka_unit_test(rows_fit),      cmocka_unit_test(scores_fit),
        cmocka_unit_test(limits_and_baselines_fit),
        cmocka_unit_test(another_validator_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
