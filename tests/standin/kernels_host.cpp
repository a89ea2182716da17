// The very kernels of src/backend/cuda, compiled by the host's compiler: one call is one thread.
#include "standin/standin.h"

#include <cmath>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <dlfcn.h>
#include <utility>
#include <vector>

static thread_local standin_place here;

extern "C" standin_place *standin_here(void)
{
    return &here;
}

#undef __global__
#undef __device__
#define __global__ __attribute__((visibility("default")))
#define __device__
#undef __launch_bounds__
#define __launch_bounds__(...)
#define blockIdx (here.block)
#define threadIdx (here.thread)
#define blockDim (here.block_size)
#define gridDim (here.grid)
#include "backend/cuda/fourier.cuh"
#include "backend/cuda/score_code.cuh"
#undef blockIdx
#undef threadIdx
#undef blockDim
#undef gridDim

namespace
{

template <auto Kernel, class... A, size_t... I>
void call(void (*)(A...), void **argument, std::index_sequence<I...>)
{
    Kernel(*static_cast<A *>(argument[I])...);
}

template <class... A>
void sizes(void (*)(A...), standin_kernel *out)
{
    const size_t size[] = {sizeof(A)...};
    out->arguments = (int)sizeof...(A);
    for (size_t i = 0; i < sizeof...(A); i++) out->size[i] = size[i];
}

template <class... A>
constexpr auto indices(void (*)(A...))
{
    return std::index_sequence_for<A...>{};
}

template <auto Kernel>
standin_kernel entry(bool scores = false)
{
    standin_kernel k = {};
    k.scores = scores;
    Dl_info info;
    k.name = dladdr((void *)Kernel, &info) && info.dli_sname ? info.dli_sname : "a kernel without a name";
    sizes(Kernel, &k);
    k.call = [](void **argument) { call<Kernel>(Kernel, argument, indices(Kernel)); };
    return k;
}

} // namespace

extern "C" const standin_kernel *standin_kernels(int *count)
{
    static const std::vector<standin_kernel> table = {
        entry<gb_finish_kernel<1>>(),
        entry<gb_finish_kernel<4>>(),
        entry<gb_normalise_kernel<1>>(),
        entry<gb_normalise_kernel<4>>(),
        entry<gb_partial_sum_kernel<1>>(),
        entry<gb_partial_sum_kernel<4>>(),
        entry<gb_total_kernel>(),
        entry<gb_concat_kernel<1>>(),
        entry<gb_concat_kernel<4>>(),
        entry<gb_maxpool_kernel<1>>(),
        entry<gb_maxpool_kernel<4>>(),
        entry<gb_pad_reflect_kernel<1>>(),
        entry<gb_pad_reflect_kernel<4>>(),
        entry<gb_rows_forward_kernel<1>>(),
        entry<gb_rows_forward_kernel<4>>(),
        entry<gb_columns_kernel<1>>(),
        entry<gb_columns_kernel<2>>(),
        entry<gb_rows_inverse_kernel<1>>(),
        entry<gb_rows_inverse_kernel<4>>(),
        entry<gb_feed_kernel>(true),
        entry<gb_composite_kernel>(true),
        entry<gb_difference_kernel>(true),
        entry<gb_bands_kernel>(true),
        entry<gb_columns_total_kernel>(true),
        entry<gb_groups_total_kernel>(true),
        entry<gb_warp_kernel>(true),
        entry<gb_warp_columns_kernel>(true),
        entry<gb_moments_kernel>(true),
        entry<gb_ssim_kernel>(true),
        entry<gb_squares_kernel>(true),
        entry<gb_unit_kernel>(true),
        entry<gb_distance_kernel>(true),
        entry<gb_lanes_kernel>(true),
    };
    *count = (int)table.size();
    return table.data();
}
