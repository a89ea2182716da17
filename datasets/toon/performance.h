/* A script drawn: set, actors, weather, onto a Cairo surface and from there into an image. */
#ifndef GB_TOON_PERFORMANCE_H
#define GB_TOON_PERFORMANCE_H

#include "datasets/toon/motion.h"
#include "datasets/toon/script.h"
#include "image/image.h"

/* `labels` NULL: `out` is drawn; else the labels of the same frame are. */
gb_status gb_perform(const gb_script *script, int flat, int frame, int width, int height, gb_image *out,
                     gb_labels *labels, gb_error *err) GB_MUST_CHECK;

#endif
