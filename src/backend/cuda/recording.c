#include "backend/cuda/recording.h"

#include <stdlib.h>
#include <string.h>

bool gb_cuda_recording_wanted(gb_cuda_recording *recording)
{
    const char *const chosen = getenv("GANIME_CUDA_GRAPHS");
    if (chosen && strcmp(chosen, "0") == 0) return false;
    if (recording->asked < 2) recording->asked++;
    return recording->asked == 2 && !recording->graph;
}

gb_status gb_cuda_recording_begin(gb_cuda_recording *recording, cudaStream_t stream, gb_error *err)
{
    (void)recording;
    return gb_cuda_check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "record a run", err);
}

gb_status gb_cuda_recording_end(gb_cuda_recording *recording, cudaStream_t stream, gb_status status, gb_error *err)
{
    cudaGraph_t graph = NULL;
    gb_error later;
    const gb_status ended =
        gb_cuda_check(cudaStreamEndCapture(stream, &graph), "record a run (GANIME_CUDA_GRAPHS=0 does without)",
                      status == GB_OK ? err : &later);
    if (status == GB_OK) status = ended;
    if (status == GB_OK)
        status = gb_cuda_check(cudaGraphInstantiate(&recording->graph, graph, 0), "prepare what was recorded", err);
    if (graph) (void)cudaGraphDestroy(graph);
    return status;
}

bool gb_cuda_recording_ready(const gb_cuda_recording *recording)
{
    return recording->graph != NULL;
}

gb_status gb_cuda_recording_play(const gb_cuda_recording *recording, cudaStream_t stream, gb_error *err)
{
    return gb_cuda_check(cudaGraphLaunch(recording->graph, stream), "start what was recorded", err);
}

void gb_cuda_recording_free(gb_cuda_recording *recording)
{
    if (recording->graph) (void)cudaGraphExecDestroy(recording->graph);
    recording->graph = NULL;
}
