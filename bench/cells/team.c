#include "cells/team.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"

#define BEAT_MS 1000
#define POLL_MS 100
#define LAPSE_S 90 /* network file systems show a file's new time only after up to a minute */

/* What this process last saw of another one. */
typedef struct sight {
    struct timespec beat;
    uint64_t changed_ns; /* by this process's own clock: machines need not agree on the time */
} sight;

struct gb_team {
    gb_rank rank;
    char *folder;
    sight *seen;     /* [rank] */
    uint64_t lapse_ns;
    pthread_t heart;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool beating, leaving, ended;
};

static char *folder_of(const char *run, const gb_rank *rank)
{
    return gb_format("%s/cells/team-%s", run, rank->job);
}

static char *path_in(const char *folder, const char *name, const char *kind)
{
    return folder ? gb_format("%s/%s.%s", folder, name, kind) : NULL;
}

static bool make_file(const char *path, const char *number)
{
    const int fd = path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
    if (fd < 0) return false;
    const bool whole = write(fd, number, strlen(number)) == (ssize_t)strlen(number);
    if (close(fd) == 0 && whole) return true;
    unlink(path);
    return false;
}

/* A mark is a symbolic link to the rank's number, which leads nowhere: it is there with its number in one step, or not
 * at all, so that no mark is ever without one. False when it was there already. */
static bool make_mark(const gb_team *team, const char *name, const char *kind)
{
    char *path = path_in(team->folder, name, kind), number[16];
    snprintf(number, sizeof number, "%d", team->rank.rank);
    bool made = path && symlink(number, path) == 0;
    if (path && !made && (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS)) /* no such links there */
        made = make_file(path, number);
    free(path);
    return made;
}

/* Whose mark it is; -1: nobody's. */
static int owner_of(const gb_team *team, const char *name, const char *kind)
{
    gb_error ignored;
    char *path = path_in(team->folder, name, kind), *text = NULL, link[16] = "";
    size_t size = 0;
    const bool is_link = path && readlink(path, link, sizeof link - 1) > 0;
    if (path && !is_link && gb_file_read(path, 64, &text, &size, &ignored) != GB_OK) size = 0;
    const char *const number = is_link ? link : size ? text : "-1";
    const int owner = (int)strtol(number, NULL, 10);
    free(text);
    free(path);
    return owner;
}

static bool has_mark(const char *folder, const char *name, const char *kind)
{
    struct stat about;
    char *path = path_in(folder, name, kind);
    const bool there = path && lstat(path, &about) == 0;
    free(path);
    return there;
}

static void remove_mark(const gb_team *team, const char *name, const char *kind)
{
    char *path = path_in(team->folder, name, kind);
    if (path) unlink(path);
    free(path);
}

static void rank_name(int rank, char name[32])
{
    snprintf(name, 32, "rank-%d", rank);
}

static void *beat(void *argument)
{
    gb_team *team = argument;
    char name[32];
    rank_name(team->rank.rank, name);
    char *path = path_in(team->folder, name, "alive");
    pthread_mutex_lock(&team->lock);
    while (!team->leaving) {
        struct timespec until;
        if (path) utimensat(AT_FDCWD, path, NULL, 0);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += BEAT_MS / 1000;
        pthread_cond_timedwait(&team->woken, &team->lock, &until);
    }
    pthread_mutex_unlock(&team->lock);
    free(path);
    return NULL;
}

static uint64_t lapse(void)
{
    const char *text = getenv("GANIME_RANK_TIMEOUT");
    const long seconds = text ? strtol(text, NULL, 10) : 0;
    return (uint64_t)(seconds > 0 ? seconds : LAPSE_S) * 1000000000u;
}

/* A view of the others, without a heart. */
static gb_status look_on(const char *run, const gb_rank *rank, gb_team **out, gb_error *err)
{
    *out = gb_alloc(1, sizeof **out);
    if (!*out) return gb_fail_memory(err, "team", sizeof **out);
    pthread_mutex_init(&(*out)->lock, NULL);
    pthread_cond_init(&(*out)->woken, NULL);
    (*out)->rank = *rank;
    (*out)->lapse_ns = lapse();
    (*out)->folder = folder_of(run, rank);
    (*out)->seen = gb_alloc((size_t)rank->size, sizeof *(*out)->seen);
    if ((*out)->folder && (*out)->seen) return GB_OK;
    gb_team_leave(*out);
    return gb_fail_memory(err, "team", (size_t)rank->size);
}

