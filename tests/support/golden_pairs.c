#include "support/golden_pairs.h"

#include <math.h>
#include <stdio.h>

#include "core/json.h"
#include "support/support.h"

bool golden_read_image(const char *name, gb_image *out)
{
    char relative[256];
    snprintf(relative, sizeof relative, "golden/%s", name);
    const char *const path = test_shared(relative);
    gb_error err;
    if (path) assert_ok(gb_image_read(path, out, &err), &err);
    return path != NULL;
}

static void visit_pair(const cJSON *record, void (*visit)(const golden_pair *pair, void *user), void *user)
{
    golden_pair pair = {.record = record,
                        .ref_name = gb_json_string_or(record, "ref", ""),
                        .test_name = gb_json_string_or(record, "img", "")};
    assert_true(golden_read_image(pair.ref_name, &pair.ref) && golden_read_image(pair.test_name, &pair.test));
    pair.geometry = (gb_geometry){.width = pair.ref.width, .height = pair.ref.height};
    visit(&pair, user);
    gb_image_free(&pair.ref);
    gb_image_free(&pair.test);
}

void golden_for_each_pair(void (*visit)(const golden_pair *pair, void *user), void *user)
{
    const char *const path = test_shared("golden/lpips.json");
    if (!path) skip_because("no golden/lpips.json among the shared facts");
    gb_error err;
    cJSON *file = NULL;
    assert_ok(gb_json_read(path, 1 << 20, &file, &err), &err);
    const cJSON *record;
    int count = 0;
    cJSON_ArrayForEach(record, cJSON_GetObjectItem(file, "pairs"))
    {
        visit_pair(record, visit, user);
        count++;
    }
    assert_true(count > 0);
    cJSON_Delete(file);
}

double golden_number(const golden_pair *pair, const char *key)
{
    return gb_json_number_or(pair->record, key, NAN);
}

gb_scores golden_measure(const gb_metric *metric, const void *state, const gb_metric_env *env, const gb_image *ref,
                         const gb_image *test)
{
    gb_error err;
    gb_scores scores;
    void *worker = NULL;
    assert_ok(metric->worker_open(state, env, &worker, &err), &err);
    assert_ok(metric->reference(worker, ref, &err), &err);
    assert_ok(metric->compare(worker, test, &scores, &err), &err);
    metric->worker_close(worker);
    return scores;
}
