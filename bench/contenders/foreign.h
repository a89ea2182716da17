/* A generator that lives outside the program: frames that were made elsewhere (`run --external`), or a process that
 * makes them (`run --exec`). Whatever it gives is checked before it is scored. */
#ifndef GB_CONTENDERS_FOREIGN_H
#define GB_CONTENDERS_FOREIGN_H

#include <stdbool.h>

#include "core/sha256.h"
#include "datasets/dataset.h"
#include "models/generator.h"
#include "protocol/frames.h"

typedef struct gb_foreign gb_foreign;
typedef struct gb_foreign_worker gb_foreign_worker;
typedef struct gb_foreign_kind gb_foreign_kind;

extern const gb_foreign_kind gb_foreign_external; /* PLACE is a folder, a video or a pack */
extern const gb_foreign_kind gb_foreign_exec;     /* PLACE is a shell command, see gb_process_start */

/* `given` is "NAME=PLACE"; NAME becomes the generator's id: letters, digits, '.', '_', '-', '@', '+'. `timeout_s`: how
 * long a process may take for one frame. GB_E_USAGE, or GB_E_NOT_FOUND when nothing is there. */
gb_status gb_foreign_new(const gb_foreign_kind *kind, const char *given, double timeout_s, gb_foreign **out,
                         gb_error *err) GB_MUST_CHECK;
void gb_foreign_free(gb_foreign *foreign);

/* From now on the input's centre is put over what it gives; without this a frame whose centre differs has failed. */
void gb_foreign_set_composite(gb_foreign *foreign);

/* Without net and paint; lives as long as `foreign`. */
const gb_generator *gb_foreign_generator(const gb_foreign *foreign);
const char *gb_foreign_kind_id(const gb_foreign *foreign); /* "external", "exec" */
const char *gb_foreign_place(const gb_foreign *foreign);
bool gb_foreign_is_timed(const gb_foreign *foreign);       /* it has a speed */
bool gb_foreign_composites(const gb_foreign *foreign);

/* What will be asked of it: the picks of one dataset, all borrowed until it is closed. */
typedef struct gb_foreign_env {
    const char *dataset;
    int frames;                /* of the whole dataset */
    gb_geometry geometry;
    const gb_picks *picks;
} gb_foreign_env;
gb_status gb_foreign_open(gb_foreign *foreign, const gb_foreign_env *env, gb_error *err) GB_MUST_CHECK;
void gb_foreign_close(gb_foreign *foreign); /* may be opened again, for another dataset */

/* What lies behind its frames of picks [first, first + count), while it is open: another value when that changed. "" of
 * a process: what its command does today, nobody can say. */
gb_status gb_foreign_stamp(gb_foreign *foreign, int first, int count, char hex[GB_SHA256_HEX], gb_error *err)
    GB_MUST_CHECK;

/* One thread's own access. */
gb_status gb_foreign_worker_open(gb_foreign *foreign, gb_foreign_worker **out, gb_error *err) GB_MUST_CHECK;
void gb_foreign_worker_close(gb_foreign_worker *worker);

/* The frame of pick `pick` into `output` (of the dataset's size), from `input` (same size, black strips). */
gb_status gb_foreign_generate(gb_foreign_worker *worker, int pick, const gb_image *input, gb_image *output,
                              gb_error *err) GB_MUST_CHECK;
/* How much the last frame had changed the known centre, as it was given: largest difference in 8-bit levels. */
int gb_foreign_delivered_centre(const gb_foreign_worker *worker);

/* Takes a scored frame, by sha256 over its pixels, into the record: called in the order of the picks, by one thread. */
void gb_foreign_note(gb_foreign *foreign, int pick, const char scored[GB_SHA256_HEX], int delivered_centre);

/* The record over all datasets: sha256 over one line a scored frame, its name, a space and sha256 over its pixels;
 * false when there was none.
 * Takes the hash: call once. */
bool gb_foreign_record(gb_foreign *foreign, char sha256[GB_SHA256_HEX], int *delivered_centre);

/* What is wrong with it beyond single frames, or NULL. */
const char *gb_foreign_complaint(const gb_foreign *foreign);

#endif
