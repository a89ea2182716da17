/* Where a manifest's files are. */
#ifndef GB_DATASETS_FETCH_H
#define GB_DATASETS_FETCH_H

#include "datasets/manifest.h"

/* Paths of all files of the manifest, sha256 checked: under `from` (in it or two levels below), or downloaded into the
 * cache when NULL. Free each and the array with gb_fetch_free. */
gb_status gb_fetch_find(const gb_manifest *manifest, const char *from, const gb_build_options *options, char ***paths,
                        gb_error *err) GB_MUST_CHECK;
void gb_fetch_free(char **paths, int count);

#endif
