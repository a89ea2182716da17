/* run.json, in a folder of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz/targets.h"
#include "report/run.h"

static char folder[] = "/tmp/ganime-fuzz-XXXXXX";
static char path[64];

static void clean_up(void)
{
    unlink(path);
    rmdir(folder);
}

int fuzz_run(const uint8_t *data, size_t size)
{
    gb_run *run = NULL;
    gb_error err;
    if (!path[0]) {
        if (!mkdtemp(folder)) return 0;
        snprintf(path, sizeof path, "%s/run.json", folder);
        atexit(clean_up);
    }
    FILE *file = fopen(path, "wb");
    const int whole = file && fwrite(data, 1, size, file) == size;
    if (file) fclose(file);
    if (whole && gb_run_read(folder, &run, &err) == GB_OK) gb_run_free(run);
    return 0;
}
