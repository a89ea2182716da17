#include "checkpoint/formats.h"
#include "fuzz/targets.h"

int fuzz_h5_weights(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file(data, size);
    gb_weights *weights = NULL;
    gb_error err;
    if (!path || gb_weights_new(&weights, &err) != GB_OK) return 0;
    (void)!gb_read_h5(path, size, weights, &err);
    gb_weights_free(weights);
    fuzz_check_h5();
    return 0;
}
