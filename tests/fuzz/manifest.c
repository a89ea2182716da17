#include "datasets/manifest.h"
#include "fuzz/targets.h"

int fuzz_manifest(const uint8_t *data, size_t size)
{
    gb_manifest manifest;
    gb_error err;
    if (gb_manifest_parse((const char *)data, size, "fuzz", &manifest, &err) == GB_OK) gb_manifest_free(&manifest);
    return 0;
}
