/* Known changes to what a generator made. Each takes a frame as the generator made it and damages it, in one of several
 * sizes; how much that costs is not assumed but measured with the metrics themselves. */
#ifndef GB_SELFTEST_INJECTION_H
#define GB_SELFTEST_INJECTION_H

#include "selftest/noisy_net.h"

/* Where an injection finds itself. */
typedef struct gb_scene {
    gb_geometry geometry;
    int shot, frame;         /* frame of the shot */
    const gb_image *made;    /* what the generator made of the shot's frames, [0..frame] at least */
    gb_noisy_net_worker *net; /* has looked at this frame */
} gb_scene;

typedef struct gb_injection {
    const char *id;
    const char *what, *unit; /* in words, before and after the size */
    double size[3];          /* small to large */
    bool twins;              /* also made twice at the middle size, by chance alone unlike: neither is the worse one */
    /* `twin` 0 or 1 picks the chance; `net` is the noise's index for gb_noisy_net_add. `frame` is this scene's frame as
     * the generator made it. */
    gb_status (*apply)(const gb_scene *scene, double size, int twin, int net, gb_image *frame, gb_error *err);
} gb_injection;

/* One injection at one size: what the pool is scored with. */
typedef struct gb_variant {
    const gb_injection *injection; /* NULL: the frame as it was made */
    double size;
    int twin, net;
} gb_variant;

#define GB_MAX_VARIANTS 40

/* All of them, the untouched one first, then three sizes an injection, then the second twins. */
int gb_variants(gb_variant out[GB_MAX_VARIANTS]);
/* The noises that the variants' `net` numbers stand for. */
int gb_variant_noises(gb_weight_noise out[GB_NOISY_NET_MAX]);

#endif
