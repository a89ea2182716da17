#include "datasets/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/manifests.h"
#include "datasets/source.h"
#include "datasets/toon/toon.h"

/* What `list` prints is said here as well as in the manifests, so that listing parses nothing; a test compares them. */
static const gb_dataset toon = {
    .id = "toon", .title = "Toon", .domain = "in",
    .summary = "Cartoon drawn here from a seed: inked cels, six people and a dog in eleven kinds of places",
    .licence = "that of ganime-bench", .drawn = true, .revision = GB_TOON_REVISION};
static const gb_dataset toon_b = {
    .id = "toon_b", .title = "Toon B", .domain = "out",
    .summary = "A second cartoon drawn here by another hand: flat textured shapes, hardly a line",
    .licence = "that of ganime-bench", .drawn = true, .revision = GB_TOON_REVISION};
static const gb_dataset penny_and_chip = {
    .id = "penny_and_chip", .title = "Penny and Chip", .domain = "in",
    .summary = "2D cartoon of two children, made with a video generator; 23 scenes at 24 fps",
    .licence = "MIT (licence of the repository; no separate notice for media)",
    .manifest = gb_manifest_penny_and_chip};
static const gb_dataset big_buck_bunny = {
    .id = "big_buck_bunny", .title = "Big Buck Bunny", .domain = "out",
    .summary = "3D animation: three excerpts",
    .licence = "CC BY 3.0 (Blender Foundation)",
    .manifest = gb_manifest_big_buck_bunny};
static const gb_dataset copying_is_not_theft = {
    .id = "copying_is_not_theft", .title = "Copying Is Not Theft (frames 120 to 786: the file breaks off after them)",
    .domain = "out",
    .summary = "2D animation in black, white and red",
    .licence = "CC BY-SA 3.0 (Nina Paley)",
    .manifest = gb_manifest_copying_is_not_theft};
static const gb_dataset live_action = {
    .id = "live_action", .title = "Live action", .domain = "out",
    .summary = "A flower and a city at night",
    .licence = "CC0",
    .manifest = gb_manifest_live_action};
static const gb_dataset popeye = {
    .id = "popeye", .title = "Popeye the Sailor Meets Sindbad the Sailor", .domain = "out",
    .summary = "Cel animation of 1936, two excerpts; the picture is 4:3, its crop makes it 16:9",
    .licence = "Public domain (Library of Congress)",
    .manifest = gb_manifest_popeye};

static const gb_dataset *const all[] = {&toon, &toon_b, &penny_and_chip, &big_buck_bunny, &copying_is_not_theft,
                                        &live_action, &popeye};

const gb_dataset *const *gb_datasets(size_t *count)
{
    *count = sizeof all / sizeof all[0];
    return all;
}

const gb_dataset *gb_dataset_find(const char *id)
{
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (!strcmp(all[i]->id, id)) return all[i];
    return NULL;
}

gb_status gb_dataset_pack_path(const gb_dataset *dataset, gb_geometry geometry, char **path, gb_error *err)
{
    const gb_build_options asked = {.geometry = geometry};
    gb_build_options resolved;
    GB_TRY(gb_build_resolve(&asked, &resolved, err));
    const gb_geometry g = resolved.geometry;
    char revision[16] = "";
    if (dataset->drawn) snprintf(revision, sizeof revision, ".%d", dataset->revision);
    char *leaf = gb_format("datasets/%s%s-%dx%d-%d.h5", dataset->id, revision, g.width, g.height, g.side);
    if (!leaf) return gb_fail_memory(err, dataset->id, 128);
    const gb_status status = gb_cache_path(leaf, path, err);
    free(leaf);
    return status;
}

gb_dataset_state gb_dataset_get_state(const gb_dataset *dataset)
{
    char *path = NULL;
    const gb_geometry usual = {0};
    const bool there = gb_dataset_pack_path(dataset, usual, &path, NULL) == GB_OK && gb_file_exists(path);
    free(path);
    return there ? GB_DATASET_READY : dataset->drawn ? GB_DATASET_DRAWN : GB_DATASET_NOT_FETCHED;
}

gb_status gb_build_drawn(const gb_dataset *dataset, const gb_build_options *options, const char *out, gb_error *err)
{
    return gb_toon_build(dataset->id, options, out, err);
}
