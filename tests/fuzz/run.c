/* run.json. */
#include "core/json.h"
#include "fuzz/targets.h"
#include "report/run.h"

int fuzz_run(const uint8_t *data, size_t size)
{
    gb_run *run = NULL;
    cJSON *root = NULL;
    gb_error err;
    if (gb_json_parse((const char *)data, size, "fuzz", &root, &err) != GB_OK) return 0;
    if (gb_run_parse("fuzz", root, &run, &err) == GB_OK) gb_run_free(run);
    cJSON_Delete(root);
    return 0;
}
