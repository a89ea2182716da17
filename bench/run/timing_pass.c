#include "run/timing_pass.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "findings/record.h"
#include "machine/environment.h"
#include "pipeline/progress.h"
#include "timing/rounds.h"
#include "timing/timing.h"

typedef struct frames {
    gb_image truth[GB_AUDIT_FRAMES], input[GB_AUDIT_FRAMES];
    int pick[GB_AUDIT_FRAMES];
    int count;
} frames;

static void free_frames(frames *f)
{
    for (int i = 0; i < GB_AUDIT_FRAMES; i++) {
        gb_image_free(&f->truth[i]);
        gb_image_free(&f->input[i]);
    }
}

static gb_status read_frames(gb_pack *pack, const gb_picks *picks, const gb_audit *audit, frames *f, gb_error *err)
{
    const int *timed;
    f->count = gb_audit_picks(audit, &timed);
    for (int i = 0; i < f->count; i++) {
        f->pick[i] = timed[i];
        GB_TRY(gb_pack_read(pack, picks->pick[timed[i]].frame, &f->truth[i], &f->input[i], err));
    }
    return GB_OK;
}

static void leave_out(const char *id, const gb_error *err)
{
    fprintf(stderr, "not timed: %s: %s\n", id, err->text);
}

/* The run takes what the row holds, or it is freed. */
static gb_status append_row(gb_run *run, gb_run_throughput *row, gb_error *err)
{
    gb_run_throughput *slot = gb_record_throughput(run);
    if (!slot) {
        gb_run_throughput_clear(row);
        return gb_fail_memory(err, "throughput", sizeof *slot);
    }
    *slot = *row;
    return GB_OK;
}

/* Whether what contender `c` made while timed is what was scored: a row of the record, `*same` false when it is not. */
static gb_status audit_contender(const gb_selection *s, int c, const gb_timing_samples *samples, gb_audit *audit,
                                 const gb_picks *picks, const char *dataset, gb_run *run, bool *same, gb_error *err)
{
    for (int i = 0; i < samples->count; i++)
        GB_TRY(gb_audit_timed(audit, c, samples->item[i].frame, &samples->item[i].image, err));
    const gb_audit_result result = gb_audit_get(audit, c);
    gb_run_audit *row = gb_record_audit(run, s->contenders.item[c].id, dataset);
    if (!row) return gb_fail_memory(err, "audit", sizeof *row);
    row->sampled = result.sampled;
    row->equal = result.equal;
    *same = result.equal == result.sampled;
    if (result.sampled == 0) {
        row->state = GB_STATE_SKIPPED;
        row->why = gb_strdup(s->contenders.item[c].holds
                                 ? "its frames depend on those before them, which are others when it is timed"
                                 : "none of the frames that were timed was scored");
    } else if (!*same) {
        row->state = GB_STATE_FAILED;
        row->why = gb_format("%d of %d frames made while timed differ from those scored, as frame %d of %s",
                             result.sampled - result.equal, result.sampled, picks->pick[result.unequal].frame, dataset);
    }
    return GB_OK;
}

/* A generator whose timed outputs are not those scored has no speed. */
static gb_status time_contender(gb_selection *s, int c, const gb_contender_env *env, const gb_timing_plan *plan,
                                gb_audit *audit, gb_run *run, gb_error *err)
{
    gb_contender *contender = &s->contenders.item[c];
    gb_error own = {0};
    const bool random = contender->state == GB_STATE_NO_WEIGHTS;
    if (contender->state == GB_STATE_FAILED || contender->state == GB_STATE_SKIPPED) return GB_OK;
    if (contender->foreign && !gb_foreign_is_timed(contender->foreign)) return GB_OK;
    gb_run_throughput row = {0};
    gb_timing_samples samples = {0};
    bool same = true;
    gb_status status = random ? gb_contender_open_random(contender, env, &own) : GB_OK;
    if (status == GB_OK)
        status = gb_timing_generator(contender, plan, s->threads, &row, random || contender->holds ? NULL : &samples,
                                     &own);
    if (random) gb_contender_close(contender);
    if (status == GB_OK && !random)
        status = audit_contender(s, c, &samples, audit, env->picks, env->dataset, run, &same, &own);
    gb_timing_samples_free(&samples);
    if (status != GB_OK) leave_out(contender->id, &own);
    if (status != GB_OK || !same) {
        gb_run_throughput_clear(&row);
        return GB_OK;
    }
    row.random_weights = random;
    return append_row(run, &row, err);
}

