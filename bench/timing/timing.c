#include "timing/timing.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/random.h"
#include "machine/yardstick.h"
#include "stats/stats.h"
#include "timing/seat.h"

#define MAX_SAMPLES 2000
#define MAX_SLICES 64
#define SLICE_SECONDS 0.004 /* and one call at least: short beside the time for which a machine stays as it is */

/* What is timed: one call is one frame. */
typedef struct timed_subject {
    gb_status (*open)(const struct timed_subject *subject, void **worker, gb_error *err);
    gb_status (*once)(const struct timed_subject *subject, void *worker, int frame, gb_error *err);
    void (*close)(const struct timed_subject *subject, void *worker);
    /* Copies one frame of what the call before made; NULL: nothing is kept. */
    int (*keep)(const struct timed_subject *subject, const void *worker, int call, gb_random *random, gb_image *into);
    const gb_timing_plan *plan;
    const gb_contender *contender;
    const gb_metric *metric;
    const gb_metric_env *env;
    const void *shared;
    bool once_truth; /* of a metric on a device: the truth's part is timed, too */
    double quiet; /* of slices, see gb_timing_slices_take */
} timed_subject;

typedef struct lane {
    const timed_subject *subject;
    void *worker;
    double *samples; /* ms */
    int count;
    uint64_t start_ns, end_ns, paused_ns;
    struct gb_timing_sample kept[GB_TIMING_KEPT];
    gb_random random;
    gb_timing_slice slice[MAX_SLICES];
    int slices;
    gb_status status;
    gb_error err;
} lane;

typedef struct generate_worker {
    gb_contender_worker contender;
    gb_stabiliser *stabiliser;  /* of one that holds: the plan's frames, taken as one shot */
    gb_image *inputs, *outputs; /* `inputs` borrows the plan's pixels */
    int *picks;
    int batch;
} generate_worker;

static int frames_of(const gb_contender *contender)
{
    return contender->plan ? (int)gb_net_output_shape(contender->plan).n : 1;
}

/* Which of the plan's frames a call begins with: frames that share statistics stay the same ones. */
static int first_of(const timed_subject *subject, const generate_worker *w, int call)
{
    return subject->contender->batch_stats ? 0 : (int)((long)call * w->batch % subject->plan->frame_count);
}

static void generate_close(const timed_subject *subject, void *at)
{
    (void)subject;
    generate_worker *w = at;
    if (!w) return;
    gb_contender_worker_close(&w->contender);
    gb_stabiliser_free(w->stabiliser);
    for (int i = 0; w->outputs && i < w->batch; i++) gb_image_free(&w->outputs[i]);
    free(w->inputs);
    free(w->outputs);
    free(w->picks);
    free(w);
}

static gb_status generate_open(const timed_subject *subject, void **out, gb_error *err)
{
    const gb_contender *contender = subject->contender;
    const gb_image *frame = &subject->plan->frames[0];
    generate_worker *w = gb_alloc(1, sizeof *w);
    if (!w) return gb_fail_memory(err, "timing", sizeof *w);
    w->batch = frames_of(contender);
    w->inputs = gb_alloc((size_t)w->batch, sizeof *w->inputs);
    w->outputs = gb_alloc((size_t)w->batch, sizeof *w->outputs);
    w->picks = gb_alloc((size_t)w->batch, sizeof *w->picks);
    gb_status status =
        w->inputs && w->outputs && w->picks ? GB_OK : gb_fail_memory(err, "timing", (size_t)w->batch);
    for (int i = 0; status == GB_OK && i < w->batch; i++)
        status = gb_image_new(frame->width, frame->height, &w->outputs[i], err);
    const gb_geometry geometry = {frame->width, frame->height, subject->plan->side};
    if (status == GB_OK) status = gb_contender_worker_open(contender, &w->contender, err);
    if (status == GB_OK) status = gb_contender_stabiliser(contender, geometry, &w->stabiliser, err);
    if (status == GB_OK)
        *out = w;
    else
        generate_close(subject, w);
    return status;
}

