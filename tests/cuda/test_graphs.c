/* Graphs of a layer that cuDNN has no engine for: what the real library refuses, the stand-in has to refuse, too, or a
 * wrong graph would only show on a card. The program asks the real one, then starts itself again with the stand-in on
 * its library path. (The real one takes each as a graph, and offers no engine for it.) */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cuda/choice.h"
#include "cuda/devices.h"
#include "cuda/with_standin.h"

/* See test_plans.c. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

/* What is wrong with it; zeroes: nothing. */
typedef struct flaw {
    const char *name;
    int64_t bias_channels, addend_rows; /* more than there should be */
    bool foreign_x;                     /* the ReLU reads what nothing computes */
    bool real_between, virtual_result, bias_first;
    double slope;
} flaw;

static const flaw flaws[] = {
    {.name = "none"},
    {.name = "a bias for one channel more", .bias_channels = 1},
    {.name = "an addend of one row more", .addend_rows = 1},
    {.name = "a ReLU of what nothing computes", .foreign_x = true},
    {.name = "a sum in memory", .real_between = true},
    {.name = "a result that is never in memory", .virtual_result = true},
    {.name = "the bias before the addend", .bias_first = true}, /* sound, but no precompiled engine does it */
    {.name = "a leaky ReLU", .slope = 0.2},                     /* likewise */
};
#define FLAWS (sizeof flaws / sizeof flaws[0])

enum { SUM = GB_CUDA_BETWEEN, BETWEEN, LAST_SUM, FOREIGN };

/* Every descriptor of a graph, in the order in which they were made. */
typedef struct pool {
    gb_descriptor made[32];
    size_t count;
} pool;

static gb_status make(pool *p, cudnnBackendDescriptorType_t type, const gb_attribute *attribute, size_t count,
                      gb_error *err)
{
    assert_true(p->count < sizeof p->made / sizeof p->made[0]);
    return gb_descriptor_make(type, attribute, count, "plan a layer", &p->made[p->count++], err);
}

static gb_descriptor last(const pool *p)
{
    return p->made[p->count - 1];
}

static gb_descriptor tensor(pool *p, int64_t id, const int64_t size[4], bool is_virtual)
{
    gb_error err;
    assert_ok(gb_descriptor_tensor(id, CUDNN_DATA_FLOAT, size, is_virtual, &p->made[p->count++], &err), &err);
    return last(p);
}

static gb_status convolve(pool *p, gb_descriptor y, gb_error *err)
{
    const cudnnDataType_t type = CUDNN_DATA_FLOAT;
    const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    const int64_t axes = 2, one[2] = {1, 1}, size[4] = {1, 16, 8, 8}, taps[4] = {16, 16, 3, 3};
    const float alpha = 1.0f, beta = 0.0f;
    const gb_descriptor x = tensor(p, GB_CUDA_X, size, false), filter = tensor(p, GB_CUDA_FILTER, taps, false);
    const gb_attribute how[] = {
        {CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &axes},
        {CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type},
        {CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode},
        {CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, one},
        {CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, one},
        {CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, one},
        {CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, one},
    };
    GB_TRY(make(p, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, how, sizeof how / sizeof how[0], err));
    const gb_descriptor described = last(p);
    const gb_attribute operation[] = {
        {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &described},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &x},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &filter},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &y},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1, &alpha},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 1, &beta},
    };
    return make(p, CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR, operation,
                sizeof operation / sizeof operation[0], err);
}

