/* What the reader and the writer of packs share: the names in the file, the type of a row of `shots`, the content hash.
 *
 * A pack is an HDF5 file. Attributes of the root: format, id, title, domain, licence, source, content (strings of fixed
 * length) and width, height, side, paired (int32). Datasets: wide (N,H,W,3) uint8, one frame a chunk; narrow
 * (N,H,W-2*side,3) likewise, only when paired; shots, a table of gb_shot rows that tile [0,N) in order. May be
 * there: flow (N,H,W,2) int16, one frame a chunk, u and v in 1/64 px, u = GB_PACK_NO_FLOW where not valid (all of a
 * shot's last frame), and then, unless it is exact, the attribute flow_from, which says how it was estimated; tags, a
 * string of fixed length for each shot. */
#ifndef GB_DATASETS_PACK_FORMAT_H
#define GB_DATASETS_PACK_FORMAT_H

#include <hdf5.h>

#include "core/sha256.h"
#include "datasets/dataset.h"

#define GB_PACK_FORMAT "ganime-pack/1"

#define GB_PACK_NO_FLOW (-32768)

/* Everyday failures are reported in one line by the caller; HDF5's own stack is not printed. */
void gb_pack_quiet(void);

/* HDF5 compound type of a row of `shots`: as gb_shot lies in memory, or packed as in the file. Negative on failure. */
hid_t gb_pack_shot_type(bool packed);

/* As long as gb_shot.tags. Negative on failure. */
hid_t gb_pack_tags_type(void);

/* Split is one of the three, names are terminated and not empty, numbers are in range; `what` names the source. */
gb_status gb_pack_check_shot(const gb_shot *shot, const char *what, gb_error *err) GB_MUST_CHECK;

/* Divides the shots written so far by their order: 70 % train, 20 % val, 10 % test; fewer than ten are all test. */
#define GB_SPLIT_LEAST 10
void gb_pack_split_shots(gb_pack_writer *writer);

bool gb_pack_flow_is_estimated(const gb_pack_info *info);

/* Content hash: geometry line, how flow was estimated if it was, each frame's bytes (wide, then narrow when paired,
 * then flow where another frame of the shot follows), one line for each shot with its tags, if it has some. */
void gb_pack_hash_start(gb_sha256 *sha, const gb_pack_info *info);
void gb_pack_hash_image(gb_sha256 *sha, const gb_image *image);
void gb_pack_hash_flow(gb_sha256 *sha, const int16_t *flow, gb_geometry geometry);
void gb_pack_hash_shot(gb_sha256 *sha, const gb_shot *shot);

#endif
