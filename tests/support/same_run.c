#include "support/same_run.h"

#include <stdio.h>

#include "core/json.h"
#include "support/support.h"

void assert_same_run(const char *a, const char *b)
{
    gb_error err = {0};
    char output[4096];
    const char *const set_aside[] = {"created", "command", "environment"};
    const int code = test_command(output, sizeof output, "for f in frames.jsonl summary.csv; do cmp $DIR/%s/$f "
                                  "$DIR/%s/$f || exit 1; done; (cd $DIR/%s/panels && sha256sum *) | (cd $DIR/%s/panels "
                                  "&& sha256sum -c --quiet)", a, b, a, b);
    if (code != 0) fail_msg("%s and %s: %s", a, b, output);
    cJSON *run[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s/run.json", i ? b : a);
        assert_ok(gb_json_read(test_scratch(name), 1 << 26, &run[i], &err), &err);
        for (size_t k = 0; k < sizeof set_aside / sizeof *set_aside; k++)
            cJSON_DeleteItemFromObject(run[i], set_aside[k]);
    }
    char *one = cJSON_Print(run[0]), *other = cJSON_Print(run[1]);
    assert_string_equal(one, other);
    cJSON_free(one);
    cJSON_free(other);
    cJSON_Delete(run[0]);
    cJSON_Delete(run[1]);
}
