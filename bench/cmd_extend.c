#include <signal.h>
#include <sys/resource.h>

#include "cli/interrupt.h"
#include "cli/print_json.h"
#include "commands.h"
#include "core/json.h"
#include "extend/journal.h"
#include "extend/widen.h"

static double peak_megabytes(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (double)usage.ru_maxrss / 1024.0 : 0.0;
}

static gb_status say(const gb_extend_plan *plan, const gb_widen_result *r, gb_error *err)
{
    const double rate = r->seconds > 0 ? (double)(r->frames - r->resumed) / r->seconds : 0.0;
    const bool encoded = plan->encoder.codec || plan->on_board; /* a board is of the size that is written */
    const int width = encoded ? plan->encoder.width : plan->layout.width;
    const int height = encoded ? plan->encoder.height : plan->layout.height;
    if (plan->options->json) {
        const gb_layout *l = &plan->layout;
        const int centre[] = {l->centre.width, l->centre.height, l->centre.x, l->centre.y};
        cJSON *o = cJSON_CreateObject();
        cJSON_AddStringToObject(o, "out", plan->out);
        cJSON_AddNumberToObject(o, "width", width);
        cJSON_AddNumberToObject(o, "height", height);
        cJSON_AddNumberToObject(o, "side", l->side);
        gb_json_attach(o, "centre", cJSON_CreateIntArray(centre, 4));
        cJSON_AddNumberToObject(o, "frames", (double)r->frames);
        cJSON_AddNumberToObject(o, "resumed", (double)r->resumed);
        cJSON_AddNumberToObject(o, "seconds", r->seconds);
        cJSON_AddNumberToObject(o, "fps", rate);
        cJSON_AddNumberToObject(o, "peak_mb", peak_megabytes());
        cJSON_AddStringToObject(o, "notes", plan->notes.data ? plan->notes.data : "");
        return gb_print_json(stdout, o, err);
    }
    if (plan->quiet) return GB_OK;
    FILE *const to = plan->to_stdout ? stderr : stdout;
    fprintf(to, "%s: %dx%d, %ld frame%s", plan->out, width, height, r->frames, r->frames == 1 ? "" : "s");
    if (r->resumed) fprintf(to, " (%ld were there)", r->resumed);
    fprintf(to, ", %.1f frames/s, at most %.0f MB of memory\n", rate, peak_megabytes());
    return GB_OK;
}

static gb_status open_journal(const gb_extend_plan *plan, gb_journal **journal, gb_error *err)
{
    cJSON *job = NULL;
    GB_TRY(gb_extend_plan_describe(plan, &job, err));
    const gb_status status = gb_journal_open(plan->out, job, journal, err);
    cJSON_Delete(job);
    return status;
}

gb_status gb_command_extend(const gb_options *options, gb_error *err)
{
    gb_extend_plan plan;
    gb_journal *journal = NULL;
    gb_sink *sink = NULL;
    gb_widen_result result;
    gb_status status;
    GB_TRY(gb_extend_plan_make(options, &plan, err));
    if (plan.to_stdout) signal(SIGPIPE, SIG_IGN); /* whoever reads may stop: that is said in one line */
    if (!plan.stream && plan.form != GB_EXTEND_IMAGE) GB_GO(open_journal(&plan, &journal, err));
    if (journal)
        gb_interrupt_arm("interrupted: finished segments are kept in %s.parts; the same command goes on from there",
                         plan.out);
    GB_GO(gb_sink_open(&plan, journal ? gb_journal_folder(journal) : NULL, &sink, err));
    GB_GO(gb_widen(&plan, sink, &result, err));
    GB_GO(gb_sink_finish(sink, err));
    if (journal) GB_GO(gb_journal_clear(journal, err));
    GB_GO(say(&plan, &result, err));
done:
    gb_interrupt_disarm();
    gb_sink_close(sink);
    gb_journal_close(journal);
    gb_extend_plan_clear(&plan);
    return status;
}
