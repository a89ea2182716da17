#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contenders/foreign_kind.h"
#include "core/memory.h"
#include "metrics/metric.h"

struct gb_foreign_worker {
    gb_foreign *foreign;
    void *own;
    int delivered_centre;
};

static gb_status check_name(const gb_foreign_kind *kind, const char *given, size_t length, gb_error *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@+";
    if (length == 0 || given[length] != '=' || given[length + 1] == '\0')
        return gb_fail(err, GB_E_USAGE, "%s %s: expected NAME=%s", kind->option, given, kind->expected);
    if (strspn(given, allowed) < length || length > 63 || strchr("._-@+", given[0]))
        return gb_fail(err, GB_E_USAGE, "%s %s: expected a name of at most 63 letters, digits and . _ - @ +, found "
                       "'%.*s'", kind->option, given, (int)length, given);
    if ((length == 5 && !strncmp(given, "truth", 5)) || (length == 5 && !strncmp(given, "input", 5)))
        return gb_fail(err, GB_E_USAGE, "%s %s: the name '%.5s' stands for something else in reports: choose another",
                       kind->option, given, given);
    return GB_OK;
}

gb_status gb_foreign_new(const gb_foreign_kind *kind, const char *given, double timeout_s, gb_foreign **out,
                         gb_error *err)
{
    const size_t length = strcspn(given, "=");
    GB_TRY(check_name(kind, given, length, err));
    if (kind->check) GB_TRY(kind->check(given + length + 1, err));
    gb_foreign *foreign = gb_alloc(1, sizeof *foreign);
    if (!foreign) return gb_fail_memory(err, given, sizeof *foreign);
    pthread_mutex_init(&foreign->lock, NULL);
    foreign->kind = kind;
    foreign->timeout_s = timeout_s;
    foreign->delivered_centre = -1;
    foreign->id = gb_format("%.*s", (int)length, given);
    foreign->place = gb_strdup(given + length + 1);
    if (!foreign->id || !foreign->place) {
        gb_foreign_free(foreign);
        return gb_fail_memory(err, given, length);
    }
    foreign->generator = (gb_generator){
        .id = foreign->id, .title = foreign->id, .summary = kind->summary, .source = kind->summary};
    *out = foreign;
    return GB_OK;
}

void gb_foreign_free(gb_foreign *foreign)
{
    if (!foreign) return;
    gb_foreign_close(foreign);
    gb_sha256_free(foreign->sha);
    pthread_mutex_destroy(&foreign->lock);
    free(foreign->id);
    free(foreign->place);
    free(foreign);
}

void gb_foreign_set_composite(gb_foreign *foreign)
{
    foreign->composite = true;
}

const gb_generator *gb_foreign_generator(const gb_foreign *foreign)
{
    return &foreign->generator;
}

const char *gb_foreign_kind_id(const gb_foreign *foreign)
{
    return foreign->kind->id;
}

const char *gb_foreign_place(const gb_foreign *foreign)
{
    return foreign->place;
}

bool gb_foreign_is_timed(const gb_foreign *foreign)
{
    return foreign->kind->timed;
}

bool gb_foreign_composites(const gb_foreign *foreign)
{
    return foreign->composite;
}

gb_status gb_foreign_open(gb_foreign *foreign, const gb_foreign_env *env, gb_error *err)
{
    gb_foreign_close(foreign);
    foreign->env = *env;
    return foreign->kind->open ? foreign->kind->open(foreign, err) : GB_OK;
}

void gb_foreign_close(gb_foreign *foreign)
{
    if (foreign->opened) foreign->kind->close(foreign->opened);
    foreign->opened = NULL;
    foreign->env = (gb_foreign_env){0};
}

gb_status gb_foreign_stamp(gb_foreign *foreign, int first, int count, char hex[GB_SHA256_HEX], gb_error *err)
{
    gb_sha256 *sha = NULL;
    hex[0] = '\0';
    if (!foreign->kind->stamp) return GB_OK;
    GB_TRY(gb_sha256_new(&sha, err));
    const gb_status status = foreign->kind->stamp(foreign, first, count, sha, err);
    if (status == GB_OK)
        gb_sha256_finish(sha, hex);
    else
        gb_sha256_free(sha);
    return status;
}

