/* HDF5 files whose failures are kept from HDF5: 1.10 does not outlive a write that failed (on a full disk it crashes
 * when it closes the file), nor a read that failed while it opened one. So it is never told. After a failed write
 * nothing more is written, what could not be read is zeros, and the caller has the errno: it must look before it
 * believes. Nor does it outlive metadata that cannot be: blocks of a file that is only read are looked at first
 * (core/h5_guard.h), and of what cannot be believed nothing is left that HDF5 would not take for damage. */
#ifndef GB_CORE_H5_SINK_H
#define GB_CORE_H5_SINK_H

#include <hdf5.h>
#include <stddef.h>
#include <stdint.h>

/* Files opened with this access list go through here. `*why`, which must outlive them, becomes the errno of the first
 * failure, of closing too; it is set to 0 now. Negative on failure. */
herr_t gb_h5_sink_set(hid_t access, int *why);

/* Opens the file for reading so. Negative on failure. */
hid_t gb_h5_sink_open(const char *path, int *why);

/* Such a file is closed by this: H5Fclose lets go of the driver before it calls it. Where HDF5 cannot close a damaged
 * one, its descriptor is closed all the same, and HDF5's own part of it is lost; a program calls H5dont_atexit first,
 * or HDF5 1.10 tries once more at its end, and crashes. */
herr_t gb_h5_sink_close(hid_t file);

/* The bytes of a chunk as they lie in such a file: into `bytes`, at most `room`. HDF5 1.10 takes their number from the
 * file's index without a look at the room, and tells it only of chunks that went through filters; here a longer chunk
 * is refused, and `*count` is what the index says. Negative on failure. */
herr_t gb_h5_sink_read_chunk(hid_t dataset, const hsize_t *offset, void *bytes, size_t room, size_t *count,
                             uint32_t *skipped);

/* Opens a dataset whose name and data are in this very file: a link to another file, data kept outside and views of
 * other datasets give a negative id, as does one that is not there. */
hid_t gb_h5_open_own(hid_t file, const char *name);

#endif
