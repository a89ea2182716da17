#include "backend/cuda/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/sha256.h"

/* Raised when the rule of choice.c changes: plans that another rule took are not looked for. */
#define RULE 3
#define MAGIC "ganime-bench cuda plan\n"
#define MOST_BYTES ((size_t)4 << 20)

static bool is_off(const gb_cuda_target *target)
{
    const char *const chosen = getenv("GANIME_CUDA_PLANS");
    return !target->handle || !target->card || (chosen && strcmp(chosen, "0") == 0);
}

/* All that a plan depends on, in words. */
static void describe(const gb_cuda_convolution *c, const gb_cuda_target *target, char *out, size_t size)
{
    snprintf(out, size,
             "rule %d, cuDNN %zu, %s, %s, workspace %zu, %s %lldx%lldx%lldx%lld to %lldx%lldx%lldx%lld, kernel %dx%d, "
             "stride %d, pad %d, dilation %d, then%s%s%s\n",
             RULE, cudnnGetVersion(), target->card, gb_precision_name(c->precision), target->workspace_limit,
             c->transposed ? "transposed" : "forward", (long long)c->in.n, (long long)c->in.h, (long long)c->in.w,
             (long long)c->in.c, (long long)c->out.n, (long long)c->out.h, (long long)c->out.w, (long long)c->out.c,
             c->kernel_h, c->kernel_w, c->stride, c->pad, c->dilation, c->after.addend ? " addend" : "",
             c->after.bias ? " bias" : "", c->after.relu ? " relu" : "");
}

/* The folder is made on the way. */
static gb_status path_of(const char *key, char **path, gb_error *err)
{
    char hex[GB_SHA256_HEX], leaf[GB_SHA256_HEX + 32];
    char *folder = NULL;
    gb_status status;
    GB_GO(gb_cache_path("cuda-plans", &folder, err));
    GB_GO(gb_directory_make(folder, err));
    gb_sha256_memory(key, strlen(key), hex);
    snprintf(leaf, sizeof leaf, "cuda-plans/%s", hex);
    GB_GO(gb_cache_path(leaf, path, err));
done:
    free(folder);
    return status;
}

/* File: the magic line, sha256 of what follows, the key, engine and workspace, cuDNN's own text to the end. False where
 * any of it is not as it was written. */
static bool parse(const char *data, size_t size, const char *key, gb_cuda_plan_facts *facts, const char **text)
{
    char hex[GB_SHA256_HEX];
    const size_t head = strlen(MAGIC) + GB_SHA256_HEX, length = strlen(key); /* 64 digits and a line's end */
    int used = 0, fused;
    gb_cuda_notes notes;
    long long engine;
    size_t workspace;
    if (size < head + length || memcmp(data, MAGIC, strlen(MAGIC)) != 0) return false;
    gb_sha256_memory(data + head, size - head, hex);
    if (memcmp(data + strlen(MAGIC), hex, GB_SHA256_HEX - 1) != 0) return false;
    if (memcmp(data + head, key, length) != 0) return false;
    if (sscanf(data + head + length, "engine %lld fused %d workspace %zu notes %x %x%n", &engine, &fused,
               &workspace, &notes.numerical, &notes.behaviour, &used) != 5)
        return false;
    *facts = (gb_cuda_plan_facts){.engine = engine, .workspace = workspace, .notes = notes, .fused = fused != 0};
    *text = data + head + length + used + 1;
    return true;
}

bool gb_cuda_store_take(const gb_cuda_convolution *convolution, const gb_cuda_target *target, gb_descriptor *plan,
                        gb_cuda_plan_facts *facts)
{
    char key[512], *path = NULL, *data = NULL;
    const char *text = NULL;
    size_t size = 0;
    int64_t workspace = 0;
    gb_error ignored;
    const gb_cuda_place place = {.handle = target->handle};
    if (is_off(target)) return false;
    describe(convolution, target, key, sizeof key);
    bool taken = path_of(key, &path, &ignored) == GB_OK && gb_file_exists(path) &&
                 gb_file_read(path, MOST_BYTES, &data, &size, &ignored) == GB_OK &&
                 parse(data, size, key, facts, &text) &&
                 gb_cuda_engine_plan_of(text, &place, plan, &workspace, &ignored) == GB_OK;
    if (taken && ((uint64_t)workspace > target->workspace_limit || (size_t)workspace != facts->workspace)) {
        gb_descriptor_free(*plan);
        *plan = NULL;
        taken = false;
    }
    free(data);
    free(path);
    return taken;
}

static gb_status keep(const char *key, const char *text, const gb_cuda_plan_facts *facts, gb_error *err)
{
    char hex[GB_SHA256_HEX], *path = NULL;
    char *const body = gb_format("%sengine %lld fused %d workspace %zu notes %x %x\n%s", key,
                                 (long long)facts->engine, facts->fused, facts->workspace, facts->notes.numerical,
                                 facts->notes.behaviour, text);
    char *whole = NULL;
    gb_status status;
    if (!body) return gb_fail_memory(err, "a plan", strlen(text));
    gb_sha256_memory(body, strlen(body), hex);
    whole = gb_format("%s%s\n%s", MAGIC, hex, body);
    if (!whole) GB_GO(gb_fail_memory(err, "a plan", strlen(text)));
    GB_GO(path_of(key, &path, err));
    GB_GO(gb_file_write(path, whole, strlen(whole), err));
done:
    free(path);
    free(whole);
    free(body);
    return status;
}

void gb_cuda_store_keep(const gb_cuda_convolution *convolution, const gb_cuda_target *target, gb_descriptor plan,
                        const gb_cuda_plan_facts *facts)
{
    char key[512], *text = NULL;
    gb_error ignored;
    if (is_off(target)) return;
    describe(convolution, target, key, sizeof key);
    if (gb_cuda_engine_plan_text(plan, &text, &ignored) == GB_OK && keep(key, text, facts, &ignored) != GB_OK)
        ignored.text[0] = '\0'; /* made again next time */
    free(text);
}