gb_status gb_team_enter(const char *run, const gb_rank *rank, gb_error *err)
{
    char name[32], *alive = NULL;
    gb_team *team;
    GB_TRY(look_on(run, rank, &team, err));
    rank_name(rank->rank, name);
    gb_status status = gb_directory_make(team->folder, err);
    remove_mark(team, name, "dead"); /* a job that its scheduler starts again has the name that it had */
    remove_mark(team, name, "left");
    if (status == GB_OK && !(alive = path_in(team->folder, name, "alive"))) status = gb_fail_memory(err, "team", 4096);
    if (status == GB_OK) status = gb_file_put(alive, "", 0, err);
    free(alive);
    gb_team_leave(team);
    return status;
}

gb_status gb_team_join(const char *run, const gb_rank *rank, gb_team **out, gb_error *err)
{
    gb_team *team;
    GB_TRY(look_on(run, rank, &team, err));
    team->beating = pthread_create(&team->heart, NULL, beat, team) == 0;
    if (!team->beating) {
        gb_team_leave(team);
        return gb_fail(err, GB_E_NOMEM, "cannot start a thread");
    }
    *out = team;
    return GB_OK;
}

void gb_team_leave(gb_team *team)
{
    if (!team) return;
    pthread_mutex_lock(&team->lock);
    team->leaving = true;
    pthread_cond_broadcast(&team->woken);
    pthread_mutex_unlock(&team->lock);
    if (team->beating) {
        char name[32];
        pthread_join(team->heart, NULL);
        rank_name(team->rank.rank, name);
        make_mark(team, name, "left"); /* the last that it does there */
    }
    pthread_cond_destroy(&team->woken);
    pthread_mutex_destroy(&team->lock);
    free(team->folder);
    free(team->seen);
    free(team);
}

gb_status gb_team_tell(gb_team *team, const char *text, gb_error *err)
{
    char name[32];
    rank_name(team->rank.rank, name);
    char *path = path_in(team->folder, name, "told");
    const gb_status status =
        path ? gb_file_write(path, text, strlen(text), err) : gb_fail_memory(err, "team", sizeof name);
    free(path);
    return status;
}

char *gb_team_told(const gb_team *team, int rank)
{
    char name[32], *text = NULL;
    size_t size;
    gb_error ignored;
    rank_name(rank, name);
    char *path = path_in(team->folder, name, "told");
    if (path && gb_file_exists(path) && gb_file_read(path, 4096, &text, &size, &ignored) != GB_OK) text = NULL;
    free(path);
    return text;
}

int gb_team_size(const gb_team *team)
{
    return team->rank.size;
}

bool gb_team_claim(gb_team *team, const char *name)
{
    return !has_mark(team->folder, name, "done") && make_mark(team, name, "claim");
}

void gb_team_done(gb_team *team, const char *name)
{
    make_mark(team, name, "done");
}

/* Said to be dead by who looks after it, or silent for too long. */
static bool is_dead(gb_team *team, int rank)
{
    char name[32];
    struct stat about;
    if (rank < 0 || rank >= team->rank.size) return false; /* its name is not written yet */
    rank_name(rank, name);
    if (has_mark(team->folder, name, "dead")) return true;
    char *path = path_in(team->folder, name, "alive");
    const bool there = path && stat(path, &about) == 0;
    free(path);
    sight *seen = &team->seen[rank];
    const uint64_t now = gb_clock_ns();
    if (there && (!seen->changed_ns || about.st_mtim.tv_sec != seen->beat.tv_sec ||
                  about.st_mtim.tv_nsec != seen->beat.tv_nsec))
        *seen = (sight){about.st_mtim, now};
    return seen->changed_ns && now - seen->changed_ns > team->lapse_ns;
}

static void pause_a_little(void)
{
    const struct timespec time = {.tv_nsec = POLL_MS * 1000000L};
    nanosleep(&time, NULL);
}

