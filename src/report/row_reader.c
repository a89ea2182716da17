#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "report/row_line.h"
#include "report/run.h"

#define LINE_MAX_SIZE ((size_t)64 << 10)

typedef struct line_reader {
    FILE *file;
    const char *path;
    char *line;
    size_t size;
    long number; /* from 1 */
} line_reader;

/* The next line without its newline; *end when there is none. The last line too must end with a newline. */
static gb_status next_line(line_reader *r, bool *end, gb_error *err)
{
    r->size = 0;
    r->number++;
    for (;;) {
        const int c = getc_unlocked(r->file);
        if (c == '\n') return GB_OK;
        if (c == EOF) break;
        if (r->size == LINE_MAX_SIZE)
            return gb_fail(err, GB_E_FORMAT, "%s:%ld: expected a row, found a line of more than %zu bytes", r->path,
                           r->number, LINE_MAX_SIZE);
        r->line[r->size++] = (char)c;
    }
    if (ferror(r->file)) return gb_fail(err, GB_E_IO, "%s: read failed: %s", r->path, strerror(errno));
    if (r->size)
        return gb_fail(err, GB_E_FORMAT, "%s:%ld: expected a whole row, found the file cut off", r->path, r->number);
    *end = true;
    return GB_OK;
}

static gb_status visit_line(const line_reader *r, gb_row_visitor *visit, void *user, gb_error *err)
{
    char what[4200];
    snprintf(what, sizeof what, "%s:%ld", r->path, r->number);
    gb_row row;
    cJSON *holder = NULL;
    GB_TRY(gb_row_line_parse(r->line, r->size, what, &row, &holder, err));
    const gb_status status = visit(user, &row, err);
    cJSON_Delete(holder);
    return status;
}

static gb_status read_path(const char *path, gb_row_visitor *visit, void *user, gb_error *err)
{
    line_reader r = {.path = path, .line = gb_alloc(LINE_MAX_SIZE, 1)};
    gb_status status = GB_OK;
    if (!r.line) return gb_fail_memory(err, path, LINE_MAX_SIZE);
    r.file = fopen(path, "rb");
    if (!r.file) {
        status =
            gb_fail(err, errno == ENOENT ? GB_E_NOT_FOUND : GB_E_IO, "%s: cannot read: %s", path, strerror(errno));
        goto done;
    }
    for (bool end = false;;) {
        GB_GO(next_line(&r, &end, err));
        if (end) break;
        GB_GO(visit_line(&r, visit, user, err));
    }
done:
    if (r.file) fclose(r.file);
    free(r.line);
    return status;
}

gb_status gb_run_read_rows(const char *directory, gb_row_visitor *visit, void *user, gb_error *err)
{
    char *path = gb_path_join(directory, "frames.jsonl");
    if (!path) return gb_fail_memory(err, "frames.jsonl", strlen(directory));
    const gb_status status = read_path(path, visit, user, err);
    free(path);
    return status;
}
