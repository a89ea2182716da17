#include "model/run_file.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checkpoint/checkpoint.h"
#include "cli/print_json.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/memory.h"
#include "model/frames_file.h"
#include "model/which.h"
#include "pipeline/pipeline.h"

/* Frames that go together through the net. */
typedef struct unit_slot {
    gb_image *frame;
    const gb_image **borrowed; /* as gb_net_run takes them */
    float *planes;             /* of every frame's output: 3,H,W */
} unit_slot;

typedef struct job {
    gb_frames_in *in;
    gb_frames_out *out;
    gb_net_plan *plan;
    gb_net_worker **worker;
    unit_slot *slot;
    void **slot_pointer;
    pthread_mutex_t files; /* HDF5 takes one call at a time */
    long frames, units;
    int per_unit, per_run; /* frames of a unit; frames of one run of the net: 1, or all with batch statistics */
    int workers, slots;
} job;

static int frames_of(const job *j, long unit)
{
    const long left = j->frames - unit * j->per_unit;
    return left < j->per_unit ? (int)left : j->per_unit;
}

static size_t output_size(const job *j)
{
    const gb_shape shape = gb_net_output_shape(j->plan);
    return (size_t)shape.h * (size_t)shape.w * 3;
}

static gb_status decode(void *user, long unit, void *slot, gb_error *err)
{
    job *j = user;
    unit_slot *s = slot;
    gb_status status = GB_OK;
    for (int i = 0; i < frames_of(j, unit) && status == GB_OK; i++) {
        pthread_mutex_lock(&j->files);
        status = gb_frames_in_read(j->in, unit * j->per_unit + i, &s->frame[i], err);
        pthread_mutex_unlock(&j->files);
    }
    return status;
}

static void to_planes(const float *from, size_t pixels, float *to)
{
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < pixels; i++) to[c * pixels + i] = from[3 * i + c];
}

static gb_status work(void *user, int worker, long unit, void *slot, gb_error *err)
{
    job *j = user;
    unit_slot *s = slot;
    const size_t size = output_size(j);
    for (int i = 0; i < frames_of(j, unit); i += j->per_run) {
        const float *output = NULL;
        if (gb_net_run(j->worker[worker], &s->borrowed[i], &output, err) != GB_OK)
            return gb_fail_in(err, "frame %ld", unit * j->per_unit + i);
        for (int k = 0; k < j->per_run; k++)
            to_planes(output + (size_t)k * size, size / 3, s->planes + (size_t)(i + k) * size);
    }
    return GB_OK;
}

static gb_status collect(void *user, long unit, void *slot, gb_error *err)
{
    job *j = user;
    const unit_slot *s = slot;
    gb_status status = GB_OK;
    for (int i = 0; i < frames_of(j, unit) && status == GB_OK; i++) {
        pthread_mutex_lock(&j->files);
        status = gb_frames_out_write(j->out, unit * j->per_unit + i, s->planes + (size_t)i * output_size(j), err);
        pthread_mutex_unlock(&j->files);
    }
    return status;
}

static gb_status open_slot(const job *j, unit_slot *slot, gb_error *err)
{
    const size_t count = (size_t)j->per_unit;
    slot->frame = gb_alloc(count, sizeof *slot->frame);
    slot->borrowed = gb_alloc(count, sizeof *slot->borrowed);
    slot->planes = gb_alloc_aligned(count * output_size(j), sizeof *slot->planes);
    if (!slot->frame || !slot->borrowed || !slot->planes)
        return gb_fail_memory(err, "frames", count * output_size(j) * sizeof *slot->planes);
    for (size_t i = 0; i < count; i++) {
        GB_TRY(gb_image_new(gb_frames_in_width(j->in), gb_frames_in_height(j->in), &slot->frame[i], err));
        slot->borrowed[i] = &slot->frame[i];
    }
    return GB_OK;
}

static void close_slot(const job *j, unit_slot *slot)
{
    for (int i = 0; slot->frame && i < j->per_unit; i++) gb_image_free(&slot->frame[i]);
    free(slot->frame);
    free(slot->borrowed);
    free(slot->planes);
}

/* Everything that the workers need, once the plan is made. */
static gb_status open_workers(job *j, gb_error *err)
{
    j->worker = gb_alloc((size_t)j->workers, sizeof *j->worker);
    j->slot = gb_alloc((size_t)j->slots, sizeof *j->slot);
    j->slot_pointer = gb_alloc((size_t)j->slots, sizeof *j->slot_pointer);
    if (!j->worker || !j->slot || !j->slot_pointer) return gb_fail_memory(err, "workers", (size_t)j->slots);
    for (int i = 0; i < j->workers; i++) GB_TRY(gb_net_worker_new(j->plan, &j->worker[i], err));
    for (int i = 0; i < j->slots; i++) {
        GB_TRY(open_slot(j, &j->slot[i], err));
        j->slot_pointer[i] = &j->slot[i];
    }
    return GB_OK;
}

static void close_job(job *j)
{
    for (int i = 0; j->worker && i < j->workers; i++) gb_net_worker_free(j->worker[i]);
    for (int i = 0; j->slot && i < j->slots; i++) close_slot(j, &j->slot[i]);
    free(j->worker);
    free(j->slot);
    free(j->slot_pointer);
    gb_net_plan_free(j->plan);
    gb_frames_in_close(j->in);
    gb_frames_out_abandon(j->out);
    pthread_mutex_destroy(&j->files);
}

