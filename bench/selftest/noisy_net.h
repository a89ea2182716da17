/* What noise on a net's weights does to its picture. The net is a small one of the self-test's own, with seeded random
 * weights: it makes no picture worth looking at, so what counts is the change, output with noisy weights minus output
 * with clean ones, which is then added to a real generator's strips. It has the structure of a damaged net's error
 * (smooth patches, some channels, alike from frame to frame) rather than that of pixel noise. */
#ifndef GB_SELFTEST_NOISY_NET_H
#define GB_SELFTEST_NOISY_NET_H

#include "backend/backend.h"
#include "image/image.h"
#include "image/region.h"

#define GB_NOISY_NET_MAX 8

/* One noise: every weight is multiplied by 1 + size * n, n standard normal cut at 3, drawn from the seed. */
typedef struct gb_weight_noise {
    double size;
    uint64_t seed;
} gb_weight_noise;

typedef struct gb_noisy_net gb_noisy_net; /* shared by all workers, read-only */
gb_status gb_noisy_net_new(const gb_weight_noise *noise, int count, gb_geometry geometry, const gb_backend *backend,
                           gb_noisy_net **out, gb_error *err) GB_MUST_CHECK;
void gb_noisy_net_free(gb_noisy_net *net);

typedef struct gb_noisy_net_worker gb_noisy_net_worker;
gb_status gb_noisy_net_worker_new(const gb_noisy_net *net, gb_noisy_net_worker **out, gb_error *err) GB_MUST_CHECK;
void gb_noisy_net_worker_free(gb_noisy_net_worker *worker);

/* Shows the net a frame; its strips are not read. */
gb_status gb_noisy_net_look(gb_noisy_net_worker *worker, const gb_image *frame, gb_error *err) GB_MUST_CHECK;

/* Adds the change that noise `index` makes for the frame looked at last to the strips of `frame` (8 bits, clamped). */
gb_status gb_noisy_net_add(gb_noisy_net_worker *worker, int index, gb_image *frame, gb_error *err) GB_MUST_CHECK;

#endif
