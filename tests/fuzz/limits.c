#include "fuzz/targets.h"
#include "report/limits.h"

int fuzz_limits(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file(data, size);
    gb_limits *limits = NULL;
    gb_error err;
    if (path && gb_limits_read(path, NULL, 0, &limits, &err) == GB_OK) gb_limits_free(limits);
    return 0;
}