static gb_status generate_once(const timed_subject *subject, void *at, int frame, gb_error *err)
{
    generate_worker *w = at;
    const gb_timing_plan *plan = subject->plan;
    const int first = first_of(subject, w, frame);
    if (subject->contender->batch_stats && w->batch > plan->frame_count)
        return gb_fail(err, GB_E_ARG, "timing: expected %d frames a batch, found %d", w->batch, plan->frame_count);
    for (int i = 0; i < w->batch; i++) {
        w->inputs[i] = plan->frames[(first + i) % plan->frame_count];
        w->picks[i] = plan->picks ? plan->picks[(first + i) % plan->frame_count] : 0;
    }
    GB_TRY(gb_contender_generate(&w->contender, w->inputs, w->picks, w->batch, plan->side, plan->rounding, w->outputs,
                                 err));
    for (int i = 0; w->stabiliser && i < w->batch; i++)
        gb_stabiliser_step(w->stabiliser, first + i > 0, &w->outputs[i]);
    return GB_OK;
}

static int generate_keep(const timed_subject *subject, const void *at, int call, gb_random *random, gb_image *into)
{
    const generate_worker *w = at;
    const int first = first_of(subject, w, call);
    const int which = (int)gb_random_below(random, (uint64_t)w->batch);
    const gb_image *made = &w->outputs[which];
    memcpy(into->rgb, made->rgb, (size_t)made->width * (size_t)made->height * 3);
    return (first + which) % subject->plan->frame_count;
}

static gb_status score_open(const timed_subject *subject, void **out, gb_error *err)
{
    return subject->metric->worker_open(subject->shared, subject->env, out, err);
}

static gb_status score_once(const timed_subject *subject, void *worker, int frame, gb_error *err)
{
    gb_scores scores = {0};
    const gb_timing_plan *plan = subject->plan;
    const int i = frame % plan->frame_count, next = (i + 1) % plan->frame_count;
    if (subject->metric->temporal) {
        const gb_frame_pair truth = {.frame = {&plan->truths[i], &plan->truths[next]}};
        const gb_frame_pair test = {.frame = {&plan->frames[i], &plan->frames[next]}};
        GB_TRY(subject->metric->pair_reference(worker, &truth, err));
        return subject->metric->pair(worker, &test, &scores, err);
    }
    GB_TRY(subject->metric->reference(worker, &plan->truths[i], err));
    return subject->metric->compare(worker, &plan->frames[i], &scores, err);
}

static gb_status next_open(const timed_subject *subject, void **out, gb_error *err)
{
    GB_TRY(score_open(subject, out, err));
    return subject->metric->reference(*out, &subject->plan->truths[0], err);
}

static gb_status next_once(const timed_subject *subject, void *worker, int frame, gb_error *err)
{
    gb_scores scores = {0};
    return subject->metric->compare(worker, &subject->plan->frames[frame % subject->plan->frame_count], &scores, err);
}

static void score_close(const timed_subject *subject, void *worker)
{
    if (worker) subject->metric->worker_close(worker);
}

/* Where frames are scored on the device, a call is as many of the plan's frames as it takes there. */
static gb_status seat_open(const timed_subject *subject, void **out, gb_error *err)
{
    const gb_timing_plan *plan = subject->plan;
    gb_seat *seat = NULL;
    GB_TRY(gb_seat_open(subject->metric, subject->shared, subject->env, plan->truths, plan->frames, plan->frame_count,
                        &seat, err));
    *out = seat;
    return GB_OK;
}

static gb_status seat_once(const timed_subject *subject, void *seat, int call, gb_error *err)
{
    (void)call;
    return gb_seat_score(seat, subject->once_truth, err);
}

static void seat_close(const timed_subject *subject, void *seat)
{
    (void)subject;
    gb_seat_close(seat);
}

/* Reservoir sampling: in the end every call was kept with the same probability. Off the clock. */
static uint64_t keep_some(lane *l, int call, uint64_t now)
{
    const timed_subject *subject = l->subject;
    if (!subject->keep) return now;
    const uint64_t place = call < GB_TIMING_KEPT ? (uint64_t)call : gb_random_below(&l->random, (uint64_t)call + 1);
    if (place >= GB_TIMING_KEPT) return now;
    struct gb_timing_sample *kept = &l->kept[place];
    kept->frame = subject->keep(subject, l->worker, call, &l->random, &kept->image);
    const uint64_t later = gb_clock_ns();
    l->paused_ns += later - now;
    return later;
}

static void *lane_main(void *argument)
{
    lane *l = argument;
    const gb_timing_plan *plan = l->subject->plan;
    l->start_ns = gb_clock_ns();
    const uint64_t least = l->start_ns + (uint64_t)(plan->min_seconds * 1e9);
    const uint64_t most = l->start_ns + (uint64_t)(plan->max_seconds * 1e9);
    uint64_t now = l->start_ns;
    while (l->count < MAX_SAMPLES && ((l->count < plan->min_samples || now < least) && (l->count < 1 || now < most))) {
        const uint64_t before = now;
        l->status = l->subject->once(l->subject, l->worker, l->count, &l->err);
        if (l->status != GB_OK) break;
        now = gb_clock_ns();
        l->samples[l->count] = (double)(now - before) * 1e-6;
        now = keep_some(l, l->count++, now);
    }
    l->end_ns = now;
    return NULL;
}

