// What the stand-in's cuDNN computes: one convolution and what its graph does to the sums, in the graph's order.
#ifndef TESTS_STANDIN_WORK_H
#define TESTS_STANDIN_WORK_H

#include <cudnn.h>

#include <cstddef>
#include <cstdint>

namespace standin
{

constexpr int64_t workspace_bytes = 1000;
// What the heuristics offer, in this order. The first must be refused for its note; the second rounds factors to TF32,
// which `fp32` must refuse.
enum Engine : int64_t { nondeterministic = 7, tensor_core = 9, plain = 1 };

// One pointwise operation after the convolution: adds tensor `id`, of one value a channel or of the result's size, or
// takes what is above zero.
struct Link {
    int64_t id, by_channel, relu;
    const void *operand; // set at a run
};

// A convolution from x (n, c, h, w) to y (n, k, oh, ow), or backward from y's side to x's; the pointers are set at a
// run.
struct Work {
    int64_t n, c, h, w, k, kh, kw, oh, ow, pad[2], stride[2], dilation[2], id[3];
    int64_t backward, links, type;
    int64_t engine, taps; // taps that are summed before the sum is rounded: an engine's one setting
    Link link[3];
    const void *in, *filter;
    void *out, *workspace;
};

size_t bytes_of(int64_t type); // of one value of a cudnnDataType_t

// `argument` is a Work.
void run(const void *argument);

} // namespace standin

#endif
