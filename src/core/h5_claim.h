/* What a dataset of an HDF5 file claims to hold, against what the file can hold: looked at before memory is asked for,
 * by us or, for a whole chunk, by HDF5. */
#ifndef GB_CORE_H5_CLAIM_H
#define GB_CORE_H5_CLAIM_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

/* Whether all elements of the dataset, those of one chunk, and that many chunks can lie in a file of `bytes` bytes,
 * deflated at best. Of chunks HDF5 takes more than a kilobyte for each that it reads at once. */
bool gb_h5_claim_fits(hid_t dataset, uint64_t bytes);

#endif
