/* Frame pairs to evaluate on. Every source (a drawn show, a manifest of videos, a folder, a video) is first made into a
 * pack, one HDF5 file with everything decoded, cropped, resized and cut into shots; runs read packs only. */
#ifndef GB_DATASETS_DATASET_H
#define GB_DATASETS_DATASET_H

#include <stdbool.h>

#include "image/flow.h"
#include "image/image.h"
#include "image/region.h"

typedef struct gb_shot {
    char clip[64];    /* the file or episode that it belongs to */
    char split[8];    /* "train", "val", "test" */
    int first, count; /* frames of the pack, [first, first + count), consecutive in time */
    int source_first; /* index of its first frame in the source */
    int stride;       /* source frames per pack frame */
    double fps;       /* of the source */
    char tags[64];    /* what it shows: words of a-z, 0-9, '-' with one space between; "" where nobody said */
} gb_shot;

#define GB_FLOW_EXACT "exact" /* known from the drawing */

typedef struct gb_pack_info {
    char id[64];          /* "toon", "penny_and_chip" */
    char title[128];
    char domain[32];      /* "in" or "out" of the training show; "own": nobody said */
    char licence[256], source[512];
    gb_geometry geometry;
    int frames, shots;
    bool paired;          /* has its own 4:3 frames; else they are the centre of the 16:9 ones */
    bool has_flow;        /* knows where each pixel goes */
    char flow_from[160];  /* GB_FLOW_EXACT, or how it was estimated; "" where there is none (writing: GB_FLOW_EXACT) */
    char content[65];     /* sha256 over frames, flow, shots and geometry: what a run is keyed by */
} gb_pack_info;

/* HDF5 is not built for threads: no two calls on packs, even different ones, may run at once. Only reading frames and
 * flow of one pack may be asked for by several threads, which then wait for each other. */
typedef struct gb_pack gb_pack;

/* What the file says is checked before it is believed; errors name the file and what was expected. Information and
 * shots are borrowed until it is closed. */
gb_status gb_pack_open(const char *path, gb_pack **out, gb_error *err) GB_MUST_CHECK;
void gb_pack_close(gb_pack *pack);
const gb_pack_info *gb_pack_get_info(const gb_pack *pack);
const gb_shot *gb_pack_shots(const gb_pack *pack); /* info->shots of them, in the order of their frames */

/* Frame `index` as truth (16:9) and as input (16:9, centre = the 4:3 picture, strips black). Images are
 * allocated when empty and reused when of the right size. */
gb_status gb_pack_read(gb_pack *pack, int index, gb_image *truth, gb_image *input, gb_error *err) GB_MUST_CHECK;

/* Where the pixels of frame `index` are in frame index + 1, which must be of the same shot (GB_E_ARG). A pack without
 * flow (info->has_flow false): GB_E_UNSUPPORTED. `out` is allocated when empty and reused when of the right size. */
gb_status gb_pack_read_flow(gb_pack *pack, int index, gb_flow *out, gb_error *err) GB_MUST_CHECK;

/* Reads every frame and compares the content hash. */
gb_status gb_pack_verify(gb_pack *pack, gb_error *err) GB_MUST_CHECK;

/* Writing. The file appears under its name only when gb_pack_finish succeeds; the same frames give the same bytes. */
typedef struct gb_pack_writer gb_pack_writer;
gb_status gb_pack_create(const char *path, const gb_pack_info *info, gb_pack_writer **out, gb_error *err) GB_MUST_CHECK;
/* Starts a shot; first and count are filled in by the writer. */
gb_status gb_pack_begin_shot(gb_pack_writer *writer, const gb_shot *shot, gb_error *err) GB_MUST_CHECK;
/* `narrow` NULL: the centre of `wide`. */
gb_status gb_pack_append(gb_pack_writer *writer, const gb_image *wide, const gb_image *narrow, gb_error *err)
    GB_MUST_CHECK;
