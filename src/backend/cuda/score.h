/* What metrics are made of, on a card: the functions of gb_scoring. */
#ifndef GB_BACKEND_CUDA_SCORE_H
#define GB_BACKEND_CUDA_SCORE_H

#include "backend/scoring.h"

extern const gb_scoring gb_cuda_scoring;

#endif
