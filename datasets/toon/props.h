/* Things that stand about, each different from place to place: they keep one border of the picture unlike the other. */
#ifndef GB_TOON_PROPS_H
#define GB_TOON_PROPS_H

#include "datasets/toon/stage.h"

enum {
    GB_PROP_BENCH = 1, GB_PROP_CRATES = 2, GB_PROP_SIGNPOST = 4, GB_PROP_MAILBOX = 8, GB_PROP_CAR = 16,
    GB_PROP_SNOWMAN = 32, GB_PROP_ARMCHAIR = 64, GB_PROP_STUMP = 128, GB_PROP_BICYCLE = 256, GB_PROP_BARREL = 512,
    GB_PROP_CAT = 1024, GB_PROP_HAY = 2048, GB_PROP_TOYS = 4096, GB_PROP_BUST = 8192, GB_PROP_SLED = 16384,
    GB_PROP_CASTLE = 32768, GB_PROP_STOOL = 65536,
};

/* One of `kinds` in about two of three places `step` apart, standing at y on the stage's present layer. */
void gb_props_scatter(const gb_stage *stage, unsigned kinds, double y, double step);

#endif
