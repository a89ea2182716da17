/* frames.jsonl is written while the run goes; as a report it is read, checked row by row and written again. */
#include <stdio.h>
#include <stdlib.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "report/run.h"

static gb_status copy_row(void *user, const gb_row *row, gb_error *err)
{
    return gb_row_writer_put(user, row, err);
}

static gb_status copy_rows(const gb_run *run, const char *temporary, const char *path, gb_error *err)
{
    gb_row_writer *writer = NULL;
    GB_TRY(gb_row_writer_open(temporary, &writer, err));
    gb_error ignored; /* only when reading failed first */
    gb_status status = gb_run_read_rows(run->directory, copy_row, writer, err);
    const gb_status closed = gb_row_writer_close(writer, status == GB_OK ? err : &ignored);
    if (status == GB_OK) status = closed;
    if (status == GB_OK && rename(temporary, path) != 0)
        status = gb_fail(err, GB_E_IO, "%s: cannot write: %s", path, strerror(errno));
    if (status != GB_OK) unlink(temporary);
    return status;
}

static gb_status write_jsonl(const gb_run *run, gb_error *err)
{
    char *path = gb_path_join(run->directory, "frames.jsonl");
    char *temporary = path ? gb_format("%s.%ld.tmp", path, (long)getpid()) : NULL;
    const gb_status status =
        temporary ? copy_rows(run, temporary, path, err) : gb_fail_memory(err, "frames.jsonl", 4096);
    free(temporary);
    free(path);
    return status;
}

const gb_report gb_report_jsonl = {.id = "jsonl",
                                   .file = "frames.jsonl",
                                   .summary = "one row a frame, generator, metric and region; checked and rewritten",
                                   .write = write_jsonl};
