#include <string.h>

#include "backend/backend.h"
#include "backend/cpu/cpu.h"
#include "backend/plugin.h"
#include "backend/ref/ref.h"
#include "core/suggest.h"

/* Best first. */
static const gb_backend *const backends[] = {
    &gb_backend_cuda, &gb_backend_cpu, &gb_backend_ref,
};
#define BACKEND_COUNT (sizeof backends / sizeof backends[0])

const gb_backend *const *gb_backends(size_t *count)
{
    *count = BACKEND_COUNT;
    return backends;
}

static gb_status select_first_usable(const gb_backend **out, gb_device_info *info, gb_error *err)
{
    for (size_t i = 0; i < BACKEND_COUNT; i++) {
        gb_device_info found = {0};
        if (backends[i]->probe(&found, err) != GB_OK) continue;
        if (info) *info = found;
        *out = backends[i];
        return GB_OK;
    }
    return gb_fail(err, GB_E_DEVICE, "no backend is usable on this machine");
}

gb_status gb_backend_select(const char *id, const gb_backend **out, gb_device_info *info, gb_error *err)
{
    if (strcmp(id, "auto") == 0) return select_first_usable(out, info, err);
    const char *names[BACKEND_COUNT];
    for (size_t i = 0; i < BACKEND_COUNT; i++) {
        names[i] = backends[i]->id;
        if (strcmp(id, names[i]) != 0) continue;
        gb_device_info found = {0};
        if (backends[i]->probe(&found, err) != GB_OK) return gb_fail_in(err, "device %s", id);
        if (info) *info = found;
        *out = backends[i];
        return GB_OK;
    }
    const char *const near = gb_suggest(id, names, BACKEND_COUNT);
    if (!near) return gb_fail(err, GB_E_NOT_FOUND, "no device \"%s\" (see `list devices`)", id);
    return gb_fail(err, GB_E_NOT_FOUND, "no device \"%s\", did you mean \"%s\"?", id, near);
}
