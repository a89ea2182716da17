/* What an output's bytes depend on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/sha256.h"
#include "extend/plan.h"
#include "version.h"

#define SAMPLE (1 << 20)

/* Size, time of change and the sha256 of the first and last MiB: a whole episode need not be read for it. */
static gb_status identify_file(const char *path, gb_sha256 *sha, gb_error *err)
{
    struct stat facts;
    char *bytes = gb_alloc(SAMPLE, 1);
    FILE *file = fopen(path, "rb");
    gb_status status = GB_OK;
    if (!bytes) GB_GO(gb_fail_memory(err, path, SAMPLE));
    if (!file || fstat(fileno(file), &facts) != 0) GB_GO(gb_fail(err, GB_E_IO, "%s: cannot be read", path));
    const long long id[3] = {facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec};
    gb_sha256_update(sha, id, sizeof id);
    gb_sha256_update(sha, bytes, fread(bytes, 1, SAMPLE, file));
    if (facts.st_size > SAMPLE && fseeko(file, -SAMPLE, SEEK_END) == 0)
        gb_sha256_update(sha, bytes, fread(bytes, 1, SAMPLE, file));
done:
    if (file) fclose(file);
    free(bytes);
    return status;
}

static gb_status identify_folder(const char *path, gb_sha256 *sha, gb_error *err)
{
    char **names = NULL;
    size_t count = 0;
    GB_TRY(gb_directory_list(path, &names, &count, err));
    gb_status status = GB_OK;
    for (size_t i = 0; i < count && status == GB_OK; i++) {
        char *file = gb_path_join(path, names[i]);
        if (!file) status = gb_fail_memory(err, path, 0);
        gb_sha256_update(sha, names[i], strlen(names[i]) + 1);
        if (status == GB_OK && !gb_file_is_directory(file)) status = identify_file(file, sha, err);
        free(file);
    }
    gb_directory_free(names, count);
    return status;
}

static gb_status identify(const char *path, char hex[GB_SHA256_HEX], gb_error *err)
{
    gb_sha256 *sha = NULL;
    GB_TRY(gb_sha256_new(&sha, err));
    const gb_status status = gb_file_is_directory(path) ? identify_folder(path, sha, err)
                                                        : identify_file(path, sha, err);
    if (status == GB_OK) gb_sha256_finish(sha, hex);
    else gb_sha256_free(sha);
    return status;
}

/* What cannot be read twice is not like anything before it. */
static void identify_once(char hex[GB_SHA256_HEX])
{
    const uint64_t moment[2] = {gb_clock_ns(), (uint64_t)getpid()};
    gb_sha256_memory(moment, sizeof moment, hex);
}

static void add_layout(const gb_extend_plan *plan, cJSON *job)
{
    const gb_layout *l = &plan->layout;
    const int numbers[] = {l->centre.x, l->centre.y, l->centre.width, l->centre.height, l->side, l->work.width,
                           l->work.height, l->work.side};
    gb_json_attach(job, "layout", cJSON_CreateIntArray(numbers, (int)(sizeof numbers / sizeof numbers[0])));
}

gb_status gb_extend_plan_describe(const gb_extend_plan *plan, cJSON **out, gb_error *err)
{
    char input[GB_SHA256_HEX];
    if (plan->info.piped) identify_once(input);
    else GB_TRY(identify(plan->in, input, err));
    cJSON *job = cJSON_CreateObject();
    cJSON_AddStringToObject(job, "input", input);
    cJSON_AddStringToObject(job, "program", gb_version_commit());
    cJSON *generators = cJSON_AddArrayToObject(job, "generators");
    for (int i = 0; i < plan->contenders.count; i++) {
        const gb_contender *c = &plan->contenders.item[i];
        char text[192];
        snprintf(text, sizeof text, "%s %s", c->id, c->weights_sha256);
        gb_json_append(generators, cJSON_CreateString(text));
    }
    cJSON_AddStringToObject(job, "precision", plan->options->precision ? plan->options->precision : "fp32");
    cJSON_AddNumberToObject(job, "form", plan->form);
    cJSON_AddStringToObject(job, "codec", plan->encoder.codec ? plan->encoder.codec->id : "");
    cJSON_AddNumberToObject(job, "quality", plan->encoder.quality);
    cJSON_AddNumberToObject(job, "segment", (double)plan->segment);
    cJSON_AddNumberToObject(job, "end", (double)plan->options->end);
    cJSON_AddNumberToObject(job, "fps", (double)plan->options->fps);
    cJSON_AddStringToObject(job, "retouch", plan->info.retouch);
    cJSON_AddBoolToObject(job, "comparison", plan->on_board);
    cJSON_AddNumberToObject(job, "panel", plan->board.panel_height);
    add_layout(plan, job);
    *out = job;
    return job ? GB_OK : gb_fail_memory(err, "job", 0);
}
