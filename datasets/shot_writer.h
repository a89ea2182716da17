/* From frames in order to the shots of a pack, whose flow is estimated on the way where that is wanted. */
#ifndef GB_DATASETS_SHOT_WRITER_H
#define GB_DATASETS_SHOT_WRITER_H

#include "datasets/dataset.h"

typedef struct gb_shot_writer gb_shot_writer;

/* `info`: what the pack is to be; options->flow adds its flow, by options->threads threads (the same bytes for any
 * number of them). What flow cannot be estimated of is refused before the file is begun. */
gb_status gb_shot_writer_open(const char *path, const gb_pack_info *info, const gb_build_options *options,
                              gb_shot_writer **out, gb_error *err) GB_MUST_CHECK;
/* As gb_pack_begin_shot and gb_pack_append; a frame may be kept back until others have come. */
gb_status gb_shot_writer_begin(gb_shot_writer *writer, const gb_shot *shot, gb_error *err) GB_MUST_CHECK;
gb_status gb_shot_writer_append(gb_shot_writer *writer, const gb_image *wide, const gb_image *narrow, gb_error *err)
    GB_MUST_CHECK;
/* Frees the writer. After a failure (`status`, which is returned) nothing is left of the file; else the pack is
 * finished, `by_order` with splits by the order of shots. */
gb_status gb_shot_writer_close(gb_shot_writer *writer, gb_status status, bool by_order, gb_error *err) GB_MUST_CHECK;

#endif
