#include "core/h5_layout.h"

static bool read_chunk(hid_t dataset, gb_h5_layout *out)
{
    const hid_t list = H5Dget_create_plist(dataset);
    if (list < 0) return false;
    out->kind = H5Pget_layout(list);
    out->filters = H5Pget_nfilters(list);
    const bool chunked = out->kind == H5D_CHUNKED;
    bool good = out->filters >= 0 && (!chunked || H5Pget_chunk(list, H5S_MAX_RANK, out->chunk) == out->rank);
    H5Pclose(list);
    for (int d = 0; d < out->rank && chunked && good; d++) good = out->chunk[d] > 0;
    return good;
}

bool gb_h5_layout_read(hid_t dataset, gb_h5_layout *out)
{
    const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    out->element = type < 0 ? 0 : H5Tget_size(type);
    out->rank = space < 0 ? -1 : H5Sget_simple_extent_dims(space, out->dim, NULL);
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    return out->element > 0 && out->rank >= 0 && read_chunk(dataset, out);
}
