#include "metrics/lpips_weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/sha256.h"

#define FILE_STEM "lpips_alex_v0.1"

gb_status gb_lpips_weights_find(const char *directory, char **path, gb_error *err)
{
    static const char *const name[] = {FILE_STEM ".ckpt", FILE_STEM ".h5"};
    for (int i = 0; i < 2; i++) {
        char *candidate = NULL;
        if (directory) {
            candidate = gb_path_join(directory, name[i]);
            if (!candidate) return gb_fail_memory(err, "a path", strlen(directory) + sizeof FILE_STEM);
        } else {
            GB_TRY(gb_cache_path("weights/" FILE_STEM ".ckpt", &candidate, err));
        }
        if (gb_file_exists(candidate)) {
            *path = candidate;
            return GB_OK;
        }
        free(candidate);
        if (!directory) break;
    }
    return gb_fail(err, GB_E_NOT_FOUND,
                   "lpips_alex_v0.1: no weights in %s; get them with `ganime-bench model fetch lpips`",
                   directory ? directory : "the cache");
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
static void to_torch(const gb_alexnet_layer *layer, const float *from, float *to)
{
    const int area = layer->kernel * layer->kernel;
    for (int p = 0; p < area; p++)
        for (int i = 0; i < layer->in; i++)
            for (int o = 0; o < layer->out; o++)
                to[((size_t)o * layer->in + i) * area + p] = from[((size_t)p * layer->in + i) * layer->out + o];
}

static gb_status add_copy(gb_weights *trunk, const char *name, int rank, const int64_t *dim, const gb_tensor *tensor,
                          const gb_alexnet_layer *transpose, gb_error *err)
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

static gb_status take_layer(const gb_weights *file, const char *path, bool flax, int number, gb_weights *trunk,
                            gb_error *err)
{
    const gb_alexnet_layer *const layer = &gb_alexnet_layers[number];
    const int64_t o = layer->out, i = layer->in, k = layer->kernel;
    const int64_t torch_dim[4] = {o, i, k, k}, flax_dim[4] = {k, k, i, o};
    char from[64], to[64];
    const gb_tensor *tensor = NULL;
    snprintf(from, sizeof from, flax ? "AlexNet_0.Conv_%d.kernel" : "trunk.features.%d.weight",
             flax ? number : layer->index);
    snprintf(to, sizeof to, "features.%d.weight", layer->index);
    GB_TRY(find_tensor(file, path, from, 4, flax ? flax_dim : torch_dim, &tensor, err));
    GB_TRY(add_copy(trunk, to, 4, torch_dim, tensor, flax ? layer : NULL, err));
    snprintf(from, sizeof from, flax ? "AlexNet_0.Conv_%d.bias" : "trunk.features.%d.bias",
             flax ? number : layer->index);
    snprintf(to, sizeof to, "features.%d.bias", layer->index);
    GB_TRY(find_tensor(file, path, from, 1, &o, &tensor, err));
    return add_copy(trunk, to, 1, &o, tensor, NULL, err);
}

static gb_status take_head(const gb_weights *file, const char *path, bool flax, int number, float **out, gb_error *err)
{
    const int64_t channels = gb_alexnet_layers[number].out, flax_dim[4] = {1, 1, channels, 1};
    char name[64];
    const gb_tensor *tensor = NULL;
    snprintf(name, sizeof name, flax ? "NetLinLayer_%d.Conv_0.kernel" : "heads.lin%d", number);
    GB_TRY(find_tensor(file, path, name, flax ? 4 : 1, flax ? flax_dim : &channels, &tensor, err));
    float *const head = gb_alloc_aligned((size_t)channels, sizeof *head);
    if (!head) return gb_fail_memory(err, name, (unsigned long long)channels * sizeof *head);
    memcpy(head, tensor->data, (size_t)channels * sizeof *head);
    *out = head;
    return GB_OK;
}

static gb_status check_published(const gb_lpips_weights *weights, const char *path, gb_error *err)
{
    gb_sha256 *sha = NULL;
    char hex[GB_SHA256_HEX];
    GB_TRY(gb_sha256_new(&sha, err));
    for (size_t i = 0; i < gb_weights_count(weights->trunk); i++) {
        const gb_tensor *const tensor = gb_weights_at(weights->trunk, i);
        gb_sha256_update(sha, tensor->data, (size_t)gb_tensor_size(tensor) * sizeof(float));
    }
    for (int i = 0; i < GB_ALEXNET_TAPS; i++)
        gb_sha256_update(sha, weights->head[i], (size_t)gb_alexnet_layers[i].out * sizeof(float));
    gb_sha256_finish(sha, hex);
    if (strcmp(hex, GB_LPIPS_ALEX_WEIGHTS) == 0) return GB_OK;
    return gb_fail(err, GB_E_MISMATCH, "%s: expected the published LPIPS v0.1 AlexNet weights (%.12s), found %.12s",
                   path, GB_LPIPS_ALEX_WEIGHTS, hex);
}

gb_status gb_lpips_weights_read(const char *path, gb_lpips_weights *out, gb_error *err)
{
    gb_lpips_weights weights = {0};
    gb_weights *file = NULL;
    gb_status status = GB_OK;
    GB_GO(gb_checkpoint_read(path, &file, NULL, err));
    GB_GO(gb_weights_new(&weights.trunk, err));
    const bool flax = gb_weights_find(file, "AlexNet_0.Conv_0.kernel") != NULL;
    for (int i = 0; i < GB_ALEXNET_TAPS; i++) GB_GO(take_layer(file, path, flax, i, weights.trunk, err));
    for (int i = 0; i < GB_ALEXNET_TAPS; i++) GB_GO(take_head(file, path, flax, i, &weights.head[i], err));
    GB_GO(check_published(&weights, path, err));
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
    for (int i = 0; i < GB_ALEXNET_TAPS; i++) free(weights->head[i]);
    *weights = (gb_lpips_weights){0};
}
