#include "run/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "findings/record.h"
#include "protocol/protocol.h"
#include "report/protocol_diff.h"
#include "run/keep.h"

/* One part while it is being looked at. */
typedef struct part {
    gb_job *job;
    gb_run *run;
    int number, count;
} part;

static void free_part(part *p)
{
    gb_job_free(p->job);
    gb_run_free(p->run);
    *p = (part){0};
}

static gb_status read_part(const char *folder, part *out, gb_error *err)
{
    part p = {0};
    gb_status status = GB_OK;
    char *finished = gb_path_join(folder, "run.json");
    if (!finished) return gb_fail_memory(err, folder, 4096);
    GB_GO(gb_job_read(folder, &p.job, err));
    GB_GO(gb_keep_read_shard(p.job->options.shard, &p.number, &p.count, err));
    if (!p.count) {
        status = gb_fail(err, GB_E_MISMATCH, "%s: expected a part of a run, made with --shard, found a whole "
                                             "one", folder);
        goto done;
    }
    if (!gb_file_exists(finished)) {
        status = gb_fail(err, GB_E_MISMATCH, "%s: part %d/%d is not finished: 'ganime-bench run --resume %s' goes on "
                         "with it", folder, p.number, p.count, folder);
        goto done;
    }
    GB_GO(gb_run_read(folder, &p.run, err));
    cJSON_DeleteItemFromObjectCaseSensitive(p.run->protocol, GB_PROTOCOL_SHARD);
done:
    free(finished);
    if (status == GB_OK)
        *out = p;
    else
        free_part(&p);
    return status;
}

