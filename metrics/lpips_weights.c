#include "metrics/lpips_weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/sha256.h"

gb_status gb_lpips_weights_find(const gb_lpips_net *net, const char *directory, char **path, gb_error *err)
{
    static const char *const extension[] = {".ckpt", ".h5"};
    for (int i = 0; i < 2; i++) {
        char name[128], *candidate = NULL;
        snprintf(name, sizeof name, "%s%s%s", directory ? "" : "weights/", net->metric, extension[i]);
        if (directory) {
            candidate = gb_path_join(directory, name);
            if (!candidate) return gb_fail_memory(err, "a path", strlen(directory) + sizeof name);
        } else {
            GB_TRY(gb_cache_path(name, &candidate, err));
        }
        if (gb_file_exists(candidate)) {
            *path = candidate;
            return GB_OK;
        }
        free(candidate);
        if (!directory) break;
    }
    return gb_fail(err, GB_E_NOT_FOUND, "%s: no weights in %s; get them with `ganime-bench model fetch %s`",
                   net->metric, directory ? directory : "the cache", net->fetch);
}

/* The tensor `name` of the file, which must have `rank` dimensions `dim`. */
static gb_status find_tensor(const gb_weights *file, const char *path, const char *name, int rank, const int64_t *dim,
                             const gb_tensor **out, gb_error *err)
{
    const gb_tensor *const tensor = gb_weights_find(file, name);
    if (!tensor || !tensor->data)
        return gb_fail(err, GB_E_MISMATCH, "%s: expected LPIPS weights with the float tensor %s, found none", path,
                       name);
    bool same = tensor->rank == rank;
    for (int i = 0; same && i < rank; i++) same = tensor->dim[i] == dim[i];
    if (same) {
        *out = tensor;
        return GB_OK;
    }
    long long size = 1;
    for (int i = 0; i < rank; i++) size *= dim[i];
    return gb_fail(err, GB_E_MISMATCH, "%s: expected %s with %lld values in %d dimensions, found %lld in %d", path,
                   name, size, rank, (long long)gb_tensor_size(tensor), tensor->rank);
}

/* H,W,I,O -> O,I,H,W; both of `size` elements. */
static void to_torch(const gb_lpips_conv *layer, const float *from, float *to)
{
    const int area = layer->kernel * layer->kernel;
    for (int p = 0; p < area; p++)
        for (int i = 0; i < layer->in; i++)
            for (int o = 0; o < layer->out; o++)
                to[((size_t)o * layer->in + i) * area + p] = from[((size_t)p * layer->in + i) * layer->out + o];
}

static gb_status add_copy(gb_weights *trunk, const char *name, int rank, const int64_t *dim, const gb_tensor *tensor,
                          const gb_lpips_conv *transpose, gb_error *err)
{
    const size_t size = (size_t)gb_tensor_size(tensor);
    float *const data = gb_alloc_aligned(size, sizeof *data);
    if (!data) return gb_fail_memory(err, name, size * sizeof *data);
    if (transpose)
        to_torch(transpose, tensor->data, data);
    else
        memcpy(data, tensor->data, size * sizeof *data);
    return gb_weights_add(trunk, name, rank, dim, data, err);
}

typedef struct container {
    const gb_lpips_net *net;
    const gb_weights *file;
    const char *path;
    bool flax; /* which of the two namings */
} container;

