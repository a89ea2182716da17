/* A run that several processes compute together (cells/team.h): under mpirun `ganime-bench --all` is one run.
 *
 * Each rank is two processes: a worker, and a keeper that the launcher sees. When the worker dies (memory, a card,
 * kill) the keeper says so at once, its unfinished cells go to the others, and the launcher, which would end all ranks
 * with the first that dies, sees none die. */
#ifndef GB_RUN_TOGETHER_H
#define GB_RUN_TOGETHER_H

#include "cells/team.h"
#include "cli/cli.h"
#include "report/run.h"

/* To be called before there are threads. *run stays NULL but in the process that ended the run. Returns in the worker
 * and in the keeper. */
gb_status gb_together_run(const gb_options *options, const gb_rank *rank, gb_run **run, gb_error *err) GB_MUST_CHECK;

#endif
