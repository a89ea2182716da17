/* Frames that stay on the device that makes them, and the sums over them that metrics are made of: totals come back,
 * pictures only where somebody asks for them.
 *
 * A frame is 8-bit RGB, packed row by row as gb_image has it. Nothing here knows a metric: metrics say what is added up
 * over which columns (metrics/on_device.h). Every call but `put` returns when what it promises is there, so that what
 * it wrote may be read by any thread next; what `put` has queued is waited for by whatever is asked of that memory
 * next, by any scorer or session, so that frames are on their way while others are made and scored. A scorer is one
 * thread's at a time. What is added up is added in a fixed order: the same bits whatever the number of frames that a
 * call is given. */
#ifndef GB_BACKEND_SCORING_H
#define GB_BACKEND_SCORING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

#define GB_SCORING_FRAMES 16 /* the most that one call takes */
#define GB_SCORING_GROUPS 4  /* of columns, the most */
#define GB_SCORING_PARTS 8   /* of pixels, the most */

typedef struct gb_memory gb_memory; /* some bytes on a device */
typedef struct gb_scorer gb_scorer; /* a thread's own queue and scratch memory there */

/* Where in it, in bytes. */
typedef struct gb_place {
    const gb_memory *memory;
    size_t offset;
} gb_place;

/* Columns of a map are added up by group: column i, with all its channels, counts for group g where bit g of the byte
 * member[i] is set. `member` is on the device. */
typedef struct gb_column_groups {
    gb_place member;
    int columns, channels, groups;
} gb_column_groups;

typedef enum gb_difference {
    GB_DIFFERENCE_SQUARED,  /* sum of (a - b)^2, exact */
    GB_DIFFERENCE_ABSOLUTE, /* sum of |a - b|, exact */
    GB_DIFFERENCE_LARGEST   /* largest |a - b| */
} gb_difference;

/* Between frames a[i] and b[i]; `groups` are of the frames' columns, three channels each. */
typedef struct gb_difference_sums {
    gb_difference of;
    int count, width, height;
    gb_place a[GB_SCORING_FRAMES], b[GB_SCORING_FRAMES];
    gb_column_groups groups;
} gb_difference_sums;

/* Structural similarity in windows of 11 x 11 wholly inside, channel by channel, in double: weight[d] is that of a tap
 * at distance d along either axis. Moments are the truth's, GB_SSIM_MOMENTS(width, height) bytes a frame. `groups` are
 * of width - 10 columns of windows, three channels each. */
#define GB_SSIM_RADIUS 5
#define GB_SSIM_MOMENTS(width, height)                                                                              \
    (2 * sizeof(double) * 3 * ((size_t)(width)-2 * GB_SSIM_RADIUS) * ((size_t)(height)-2 * GB_SSIM_RADIUS))
typedef struct gb_ssim_sums {
    double weight[GB_SSIM_RADIUS + 1], c1, c2;
    int count, width, height;
    gb_place truth[GB_SCORING_FRAMES], moments[GB_SCORING_FRAMES], test[GB_SCORING_FRAMES];
    gb_column_groups groups;
} gb_ssim_sums;

/* Maps of `h` x `w` positions with `c` float features each, c a multiple of 16. A unit vector is
 * f / (sqrt(|f|^2 + inside) + outside); a distance, at one position, sum_c weight_c (f_c - reference_c)^2 between unit
 * vectors, in the order of metrics/lpips_distance.h. `groups` are of w columns, one channel. */
typedef struct gb_feature_sums {
    int count;
    int64_t h, w, c;
    float inside, outside;
    bool are_unit; /* `features` are unit vectors already, as `reference` always is */
    gb_place features[GB_SCORING_FRAMES], reference[GB_SCORING_FRAMES];
    gb_place weight;
    gb_column_groups groups;
} gb_feature_sums;

/* How far pixels of a[i] are from where they go in b[i]: at (x, y) the sum over channels of
 * (a(x, y) - b(x + u, y + v))^2, b bilinear, in float32 as metrics/e_warp.c has it. flow[i]: height x width x 2 floats,
 * u and v. member[i]: height x width bytes: where bit p is set the pixel counts for part p; those with any must go to a
 * place within the frame. */
typedef struct gb_warp_sums {
    int count, width, height, parts;
    gb_place a[GB_SCORING_FRAMES], b[GB_SCORING_FRAMES], flow[GB_SCORING_FRAMES], member[GB_SCORING_FRAMES];
} gb_warp_sums;

typedef struct gb_scoring {
    gb_status (*scorer_new)(int ordinal, gb_scorer **out, gb_error *err);
    void (*scorer_free)(gb_scorer *scorer);
    gb_status (*memory_new)(int ordinal, size_t bytes, gb_memory **out, gb_error *err); /* contents undefined */
    void (*memory_free)(gb_memory *memory);
    /* Of `put`, `data` may be used again at once. What is still being read there must not be put over. */
    gb_status (*put)(gb_scorer *scorer, gb_place to, const void *data, size_t bytes, gb_error *err);
    gb_status (*get)(gb_scorer *scorer, gb_place from, void *data, size_t bytes, gb_error *err);
    /* `totals`: [frame][group]. */
    gb_status (*differences)(gb_scorer *scorer, const gb_difference_sums *sums, double *totals, gb_error *err);
    gb_status (*ssim_moments)(gb_scorer *scorer, const gb_ssim_sums *sums, gb_error *err); /* truth to moments */
    gb_status (*ssim)(gb_scorer *scorer, const gb_ssim_sums *sums, double *totals, gb_error *err);
    gb_status (*unit)(gb_scorer *scorer, const gb_feature_sums *sums, gb_error *err); /* features to reference */
    gb_status (*warp)(gb_scorer *scorer, const gb_warp_sums *sums, double *totals, gb_error *err); /* [frame][part] */
    gb_status (*distance)(gb_scorer *scorer, const gb_feature_sums *sums, double *totals, gb_error *err);
} gb_scoring;

/* How a session turns frames into its one input, and its one output into frames. */
typedef struct gb_frame_feed {
    int width, height, side;  /* of frames; strips of `side` columns are unknown; 0: all is known */
    float level[3][256];      /* what the net is given for a channel's 8-bit value */
    float unknown[4], known;  /* channel by channel in the strips; in a fourth channel in the centre */
    float offset, scale;      /* an output's 8-bit level is (value + offset) * scale, clamped */
    bool truncate;            /* else to nearest, halves to even */
} gb_frame_feed;
/* An input larger than the frame is filled by mirroring to the right and downwards, an output larger is cropped. */

/* Frames [0, count) of a run; the last one fills the rest. Where to[0].memory is not NULL, to[i] becomes the strips of
 * the output and the centre of from[i]. */
typedef struct gb_frame_run {
    int count;
    gb_place from[GB_SCORING_FRAMES], to[GB_SCORING_FRAMES];
} gb_frame_run;

#endif