/* Weight and bias of convolution `number`. */
static gb_status take_layer(const container *from, int number, gb_weights *trunk, gb_error *err)
{
    const gb_lpips_conv *const layer = &from->net->conv[number];
    const int64_t o = layer->out, i = layer->in, k = layer->kernel;
    const int64_t torch_dim[4] = {o, i, k, k}, flax_dim[4] = {k, k, i, o};
    char prefix[64], name[96], to[64];
    const gb_tensor *tensor = NULL;
    if (from->flax) snprintf(prefix, sizeof prefix, "%s.Conv_%d", from->net->flax, number);
    else snprintf(prefix, sizeof prefix, "trunk.features.%d", layer->index);
    snprintf(name, sizeof name, "%s.%s", prefix, from->flax ? "kernel" : "weight");
    snprintf(to, sizeof to, "features.%d.weight", layer->index);
    GB_TRY(find_tensor(from->file, from->path, name, 4, from->flax ? flax_dim : torch_dim, &tensor, err));
    GB_TRY(add_copy(trunk, to, 4, torch_dim, tensor, from->flax ? layer : NULL, err));
    snprintf(name, sizeof name, "%s.bias", prefix);
    snprintf(to, sizeof to, "features.%d.bias", layer->index);
    GB_TRY(find_tensor(from->file, from->path, name, 1, &o, &tensor, err));
    return add_copy(trunk, to, 1, &o, tensor, NULL, err);
}

static gb_status take_head(const container *from, int number, float **out, gb_error *err)
{
    const int64_t channels = gb_lpips_tap(from->net, number)->out, flax_dim[4] = {1, 1, channels, 1};
    char name[64];
    const gb_tensor *tensor = NULL;
    snprintf(name, sizeof name, from->flax ? "NetLinLayer_%d.Conv_0.kernel" : "heads.lin%d", number);
    GB_TRY(find_tensor(from->file, from->path, name, from->flax ? 4 : 1, from->flax ? flax_dim : &channels, &tensor,
                       err));
    float *const head = gb_alloc_aligned((size_t)channels, sizeof *head);
    if (!head) return gb_fail_memory(err, name, (unsigned long long)channels * sizeof *head);
    memcpy(head, tensor->data, (size_t)channels * sizeof *head);
    *out = head;
    return GB_OK;
}

static gb_status check_published(const container *from, const gb_lpips_weights *weights, gb_error *err)
{
    gb_sha256 *sha = NULL;
    char hex[GB_SHA256_HEX];
    GB_TRY(gb_sha256_new(&sha, err));
    for (size_t i = 0; i < gb_weights_count(weights->trunk); i++) {
        const gb_tensor *const tensor = gb_weights_at(weights->trunk, i);
        gb_sha256_update(sha, tensor->data, (size_t)gb_tensor_size(tensor) * sizeof(float));
    }
    for (int i = 0; i < GB_LPIPS_TAPS; i++)
        gb_sha256_update(sha, weights->head[i], (size_t)gb_lpips_tap(from->net, i)->out * sizeof(float));
    gb_sha256_finish(sha, hex);
    if (strcmp(hex, from->net->weights) == 0) return GB_OK;
    return gb_fail(err, GB_E_MISMATCH, "%s: expected the published LPIPS v0.1 %s weights (%.12s), found %.12s",
                   from->path, from->net->title, from->net->weights, hex);
}

gb_status gb_lpips_weights_read(const gb_lpips_net *net, const char *path, gb_lpips_weights *out, gb_error *err)
{
    gb_lpips_weights weights = {0};
    gb_weights *file = NULL;
    char first[64];
    gb_status status = GB_OK;
    GB_GO(gb_checkpoint_read(path, &file, NULL, err));
    GB_GO(gb_weights_new(&weights.trunk, err));
    snprintf(first, sizeof first, "%s.Conv_0.kernel", net->flax);
    const container from = {.net = net, .file = file, .path = path, .flax = gb_weights_find(file, first) != NULL};
    for (int i = 0; i < net->convs; i++) GB_GO(take_layer(&from, i, weights.trunk, err));
    for (int i = 0; i < GB_LPIPS_TAPS; i++) GB_GO(take_head(&from, i, &weights.head[i], err));
    GB_GO(check_published(&from, &weights, err));
    *out = weights;
    weights = (gb_lpips_weights){0};
done:
    gb_weights_free(file);
    gb_lpips_weights_free(&weights);
    return status;
}

void gb_lpips_weights_free(gb_lpips_weights *weights)
{
    if (!weights) return;
    gb_weights_free(weights->trunk);
    for (int i = 0; i < GB_LPIPS_TAPS; i++) free(weights->head[i]);
    *weights = (gb_lpips_weights){0};
}
