/* A line of frames.jsonl. */
#include "fuzz/targets.h"
#include "report/row_line.h"

int fuzz_rows(const uint8_t *data, size_t size)
{
    gb_row row;
    cJSON *holder = NULL;
    gb_error err;
    if (gb_row_line_parse((const char *)data, size, "fuzz", &row, &holder, &err) == GB_OK) cJSON_Delete(holder);
    return 0;
}
