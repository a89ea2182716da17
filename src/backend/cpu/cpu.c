#include "backend/cpu/cpu.h"

#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <string.h>

#include "backend/cpu/plan.h"

/* "model name : X" of the first processor; the name stays "unknown processor" where there is none. */
static void read_processor(char *name, size_t size)
{
    char line[512];
    FILE *file = fopen("/proc/cpuinfo", "r");
    snprintf(name, size, "unknown processor");
    while (file && fgets(line, sizeof line, file)) {
        char *const value = strchr(line, ':');
        if (!value || strncmp(line, "model name", 10) != 0) continue;
        value[strcspn(value, "\n")] = '\0';
        snprintf(name, size, "%s", value + 1 + strspn(value + 1, " "));
        break;
    }
    if (file) fclose(file);
}

static gb_status probe(int ordinal, gb_device_info *info, gb_error *err)
{
    (void)ordinal;
    if (dnnl_engine_get_count(dnnl_cpu) == 0)
        return gb_fail(err, GB_E_DEVICE, "oneDNN has no engine for this processor");
    const dnnl_version_t *const version = dnnl_version();
    gb_device_info found = {.precision = "fp32"};
    read_processor(found.name, sizeof found.name);
    snprintf(found.library, sizeof found.library, "oneDNN %d.%d.%d", version->major, version->minor, version->patch);
    *info = found;
    return GB_OK;
}

static bool has_bf16(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}

static gb_status accepts(int ordinal, gb_precision precision, gb_error *err)
{
    (void)ordinal;
    if (precision == GB_PRECISION_FP32 || (precision == GB_PRECISION_BF16 && has_bf16())) return GB_OK;
    if (precision == GB_PRECISION_BF16)
        return gb_fail(err, GB_E_UNSUPPORTED, "device cpu: bf16 needs a processor with AVX512_BF16, which this one is "
                       "not: there is fp32");
    return gb_fail(err, GB_E_UNSUPPORTED, "device cpu has no %s, only fp32%s", gb_precision_name(precision),
                   has_bf16() ? " and bf16" : "");
}

const gb_backend gb_backend_cpu = {
    .id = "cpu",
    .summary = "the processor, by oneDNN and own kernels, one core for each worker",
    .probe = probe,
    .accepts = accepts,
    .plan_new = gb_cpu_plan_new,
    .plan_free = gb_cpu_plan_free,
    .session_new = gb_cpu_session_new,
    .session_free = gb_cpu_session_free,
    .session_input = gb_cpu_session_input,
    .session_output = gb_cpu_session_output,
    .session_run = gb_cpu_session_run,
    .session_rerun = gb_cpu_session_rerun,
};
