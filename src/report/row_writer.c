#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "report/row_line.h"
#include "report/run.h"

#define FLUSH_SIZE ((size_t)64 << 10)
#define LINE_MAX_SIZE ((size_t)64 << 10) /* what the reader takes */

struct gb_row_writer {
    FILE *file;
    char *path;
    gb_buffer lines; /* not yet written */
};

static void free_writer(gb_row_writer *writer)
{
    if (writer->file) fclose(writer->file);
    gb_buffer_free(&writer->lines);
    free(writer->path);
    free(writer);
}

gb_status gb_row_writer_open(const char *path, gb_row_writer **out, gb_error *err)
{
    gb_row_writer *writer = gb_alloc(1, sizeof *writer);
    if (!writer) return gb_fail_memory(err, path, sizeof *writer);
    gb_buffer_init(&writer->lines, FLUSH_SIZE + LINE_MAX_SIZE);
    writer->path = gb_strdup(path);
    writer->file = writer->path ? fopen(path, "wb") : NULL;
    if (!writer->file) {
        const int why = errno;
        const bool memory = !writer->path;
        free_writer(writer);
        return memory ? gb_fail_memory(err, path, strlen(path))
                      : gb_fail(err, GB_E_IO, "%s: cannot write: %s", path, strerror(why));
    }
    *out = writer;
    return GB_OK;
}

static gb_status flush(gb_row_writer *writer, gb_error *err)
{
    const size_t size = writer->lines.size;
    const bool good =
        size == 0 || (fwrite(writer->lines.data, 1, size, writer->file) == size && !fflush(writer->file));
    writer->lines.size = 0;
    return good ? GB_OK : gb_fail(err, GB_E_IO, "%s: cannot write: %s", writer->path, strerror(errno));
}

gb_status gb_row_writer_put(gb_row_writer *writer, const gb_row *row, gb_error *err)
{
    const size_t before = writer->lines.size;
    gb_status status = gb_row_line_append(&writer->lines, row, err);
    if (status == GB_OK && writer->lines.size - before > LINE_MAX_SIZE)
        status = gb_fail(err, GB_E_NOMEM, "%s: a row of %zu bytes (at most %zu)", writer->path,
                         writer->lines.size - before, LINE_MAX_SIZE);
    if (status != GB_OK) {
        writer->lines.size = before; /* a row is written whole or not at all */
        writer->lines.status = GB_OK;
        return status;
    }
    return writer->lines.size >= FLUSH_SIZE ? flush(writer, err) : GB_OK;
}

gb_status gb_row_writer_close(gb_row_writer *writer, gb_error *err)
{
    if (!writer) return GB_OK;
    gb_status status = flush(writer, err);
    if (status == GB_OK && fsync(fileno(writer->file)) != 0)
        status = gb_fail(err, GB_E_IO, "%s: cannot write: %s", writer->path, strerror(errno));
    FILE *file = writer->file;
    writer->file = NULL;
    if (fclose(file) != 0 && status == GB_OK)
        status = gb_fail(err, GB_E_IO, "%s: cannot write: %s", writer->path, strerror(errno));
    free_writer(writer);
    return status;
}
