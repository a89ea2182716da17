/* Manifests: what the registry says of them is what they say, and what is wrong in one is refused by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/dataset.h"
#include "datasets/manifest.h"
#include "support/support.h"

static void registry_and_manifests_agree(void **state)
{
    (void)state;
    gb_error err = {0};
    size_t count = 0;
    int fetched = 0;
    const gb_dataset *const *all = gb_datasets(&count);
    for (size_t i = 0; i < count; i++) {
        const gb_dataset *dataset = all[i];
        assert_ptr_equal(gb_dataset_find(dataset->id), dataset);
        assert_int_equal(dataset->drawn, dataset->manifest == NULL);
        if (dataset->drawn) continue;
        gb_manifest manifest = {0};
        assert_ok(gb_manifest_parse(dataset->manifest, strlen(dataset->manifest), dataset->id, &manifest, &err), &err);
        assert_string_equal(manifest.id, dataset->id);
        assert_string_equal(manifest.title, dataset->title);
        assert_string_equal(manifest.summary, dataset->summary);
        assert_string_equal(manifest.domain, dataset->domain);
        assert_string_equal(manifest.licence, dataset->licence);
        for (int k = 0; k < manifest.count; k++)
            for (int m = 0; m < k; m++) assert_string_not_equal(manifest.files[k].sha256, manifest.files[m].sha256);
        gb_manifest_free(&manifest);
        assert_int_equal(gb_dataset_get_state(dataset), GB_DATASET_NOT_FETCHED);
        fetched++;
    }
    assert_int_equal(fetched, 5);
    assert_null(gb_dataset_find("nonesuch"));
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    static const char form[] = "{\"format\":\"%s\",\"id\":\"own\",\"title\":\"T\",\"domain\":%s,\"summary\":\"S\","
                               "\"licence\":\"CC0\",\"files\":[]}";
    static const struct {
        const char *format, *domain, *part;
        gb_status status;
    } wrong[] = {
        {"ganime-manifest/2", "\"in\"", "expected format ganime-manifest/1, found", GB_E_UNSUPPORTED},
        {"ganime-manifest/1", "\"inside\"", "expected domain in, out or own, found \"inside\"", GB_E_FORMAT},
        {"ganime-manifest/1", "\"\"", "expected domain in, out or own, found \"\"", GB_E_FORMAT},
        {"ganime-manifest/1", "3", "\"domain\"", GB_E_FORMAT},
        {"ganime-manifest/1", "\"own\"", "\"files\", found 0", GB_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        gb_error err = {0};
        gb_manifest manifest = {0};
        char text[512];
        snprintf(text, sizeof text, form, wrong[i].format, wrong[i].domain);
        assert_fails(gb_manifest_parse(text, strlen(text), "m.json", &manifest, &err), wrong[i].status, &err,
                     wrong[i].part);
    }
}

int main(void)
{
    setenv("GANIME_CACHE", test_scratch("cache"), 1); /* empty: nothing is fetched */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registry_and_manifests_agree),
        cmocka_unit_test(what_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
