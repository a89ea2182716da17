/* Deflate, of PNG, zip and HDF5 alike. */
#ifndef GB_CORE_DEFLATE_H
#define GB_CORE_DEFLATE_H

/* It makes at most so many bytes of one. */
#define GB_DEFLATE_RATIO 1032

#endif
