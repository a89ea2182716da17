#include "datasets/dataset.h"
#include "fuzz/targets.h"

static void read_pack(gb_pack *pack)
{
    gb_image truth = {0}, input = {0};
    gb_flow flow = {0};
    gb_error err;
    const int last = gb_pack_get_info(pack)->frames - 1;
    if (gb_pack_read(pack, 0, &truth, &input, &err) == GB_OK && gb_pack_read(pack, last, &truth, &input, &err) == GB_OK)
        (void)!gb_pack_verify(pack, &err);
    if (gb_pack_get_info(pack)->has_flow) (void)!gb_pack_read_flow(pack, 0, &flow, &err);
    gb_flow_free(&flow);
    gb_image_free(&truth);
    gb_image_free(&input);
}

int fuzz_pack(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file(data, size);
    gb_pack *pack = NULL;
    gb_error err;
    if (path && gb_pack_open(path, &pack, &err) == GB_OK) {
        read_pack(pack);
        gb_pack_close(pack);
    }
    fuzz_check_h5();
    return 0;
}
