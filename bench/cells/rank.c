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

bool gb_rank_read(gb_rank *out)
{
    gb_rank rank = {0};
    if (get_number("GANIME_RANKS", &rank.size) && get_number("GANIME_RANK", &rank.rank)) {
        set_job(&rank, getenv("GANIME_JOB"));
    } else if (get_number("OMPI_COMM_WORLD_SIZE", &rank.size) && get_number("OMPI_COMM_WORLD_RANK", &rank.rank)) {
        const char *space = getenv("PMIX_NAMESPACE");
        if (!get_number("OMPI_COMM_WORLD_LOCAL_RANK", &rank.local)) rank.local = 0;
        set_job(&rank, space ? space : getenv("OMPI_MCA_ess_base_jobid"));
    } else {
        return false;
    }
    if (rank.size < 2 || rank.rank >= rank.size) return false;
    *out = rank;
    return true;
}