bool gb_timing_is_undisturbed(const gb_timing_slice *slice, double quiet)
{
    return !slice->waited && slice->work_ms <= quiet * slice->clock_ms;
}

/* Calls for SLICE_SECONDS, at least one; `before` is the yardstick's and becomes the one after. */
static gb_status take_slice(lane *l, gb_yardstick *yardstick, gb_yardstick_times *before, double *clock_ms)
{
    gb_timing_slice *const slice = &l->slice[l->slices];
    const uint64_t waited = gb_yardstick_waited_ns(), start = gb_clock_ns();
    uint64_t now = start;
    int calls = 0;
    while (calls == 0 || (double)(now - start) * 1e-9 < SLICE_SECONDS) {
        GB_TRY(l->subject->once(l->subject, l->worker, l->count++, &l->err));
        now = gb_clock_ns();
        calls++;
    }
    const uint64_t lost = gb_yardstick_waited_ns() - waited;
    const gb_yardstick_times after = gb_yardstick_take(yardstick);
    *clock_ms = fmin(*clock_ms, after.clock_ms);
    *slice = (gb_timing_slice){.ms = (double)(now - start) * 1e-6 / calls,
                               .clock_ms = *clock_ms,
                               .work_ms = fmax(before->work_ms, after.work_ms),
                               .waited = (double)lost > GB_TIMING_WAITED * (double)(now - start)};
    *before = after;
    l->slices++;
    return GB_OK;
}

static void *slices_main(void *argument)
{
    lane *l = argument;
    const gb_timing_plan *plan = l->subject->plan;
    gb_yardstick *yardstick = NULL;
    l->status = gb_yardstick_new(&yardstick, &l->err);
    if (l->status != GB_OK) return NULL;
    gb_yardstick_take(yardstick); /* to warm up */
    gb_yardstick_times before = gb_yardstick_take(yardstick);
    double clock_ms = before.clock_ms;
    const uint64_t most = gb_clock_ns() + (uint64_t)(plan->max_seconds * 1e9);
    int undisturbed = 0;
    while (l->status == GB_OK && l->slices < MAX_SLICES && undisturbed < plan->min_samples &&
           (l->slices == 0 || gb_clock_ns() < most)) {
        l->status = take_slice(l, yardstick, &before, &clock_ms);
        if (l->status == GB_OK)
            undisturbed += gb_timing_is_undisturbed(&l->slice[l->slices - 1], l->subject->quiet);
    }
    gb_yardstick_free(yardstick);
    return NULL;
}

/* Opens and warms every lane, one after the other, so that nothing of it falls into the timed part. */
static gb_status open_lanes(const timed_subject *subject, lane *lanes, int threads, gb_error *err)
{
    for (int i = 0; i < threads; i++) {
        lanes[i].subject = subject;
        lanes[i].random.state = gb_random_mix(subject->plan->seed + (uint64_t)i);
        for (int k = 0; subject->keep && k < GB_TIMING_KEPT; k++) {
            const gb_image *frame = &subject->plan->frames[0];
            GB_TRY(gb_image_new(frame->width, frame->height, &lanes[i].kept[k].image, err));
        }
        lanes[i].samples = gb_alloc(MAX_SAMPLES, sizeof(double));
        if (!lanes[i].samples) return gb_fail_memory(err, "samples", MAX_SAMPLES * sizeof(double));
        GB_TRY(subject->open(subject, &lanes[i].worker, err));
        GB_TRY(subject->once(subject, lanes[i].worker, 0, err));
    }
    return GB_OK;
}

static gb_status run_lanes(lane *lanes, int threads, void *(*main)(void *), gb_error *err)
{
    pthread_t *thread = gb_alloc((size_t)threads, sizeof *thread);
    if (!thread) return gb_fail_memory(err, "threads", (size_t)threads * sizeof *thread);
    int started = 0;
    while (started < threads && pthread_create(&thread[started], NULL, main, &lanes[started]) == 0) started++;
    for (int i = 0; i < started; i++) pthread_join(thread[i], NULL);
    free(thread);
    if (started < threads) return gb_fail(err, GB_E_NOMEM, "cannot start %d threads", threads);
    for (int i = 0; i < threads; i++)
        if (lanes[i].status != GB_OK) {
            if (err) *err = lanes[i].err;
            return lanes[i].status;
        }
    return GB_OK;
}

