#include "fuzz/targets.h"
#include "report/sheet.h"

int fuzz_baseline(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file(data, size);
    gb_sheet *sheet = NULL;
    gb_error err;
    if (path && gb_sheet_read(path, &sheet, &err) == GB_OK) gb_sheet_free(sheet);
    return 0;
}
