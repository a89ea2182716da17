#include "datasets/dataset.h"
#include "fuzz/targets.h"

int fuzz_pack(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file(data, size);
    gb_pack *pack = NULL;
    gb_image truth = {0}, input = {0};
    gb_error err;
    if (!path || gb_pack_open(path, &pack, &err) != GB_OK) return 0;
    const int last = gb_pack_get_info(pack)->frames - 1;
    if (gb_pack_read(pack, 0, &truth, &input, &err) == GB_OK && gb_pack_read(pack, last, &truth, &input, &err) == GB_OK)
        (void)!gb_pack_verify(pack, &err);
    gb_image_free(&truth);
    gb_image_free(&input);
    gb_pack_close(pack);
    return 0;
}
