#include "contenders/contender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checkpoint/checkpoint.h"

static gb_status open_plan(gb_contender *contender, gb_weights *weights, const gb_contender_env *env, int batch,
                           gb_net_plan **out, gb_error *err)
{
    const gb_net_options options = {.precision = env->precision,
                                    .threads = env->threads,
                                    .batch_stats = env->batch_stats,
                                    .batch = batch,
                                    .width = env->geometry.width,
                                    .height = env->geometry.height,
                                    .side = env->geometry.side,
                                    .strips_only = true};
    return gb_net_plan_new(contender->generator->net, weights, &options, env->backend, out, err);
}

static int frames_together(const gb_contender_env *env)
{
    const int most = env->backend->frames > 1 ? env->backend->frames : 1;
    return env->frames < 1 ? 1 : env->frames < most ? env->frames : most;
}

static gb_status open_net(gb_contender *contender, gb_weights *weights, const gb_contender_env *env, gb_error *err)
{
    contender->frames = env->batch_stats ? env->batch : frames_together(env);
    GB_TRY(open_plan(contender, weights, env, contender->frames, &contender->plan, err));
    if (env->tail) GB_TRY(open_plan(contender, weights, env, env->tail, &contender->tail, err));
    contender->info = gb_net_plan_info(contender->plan);
    contender->batch_stats = env->batch_stats;
    return GB_OK;
}

/* Not to take frames of this size is a state of its own, unless the net was asked for. */
static gb_status open_trained(gb_contender *contender, const gb_contender_env *env, gb_state *failure, gb_error *err)
{
    const gb_net *const net = contender->generator->net;
    gb_weights *weights = NULL;
    gb_checkpoint_info info;
    gb_status status;
    GB_GO(gb_checkpoint_read(contender->weights, &weights, &info, err));
    memcpy(contender->weights_sha256, info.sha256, sizeof contender->weights_sha256);
    status = gb_net_takes(net, weights, env->geometry.width, env->geometry.height, err);
    if (status == GB_E_UNSUPPORTED && !contender->asked) *failure = GB_STATE_SKIPPED;
    if (status == GB_OK) status = open_net(contender, weights, env, err);
done:
    gb_weights_free(weights);
    return status;
}

static gb_status open_foreign(gb_contender *contender, const gb_contender_env *env, gb_error *err)
{
    const gb_foreign_env of = {.dataset = env->dataset, .frames = env->dataset_frames, .geometry = env->geometry,
                               .picks = env->picks};
    return gb_foreign_open(contender->foreign, &of, err);
}

/* What its base has opened, and how that went. */
static void open_like_base(gb_contender *contender)
{
    const gb_contender *base = contender->base;
    contender->state = base->state;
    contender->has_opened = base->has_opened;
    memcpy(contender->why, base->why, sizeof contender->why);
    memcpy(contender->weights_sha256, base->weights_sha256, sizeof contender->weights_sha256);
    contender->batch_stats = base->batch_stats;
    contender->frames = base->frames;
    contender->info = base->info;
    contender->plan = base->plan;
    contender->tail = base->tail;
    contender->borrows = true;
}

void gb_contender_open(gb_contender *contender, const gb_contender_env *env)
{
    if (contender->base) {
        open_like_base(contender);
        return;
    }
    if ((!contender->generator->net && !contender->foreign) || contender->state == GB_STATE_NO_WEIGHTS) return;
    gb_error err = {0};
    gb_state failure = GB_STATE_FAILED;
    const gb_status status = contender->foreign ? open_foreign(contender, env, &err)
                                                : open_trained(contender, env, &failure, &err);
    if (status != GB_OK) gb_contender_close(contender);
    contender->has_opened = contender->has_opened || status == GB_OK;
    contender->state = status == GB_OK ? GB_STATE_OK : failure;
    snprintf(contender->why, sizeof contender->why, "%s", status == GB_OK ? "" : err.text);
}