static gb_status open_plan(job *j, const gb_model_run_options *options, gb_model_run_result *result, gb_error *err)
{
    const gb_generator *generator = NULL;
    const gb_backend *backend = NULL;
    gb_device_info device;
    gb_weights *weights = NULL;
    gb_checkpoint_info info;
    gb_net_options net = {.batch_stats = options->batch_stats,
                          .batch = j->per_run,
                          .width = result->width,
                          .height = result->height,
                          .side = result->side};
    gb_status status;
    GB_GO(gb_precision_read(options->precision, &net.precision, err));
    GB_GO(gb_model_which(options->net, &generator, err));
    GB_GO(gb_backend_select(options->device ? options->device : "auto", &backend, &device, err));
    GB_GO(gb_checkpoint_read(options->weights, &weights, &info, err));
    GB_GO(gb_net_plan_new(generator->net, weights, &net, backend, &j->plan, err));
    result->info = gb_net_plan_info(j->plan);
    result->output = gb_net_output_shape(j->plan);
    memcpy(result->weights_sha256, info.sha256, sizeof result->weights_sha256);
    snprintf(result->device, sizeof result->device, "%s", backend->id);
done:
    gb_weights_free(weights);
    return status;
}

/* How many frames a unit has and how many threads there are. */
static void share_out(job *j, const gb_model_run_options *options)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const int threads = options->threads > 0 ? options->threads : processors > 0 ? (int)processors : 1;
    const long batch = options->batch > 0 ? options->batch : 1;
    j->per_run = options->batch_stats ? (int)j->frames : 1;
    j->per_unit = options->batch_stats ? (int)j->frames : (int)(batch < j->frames ? batch : j->frames);
    j->units = (j->frames + j->per_unit - 1) / j->per_unit;
    j->workers = j->units < threads ? (int)j->units : threads;
    j->slots = j->units < j->workers + 2 ? (int)j->units : j->workers + 2;
}

static gb_status run_units(job *j, const gb_model_run_options *options, gb_model_run_result *result, gb_error *err)
{
    GB_TRY(gb_frames_out_open(options->output, j->frames, (int)result->output.h, (int)result->output.w, &j->out, err));
    const gb_pipeline pipeline = {.units = j->units,
                                  .workers = j->workers,
                                  .slots = j->slots,
                                  .slot = j->slot_pointer,
                                  .user = j,
                                  .decode = decode,
                                  .work = work,
                                  .collect = collect};
    const uint64_t start = gb_clock_ns();
    GB_TRY(gb_pipeline_run(&pipeline, err));
    result->seconds = (double)(gb_clock_ns() - start) * 1e-9;
    gb_frames_out *out = j->out;
    j->out = NULL;
    return gb_frames_out_finish(out, err);
}

/* Before the weights are read, which may take long. */
static gb_status open_input(job *j, const gb_model_run_options *options, gb_model_run_result *result, gb_error *err)
{
    GB_TRY(gb_frames_in_open(options->input, &j->in, err));
    result->frames = j->frames = gb_frames_in_count(j->in);
    result->width = gb_frames_in_width(j->in);
    result->height = gb_frames_in_height(j->in);
    result->side = options->side >= 0 ? options->side : result->width / 8;
    if (result->side >= 1 && result->side <= (result->width - 1) / 2) return GB_OK;
    return gb_fail(err, GB_E_ARG, "%s: expected strips that leave a centre, found side %d in frames of %dx%d",
                   options->input, result->side, result->width, result->height);
}

gb_status gb_model_run_file(const gb_model_run_options *options, gb_model_run_result *out, gb_error *err)
{
    job j = {.files = PTHREAD_MUTEX_INITIALIZER};
    gb_model_run_result result = {0};
    gb_status status;
    GB_GO(open_input(&j, options, &result, err));
    share_out(&j, options);
    result.threads = j.workers;
    GB_GO(open_plan(&j, options, &result, err));
    GB_GO(open_workers(&j, err));
    GB_GO(run_units(&j, options, &result, err));
    *out = result;
done:
    close_job(&j);
    return status;
}

static void add_result(cJSON *root, const gb_model_run_options *options, const gb_model_run_result *r)
{
    gb_json_add_string(root, "net", options->net);
    gb_json_add_string(root, "weights", options->weights);
    gb_json_add_string(root, "weights_sha256", r->weights_sha256);
    gb_json_add_string(root, "output", options->output);
    gb_json_add_number(root, "frames", (double)r->frames);
    gb_json_add_number(root, "width", (double)r->output.w);
    gb_json_add_number(root, "height", (double)r->output.h);
    gb_json_add_number(root, "side", r->side);
    gb_json_add_string(root, "batchnorm", options->batch_stats ? "batch" : "running");
    gb_json_add_string(root, "device", r->device);
    gb_json_add_string(root, "precision", options->precision ? options->precision : "fp32");
    gb_json_add_number(root, "threads", r->threads);
    gb_json_add_number(root, "parameters", (double)r->info.cost.parameters);
    gb_json_add_number(root, "seconds", r->seconds);
}

gb_status gb_model_run_print(const gb_model_run_options *options, const gb_model_run_result *r, bool json, FILE *to,
                             gb_error *err)
{
    if (json) {
        cJSON *root = cJSON_CreateObject();
        if (root) add_result(root, options, r);
        return gb_print_json(to, root, err);
    }
    fprintf(to, "%s: %ld frames of %lldx%lld from %s on %s, %d threads, %.2f s: %s\n", options->net, r->frames,
            (long long)r->output.w, (long long)r->output.h, options->weights, r->device, r->threads, r->seconds,
            options->output);
    return GB_OK;
}
