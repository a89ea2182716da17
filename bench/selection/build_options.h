/* What the command line says of making a pack: one reading for `run` and the `dataset` commands, so that they mean the
 * same pack by the same options. */
#ifndef GB_SELECTION_BUILD_OPTIONS_H
#define GB_SELECTION_BUILD_OPTIONS_H

#include "cli/cli.h"
#include "datasets/dataset.h"
#include "pipeline/progress.h"

/* The frame's geometry; without --side what 4:3 lacks of 16:9, or an eighth of the width for other shapes. The progress
 * line is shown on a terminal unless --quiet or --json; the caller ends it. */
gb_build_options gb_build_options_read(const gb_options *options, gb_progress *progress);

/* Whether `name` is a dataset's id or something that is there. Else GB_E_NOT_FOUND for what looks like a file's name
 * (no id has a dot or a slash), or GB_E_USAGE with the nearest id. */
gb_status gb_build_options_check_name(const char *name, gb_error *err) GB_MUST_CHECK;

/* Opens dataset or path `name` as the command line says; the progress line is gone afterwards. */
gb_status gb_build_options_open(const gb_options *options, const char *name, gb_pack **out, gb_error *err)
    GB_MUST_CHECK;

#endif
