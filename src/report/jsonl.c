/* frames.jsonl is written while the run goes; as a report it is read, checked row by row and written again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/temporary.h"
#include "report/run.h"

static gb_status copy_row(void *user, const gb_row *row, gb_error *err)
{
    return gb_row_writer_put(user, row, err);
}

static gb_status copy_rows(const gb_run *run, const char *to, gb_error *err)
{
    gb_row_writer *writer = NULL;
    GB_TRY(gb_row_writer_open(to, &writer, err));
    gb_error ignored; /* only when reading failed first */
    const gb_status status = gb_run_read_rows(run->directory, copy_row, writer, err);
    const gb_status closed = gb_row_writer_close(writer, status == GB_OK ? err : &ignored);
    return status == GB_OK ? closed : status;
}

static gb_status replace_rows(const gb_run *run, const char *path, gb_error *err)
{
    gb_temporary temporary;
    gb_error ignored;
    GB_TRY(gb_temporary_open(path, &temporary, err));
    const gb_status status = copy_rows(run, temporary.name, err);
    const bool good = status == GB_OK;
    const gb_status closed = gb_temporary_close(&temporary, path, good, good ? err : &ignored);
    return good ? closed : status;
}

static gb_status write_jsonl(const gb_run *run, gb_error *err)
{
    char *path = gb_path_join(gb_run_out(run), "frames.jsonl");
    const gb_status status = path ? replace_rows(run, path, err) : gb_fail_memory(err, "frames.jsonl", 4096);
    free(path);
    return status;
}

const gb_report gb_report_jsonl = {.id = "jsonl",
                                   .file = "frames.jsonl",
                                   .summary = "one row a frame, generator, metric and region; checked and rewritten",
                                   .write = write_jsonl};
