/* A pack anew, with the flow that it lacks. */
#ifndef GB_DATASETS_ADD_FLOW_H
#define GB_DATASETS_ADD_FLOW_H

#include "datasets/dataset.h"

/* Frames, shots and provenance of `pack`, called `what` in messages, at `out`, which may be the file that it was read
 * from, with estimated flow; options->id and domain as in a build. GB_E_USAGE when it has flow. */
gb_status gb_pack_add_flow(gb_pack *pack, const char *what, const gb_build_options *options, const char *out,
                           gb_error *err) GB_MUST_CHECK;

#endif
