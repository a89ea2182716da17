/* One file of a public repository at a fixed commit, by FFmpeg's https. */
#ifndef GB_DATASETS_DOWNLOAD_H
#define GB_DATASETS_DOWNLOAD_H

#include "datasets/manifest.h"

/* Gives the path of the file in the cache, loaded now unless it is there; its sha256 has been checked either way.
 * The caller frees. */
gb_status gb_download(const gb_manifest_file *file, char **path, gb_error *err) GB_MUST_CHECK;

#endif
