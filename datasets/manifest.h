/* Manifests: JSON with the facts about a dataset's footage (which files, which frames, crop, split, checksum, licence),
 * never the footage itself. */
#ifndef GB_DATASETS_MANIFEST_H
#define GB_DATASETS_MANIFEST_H

#include <cjson/cJSON.h>

#include "core/sha256.h"
#include "datasets/clip.h"

#define GB_MANIFEST_FORMAT "ganime-manifest/1"

typedef struct gb_manifest_file {
    const char *name;     /* base name to look for */
    gb_clip clip;
    char sha256[GB_SHA256_HEX]; /* lower case */
    const char *repo, *commit, *path; /* where it came from, on GitHub */
    const char *obtain;               /* how to get it, when it is not there as such to download; else "" */
    const char *licence;
} gb_manifest_file;

typedef struct gb_manifest {
    const char *id, *title, *domain, *summary, *licence;
    char source[512];     /* the repositories, for provenance */
    gb_manifest_file *files;
    int count;
    cJSON *json;          /* owns the texts */
} gb_manifest;

/* `what` names the text in errors. */
gb_status gb_manifest_parse(const char *text, size_t size, const char *what, gb_manifest *out, gb_error *err)
    GB_MUST_CHECK;
void gb_manifest_free(gb_manifest *manifest);

/* The pack of a manifest: file i is at paths[i], checked already. */
gb_status gb_manifest_build(const gb_manifest *manifest, char *const *paths, const gb_build_options *options,
                            const char *out, gb_error *err) GB_MUST_CHECK;

#endif