/* Of the frame appended last to the one that comes next in the shot; rounded to 1/GB_FLOW_UNIT px. A pack whose info
 * says has_flow needs it for every frame but each shot's last; another takes none. */
gb_status gb_pack_append_flow(gb_pack_writer *writer, const gb_flow *flow, gb_error *err) GB_MUST_CHECK;
gb_status gb_pack_finish(gb_pack_writer *writer, gb_error *err) GB_MUST_CHECK; /* frees the writer, also on failure */
void gb_pack_abandon(gb_pack_writer *writer);                                  /* removes what was written */

/* The datasets known by name. */
typedef enum gb_dataset_state { GB_DATASET_READY, GB_DATASET_DRAWN /* made on first use */, GB_DATASET_NOT_FETCHED }
    gb_dataset_state;

typedef struct gb_dataset {
    const char *id, *title, *summary, *domain, *licence;
    bool drawn;               /* toon and its like: drawn here, needs no source */
    int revision;             /* of the drawings: packs of another one in the cache are not used */
    const char *manifest;     /* JSON text for fetched ones; NULL when drawn */
} gb_dataset;

const gb_dataset *const *gb_datasets(size_t *count);   /* in the order of lists; never NULL */
const gb_dataset *gb_dataset_find(const char *id);     /* NULL when unknown */
gb_dataset_state gb_dataset_get_state(const gb_dataset *dataset);
/* Cache path of its pack for this geometry; the caller frees. */
gb_status gb_dataset_pack_path(const gb_dataset *dataset, gb_geometry geometry, char **path, gb_error *err)
    GB_MUST_CHECK;

/* Tells how far a long build is; may be NULL. `total` 0: unknown. */
typedef void gb_progress_fn(void *user, const char *what, long done, long total);

typedef struct gb_build_options {
    gb_geometry geometry;      /* zeros: 512x288, side 64 */
    const char *split;         /* for folders and videos: the split of every shot; NULL: by shot, 70/20/10 by order */
    const char *id, *title, *licence, *source_note; /* provenance; NULL: from the path */
    const char *domain;        /* "in", "out"; NULL: what the show or the manifest says, else nobody said ("own") */
    int first, end;            /* source frames [first, end); end 0: all */
    int stride;                /* every stride-th frame; 0 counts as 1 */
    bool shots_given;          /* for drawn shows: shots[] counts, else those of the default pack */
    int shots[3];              /* train, val, test; a shot of a split is the same however many there are */
    bool flow;                 /* the pack holds flow: exact of drawn shows, else estimated as e_warp does */
    int threads;               /* that draw or estimate; 0: one a core. No byte depends on it */
    gb_progress_fn *progress;
    void *user;
} gb_build_options;

/* Opens what the user named: a dataset id (drawn now if need be; not fetched: GB_E_NOT_FOUND with the command),
 * a pack, or a video or folder of images (built into the cache, keyed by content and options). */
gb_status gb_dataset_open(const char *id_or_path, const gb_build_options *options, gb_pack **out, gb_error *err)
    GB_MUST_CHECK;

/* Builds a pack at `out` from a video, an image folder (a flat folder of frames, a folder of clip folders, or the pair
 * wide/ and narrow/), a manifest (.json) or a drawn show; with options->flow from a pack or a dataset that was fetched,
 * too, whose frames it keeps. Flow without OpenCV: GB_E_UNSUPPORTED, before anything is made. */
gb_status gb_dataset_build(const char *source, const gb_build_options *options, const char *out, gb_error *err)
    GB_MUST_CHECK;

/* Finds each file of the manifest under `from` (or downloads it when `from` is NULL), checks its sha256, builds
 * the pack in the cache. */
gb_status gb_dataset_fetch(const gb_dataset *dataset, const char *from, const gb_build_options *options, gb_error *err)
    GB_MUST_CHECK;

/* Shot cuts: true when `b` begins a new shot after `a`. Documented threshold on a colour-histogram and luma-change
 * measure at reduced size; deterministic. */
bool gb_is_cut(const gb_image *a, const gb_image *b);

#endif
