#include "backend/plugin.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"

/* The shared object, held open; opening it again only counts. It stays in memory when it is closed: CUDA's libraries
 * are not made to be taken out. */
typedef struct plugin {
    void *handle;
    const gb_backend *backend;
} plugin;

typedef struct plugin_plan {
    plugin plugin;
    void *impl;
} plugin_plan;

typedef struct plugin_session {
    const gb_backend *backend;
    void *impl;
} plugin_session;

/* The first of the places where the file is; false when it is in none. */
static bool find_plugin(char *path, size_t size)
{
    char folder[PATH_MAX];
    const char *const chosen = getenv("GANIME_PLUGINS");
    if (chosen && *chosen) {
        snprintf(path, size, "%s/" GB_PLUGIN_FILE, chosen);
        return access(path, R_OK) == 0;
    }
    if (!gb_program_folder(folder, sizeof folder)) return false;
    static const char *const place[] = {"", "/../lib/ganime-bench", "/../ganime-bench", "/../.."};
    for (size_t i = 0; i < sizeof place / sizeof place[0]; i++) {
        const int length = snprintf(path, size, "%s%s/" GB_PLUGIN_FILE, folder, place[i]);
        if (length > 0 && (size_t)length < size && access(path, R_OK) == 0) return true;
    }
    return false;
}

static gb_status plugin_open(plugin *out, gb_error *err)
{
    char path[2 * PATH_MAX];
    if (!find_plugin(path, sizeof path))
        return gb_fail(err, GB_E_DEVICE,
                       GB_PLUGIN_FILE " is not here: it is made by `make cuda`, where the CUDA toolkit is");
    void *const handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) return gb_fail(err, GB_E_DEVICE, "%s cannot be loaded: %s", path, dlerror());
    gb_plugin_entry *entry = NULL;
    void *const symbol = dlsym(handle, GB_PLUGIN_ENTRY);
    memcpy(&entry, &symbol, sizeof entry);
    const gb_backend *const backend = entry ? entry(GB_PLUGIN_ABI, sizeof(gb_node)) : NULL;
    if (!backend) {
        dlclose(handle);
        return gb_fail(err, GB_E_DEVICE, "%s is of another version than this program", path);
    }
    *out = (plugin){handle, backend};
    return GB_OK;
}

static gb_status probe(int ordinal, gb_device_info *info, gb_error *err)
{
    plugin p;
    GB_TRY(plugin_open(&p, err));
    const gb_status status = p.backend->probe(ordinal, info, err);
    dlclose(p.handle);
    return status;
}

static gb_status accepts(int ordinal, gb_precision precision, gb_error *err)
{
    plugin p;
    GB_TRY(plugin_open(&p, err));
    const gb_status status = p.backend->accepts(ordinal, precision, err);
    dlclose(p.handle);
    return status;
}

static gb_status roof(int ordinal, gb_precision precision, gb_device_roof *out, gb_error *err)
{
    plugin p;
    GB_TRY(plugin_open(&p, err));
    const gb_status status = p.backend->roof(ordinal, precision, out, err);
    dlclose(p.handle);
    return status;
}

static void plan_free(void *plan)
{
    plugin_plan *const p = plan;
    if (!p) return;
    if (p->impl) p->plugin.backend->plan_free(p->impl);
    if (p->plugin.handle) dlclose(p->plugin.handle);
    free(p);
}

static gb_status plan_new(const gb_graph *graph, const gb_plan_options *options, void **out, gb_error *err)
{
    gb_status status;
    plugin_plan *p = gb_alloc(1, sizeof *p);
    if (!p) return gb_fail_memory(err, "a plan", sizeof *p);
    GB_GO(plugin_open(&p->plugin, err));
    GB_GO(p->plugin.backend->plan_new(graph, options, &p->impl, err));
    *out = p;
    p = NULL;
done:
    plan_free(p);
    return status;
}

static void session_free(void *session)
{
    plugin_session *const s = session;
    if (!s) return;
    if (s->impl) s->backend->session_free(s->impl);
    free(s);
}

