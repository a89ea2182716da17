/* What cuDNN notes of an engine's numbers and of how it behaves, and which of that the rule of choice.h refuses. */
#ifndef GB_BACKEND_CUDA_NOTES_H
#define GB_BACKEND_CUDA_NOTES_H

#include <stdbool.h>

#include "backend/cuda/descriptor.h"
#include "backend/precision.h"

/* Bit n: cuDNN's note number n; of those that this program does not know, bit 31. */
typedef struct gb_cuda_notes {
    uint32_t numerical, behaviour;
} gb_cuda_notes;

/* Of the engine that was read last into `engine`. */
gb_status gb_cuda_notes_read(gb_descriptor engine, gb_cuda_notes *out, gb_error *err) GB_MUST_CHECK;

/* Whether an engine of these notes may compute in `precision`. One that cuDNN compiles at run time may not: it wants a
 * driver even to be planned, so that what a card would be given could not be told without one. */
bool gb_cuda_notes_allow(const gb_cuda_notes *notes, gb_precision precision);

/* Both kinds, comma between them, "none" for none. */
void gb_cuda_notes_text(const gb_cuda_notes *notes, char *out, size_t size);
/* Those that are refused in `precision`. */
void gb_cuda_notes_refused(gb_precision precision, char *out, size_t size);

#endif
