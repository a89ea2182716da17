/* The known datasets, for those that make their packs; everyone else asks dataset.h. */
#ifndef GB_DATASETS_REGISTRY_H
#define GB_DATASETS_REGISTRY_H

#include "datasets/dataset.h"

/* Draws a dataset that is drawn here. */
gb_status gb_build_drawn(const gb_dataset *dataset, const gb_build_options *options, const char *out, gb_error *err)
    GB_MUST_CHECK;

#endif
