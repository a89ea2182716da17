#include "support/moving_case.h"

#include <stdlib.h>

#include "support/moving.h"
#include "support/support.h"
#include "support/tiny.h"

int moving_pack_set_up(int width, int height, int frames)
{
    gb_error err;
    if (moving_clip_write("frames", width, height, frames, &err) != GB_OK) return -1;
    setenv("DIR", test_scratch("."), 1);
    setenv("PACK", test_scratch("small.h5"), 1);
    return test_command(NULL, 0, "$BENCH dataset build $DIR/frames --out $PACK --split test --id small --quiet "
                                 "--width %d --height %d", width, height);
}

int moving_case_set_up(int width, int height, int frames)
{
    gb_error err;
    if (tiny_write("tiny/glcic-width", NULL, test_scratch("glcic.safetensors"), &err) != GB_OK) return -1;
    return moving_pack_set_up(width, height, frames);
}
