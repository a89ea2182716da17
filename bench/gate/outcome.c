#include "gate/outcome.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/fold.h"
#include "cli/print_json.h"
#include "core/file.h"
#include "core/memory.h"
#include "metrics/metric.h"

#define MOST_METRICS 64

gb_status gb_gate_limits(const gb_options *options, gb_limits **out, gb_error *err)
{
    size_t count;
    const gb_metric *const *metrics = gb_metrics(&count);
    const char *known[MOST_METRICS];
    for (size_t i = 0; i < count && i < MOST_METRICS; i++) known[i] = metrics[i]->id;
    return gb_limits_read(options->limits, known, count, out, err);
}

/* The file that $GITHUB_STEP_SUMMARY names is shared by the steps of a job: it is added to. */
static gb_status append_for_github(const gb_gate *gate, gb_error *err)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    if (!path || !*path)
        return gb_fail(err, GB_E_NOT_FOUND, "--github: expected a file's name in $GITHUB_STEP_SUMMARY, found none");
    char *own = gb_format("%s.ganime-bench", path), *text = NULL;
    size_t size = 0;
    gb_status status = own ? GB_OK : gb_fail_memory(err, path, strlen(path));
    if (status == GB_OK) status = gb_gate_write_markdown(gate, own, err);
    if (status == GB_OK) status = gb_file_read(own, (size_t)64 << 20, &text, &size, err);
    FILE *file = status == GB_OK ? fopen(path, "ab") : NULL;
    bool written = file && fwrite(text, 1, size, file) == size;
    if (file) written = fclose(file) == 0 && written;
    if (status == GB_OK && !written) status = gb_fail(err, GB_E_IO, "%s: cannot add to it: %s", path, strerror(errno));
    if (own) remove(own);
    free(own);
    free(text);
    return status;
}

static void keep_first(gb_status now, const gb_error *own, gb_status *status, gb_error *err)
{
    if (now == GB_OK || *status != GB_OK) return;
    *status = now;
    if (err) *err = *own;
}

static gb_status print_table(const gb_gate *gate, gb_error *err)
{
    gb_fold fold;
    FILE *const out = gb_fold_open(&fold, stdout);
    gb_gate_print(out, gate);
    return gb_fold_close(&fold, out, err);
}

/* One that cannot be written does not keep the others back. */
static gb_status put_out(const gb_options *options, const gb_gate *gate, gb_error *err)
{
    gb_error own = {0};
    gb_status status = GB_OK;
    if (options->json)
        status = gb_print_json(stdout, gb_gate_json(gate), err);
    else if (!options->quiet)
        status = print_table(gate, err);
    if (options->summary) keep_first(gb_gate_write_markdown(gate, options->summary, &own), &own, &status, err);
    if (options->junit) keep_first(gb_gate_write_junit(gate, options->junit, &own), &own, &status, err);
    if (options->github) keep_first(append_for_github(gate, &own), &own, &status, err);
    return status;
}

gb_status gb_gate_finish(const gb_options *options, const gb_gate *gate, gb_error *err)
{
    GB_TRY(put_out(options, gate, err));
    return gb_gate_status(gate, err);
}
