#include "cli/print_json.h"

gb_status gb_print_json(FILE *out, cJSON *value, gb_error *err)
{
    char *text = value ? cJSON_Print(value) : NULL;
    if (text) fprintf(out, "%s\n", text);
    cJSON_Delete(value);
    cJSON_free(text);
    return text ? GB_OK : gb_fail_memory(err, "JSON", 0);
}
