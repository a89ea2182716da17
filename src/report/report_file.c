#include "report/report_file.h"

#include <stdlib.h>

#include "core/file.h"

gb_status gb_report_file_write(const gb_run *run, const char *name, const gb_buffer *text, gb_error *err)
{
    GB_TRY(gb_buffer_status(text, err));
    char *path = gb_path_join(gb_run_out(run), name);
    if (!path) return gb_fail_memory(err, name, text->size);
    const gb_status status = gb_file_write(path, text->data ? text->data : "", text->size, err);
    free(path);
    return status;
}