static bool same(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

/* What makes two generators' numbers different; NULL: nothing. */
static const char *difference(const gb_run_generator *a, const gb_run_generator *b)
{
    if (!same(a->id, b->id)) return "the generators";
    if (!same(a->weights_sha256, b->weights_sha256)) return "the weights";
    if (!same(a->kind, b->kind) || !same(a->origin, b->origin) || a->composited != b->composited) return "the origin";
    if (!same(a->batchnorm, b->batchnorm)) return "the statistics";
    return a->state != b->state ? "the state" : NULL;
}

static gb_status check_generators(const char *one, const gb_run *a, const char *other, const gb_run *b, gb_error *err)
{
    const size_t most = a->generator_count > b->generator_count ? a->generator_count : b->generator_count;
    for (size_t g = 0; g < most; g++) {
        const bool both = g < a->generator_count && g < b->generator_count;
        const char *what = both ? difference(&a->generators[g], &b->generators[g]) : "the generators";
        if (what)
            return gb_fail(err, GB_E_UNLIKE, "%s and %s are parts of different runs: they differ in %s%s%s", one, other,
                           what, both ? " of " : "", both ? b->generators[g].id : "");
    }
    return GB_OK;
}

static gb_status check_alike(const char *one, const part *a, const char *other, const part *b, gb_error *err)
{
    gb_protocol_differences differences = {0};
    gb_status status = GB_OK;
    gb_buffer text;
    if (a->count != b->count)
        return gb_fail(err, GB_E_UNLIKE, "%s is part %d/%d and %s part %d/%d: parts of different runs", one, a->number,
                       a->count, other, b->number, b->count);
    GB_TRY(gb_protocol_diff(a->run->protocol, b->run->protocol, &differences, err));
    gb_buffer_init(&text, (size_t)1 << 20);
    gb_protocol_differences_print(&differences, &text);
    if (differences.count)
        status = gb_fail(err, GB_E_UNLIKE, "%s and %s are parts of different runs: they differ in %.600s", one, other,
                         text.data ? text.data : "their protocols");
    gb_buffer_free(&text);
    gb_protocol_differences_free(&differences);
    return status == GB_OK ? check_generators(one, a->run, other, b->run, err) : status;
}

static gb_status check_missing(const gb_parts *parts, gb_error *err)
{
    char missing[256] = "";
    for (int k = 0; k < parts->count; k++) {
        const size_t used = strlen(missing);
        if (parts->folder[k] || used > sizeof missing - 32) continue;
        snprintf(missing + used, sizeof missing - used, "%s%d/%d", used ? ", " : "", k + 1, parts->count);
    }
    if (!missing[0]) return GB_OK;
    return gb_fail(err, GB_E_NOT_FOUND, "expected parts 1/%d to %d/%d, missing: %s (--allow-missing merges what is "
                   "there; the missing frames' rows have failed "
                   "then)", parts->count, parts->count, parts->count, missing);
}

/* Takes the part over into `parts`, or into `first`. */
static gb_status place(const char *folder, part *p, const char *first_folder, part *first, gb_parts *parts,
                       gb_error *err)
{
    if (!first->job) {
        parts->count = p->count;
        parts->folder = gb_alloc((size_t)p->count, sizeof *parts->folder);
        if (!parts->folder) return gb_fail_memory(err, folder, (size_t)p->count);
    } else {
        GB_TRY(check_alike(first_folder, first, folder, p, err));
    }
    const char **at = &parts->folder[p->number - 1];
    if (*at)
        return gb_fail(err, GB_E_MISMATCH, "%s and %s are both part %d/%d", *at, folder, p->number, p->count);
    *at = folder;
    if (first->job) return GB_OK;
    *first = *p;
    *p = (part){0};
    return GB_OK;
}

gb_status gb_parts_read(const char *const *folders, int count, bool allow_missing, gb_parts *out, gb_error *err)
{
    gb_parts parts = {0};
    part first = {0};
    gb_status status = GB_OK;
    for (int i = 0; i < count && (status == GB_OK || status == GB_E_UNLIKE); i++) {
        part p = {0};
        gb_error own = {0};
        gb_status now = read_part(folders[i], &p, &own);
        if (now == GB_OK) now = place(folders[i], &p, folders[0], &first, &parts, &own);
        if (now != GB_OK && (status == GB_OK || now != GB_E_UNLIKE)) { /* a part that failed goes before unlike ones */
            status = now;
            if (err) *err = own;
        }
        free_part(&p);
    }
    if (status == GB_OK && !allow_missing) status = check_missing(&parts, err);
    parts.job = first.job;
    first.job = NULL;
    free_part(&first);
    if (status == GB_OK)
        *out = parts;
    else
        gb_parts_free(&parts);
    return status;
}

void gb_parts_free(gb_parts *parts)
{
    gb_job_free(parts->job);
    free(parts->folder);
    *parts = (gb_parts){0};
}

/* Moves the rows of `from` to `run`; the machine and the part become part of each row's device. */
static gb_status move_times(gb_run *from, const char *host, int number, int count, gb_run *run, gb_error *err)
{
    for (size_t i = 0; i < from->throughput_count; i++) {
        gb_run_throughput *row = gb_record_throughput(run), *old = &from->throughput[i];
        if (!row) return gb_fail_memory(err, "throughput", sizeof *row);
        char *device = gb_format("%s on %s, part %d/%d", old->device ? old->device : "", host, number, count);
        free(old->device);
        old->device = device;
        *row = *old;
        *old = (gb_run_throughput){0};
        if (!device) return gb_fail_memory(err, "throughput", 256);
    }
    for (size_t i = 0; i < from->audit_count; i++) {
        const gb_run_audit *old = &from->audit[i];
        gb_run_audit *row = gb_record_audit(run, old->generator, old->dataset);
        if (!row) return gb_fail_memory(err, "audit", sizeof *row);
        row->sampled = old->sampled;
        row->equal = old->equal;
        row->state = old->state;
        row->why = gb_strdup(old->why);
    }
    return GB_OK;
}

static cJSON *describe_part(const gb_run *from, int number, int count)
{
    static const char *const fields[] = {"host", "device_name", "engine", "precision", "threads", "commit"};
    cJSON *object = cJSON_CreateObject();
    char text[32];
    snprintf(text, sizeof text, "%d/%d", number, count);
    cJSON_AddStringToObject(object, "part", text);
    for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
        const cJSON *field = cJSON_GetObjectItemCaseSensitive(from->environment, fields[f]);
        if (field) gb_json_attach(object, fields[f], cJSON_Duplicate(field, 1));
    }
    return object;
}

/* A merged run was made on all its parts' machines: it is no single one's to compare times with. */
static void set_hosts(cJSON *environment, const cJSON *parts)
{
    char hosts[512] = "";
    const cJSON *item;
    cJSON_ArrayForEach(item, parts)
    {
        const size_t used = strlen(hosts);
        snprintf(hosts + used, sizeof hosts - used, "%s%s", used ? ", " : "", gb_json_string_or(item, "host", "?"));
    }
    if (hosts[0]) cJSON_ReplaceItemInObjectCaseSensitive(environment, "host", cJSON_CreateString(hosts));
}

gb_status gb_parts_take_times(const char *const *folder, int count, gb_run *run, gb_error *err)
{
    cJSON *parts = cJSON_AddArrayToObject(run->environment, "parts");
    if (!parts) return gb_fail_memory(err, "parts", (size_t)count);
    for (int k = 0; k < count; k++) {
        gb_run *from = NULL;
        if (!folder[k]) continue;
        GB_TRY(gb_run_read(folder[k], &from, err));
        const char *host = gb_json_string_or(from->environment, "host", "?");
        const gb_status status = move_times(from, host, k + 1, count, run, err);
        gb_json_append(parts, describe_part(from, k + 1, count));
        gb_run_free(from);
        if (status != GB_OK) return status;
    }
    set_hosts(run->environment, parts);
    return GB_OK;
}
