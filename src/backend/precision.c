#include "backend/precision.h"

#include <string.h>

static const char *const names[GB_PRECISION_COUNT] = {
    [GB_PRECISION_FP32] = "fp32",
    [GB_PRECISION_TF32] = "tf32",
    [GB_PRECISION_FP16] = "fp16",
    [GB_PRECISION_BF16] = "bf16",
};

const char *gb_precision_name(gb_precision precision)
{
    return names[precision];
}

bool gb_precision_is_narrow(gb_precision precision)
{
    return precision == GB_PRECISION_FP16 || precision == GB_PRECISION_BF16;
}

gb_status gb_precision_read(const char *name, gb_precision *out, gb_error *err)
{
    *out = GB_PRECISION_FP32;
    if (!name) return GB_OK;
    for (int i = 0; i < GB_PRECISION_COUNT; i++) {
        if (strcmp(name, names[i]) != 0) continue;
        *out = (gb_precision)i;
        return GB_OK;
    }
    return gb_fail(err, GB_E_USAGE, "no precision '%s': expected fp32, tf32, fp16 or bf16", name);
}
