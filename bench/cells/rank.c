#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cells/team.h"

static bool get_number(const char *name, int *out)
{
    const char *text = getenv(name);
    char *end;
    if (!text || !*text) return false;
    const long value = strtol(text, &end, 10);
    if (*end || value < 0 || value > 1000000) return false;
    *out = (int)value;
    return true;
}

/* Goes into the names of files. */
static void set_job(gb_rank *rank, const char *name)
{
    snprintf(rank->job, sizeof rank->job, "%s", name && *name ? name : "job");
    for (char *at = rank->job; *at; at++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", *at)) *at = '_';
}

/* What launchers call it: the first of a list that is set. Ours come first, for those that set nothing of the kind. */
static const char *const numbers[][2] = {
    {"GANIME_RANK", "GANIME_RANKS"},
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"}, /* Open MPI */
    {"PMI_RANK", "PMI_SIZE"},                         /* MPICH and its kin; srun --mpi=pmi2 */
};
static const char *const locals[] = {"GANIME_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID",
                                     "SLURM_LOCALID"};
static const char *const jobs[] = {"GANIME_JOB", "PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid", "PMI_JOBID",
                                   "SLURM_JOB_ID"};
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *first_of(const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *const text = getenv(names[i]);
        if (text && *text) return text;
    }
    return NULL;
}

bool gb_rank_read(gb_rank *out)
{
    gb_rank rank = {0};
    size_t by = 0;
    while (by < COUNT(numbers) && !(get_number(numbers[by][0], &rank.rank) && get_number(numbers[by][1], &rank.size)))
        by++;
    if (by == COUNT(numbers) || rank.size < 2 || rank.rank >= rank.size) return false;
    rank.local = rank.rank; /* of one machine alone, or where nobody tells */
    for (size_t i = 0; i < COUNT(locals); i++)
        if (get_number(locals[i], &rank.local)) break;
    set_job(&rank, first_of(jobs, COUNT(jobs)));
    *out = rank;
    return true;
}
