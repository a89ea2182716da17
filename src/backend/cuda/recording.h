/* A run's launches, recorded once as a CUDA graph and then started all at once: a net has some hundred of them, each of
 * which would cost the processor some microseconds. Shapes and addresses are fixed, so one recording serves. */
#ifndef GB_BACKEND_CUDA_RECORDING_H
#define GB_BACKEND_CUDA_RECORDING_H

#include <stdbool.h>

#include "backend/cuda/check.h"

typedef struct gb_cuda_recording {
    cudaGraphExec_t graph; /* NULL: not recorded yet */
    int asked;             /* how often gb_cuda_recording_wanted was */
} gb_cuda_recording;

/* True once, at the second run: the first one also loads the kernels, which a recording does not allow. Never with
 * GANIME_CUDA_GRAPHS=0 in the environment. */
bool gb_cuda_recording_wanted(gb_cuda_recording *recording);
/* What is started on the stream from here to the end is recorded instead. */
gb_status gb_cuda_recording_begin(gb_cuda_recording *recording, cudaStream_t stream, gb_error *err) GB_MUST_CHECK;
/* `status` is what became of the launches: after a failure the stream is released and that failure returned. */
gb_status gb_cuda_recording_end(gb_cuda_recording *recording, cudaStream_t stream, gb_status status,
                                gb_error *err) GB_MUST_CHECK;
bool gb_cuda_recording_ready(const gb_cuda_recording *recording);
gb_status gb_cuda_recording_play(const gb_cuda_recording *recording, cudaStream_t stream, gb_error *err) GB_MUST_CHECK;
void gb_cuda_recording_free(gb_cuda_recording *recording);

#endif
