/* How a run was started, written down in its cells/ folder, so that it can be gone on with and its parts be merged. */
#ifndef GB_RUN_JOB_H
#define GB_RUN_JOB_H

#include "cells/folder.h"
#include "cli/cli.h"

typedef struct gb_job {
    char *created, *command;
    char **word;         /* of the command line */
    int words;
    gb_options options;  /* what the words say; borrows from them */
} gb_job;

/* Nothing that can be gone on with when the words are not those of `run`. */
gb_status gb_job_write(const gb_cell_folder *folder, const gb_options *options, const char *created,
                       const char *command, gb_error *err) GB_MUST_CHECK;

/* Of the run in `directory`; GB_E_NOT_FOUND, saying why, when there is nothing to go on with. */
gb_status gb_job_read(const char *directory, gb_job **out, gb_error *err) GB_MUST_CHECK;
void gb_job_free(gb_job *job);

/* From now on, who interrupts this process is told how to go on with the run in `directory`, which was written down. */
void gb_job_arm(const gb_options *options, const char *directory);

#endif