/* Pools the lanes' samples; each sample is `batch` frames. */
static gb_status reduce(const lane *lanes, int threads, int batch, gb_run_throughput *out, gb_error *err)
{
    int count = 0;
    double fps = 0.0;
    for (int i = 0; i < threads; i++) {
        count += lanes[i].count;
        const uint64_t ns = lanes[i].end_ns - lanes[i].start_ns - lanes[i].paused_ns;
        fps += lanes[i].count * batch / ((double)ns * 1e-9);
    }
    double *sorted = gb_alloc((size_t)count, sizeof *sorted);
    out->samples_ms = gb_alloc((size_t)count, sizeof *out->samples_ms);
    if (!sorted || !out->samples_ms) {
        free(sorted);
        return gb_fail_memory(err, "samples", (size_t)count * sizeof *sorted);
    }
    for (int i = 0, n = 0; i < threads; n += lanes[i++].count)
        memcpy(out->samples_ms + n, lanes[i].samples, (size_t)lanes[i].count * sizeof *sorted);
    memcpy(sorted, out->samples_ms, (size_t)count * sizeof *sorted);
    out->samples = count;
    out->p50_ms = gb_stats_quantile(sorted, (size_t)count, 0.5);
    out->p90_ms = gb_stats_quantile(sorted, (size_t)count, 0.9);
    out->p99_ms = gb_stats_quantile(sorted, (size_t)count, 0.99);
    out->fps = fps;
    free(sorted);
    return GB_OK;
}

void gb_timing_samples_free(gb_timing_samples *samples)
{
    for (int i = 0; i < samples->count; i++) gb_image_free(&samples->item[i].image);
    free(samples->item);
    *samples = (gb_timing_samples){0};
}

/* Moves what the lanes kept into one list. */
static gb_status gather_samples(lane *lanes, int threads, gb_timing_samples *out, gb_error *err)
{
    gb_timing_samples all = {.item = gb_alloc((size_t)threads * GB_TIMING_KEPT, sizeof *all.item)};
    if (!all.item) return gb_fail_memory(err, "timing", (size_t)threads * sizeof *all.item);
    for (int i = 0; i < threads; i++)
        for (int k = 0; k < GB_TIMING_KEPT && k < lanes[i].count; k++) {
            all.item[all.count++] = lanes[i].kept[k];
            lanes[i].kept[k].image = (gb_image){0};
        }
    *out = all;
    return GB_OK;
}

static void close_lanes(const timed_subject *subject, lane *lanes, int threads)
{
    for (int i = 0; i < threads; i++) {
        subject->close(subject, lanes[i].worker);
        free(lanes[i].samples);
        for (int k = 0; k < GB_TIMING_KEPT; k++) gb_image_free(&lanes[i].kept[k].image);
    }
    free(lanes);
}

static gb_status time_subject(const timed_subject *subject, int threads, int batch, gb_run_throughput *out,
                              gb_timing_samples *samples, gb_error *err)
{
    gb_status status = GB_OK;
    lane *lanes = gb_alloc((size_t)threads, sizeof *lanes);
    if (!lanes) return gb_fail_memory(err, "timing", (size_t)threads * sizeof *lanes);
    GB_GO(open_lanes(subject, lanes, threads, err));
    GB_GO(run_lanes(lanes, threads, lane_main, err));
    if (samples) GB_GO(gather_samples(lanes, threads, samples, err));
    GB_GO(reduce(lanes, threads, batch, out, err));
    out->device = gb_strdup(subject->plan->device);
    out->precision = gb_strdup(subject->contender ? subject->plan->net_precision : subject->plan->precision);
    out->batch = batch;
    out->threads = threads;
    out->gflops = out->roof_fraction = NAN;
done:
    if (samples && status != GB_OK) gb_timing_samples_free(samples);
    close_lanes(subject, lanes, threads);
    return status;
}

gb_status gb_timing_generator(const gb_contender *contender, const gb_timing_plan *plan, int threads,
                              gb_run_throughput *out, gb_timing_samples *samples, gb_error *err)
{
    const timed_subject subject = {.open = generate_open, .once = generate_once, .close = generate_close, .plan = plan,
                                   .keep = samples ? generate_keep : NULL, .contender = contender};
    const int batch = frames_of(contender);
    gb_run_throughput row = {0};
    GB_TRY(time_subject(&subject, threads, batch, &row, samples, err));
    row.generator = gb_strdup(contender->id);
    row.stage = gb_strdup("generate");
    *out = row;
    return GB_OK;
}