/* Frees what dead processes have claimed; counts what is claimed and not done. */
static int look_around(gb_team *team, bool *freed)
{
    char **names = NULL;
    size_t count = 0;
    int open = 0;
    gb_error ignored;
    if (gb_directory_list(team->folder, &names, &count, &ignored) != GB_OK) return 0;
    for (size_t i = 0; i < count; i++) {
        const char *end = gb_path_extension(names[i]);
        if (strcmp(end, ".claim") != 0) continue;
        char *name = gb_format("%.*s", (int)(end - names[i]), names[i]);
        if (name && !has_mark(team->folder, name, "done")) {
            const int owner = owner_of(team, name, "claim");
            open++;
            if (owner == team->rank.rank || is_dead(team, owner)) {
                remove_mark(team, name, "claim");
                *freed = true;
            }
        }
        free(name);
    }
    gb_directory_free(names, count);
    return open;
}

bool gb_team_wait(gb_team *team)
{
    bool freed = false;
    while (look_around(team, &freed) > 0 && !freed) pause_a_little();
    return freed;
}

static bool is_ended(const char *folder)
{
    return !gb_file_is_directory(folder) || has_mark(folder, "run", "finished");
}

bool gb_team_is_over(const gb_team *team)
{
    return is_ended(team->folder);
}

bool gb_team_is_last(gb_team *team)
{
    while (!is_ended(team->folder)) {
        if (make_mark(team, "run", "ending")) return true;
        const int owner = owner_of(team, "run", "ending");
        if (owner == team->rank.rank) return true; /* of an earlier start of the same job */
        if (owner >= 0 && is_dead(team, owner)) remove_mark(team, "run", "ending");
        pause_a_little();
    }
    return false;
}

/* Marks in `gone` whose process has left or is said to be dead. A list is asked for and not file by file: network file
 * systems answer for a single file, that it is not there, from memory. */
static void see_who_left(const gb_team *team, bool *gone)
{
    char **names = NULL;
    size_t count = 0;
    gb_error ignored;
    if (gb_directory_list(team->folder, &names, &count, &ignored) != GB_OK) return;
    for (size_t i = 0; i < count; i++) {
        int rank = -1;
        const char *end = gb_path_extension(names[i]);
        if (strcmp(end, ".left") != 0 && strcmp(end, ".dead") != 0) continue;
        if (sscanf(names[i], "rank-%d.", &rank) == 1 && rank >= 0 && rank < team->rank.size) gone[rank] = true;
    }
    gb_directory_free(names, count);
}

/* How many others are still there, or may yet come. */
static int count_others(gb_team *team, bool *gone, uint64_t since)
{
    int others = 0;
    see_who_left(team, gone);
    for (int r = 0; r < team->rank.size; r++) {
        if (r == team->rank.rank || gone[r]) continue;
        const bool silent = is_dead(team, r), never_came = !team->seen[r].changed_ns;
        gone[r] = silent || (never_came && gb_clock_ns() - since > team->lapse_ns);
        others += !gone[r];
    }
    return others;
}

gb_status gb_team_end(gb_team *team, gb_error *err)
{
    bool *gone = gb_alloc((size_t)team->rank.size, sizeof *gone);
    const uint64_t since = gb_clock_ns();
    if (!gone) return gb_fail_memory(err, "team", (size_t)team->rank.size);
    make_mark(team, "run", "finished");
    while (count_others(team, gone, since) > 0) pause_a_little();
    free(gone);
    team->ended = true;
    return GB_OK;
}

bool gb_team_has_ended(const gb_team *team)
{
    return team->ended;
}

void gb_team_bury(const char *run, const gb_rank *rank)
{
    char name[32];
    const gb_team team = {.rank = *rank, .folder = folder_of(run, rank)};
    rank_name(rank->rank, name);
    make_mark(&team, name, "dead"); /* without its folder: the run has ended, and the folder must not come back */
    free(team.folder);
}

bool gb_team_outlived(const char *run, const gb_rank *rank)
{
    gb_team *team = NULL;
    gb_error ignored;
    if (look_on(run, rank, &team, &ignored) != GB_OK) return false;
    bool *gone = gb_alloc((size_t)rank->size, sizeof *gone);
    const uint64_t since = gb_clock_ns();
    while (gone && !is_ended(team->folder) && count_others(team, gone, since) > 0) pause_a_little();
    const bool ended = is_ended(team->folder);
    free(gone);
    gb_team_leave(team);
    return ended;
}