static gb_status time_metrics(const gb_selection *s, const gb_metric_env *env, const gb_timing_plan *plan, gb_run *run,
                              gb_error *err)
{
    for (int m = 0; m < s->metric_count; m++) {
        if (s->metrics[m]->shares) continue; /* it looks at what another one has computed */
        gb_error own = {0};
        gb_run_throughput row = {0};
        if (gb_timing_metric(s->metrics[m], env, plan, s->threads, &row, &own) != GB_OK) {
            leave_out(s->metrics[m]->id, &own);
            continue;
        }
        GB_TRY(append_row(run, &row, err));
    }
    return GB_OK;
}

static const gb_contender *contender_of(const gb_selection *s, const char *id)
{
    for (int i = 0; i < s->contenders.count; i++)
        if (!strcmp(s->contenders.item[i].id, id)) return &s->contenders.item[i];
    return NULL;
}

/* A roof measured while something else had the cores is too low: the better of before and after counts. */
static gb_status set_roofs(const gb_selection *s, gb_run *run, gb_roof *roof, gb_error *err)
{
    gb_roof again;
    GB_TRY(gb_roof_of(s->backend, s->precision, s->threads, &again, err));
    if (again.flops > roof->flops) roof->flops = again.flops;
    if (again.bytes > roof->bytes) roof->bytes = again.bytes;
    for (size_t i = 0; i < run->throughput_count; i++) {
        const gb_contender *contender = contender_of(s, run->throughput[i].generator);
        if (contender) gb_timing_set_roof(contender, roof, &run->throughput[i]);
    }
    run->environment = gb_environment_describe(s->backend, &s->device, s->threads, roof);
    return GB_OK;
}

gb_status gb_timing_pass(gb_selection *selection, gb_pack *pack, const gb_picks *picks, gb_audit *audit,
                         const gb_options *options, gb_run *run, gb_error *err)
{
    gb_selection *s = selection;
    const gb_geometry geometry = gb_pack_get_info(pack)->geometry;
    frames f = {0};
    gb_roof roof = {0};
    gb_progress progress = {0};
    gb_status status = GB_OK;
    GB_GO(gb_roof_of(s->backend, s->precision, s->threads, &roof, err));
    GB_GO(read_frames(pack, picks, audit, &f, err));
    const gb_timing_plan plan = {.min_samples = 3, .min_seconds = 0.5, .max_seconds = 10.0, .device = s->backend->id,
                                 .precision = s->device.precision, .net_precision = gb_selection_net_precision(s),
                                 .frames = f.input, .truths = f.truth, .picks = f.pick, .frame_count = f.count,
                                 .side = geometry.side, .rounding = s->protocol.rounding, .seed = GB_AUDIT_SEED};
    const gb_contender_env env = {.backend = s->backend, .geometry = geometry, .precision = s->precision,
                                  .batch_stats = s->protocol.batch_stats,
                                  .batch = s->protocol.stat_batch, .frames = s->batch,
                                  .dataset = gb_pack_get_info(pack)->id,
                                  .dataset_frames = gb_pack_get_info(pack)->frames, .picks = picks};
    gb_progress_start(&progress, options->quiet || options->json, "timing", "generators", s->contenders.count);
    for (int i = 0; i < s->contenders.count; i++) {
        GB_GO(time_contender(s, i, &env, &plan, audit, run, err));
        gb_progress_show(&progress, i + 1);
    }
    const gb_metric_env metric_env = {.geometry = geometry, .backend = s->backend};
    GB_GO(time_metrics(s, &metric_env, &plan, run, err));
    GB_GO(gb_rounds_time(s, &plan, run, err));
    GB_GO(set_roofs(s, run, &roof, err));
done:
    gb_progress_end(&progress);
    free_frames(&f);
    return status;
}