static gb_status session_new(void *plan, void **out, gb_error *err)
{
    const plugin_plan *const p = plan;
    plugin_session *const s = gb_alloc(1, sizeof *s);
    if (!s) return gb_fail_memory(err, "a session", sizeof *s);
    s->backend = p->plugin.backend;
    const gb_status status = s->backend->session_new(p->impl, &s->impl, err);
    if (status == GB_OK)
        *out = s;
    else
        session_free(s);
    return status;
}

static float *slot_input(void *session, int slot, size_t index)
{
    const plugin_session *const s = session;
    return s->backend->slot_input(s->impl, slot, index);
}

static const float *slot_output(void *session, int slot, size_t index)
{
    const plugin_session *const s = session;
    return s->backend->slot_output(s->impl, slot, index);
}

static gb_status slot_submit(void *session, int slot, gb_error *err)
{
    const plugin_session *const s = session;
    return s->backend->slot_submit(s->impl, slot, err);
}

static gb_status slot_collect(void *session, int slot, gb_error *err)
{
    const plugin_session *const s = session;
    return s->backend->slot_collect(s->impl, slot, err);
}

/* The shared object stays in memory, so its own table does, too. */
static gb_status scoring(int ordinal, const gb_scoring **out, gb_error *err)
{
    plugin p;
    GB_TRY(plugin_open(&p, err));
    const gb_status status = p.backend->scoring(ordinal, out, err);
    dlclose(p.handle);
    return status;
}

static gb_status session_feed(void *session, const gb_frame_feed *feed, gb_error *err)
{
    const plugin_session *const s = session;
    return s->backend->session_feed(s->impl, feed, err);
}

static gb_status slot_submit_frames(void *session, int slot, const gb_frame_run *run, gb_error *err)
{
    const plugin_session *const s = session;
    return s->backend->slot_submit_frames(s->impl, slot, run, err);
}

static gb_status slot_collect_frames(void *session, int slot, bool *finite, gb_error *err)
{
    const plugin_session *const s = session;
    return s->backend->slot_collect_frames(s->impl, slot, finite, err);
}

static gb_place slot_place(void *session, int slot, size_t index)
{
    const plugin_session *const s = session;
    return s->backend->slot_place(s->impl, slot, index);
}

#define DEVICE(number, after)                                                                                       \
    [number] = {.id = "cuda",                                                                                        \
                .summary = "an NVIDIA card, by cuDNN and own kernels",                                               \
                .ordinal = (number),                                                                                 \
                .next = (after),                                                                                     \
                .probe = probe,                                                                                      \
                .accepts = accepts,                                                                                  \
                .plan_new = plan_new,                                                                                \
                .plan_free = plan_free,                                                                              \
                .session_new = session_new,                                                                          \
                .session_free = session_free,                                                                        \
                .slots = GB_PLUGIN_SLOTS,                                                                            \
                .slot_input = slot_input,                                                                            \
                .slot_output = slot_output,                                                                          \
                .slot_submit = slot_submit,                                                                          \
                .slot_collect = slot_collect,                                                                        \
                .roof = roof,                                                                                        \
                .scoring = scoring,                                                                                  \
                .session_feed = session_feed,                                                                        \
                .slot_submit_frames = slot_submit_frames,                                                            \
                .slot_collect_frames = slot_collect_frames,                                                          \
                .slot_place = slot_place,                                                                            \
                .frames = GB_PLUGIN_FRAMES}
#define DEVICE_BEFORE_ANOTHER(number) DEVICE(number, &gb_backend_cuda[(number) + 1])

const gb_backend gb_backend_cuda[GB_PLUGIN_DEVICES] = {
    DEVICE_BEFORE_ANOTHER(0),  DEVICE_BEFORE_ANOTHER(1),  DEVICE_BEFORE_ANOTHER(2),  DEVICE_BEFORE_ANOTHER(3),
    DEVICE_BEFORE_ANOTHER(4),  DEVICE_BEFORE_ANOTHER(5),  DEVICE_BEFORE_ANOTHER(6),  DEVICE_BEFORE_ANOTHER(7),
    DEVICE_BEFORE_ANOTHER(8),  DEVICE_BEFORE_ANOTHER(9),  DEVICE_BEFORE_ANOTHER(10), DEVICE_BEFORE_ANOTHER(11),
    DEVICE_BEFORE_ANOTHER(12), DEVICE_BEFORE_ANOTHER(13), DEVICE_BEFORE_ANOTHER(14), DEVICE(15, NULL),
};
