#include "support/lpips_folder.h"

#include <stdio.h>

#include "core/file.h"
#include "metrics/metric.h"
#include "support/support.h"

const char *lpips_folder(void)
{
    static char directory[4096];
    const char *const shared = test_shared("weights/lpips/lpips_alex_v0.1.h5");
    if (shared) {
        snprintf(directory, sizeof directory, "%.*s", (int)(gb_path_base(shared) - shared), shared);
        return directory;
    }
    const gb_metric_env env = {0};
    gb_error err;
    if (gb_metric_find("lpips_alex_v0.1")->ready(&env, &err) != GB_OK) skip_because("%s", err.text);
    return NULL;
}
