/* A temporal filter of the invented strips, for any generator: "<generator>+hold". Causal, constant memory, guided by
 * the known centre alone.
 *
 * - Held drawings are reused exactly: where the centre beside a seam is still what it was when the strip was drawn
 *   (mean absolute difference below 1 level, by bands of rows), the strip is the last frame's, bit for bit.
 * - Elsewhere the last delivered frame, moved as the centre beside the seam moves, is blended with what the generator
 *   made. What has left the known centre counts fully; what was invented counts the less the more the generator
 *   disagrees (Bonneel et al., "Blind Video Temporal Consistency", 2015, weighs by how consistent the input is, so does
 *   this: nothing is blended where the motion does not explain the centre).
 * - Displacements are whole pixels, what is left over is carried to the next frame: nothing blurs by being resampled
 *   again and again. */
#ifndef GB_MODELS_STABILISER_H
#define GB_MODELS_STABILISER_H

#include <stdbool.h>

#include "image/image.h"

#define GB_HOLD_SUFFIX "+hold"

extern const char gb_stabiliser_recipe[]; /* the filter in one line with its constants, for the record */

typedef struct gb_stabiliser gb_stabiliser; /* one for each sequence of frames */

/* For frames of `width` x `height` with strips of `side` columns; GB_E_ARG unless they leave a centre. */
gb_status gb_stabiliser_new(int width, int height, int side, gb_stabiliser **out, gb_error *err) GB_MUST_CHECK;
void gb_stabiliser_free(gb_stabiliser *stabiliser);

/* Filters the strips of `frame` (its centre the known one) in place. `follows`: it comes after the frame given last, in
 * the same shot; otherwise it stays as it is and the filter begins anew. Sizes as at the start. */
void gb_stabiliser_step(gb_stabiliser *stabiliser, bool follows, gb_image *frame);

/* The frame given last, as it was delivered; NULL before the first one. Borrowed until the next step. */
const gb_image *gb_stabiliser_last(const gb_stabiliser *stabiliser);

/* All that the next step depends on, as bytes of this machine; loading them goes on as if never interrupted. */
size_t gb_stabiliser_state_size(const gb_stabiliser *stabiliser);
void gb_stabiliser_save(const gb_stabiliser *stabiliser, uint8_t *out);
void gb_stabiliser_load(gb_stabiliser *stabiliser, const uint8_t *state);

#endif