/* Moves the lanes' slices into one list; a lane's clock is the least of all its own. */
static gb_status gather_slices(const lane *lanes, int threads, int batch, gb_timing_slices *out, gb_error *err)
{
    gb_timing_slices all = {.item = gb_alloc((size_t)threads * MAX_SLICES, sizeof *all.item)};
    if (!all.item) return gb_fail_memory(err, "slices", (size_t)threads * sizeof *all.item);
    for (int i = 0; i < threads; i++)
        for (int k = 0; k < lanes[i].slices; k++) {
            gb_timing_slice *const slice = &all.item[all.count++];
            *slice = lanes[i].slice[k];
            slice->ms /= batch;
            slice->clock_ms = lanes[i].slice[lanes[i].slices - 1].clock_ms;
        }
    *out = all;
    return GB_OK;
}

gb_status gb_timing_slices_take(const gb_contender *contender, const gb_timing_plan *plan, int threads, double quiet,
                                gb_timing_slices *out, gb_error *err)
{
    const timed_subject subject = {.open = generate_open, .once = generate_once, .close = generate_close, .plan = plan,
                                   .contender = contender, .quiet = quiet};
    const int batch = contender->batch_stats ? (int)gb_net_output_shape(contender->plan).n : 1;
    lane *lanes = gb_alloc((size_t)threads, sizeof *lanes);
    if (!lanes) return gb_fail_memory(err, "timing", (size_t)threads * sizeof *lanes);
    gb_status status = open_lanes(&subject, lanes, threads, err);
    if (status == GB_OK) status = run_lanes(lanes, threads, slices_main, err);
    if (status == GB_OK) status = gather_slices(lanes, threads, batch, out, err);
    close_lanes(&subject, lanes, threads);
    return status;
}

void gb_timing_set_roof(const gb_contender *contender, const gb_roof *roof, gb_run_throughput *row)
{
    const gb_cost cost = contender->info.cost; /* of one batch; every worker reads all weights for itself */
    const double batches = row->fps / row->batch;
    if (!contender->generator->net) return;
    row->gflops = cost.flops * batches * 1e-9;
    row->roof_fraction = batches * gb_roof_seconds(roof, cost.flops, cost.weight_bytes);
}

static gb_status time_metric(timed_subject subject, const char *stage, int threads, gb_run_throughput *out,
                             gb_error *err)
{
    const gb_metric *const metric = subject.metric;
    gb_metric_env env = *subject.env;
    void *shared = NULL;
    gb_run_throughput row = {0};
    if (env.backend) GB_TRY(gb_backend_scoring(env.backend, &env.scoring, err));
    const struct gb_metric_on_device *const there = env.scoring ? metric->on_device : NULL;
    gb_status (*const open)(const gb_metric_env *, void **, gb_error *) = there ? there->open : metric->open;
    env.frames = there ? gb_seat_frames(subject.plan->frame_count) : 0;
    if (there) {
        subject.open = seat_open;
        subject.once = seat_once;
        subject.close = seat_close;
        subject.once_truth = !strcmp(stage, "score");
    }
    subject.env = &env;
    if (open) GB_TRY(open(&env, &shared, err));
    subject.shared = shared;
    const gb_status status = time_subject(&subject, threads, there ? env.frames : 1, &row, NULL, err);
    if (shared) (there ? there->close : metric->close)(shared);
    if (status != GB_OK) return status;
    row.generator = gb_strdup(metric->id);
    row.stage = gb_strdup(stage);
    *out = row;
    return GB_OK;
}

gb_status gb_timing_metric(const gb_metric *metric, const gb_metric_env *env, const gb_timing_plan *plan, int threads,
                           gb_run_throughput *out, gb_error *err)
{
    const timed_subject subject = {.open = score_open, .once = score_once, .close = score_close, .plan = plan,
                                   .metric = metric, .env = env};
    return time_metric(subject, "score", threads, out, err);
}

gb_status gb_timing_metric_next(const gb_metric *metric, const gb_metric_env *env, const gb_timing_plan *plan,
                                int threads, gb_run_throughput *out, gb_error *err)
{
    const timed_subject subject = {.open = next_open, .once = next_once, .close = score_close, .plan = plan,
                                   .metric = metric, .env = env};
    return time_metric(subject, "score next", threads, out, err);
}
