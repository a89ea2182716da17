/* What the reader and the writer of packs share: the names in the file, the type of a row of `shots`, the content hash.
 *
 * A pack is an HDF5 file. Attributes of the root: format, id, title, domain, licence, source, content (strings of fixed
 * length) and width, height, side, paired (int32). Datasets: wide (N,H,W,3) uint8, one frame a chunk; narrow
 * (N,H,W-2*side,3) likewise, only when paired; shots, a table of gb_shot rows that tile [0,N) in order. */
#ifndef GB_DATASETS_PACK_FORMAT_H
#define GB_DATASETS_PACK_FORMAT_H

#include <hdf5.h>

#include "core/sha256.h"
#include "datasets/dataset.h"

#define GB_PACK_FORMAT "ganime-pack/1"

/* Everyday failures are reported in one line by the caller; HDF5's own stack is not printed. */
void gb_pack_quiet(void);

/* HDF5 compound type of a row of `shots`: as gb_shot lies in memory, or packed as in the file. Negative on failure. */
hid_t gb_pack_shot_type(bool packed);

/* Split is one of the three, names are terminated and not empty, numbers are in range; `what` names the source. */
gb_status gb_pack_check_shot(const gb_shot *shot, const char *what, gb_error *err) GB_MUST_CHECK;

/* Divides the shots written so far by their order: 70 % train, 20 % val, 10 % test; fewer than ten are all test. */
#define GB_SPLIT_LEAST 10
void gb_pack_split_shots(gb_pack_writer *writer);

/* Content hash: geometry line, each frame's bytes (wide, then narrow when paired), one line for each shot. */
void gb_pack_hash_start(gb_sha256 *sha, const gb_pack_info *info);
void gb_pack_hash_image(gb_sha256 *sha, const gb_image *image);
void gb_pack_hash_shot(gb_sha256 *sha, const gb_shot *shot);

#endif
