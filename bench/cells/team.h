/* Processes that compute one run together. They need nothing but the run's folder, which all of them see, and a number
 * each: every process takes the next cell that nobody has, and when one dies, its unfinished cells are free again. That
 * two compute the same cell by mistake costs time and changes nothing: its bytes do not depend on who computed it. */
#ifndef GB_CELLS_TEAM_H
#define GB_CELLS_TEAM_H

#include <stdbool.h>

#include "cells/folder.h"

/* Who this process is among how many, as the launcher says: Open MPI's mpirun (OMPI_COMM_WORLD_*), MPICH's (PMI_*), or
 * any other that sets GANIME_RANK, GANIME_RANKS and GANIME_JOB. */
typedef struct gb_rank {
    int rank, size, local; /* local: among those of the same machine, where the launcher says; else `rank` */
    char job[64];          /* the same for all processes of one start, and for no other */
} gb_rank;

/* False when this process is alone. */
bool gb_rank_read(gb_rank *out);

typedef struct gb_team gb_team;

/* First of all, by the process that looks after a rank: this rank has come. `run` is the run's folder. */
gb_status gb_team_enter(const char *run, const gb_rank *rank, gb_error *err) GB_MUST_CHECK;

/* Says from now on, by a thread of its own, that this process is alive, and at its end that it has left. */
gb_status gb_team_join(const char *run, const gb_rank *rank, gb_team **out, gb_error *err) GB_MUST_CHECK;
void gb_team_leave(gb_team *team); /* NULL is fine */

/* True when this run has ended already. */
bool gb_team_is_over(const gb_team *team);

/* What this process has to say of itself, for the one that ends the run: one text, the last one counts. */
gb_status gb_team_tell(gb_team *team, const char *text, gb_error *err) GB_MUST_CHECK;
/* What the process of that number told; NULL: nothing. The caller frees. */
char *gb_team_told(const gb_team *team, int rank);
int gb_team_size(const gb_team *team);

/* True when the work of this name is this process's now; false when it is done or someone else's. */
bool gb_team_claim(gb_team *team, const char *name);
void gb_team_done(gb_team *team, const char *name);

/* Waits until all that was claimed is done: false. True when what a dead process had claimed is free again. */
bool gb_team_wait(gb_team *team);

/* Once all is done one process ends the run: true for that one. False when another one has ended it. */
bool gb_team_is_last(gb_team *team);
/* All is written: tells the others, and waits until each has left. One that is silent, or has not come by then, is
 * waited for as long as it takes to be given up, so that nobody works in a folder that is being removed. */
gb_status gb_team_end(gb_team *team, gb_error *err) GB_MUST_CHECK;
bool gb_team_has_ended(const gb_team *team); /* by this process */

/* For the process that looks after a rank: its worker has died; then whether the others ended the run. */
void gb_team_bury(const char *run, const gb_rank *rank);
bool gb_team_outlived(const char *run, const gb_rank *rank);

#endif
