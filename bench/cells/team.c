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
    bool beating, leaving;
};

static char *folder_of(const char *run, const gb_rank *rank)
{
    return gb_format("%s/cells/team-%s", run, rank->job);
}

static char *path_in(const char *folder, const char *name, const char *kind)
{
    return folder ? gb_format("%s/%s.%s", folder, name, kind) : NULL;
}

/* Makes the file, with the number in it; false when it was there already. */
static bool make_file(const char *path, int number)
{
    char text[16];
    const int fd = path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
    if (fd < 0) return false;
    const int length = snprintf(text, sizeof text, "%d\n", number);
    const bool whole = write(fd, text, (size_t)length) == length;
    return close(fd) == 0 && whole;
}

static bool make_mark(const gb_team *team, const char *name, const char *kind)
{
    char *path = path_in(team->folder, name, kind);
    const bool made = make_file(path, team->rank.rank);
    free(path);
    return made;
}

static bool has_mark(const char *folder, const char *name, const char *kind)
{
    char *path = path_in(folder, name, kind);
    const bool there = path && gb_file_exists(path);
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

gb_status gb_team_join(const char *run, const gb_rank *rank, gb_team **out, gb_error *err)
{
    char name[32];
    gb_team *team = gb_alloc(1, sizeof *team);
    if (!team) return gb_fail_memory(err, "team", sizeof *team);
    team->rank = *rank;
    team->lapse_ns = lapse();
    team->folder = folder_of(run, rank);
    team->seen = gb_alloc((size_t)rank->size, sizeof *team->seen);
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->woken, NULL);
    rank_name(rank->rank, name);
    gb_status status = GB_OK;
    if (!team->folder || !team->seen) GB_GO(gb_fail_memory(err, "team", (size_t)rank->size));
    GB_GO(gb_directory_make(team->folder, err));
    make_mark(team, name, "alive");
    if (!has_mark(team->folder, name, "alive")) GB_GO(gb_fail(err, GB_E_IO, "%s: cannot write", team->folder));
    team->beating = pthread_create(&team->heart, NULL, beat, team) == 0;
    if (!team->beating) status = gb_fail(err, GB_E_NOMEM, "cannot start a thread");
done:
    if (status == GB_OK)
        *out = team;
    else
        gb_team_leave(team);
    return status;
}

void gb_team_leave(gb_team *team)
{
    if (!team) return;
    pthread_mutex_lock(&team->lock);
    team->leaving = true;
    pthread_cond_broadcast(&team->woken);
    pthread_mutex_unlock(&team->lock);
    if (team->beating) pthread_join(team->heart, NULL);
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

/* Who has claimed it; -1: nobody, or not written yet. */
static int owner_of(const gb_team *team, const char *name)
{
    gb_error ignored;
    char *path = path_in(team->folder, name, "claim"), *text = NULL;
    size_t size;
    int owner = -1;
    if (path && gb_file_read(path, 64, &text, &size, &ignored) == GB_OK && size) owner = (int)strtol(text, NULL, 10);
    free(text);
    free(path);
    return owner;
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
            const int owner = owner_of(team, name);
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

bool gb_team_is_last(gb_team *team)
{
    while (!is_ended(team->folder)) {
        if (make_mark(team, "run", "ending")) return true;
        gb_error ignored;
        char *path = path_in(team->folder, "run", "ending"), *text = NULL;
        size_t size;
        int owner = -1;
        if (path && gb_file_read(path, 64, &text, &size, &ignored) == GB_OK && size)
            owner = (int)strtol(text, NULL, 10);
        free(text);
        free(path);
        if (owner >= 0 && is_dead(team, owner)) remove_mark(team, "run", "ending");
        pause_a_little();
    }
    return false;
}

void gb_team_finished(gb_team *team)
{
    make_mark(team, "run", "finished");
}

void gb_team_bury(const char *run, const gb_rank *rank)
{
    char name[32];
    gb_error ignored;
    char *folder = folder_of(run, rank);
    rank_name(rank->rank, name);
    if (!folder || gb_directory_make(folder, &ignored) != GB_OK) {
        free(folder);
        return;
    }
    char *path = path_in(folder, name, "dead");
    make_file(path, rank->rank);
    free(path);
    free(folder);
}

static bool all_dead(const char *folder, const gb_rank *rank)
{
    for (int r = 0; r < rank->size; r++) {
        char name[32];
        rank_name(r, name);
        if (!has_mark(folder, name, "dead")) return false;
    }
    return true;
}

bool gb_team_outlived(const char *run, const gb_rank *rank)
{
    char *folder = folder_of(run, rank);
    bool ended = folder && is_ended(folder);
    while (folder && !ended && !all_dead(folder, rank)) {
        pause_a_little();
        ended = is_ended(folder);
    }
    free(folder);
    return ended;
}