/* y = x + b, or without b what of x is above zero, and `slope` times what is below. */
static gb_status follow(pool *p, gb_descriptor x, gb_descriptor b, gb_descriptor y, double slope, gb_error *err)
{
    const cudnnDataType_t type = CUDNN_DATA_FLOAT;
    const cudnnPointwiseMode_t mode = b ? CUDNN_POINTWISE_ADD : CUDNN_POINTWISE_RELU_FWD;
    const gb_attribute how[] = {
        {CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode},
        {CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, &type},
        {CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE, CUDNN_TYPE_DOUBLE, 1, &slope},
    };
    GB_TRY(make(p, CUDNN_BACKEND_POINTWISE_DESCRIPTOR, how, slope != 0.0 ? 3 : 2, err));
    const gb_descriptor described = last(p);
    const gb_attribute operation[] = {
        {CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &described},
        {CUDNN_ATTR_OPERATION_POINTWISE_XDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &x},
        {CUDNN_ATTR_OPERATION_POINTWISE_YDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &y},
        {CUDNN_ATTR_OPERATION_POINTWISE_BDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &b},
    };
    return make(p, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR, operation, b ? 4 : 3, err);
}

/* The graph of one layer with `f`: the last that is made. */
static gb_status layer(const flaw *f, pool *p, gb_error *err)
{
    const int64_t size[4] = {1, 16, 8, 8}, wrong[4] = {1, 16, 8 + f->addend_rows, 8},
                  channels[4] = {1, 16 + f->bias_channels, 1, 1};
    const gb_descriptor sum = tensor(p, SUM, size, !f->real_between), between = tensor(p, BETWEEN, size, true),
                        last_sum = tensor(p, LAST_SUM, size, true), foreign = tensor(p, FOREIGN, size, true),
                        y = tensor(p, GB_CUDA_Y, size, f->virtual_result),
                        addend = tensor(p, GB_CUDA_ADDEND, wrong, false),
                        bias = tensor(p, GB_CUDA_BIAS, channels, false);
    gb_descriptor operation[4];
    GB_TRY(convolve(p, sum, err));
    operation[0] = last(p);
    GB_TRY(follow(p, sum, f->bias_first ? bias : addend, between, 0.0, err));
    operation[1] = last(p);
    GB_TRY(follow(p, between, f->bias_first ? addend : bias, last_sum, 0.0, err));
    operation[2] = last(p);
    GB_TRY(follow(p, f->foreign_x ? foreign : last_sum, NULL, y, f->slope, err));
    operation[3] = last(p);
    const gb_attribute whole = {CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, 4, operation};
    return make(p, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR, &whole, 1, err);
}

/* Whether some engine does it. */
static bool is_taken(const flaw *f, const gb_cuda_target *target)
{
    gb_error err = {0};
    pool p = {0};
    gb_descriptor plan = NULL;
    gb_cuda_plan_facts facts;
    gb_status status = layer(f, &p, &err);
    const gb_cuda_graphs graphs = {last(&p), last(&p), last(&p)};
    if (status == GB_OK) status = gb_cuda_choose(&graphs, target, GB_PRECISION_FP32, &plan, &facts, &err);
    print_message("%-36s %s%s\n", f->name, status == GB_OK ? "taken" : "refused: ", status == GB_OK ? "" : err.text);
    gb_descriptor_free(plan);
    while (p.count > 0) gb_descriptor_free(p.made[--p.count]);
    return status == GB_OK;
}

static void test_flaws_are_refused(void **state)
{
    const gb_cuda_target *const target = *state;
    for (size_t i = 0; i < FLAWS; i++) assert_int_equal(is_taken(&flaws[i], target), i == 0);
}

/* By the real library for a card that is described to it, or by the stand-in, which wants a handle. */
int main(int argc, char **argv)
{
    (void)argc;
    char json[2048];
    device_json(&devices[2], json, sizeof json);
    gb_cuda_target target = {.device = json, .workspace_limit = (size_t)256 << 20};
    if (getenv("GANIME_STANDIN") && cudnnCreate(&target.handle) != CUDNN_STATUS_SUCCESS) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_flaws_are_refused, &target)};
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (target.handle) (void)cudnnDestroy(target.handle);
    if (failed || getenv("GANIME_STANDIN")) return failed;
    with_standin(argv);
    return 1;
}