gb_status gb_foreign_worker_open(gb_foreign *foreign, gb_foreign_worker **out, gb_error *err)
{
    gb_foreign_worker *worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, foreign->id, sizeof *worker);
    worker->foreign = foreign;
    const gb_status status =
        foreign->kind->worker_open ? foreign->kind->worker_open(foreign, &worker->own, err) : GB_OK;
    if (status == GB_OK)
        *out = worker;
    else
        free(worker);
    return status;
}

void gb_foreign_worker_close(gb_foreign_worker *worker)
{
    if (!worker) return;
    if (worker->own) worker->foreign->kind->worker_close(worker->foreign, worker->own);
    free(worker);
}

/* The input's columns between the strips over the output's. */
static void copy_centre(gb_geometry g, const gb_image *input, gb_image *output)
{
    const size_t pitch = (size_t)g.width * 3, strip = (size_t)g.side * 3;
    for (size_t y = 0; y < (size_t)g.height; y++)
        memcpy(output->rgb + y * pitch + strip, input->rgb + y * pitch + strip, pitch - 2 * strip);
}

gb_status gb_foreign_generate(gb_foreign_worker *worker, int pick, const gb_image *input, gb_image *output,
                              gb_error *err)
{
    gb_foreign *foreign = worker->foreign;
    const gb_geometry g = foreign->env.geometry;
    GB_TRY(foreign->kind->frame(foreign, worker->own, pick, input, output, err));
    worker->delivered_centre = gb_centre_maxabs(g, input, output);
    if (foreign->composite) {
        copy_centre(g, input, output);
    } else if (worker->delivered_centre > 0) {
        char name[GB_FRAME_NAME];
        gb_frame_name(foreign->env.dataset, foreign->env.picks->pick[pick].frame, name);
        return gb_fail(err, GB_E_MISMATCH, "%s: expected the input's centre untouched, found it changed by up to %d of "
                       "255 levels (after JPEG or video, --composite %s puts the input's centre back)", name,
                       worker->delivered_centre, foreign->id);
    }
    return GB_OK;
}

int gb_foreign_delivered_centre(const gb_foreign_worker *worker)
{
    return worker->delivered_centre;
}

void gb_foreign_note(gb_foreign *foreign, int pick, const char scored[GB_SHA256_HEX], int delivered_centre)
{
    char name[GB_FRAME_NAME];
    gb_error err;
    if (delivered_centre > foreign->delivered_centre) foreign->delivered_centre = delivered_centre;
    if (!foreign->sha && gb_sha256_new(&foreign->sha, &err) != GB_OK) {
        gb_foreign_complain(foreign, err.text);
        return;
    }
    gb_frame_name(foreign->env.dataset, foreign->env.picks->pick[pick].frame, name);
    gb_sha256_update(foreign->sha, name, strlen(name));
    gb_sha256_update(foreign->sha, " ", 1);
    gb_sha256_update(foreign->sha, scored, GB_SHA256_HEX - 1);
    gb_sha256_update(foreign->sha, "\n", 1);
}

bool gb_foreign_record(gb_foreign *foreign, char sha256[GB_SHA256_HEX], int *delivered_centre)
{
    *delivered_centre = foreign->delivered_centre;
    if (!foreign->sha) return false;
    gb_sha256_finish(foreign->sha, sha256);
    foreign->sha = NULL;
    return true;
}

void gb_foreign_complain(gb_foreign *foreign, const char *text)
{
    pthread_mutex_lock(&foreign->lock);
    if (!foreign->complaint[0]) snprintf(foreign->complaint, sizeof foreign->complaint, "%.500s", text);
    pthread_mutex_unlock(&foreign->lock);
}

const char *gb_foreign_complaint(const gb_foreign *foreign)
{
    return foreign->complaint[0] ? foreign->complaint : NULL;
}
