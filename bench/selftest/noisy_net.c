#include "selftest/noisy_net.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "models/net.h"
#include "models/state_dict.h"
#include "selftest/chance.h"

#define CLEAN_SEED 17
#define LEVELS 5
/* Levels of 8 bits per unit of output: 127.5, times 4 because random weights make a pale picture (rms 0.08 where a
 * trained net has some 0.4). */
#define GAIN 510.0

struct gb_noisy_net {
    gb_net_plan *clean, *noisy[GB_NOISY_NET_MAX];
    gb_geometry geometry;
    int count;
};

struct gb_noisy_net_worker {
    const gb_noisy_net *net;
    gb_net_worker *clean, *noisy[GB_NOISY_NET_MAX];
    const gb_image *frame;   /* looked at last */
    const float *output;     /* clean, of that frame */
};

static gb_conv_spec layer(int64_t out)
{
    return (gb_conv_spec){.out = out, .kernel_h = 4, .stride = 2, .pad = 1};
}

/* Deep enough that every pixel of a strip sees the picture beside it. */
static gb_value build(gb_builder *b, gb_value x, const gb_net_params *params)
{
    const int64_t w = params->width;
    for (int i = 0; i < LEVELS; i++)
        x = gb_build_relu(b, gb_build_conv(b, x, gb_build_name(b, "down.%d", i), layer(i ? 2 * w : w)));
    for (int i = LEVELS - 1; i > 0; i--)
        x = gb_build_relu(b, gb_build_deconv(b, x, gb_build_name(b, "up.%d", i), layer(i > 1 ? 2 * w : w)));
    return gb_build_activation(b, gb_build_deconv(b, x, "up.0", layer(3)), GB_ACT_TANH, 0);
}

static const gb_net_params size_of_net = {.width = 16};

static gb_status infer(const gb_weights *weights, gb_net_params *out, gb_error *err)
{
    (void)weights;
    (void)err;
    *out = size_of_net;
    return GB_OK;
}

static const char *const ignore[] = {NULL};

static const gb_net net_of_own = {
    .input = GB_NET_SIGNED,
    .output = GB_NET_TANH,
    .multiple = 1 << LEVELS,
    .key = "down.0.weight",
    .prefixes = gb_usual_prefixes,
    .ignore = ignore,
    .defaults = {.width = 16},
    .infer = infer,
    .build = build,
};

static gb_status add_noisy(gb_weights *weights, const gb_tensor *tensor, const gb_weight_noise *noise, gb_error *err)
{
    const size_t size = (size_t)gb_tensor_size(tensor);
    float *data = gb_alloc_aligned(size, sizeof *data);
    if (!data) return gb_fail_memory(err, tensor->name, size * sizeof *data);
    gb_random random = {.state = gb_random_mix(noise->seed) ^ gb_random_hash(tensor->name)};
    for (size_t i = 0; i < size; i++)
        data[i] = (float)(tensor->data[i] * (1.0 + noise->size * gb_chance_normal(&random)));
    return gb_weights_add(weights, tensor->name, tensor->rank, tensor->dim, data, err);
}

static gb_status plan_noisy(const gb_weights *clean, const gb_weight_noise *noise, const gb_net_options *options,
                            const gb_backend *backend, gb_net_plan **out, gb_error *err)
{
    gb_weights *weights = NULL;
    GB_TRY(gb_weights_new(&weights, err));
    gb_status status = GB_OK;
    for (size_t i = 0; status == GB_OK && i < gb_weights_count(clean); i++)
        status = add_noisy(weights, gb_weights_at(clean, i), noise, err);
    if (status == GB_OK) status = gb_net_plan_new(&net_of_own, weights, options, backend, out, err);
    gb_weights_free(weights);
    return status;
}

gb_status gb_noisy_net_new(const gb_weight_noise *noise, int count, gb_geometry geometry, const gb_backend *backend,
                           gb_noisy_net **out, gb_error *err)
{
    if (count < 0 || count > GB_NOISY_NET_MAX)
        return gb_fail(err, GB_E_ARG, "expected at most %d noises, found %d", GB_NOISY_NET_MAX, count);
    const gb_net_options options = {
        .batch = 1, .width = geometry.width, .height = geometry.height, .side = geometry.side};
    gb_status status = GB_OK;
    gb_weights *weights = NULL;
    gb_noisy_net *net = gb_alloc(1, sizeof *net);
    if (!net) return gb_fail_memory(err, "a small net", sizeof *net);
    *net = (gb_noisy_net){.geometry = geometry, .count = count};
    GB_GO(gb_weights_new_random(CLEAN_SEED, &weights, err));
    GB_GO(gb_net_plan_new(&net_of_own, weights, &options, backend, &net->clean, err));
    for (int i = 0; i < count; i++) GB_GO(plan_noisy(weights, &noise[i], &options, backend, &net->noisy[i], err));
    *out = net;
done:
    gb_weights_free(weights);
    if (status != GB_OK) gb_noisy_net_free(net);
    return status;
}

void gb_noisy_net_free(gb_noisy_net *net)
{
    if (!net) return;
    gb_net_plan_free(net->clean);
    for (int i = 0; i < GB_NOISY_NET_MAX; i++) gb_net_plan_free(net->noisy[i]);
    free(net);
}

gb_status gb_noisy_net_worker_new(const gb_noisy_net *net, gb_noisy_net_worker **out, gb_error *err)
{
    gb_status status = GB_OK;
    gb_noisy_net_worker *worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, "a small net's worker", sizeof *worker);
    worker->net = net;
    GB_GO(gb_net_worker_new(net->clean, &worker->clean, err));
    for (int i = 0; i < net->count; i++) GB_GO(gb_net_worker_new(net->noisy[i], &worker->noisy[i], err));
    *out = worker;
done:
    if (status != GB_OK) gb_noisy_net_worker_free(worker);
    return status;
}

void gb_noisy_net_worker_free(gb_noisy_net_worker *worker)
{
    if (!worker) return;
    gb_net_worker_free(worker->clean);
    for (int i = 0; i < GB_NOISY_NET_MAX; i++) gb_net_worker_free(worker->noisy[i]);
    free(worker);
}

gb_status gb_noisy_net_look(gb_noisy_net_worker *worker, const gb_image *frame, gb_error *err)
{
    worker->frame = NULL;
    GB_TRY(gb_net_run(worker->clean, &frame, &worker->output, err));
    worker->frame = frame;
    return GB_OK;
}

static uint8_t add_level(uint8_t level, double change)
{
    return (uint8_t)lrint(fmin(fmax(level + change, 0.0), 255.0));
}

gb_status gb_noisy_net_add(gb_noisy_net_worker *worker, int index, gb_image *frame, gb_error *err)
{
    const int side = worker->net->geometry.side;
    const float *noisy = NULL;
    if (!worker->frame || index < 0 || index >= worker->net->count)
        return gb_fail(err, GB_E_ARG, "expected a frame and one of %d noises, found %d", worker->net->count, index);
    GB_TRY(gb_net_run(worker->noisy[index], &worker->frame, &noisy, err));
    for (int i = 0; i < frame->width * frame->height; i++) {
        const int x = i % frame->width;
        if (x >= side && x < frame->width - side) continue;
        for (int c = 3 * i; c < 3 * i + 3; c++)
            frame->rgb[c] = add_level(frame->rgb[c], GAIN * ((double)noisy[c] - (double)worker->output[c]));
    }
    return GB_OK;
}