void gb_contender_close(gb_contender *contender)
{
    if (!contender->borrows) {
        gb_net_plan_free(contender->plan);
        gb_net_plan_free(contender->tail);
    }
    contender->plan = contender->tail = NULL;
    contender->borrows = false;
    if (contender->foreign && !contender->base) gb_foreign_close(contender->foreign);
}

/* Bytes that can be had without swapping. Where Linux says it, with the pages of files that it would give back. */
static double available_memory(void)
{
    char line[128];
    double kilobytes = -1.0;
    FILE *const file = fopen("/proc/meminfo", "r");
    while (file && kilobytes < 0.0 && fgets(line, sizeof line, file))
        if (sscanf(line, "MemAvailable: %lf kB", &kilobytes) != 1) kilobytes = -1.0;
    if (file) fclose(file);
    if (kilobytes >= 0.0) return kilobytes * 1024.0;
    return (double)sysconf(_SC_AVPHYS_PAGES) * (double)sysconf(_SC_PAGE_SIZE);
}

/* Weights, their reordered copy, and room for the rest. */
static gb_status check_memory(const gb_net *net, gb_error *err)
{
    const double available = available_memory();
    const double bottleneck = (double)net->defaults.bottleneck * net->defaults.kernel_h * net->defaults.kernel_w;
    const double need = 2.2 * 2.0 * bottleneck * 512.0 * sizeof(float) + 1e9;
    if (available >= need) return GB_OK;
    return gb_fail(err, GB_E_NOMEM, "needs about %.1f GB of free memory, %.1f GB are free", need / 1e9,
                   available / 1e9);
}

gb_status gb_contender_open_random(gb_contender *contender, const gb_contender_env *env, gb_error *err)
{
    GB_TRY(check_memory(contender->generator->net, err));
    gb_weights *weights = NULL;
    GB_TRY(gb_weights_new_random(1, &weights, err));
    const gb_status status = open_net(contender, weights, env, err);
    gb_weights_free(weights);
    if (status != GB_OK) gb_contender_close(contender);
    return status;
}

gb_status gb_contender_worker_open(const gb_contender *contender, gb_contender_worker *out, gb_error *err)
{
    gb_contender_worker worker = {.contender = contender};
    gb_status status = GB_OK;
    if (contender->plan) GB_GO(gb_net_worker_new(contender->plan, &worker.net, err));
    if (contender->tail) GB_GO(gb_net_worker_new(contender->tail, &worker.tail, err));
    if (contender->foreign) GB_GO(gb_foreign_worker_open(contender->foreign, &worker.foreign, err));
    *out = worker;
done:
    if (status != GB_OK) gb_contender_worker_close(&worker);
    return status;
}

void gb_contender_worker_close(gb_contender_worker *worker)
{
    gb_net_worker_free(worker->net);
    gb_net_worker_free(worker->tail);
    gb_foreign_worker_close(worker->foreign);
    *worker = (gb_contender_worker){0};
}

gb_status gb_contender_stabiliser(const gb_contender *contender, gb_geometry geometry, gb_stabiliser **out,
                                  gb_error *err)
{
    *out = NULL;
    return contender->holds ? gb_stabiliser_new(geometry.width, geometry.height, geometry.side, out, err) : GB_OK;
}

#define MOST_FRAMES 64

/* The frames of a call, `step` at a time. */
typedef struct batch {
    gb_net_worker *net;
    const gb_net_plan *plan;
    gb_image *outputs;         /* or, on the device: */
    const gb_place *from, *to;
    int count, step;
    gb_rounding rounding;
} batch;

static int size_of(const batch *b, int run)
{
    const int left = b->count - run * b->step;
    return left < b->step ? left : b->step;
}

