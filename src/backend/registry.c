#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/cpu/cpu.h"
#include "backend/plugin.h"
#include "backend/ref/ref.h"
#include "core/suggest.h"

/* Best first. */
static const gb_backend *const backends[] = {
    &gb_backend_cuda[0], &gb_backend_cpu, &gb_backend_ref,
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
        if (backends[i]->probe(0, &found, err) != GB_OK) continue;
        if (info) *info = found;
        *out = backends[i];
        return GB_OK;
    }
    return gb_fail(err, GB_E_DEVICE, "no backend is usable on this machine");
}

/* Whether `id` is this backend's, alone or with ":N"; *ordinal is then N or 0. */
static bool names_backend(const char *id, const gb_backend *backend, long *ordinal)
{
    const size_t length = strlen(backend->id);
    char *end = NULL;
    *ordinal = 0;
    if (strncmp(id, backend->id, length) != 0) return false;
    if (id[length] == '\0') return true;
    if (id[length] != ':' || id[length + 1] < '0' || id[length + 1] > '9') return false;
    *ordinal = strtol(id + length + 1, &end, 10);
    return *end == '\0';
}

/* Device `ordinal` of the backend's kind, when it is there. */
static gb_status take(const char *id, const gb_backend *backend, long ordinal, const gb_backend **out,
                      gb_device_info *info, gb_error *err)
{
    gb_device_info found = {0};
    const gb_backend *device = backend;
    while (device && device->ordinal != ordinal) device = device->next;
    if (!device) return gb_fail(err, GB_E_DEVICE, "device %s: there is no such %s device", id, backend->id);
    if (device->probe(device->ordinal, &found, err) != GB_OK) return gb_fail_in(err, "device %s", id);
    if (info) *info = found;
    *out = device;
    return GB_OK;
}

gb_status gb_backend_select(const char *id, const gb_backend **out, gb_device_info *info, gb_error *err)
{
    if (strcmp(id, "auto") == 0) return select_first_usable(out, info, err);
    const char *names[BACKEND_COUNT];
    for (size_t i = 0; i < BACKEND_COUNT; i++) {
        long ordinal;
        names[i] = backends[i]->id;
        if (names_backend(id, backends[i], &ordinal)) return take(id, backends[i], ordinal, out, info, err);
    }
    const char *const near = gb_suggest(id, names, BACKEND_COUNT);
    if (!near) return gb_fail(err, GB_E_NOT_FOUND, "no device \"%s\" (see `list devices`)", id);
    return gb_fail(err, GB_E_NOT_FOUND, "no device \"%s\", did you mean \"%s\"?", id, near);
}

int gb_backend_usable(const char *id, const gb_backend **out, int room)
{
    int count = 0;
    for (size_t i = 0; i < BACKEND_COUNT; i++) {
        if (strcmp(id, backends[i]->id) != 0) continue;
        for (const gb_backend *device = backends[i]; device && count < room; device = device->next) {
            gb_device_info info;
            gb_error ignored;
            if (device->probe(device->ordinal, &info, &ignored) == GB_OK) out[count++] = device;
        }
    }
    return count;
}
