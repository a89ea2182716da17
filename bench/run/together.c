#include "run/together.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "run/campaign.h"
#include "run/job.h"
#include "run/places.h"
#include "version.h"

/* The one folder of all ranks: --out, or the default place under a name that the first of them wrote down. */
static gb_status agree(const gb_options *options, const gb_rank *rank, char **out, gb_error *err)
{
    char utc[21];
    size_t size = 0;
    gb_clock_utc(utc);
    for (char *p = utc; *p; p++)
        if (*p == ':') *p = '-';
    *out = options->out ? gb_strdup(options->out) : NULL;
    if (options->out) return *out ? GB_OK : gb_fail_memory(err, "run folder", 4096);
    char *note = gb_format("results/runs/.team-%s", rank->job), *mine = gb_format("%s.%d", note, rank->rank);
    char *name = gb_format("results/runs/%s-%s", utc, gb_version_commit());
    gb_status status = note && mine && name ? GB_OK : gb_fail_memory(err, "run folder", 4096);
    if (status == GB_OK) status = gb_directory_make("results/runs", err);
    if (status == GB_OK) status = gb_file_write(mine, name, strlen(name), err);
    if (status == GB_OK && link(mine, note) != 0 && errno != EEXIST)
        status = gb_fail(err, GB_E_IO, "%s: cannot write: %s", note, strerror(errno));
    if (status == GB_OK) status = gb_file_read(note, 4096, out, &size, err);
    if (mine) unlink(mine);
    free(note);
    free(mine);
    free(name);
    return status;
}

static void forget_agreement(const gb_rank *rank)
{
    char *note = gb_format("results/runs/.team-%s", rank->job);
    if (note) unlink(note);
    free(note);
}

static gb_status help(const gb_options *options, gb_team *team, gb_error *err)
{
    gb_options own = *options;
    own.helping = true;
    own.quiet = true;
    do {
        gb_run *run = NULL;
        const gb_status status = gb_campaign_run(&own, &run, err);
        gb_run_free(run);
        if (status != GB_OK) return status;
    } while (gb_team_wait(team));
    return GB_OK;
}

static gb_status work(gb_options *options, const gb_rank *rank, gb_run **run, gb_error *err)
{
    gb_team *team = NULL;
    char card[GB_PLACE_NAME];
    GB_TRY(gb_team_join(options->out, rank, &team, err));
    if (gb_team_is_over(team)) {
        fprintf(stderr, "rank %d of %d: the others had ended the run in %s before this one came\n", rank->rank,
                rank->size, options->out);
        gb_team_leave(team);
        return GB_OK;
    }
    options->team = team;
    options->device = gb_place_choose(rank, options->device, card);
    gb_status status = gb_place_tell(team, rank, options, err);
    if (status == GB_OK) status = help(options, team, err);
    if (status == GB_OK && gb_team_is_last(team)) {
        status = gb_campaign_run(options, run, err);
        if (gb_team_has_ended(team) && options->default_out) forget_agreement(rank);
    }
    gb_team_leave(team);
    return status;
}

static gb_status status_of(int code)
{
    static const gb_status known[] = {GB_OK, GB_E_WORSE, GB_E_USAGE, GB_E_IO, GB_E_UNLIKE, GB_E_NO_BASELINE};
    return code >= 0 && code < (int)(sizeof known / sizeof *known) ? known[code] : GB_E_IO;
}

/* One of the ranks says for all how to go on when they are interrupted, as soon as there is something to go on with. */
static void tell_how_to_go_on(pid_t worker, const gb_options *options)
{
    const struct timespec pause = {.tv_nsec = 20000000};
    siginfo_t ended = {0};
    gb_error not_yet;
    gb_job *job = NULL;
    while (waitid(P_PID, (id_t)worker, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0) {
        if (gb_job_read(options->out, &job, &not_yet) == GB_OK) {
            gb_job_free(job);
            gb_job_arm(options, options->out);
            return;
        }
        nanosleep(&pause, NULL);
    }
}

/* Waits for the worker; one that does not end well is not waited for by the others. */
static gb_status look_after(pid_t worker, const gb_options *options, const gb_rank *rank, gb_error *err)
{
    const char *out = options->out;
    int how = 0;
    if (rank->rank == 0) tell_how_to_go_on(worker, options);
    while (waitpid(worker, &how, 0) < 0 && errno == EINTR) continue;
    gb_interrupt_disarm();
    if (WIFEXITED(how) && WEXITSTATUS(how) == 0) return GB_OK;
    gb_team_bury(out, rank);
    const bool outlived = gb_team_outlived(out, rank);
    if (WIFEXITED(how))
        return gb_fail(err, status_of(WEXITSTATUS(how)), "rank %d of %d ended with exit code %d", rank->rank,
                       rank->size, WEXITSTATUS(how));
    if (!outlived)
        return gb_fail(err, GB_E_IO, "rank %d of %d died of signal %d, and so did all others: the same command goes on "
                       "with %s", rank->rank, rank->size, WTERMSIG(how), out);
    fprintf(stderr, "rank %d of %d died of signal %d: the others did its frames\n", rank->rank, rank->size,
            WTERMSIG(how));
    return GB_OK;
}

static gb_status start_worker(gb_options *options, const gb_rank *rank, gb_run **run, gb_error *err)
{
    fflush(NULL);
    const pid_t keeper = getpid(), worker = fork();
    if (worker > 0) return look_after(worker, options, rank, err);
    if (worker < 0) {
        gb_team_bury(options->out, rank);
        return gb_fail(err, GB_E_NOMEM, "cannot start a process: %s", strerror(errno));
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    return getppid() == keeper ? work(options, rank, run, err) : gb_fail(err, GB_E_IO, "its keeper is gone");
}

gb_status gb_together_run(const gb_options *options, const gb_rank *rank, gb_run **run, gb_error *err)
{
    char *out = NULL;
    gb_options own = *options;
    *run = NULL;
    GB_TRY(agree(options, rank, &out, err));
    own.out = out;
    own.default_out = !options->out;
    gb_status status = gb_team_enter(out, rank, err);
    if (status == GB_OK) status = start_worker(&own, rank, run, err);
    free(out);
    return status;
}
