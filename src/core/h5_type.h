/* Datatypes as HDF5 describes them ("HDF5 File Format Specification 3.0", IV.A.2.d). HDF5 1.10 reads a description
 * without a look at its end, and believes that parts lie within their whole. */
#ifndef GB_CORE_H5_TYPE_H
#define GB_CORE_H5_TYPE_H

#include "core/h5_rest.h"

/* Bytes of one element, and `rest` is behind its description; UINT64_MAX where that cannot be believed: it is cut
 * short, parts lie outside of their whole, it has no size, or types are nested more than eight deep. */
uint64_t gb_h5_type_size(gb_h5_rest *rest);

#endif
