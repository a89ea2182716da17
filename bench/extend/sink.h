/* Where widened frames go, in order: encoded segments in the journal's folder, picture files, or standard output.
 * Nothing that is finished is made again. */
#ifndef GB_EXTEND_SINK_H
#define GB_EXTEND_SINK_H

#include "extend/plan.h"

typedef struct gb_sink gb_sink;

/* `folder`: the journal's; NULL for a single picture, which goes to its own name, and for standard output. */
gb_status gb_sink_open(const gb_extend_plan *plan, const char *folder, gb_sink **out, gb_error *err) GB_MUST_CHECK;
void gb_sink_close(gb_sink *sink); /* what is not finished is removed */

long gb_sink_finished(const gb_sink *sink); /* frames that are there already, from the first on; of pictures that are
                                               stabilised whole segments of them */
const char *gb_sink_folder(const gb_sink *sink); /* as given; borrowed */

/* `name`: of the file that the frame came from, or "". */
gb_status gb_sink_add(gb_sink *sink, AVFrame *frame, gb_frame_time time, const char *name, gb_error *err)
    GB_MUST_CHECK;
/* After the last frame; then the output is made from the pieces and appears under its name. */
gb_status gb_sink_finish(gb_sink *sink, gb_error *err) GB_MUST_CHECK;

#endif
