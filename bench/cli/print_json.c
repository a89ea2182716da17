#include "cli/print_json.h"

#include "core/json.h"
#include "core/utf8.h"

gb_status gb_print_json(FILE *out, cJSON *value, gb_error *err)
{
    char *text = NULL;
    const gb_status status = gb_json_text(value, true, "JSON", &text, err);
    if (status == GB_OK) {
        gb_utf8_mend(text);
        fprintf(out, "%s\n", text);
    }
    cJSON_Delete(value);
    cJSON_free(text);
    return status;
}
