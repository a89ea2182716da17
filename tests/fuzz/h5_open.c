#include <hdf5.h>
#include <stdlib.h>

#include "fuzz/targets.h"

void fuzz_check_h5(void)
{
    if (H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL) > 0) abort();
}