static gb_status submit(const batch *b, int run, int slot, gb_error *err)
{
    const gb_image *frames[MOST_FRAMES];
    const int first = run * b->step;
    if (b->from) return gb_net_submit_there(b->net, slot, &b->from[first], &b->to[first], size_of(b, run), err);
    for (int i = 0; i < size_of(b, run); i++) frames[i] = &b->outputs[run * b->step + i];
    return gb_net_submit(b->net, slot, frames, size_of(b, run), err);
}

static gb_status collect(const batch *b, int run, int slot, gb_error *err)
{
    const float *raw = NULL;
    bool finite = true;
    if (b->from) {
        GB_TRY(gb_net_collect_there(b->net, slot, &finite, err));
        return finite ? GB_OK : gb_fail(err, GB_E_NUMERIC, "the net's output is NaN or infinite in a strip");
    }
    GB_TRY(gb_net_collect(b->net, slot, &raw, err));
    for (int i = 0; i < size_of(b, run); i++)
        GB_TRY(gb_net_composite(b->plan, raw, i, b->rounding, &b->outputs[run * b->step + i], err));
    return GB_OK;
}

/* Runs frames through the net and composites them; as many runs are in flight as the device takes. */
static gb_status run_batch(const batch *b, gb_error *err)
{
    if (b->step > MOST_FRAMES)
        return gb_fail(err, GB_E_ARG, "batch: expected at most %d frames, found %d", MOST_FRAMES, b->step);
    const int runs = (b->count + b->step - 1) / b->step, slots = gb_net_slots(b->net);
    gb_status status = GB_OK;
    int submitted = 0;
    for (int done = 0; done < runs && (status == GB_OK || done < submitted); done++) {
        while (status == GB_OK && submitted < runs && submitted < done + slots) {
            status = submit(b, submitted, submitted % slots, err);
            submitted += status == GB_OK;
        }
        gb_error later; /* after a failure what is still in flight is waited for */
        if (done >= submitted) break;
        const gb_status collected = collect(b, done, done % slots, status == GB_OK ? err : &later);
        if (status == GB_OK) status = collected;
    }
    return status;
}

/* The call's frames are still to be filled in. */
static batch batch_of(const gb_contender_worker *worker, int count)
{
    const gb_contender *contender = worker->contender;
    const bool tail = contender->tail && count != contender->frames;
    return (batch){.net = tail ? worker->tail : worker->net,
                   .plan = tail ? contender->tail : contender->plan,
                   .count = count,
                   .step = contender->batch_stats ? count : contender->frames};
}

gb_status gb_contender_keep_there(gb_contender_worker *worker, gb_rounding rounding, gb_error *err)
{
    if (worker->net) GB_TRY(gb_net_keep_there(worker->net, rounding, err));
    return worker->tail ? gb_net_keep_there(worker->tail, rounding, err) : GB_OK;
}

gb_status gb_contender_generate_there(gb_contender_worker *worker, const gb_place *from, const gb_place *to, int count,
                                      gb_error *err)
{
    batch all = batch_of(worker, count);
    all.from = from;
    all.to = to;
    return run_batch(&all, err);
}

gb_status gb_contender_generate(gb_contender_worker *worker, const gb_image *inputs, const int *picks, int count,
                                int side, gb_rounding rounding, gb_image *outputs, gb_error *err)
{
    const gb_contender *contender = worker->contender;
    for (int i = 0; worker->foreign && i < count; i++)
        GB_TRY(gb_foreign_generate(worker->foreign, picks[i], &inputs[i], &outputs[i], err));
    if (worker->foreign) return GB_OK;
    for (int i = 0; i < count; i++)
        memcpy(outputs[i].rgb, inputs[i].rgb, (size_t)inputs[i].width * (size_t)inputs[i].height * 3);
    if (!contender->generator->net) {
        for (int i = 0; i < count; i++) GB_TRY(contender->generator->paint(&outputs[i], side, err));
        return GB_OK;
    }
    batch all = batch_of(worker, count);
    all.outputs = outputs;
    all.rounding = rounding;
    return run_batch(&all, err);
}
