#include "support/formula.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "support/support.h"

void formula_add(gb_weights *weights, const char *prefix, const formula_tensor *tensor)
{
    gb_error err;
    char key[512];
    snprintf(key, sizeof key, "%s/%s", prefix, tensor->name);
    size_t size = 1;
    for (int d = 0; d < tensor->rank; d++) size *= (size_t)tensor->dim[d];
    float *data = gb_alloc_aligned(size, sizeof *data);
    assert_non_null(data);
    const uint64_t hash = gb_random_hash(key);
    for (size_t i = 0; i < size; i++) data[i] = gb_random_weight(hash, i, tensor->a, tensor->b);
    assert_ok(gb_weights_add(weights, tensor->name, tensor->rank, tensor->dim, data, &err), &err);
}

gb_weights *formula_weights(const char *prefix, const formula_tensor *tensors, size_t count)
{
    gb_error err;
    gb_weights *weights = NULL;
    assert_ok(gb_weights_new(&weights, &err), &err);
    for (size_t i = 0; i < count; i++) formula_add(weights, prefix, &tensors[i]);
    return weights;
}

gb_image *frames_from_planes(const uint8_t *planes, int count, int height, int width)
{
    gb_error err;
    const size_t plane = (size_t)height * (size_t)width;
    gb_image *frames = gb_alloc((size_t)count, sizeof *frames);
    assert_non_null(frames);
    for (int n = 0; n < count; n++) {
        assert_ok(gb_image_new(width, height, &frames[n], &err), &err);
        for (size_t i = 0; i < plane; i++)
            for (size_t c = 0; c < 3; c++) frames[n].rgb[3 * i + c] = planes[((size_t)n * 3 + c) * plane + i];
    }
    return frames;
}

gb_image *formula_frames(const char *prefix, int count, int height, int width)
{
    char key[512];
    snprintf(key, sizeof key, "%s/input", prefix);
    const uint64_t hash = gb_random_hash(key);
    const size_t size = (size_t)count * 3 * (size_t)height * (size_t)width;
    uint8_t *planes = gb_alloc(size, 1);
    assert_non_null(planes);
    for (size_t i = 0; i < size; i++)
        planes[i] = (uint8_t)(gb_random_mix(hash + (i + 1) * UINT64_C(0x9E3779B97F4A7C15)) >> 56);
    gb_image *frames = frames_from_planes(planes, count, height, width);
    free(planes);
    return frames;
}

void frame_to_input(const gb_image *frame, int side, bool masked, float *input)
{
    for (int i = 0; i < frame->height * frame->width; i++) {
        const int column = i % frame->width;
        const bool strip = column < side || column >= frame->width - side;
        for (int c = 0; c < 3; c++) {
            const float level = frame->rgb[3 * i + c];
            *input++ = masked ? strip ? 0.0f : level / 255.0f : strip ? -1.0f : level / 127.5f - 1.0f;
        }
        if (masked) *input++ = strip ? 1.0f : 0.0f;
    }
}

void frames_free(gb_image *frames, int count)
{
    for (int i = 0; frames && i < count; i++) gb_image_free(&frames[i]);
    free(frames);
}

/* Runs of `options->batch` frames each, turned into planes. */
static gb_status run_all(gb_net_worker *worker, const gb_net_plan *plan, const gb_image *frames, int count, int batch,
                         float *planes, gb_error *err)
{
    const gb_shape shape = gb_net_output_shape(plan);
    const size_t pixels = (size_t)shape.h * (size_t)shape.w;
    for (int first = 0; first < count; first += batch) {
        const gb_image *borrowed[64];
        const float *output = NULL;
        for (int i = 0; i < batch; i++) borrowed[i] = &frames[first + i];
        GB_TRY(gb_net_run(worker, borrowed, &output, err));
        float *to = planes + (size_t)first * 3 * pixels;
        for (size_t n = 0; n < (size_t)batch; n++)
            for (size_t c = 0; c < 3; c++)
                for (size_t i = 0; i < pixels; i++)
                    to[(n * 3 + c) * pixels + i] = output[(n * pixels + i) * 3 + c];
    }
    return GB_OK;
}

gb_status net_output(const gb_net *net, gb_weights *weights, const gb_net_options *options, const gb_backend *backend,
                     const gb_image *frames, int count, float **output, gb_error *err)
{
    gb_net_plan *plan = NULL;
    gb_net_worker *worker = NULL;
    float *planes = NULL;
    gb_status status;
    GB_GO(gb_net_plan_new(net, weights, options, backend, &plan, err));
    GB_GO(gb_net_worker_new(plan, &worker, err));
    const gb_shape shape = gb_net_output_shape(plan);
    planes = gb_alloc((size_t)count * 3 * (size_t)shape.h * (size_t)shape.w, sizeof *planes);
    if (!planes) GB_GO(gb_fail_memory(err, "output", 0));
    GB_GO(run_all(worker, plan, frames, count, options->batch, planes, err));
    *output = planes;
done:
    if (status != GB_OK) free(planes);
    gb_net_worker_free(worker);
    gb_net_plan_free(plan);
    return status;
}

net_difference net_compare(const float *expected, const float *found, size_t count, size_t stride)
{
    net_difference difference = {0};
    for (size_t i = 0; i < count; i++) {
        const double d = fabs((double)expected[i] - (double)found[i * stride]);
        if (!(d <= difference.max)) difference.max = isnan(d) ? INFINITY : d;
        difference.mean += (isnan(d) ? INFINITY : d) / (double)count;
    }
    return difference;
}

bool net_within(net_difference difference)
{
    return difference.max <= NET_LIMIT_MAX && difference.mean <= NET_LIMIT_MEAN;
}

bool net_within_bf16(net_difference difference, bool batch_stats)
{
    if (batch_stats) return difference.max <= BF16_BATCH_LIMIT_MAX && difference.mean <= BF16_BATCH_LIMIT_MEAN;
    return difference.max <= BF16_LIMIT_MAX && difference.mean <= BF16_LIMIT_MEAN;
}
