/* The manifests of datasets/manifests, compiled in, as text. */
#ifndef GB_DATASETS_MANIFESTS_H
#define GB_DATASETS_MANIFESTS_H

extern const char gb_manifest_penny_and_chip[];
extern const char gb_manifest_big_buck_bunny[];
extern const char gb_manifest_copying_is_not_theft[];
extern const char gb_manifest_live_action[];
extern const char gb_manifest_popeye[];

#endif
