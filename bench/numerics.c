#include "numerics.h"

#include <gnu/libc-version.h>
#include <stdlib.h>

#include "core/memory.h"
#include "version.h"

const char *gb_numerics_code(void)
{
    return GB_NUMERICS;
}

char *gb_numerics_engine(const gb_backend *backend, const gb_device_info *device, const char *precision)
{
    const char *isa = getenv("ONEDNN_MAX_CPU_ISA");
    cJSON *libraries = gb_version_libraries();
    char *text = libraries ? cJSON_PrintUnformatted(libraries) : NULL;
    char *engine = text ? gb_format("%s\n%s\n%s\n%s\n%s\n%s\nglibc %s\n%s", backend->id, device->name, device->library,
                                    device->precision, precision, isa ? isa : "", gnu_get_libc_version(), text)
                        : NULL;
    cJSON_free(text);
    cJSON_Delete(libraries);
    return engine;
}
