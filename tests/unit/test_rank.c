/* Who a process is among how many, as launchers say it (cells/rank.c). */
#include <stdlib.h>
#include <string.h>

#include "cells/team.h"
#include "support/support.h"

#define MOST 6

typedef struct launcher {
    const char *name;
    const char *said[MOST][2]; /* variables and what they are set to */
    bool together;
    gb_rank rank;
} launcher;

static const launcher launchers[] = {
    {"none", {{NULL}}, false, {0}},
    {"ours", {{"GANIME_RANK", "2"}, {"GANIME_RANKS", "8"}, {"GANIME_JOB", "a/b"}}, true, {2, 8, 2, "a_b"}},
    {"ours, several machines",
     {{"GANIME_RANK", "5"}, {"GANIME_RANKS", "8"}, {"GANIME_LOCAL_RANK", "1"}, {"GANIME_JOB", "j"}},
     true,
     {5, 8, 1, "j"}},
    {"ours within srun",
     {{"GANIME_RANK", "5"}, {"GANIME_RANKS", "8"}, {"SLURM_LOCALID", "3"}, {"SLURM_JOB_ID", "77"}},
     true,
     {5, 8, 3, "77"}},
    {"Open MPI within Slurm, whose own number counts",
     {{"OMPI_COMM_WORLD_RANK", "6"},
      {"OMPI_COMM_WORLD_SIZE", "8"},
      {"OMPI_COMM_WORLD_LOCAL_RANK", "2"},
      {"PMIX_NAMESPACE", "1.2"},
      {"SLURM_LOCALID", "0"},
      {"SLURM_JOB_ID", "77"}},
     true,
     {6, 8, 2, "1_2"}},
    {"MPICH",
     {{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}, {"MPI_LOCALRANKID", "0"}, {"GANIME_JOB", "x"}},
     true,
     {1, 2, 0, "x"}},
    {"alone under mpirun", {{"OMPI_COMM_WORLD_RANK", "0"}, {"OMPI_COMM_WORLD_SIZE", "1"}}, false, {0}},
    {"a Slurm job's script, which is no rank", {{"SLURM_LOCALID", "0"}, {"SLURM_JOB_ID", "77"}}, false, {0}},
    {"beyond the last", {{"GANIME_RANK", "8"}, {"GANIME_RANKS", "8"}}, false, {0}},
    {"no number", {{"PMI_RANK", "one"}, {"PMI_SIZE", "2"}}, false, {0}},
};

static void forget_all(void)
{
    for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++)
        for (int k = 0; k < MOST && launchers[i].said[k][0]; k++) unsetenv(launchers[i].said[k][0]);
}

static void every_launcher_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++) {
        const launcher *const l = &launchers[i];
        gb_rank found = {0};
        forget_all();
        for (int k = 0; k < MOST && l->said[k][0]; k++) setenv(l->said[k][0], l->said[k][1], 1);
        const bool together = gb_rank_read(&found);
        if (together != l->together || found.rank != l->rank.rank || found.size != l->rank.size ||
            found.local != l->rank.local || strcmp(found.job, l->rank.job) != 0)
            fail_msg("%s: %s, rank %d of %d, %d of its machine, job \"%s\"", l->name, together ? "together" : "alone",
                     found.rank, found.size, found.local, found.job);
    }
    forget_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_launcher_is_understood)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
