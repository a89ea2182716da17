#include "backend/cuda/score.h"

#include <stdlib.h>
#include <string.h>

#include "backend/cuda/plan.h"
#include "backend/cuda/score_kernels.h"
#include "backend/cuda/transfer.h"
#include "core/memory.h"

#define MOST_TOTALS (GB_SCORING_FRAMES * GB_SCORING_PARTS)

_Static_assert(GB_SCORING_GROUPS <= GB_SCORING_PARTS, "every call's totals fit");

/* One stream; its totals, on the card and here (page-locked). */
struct gb_scorer {
    int card;
    cudaStream_t stream;
    double *total, *host_total;
    gb_cuda_transfer transfer;
    char *scratch;
    size_t scratch_bytes;
};

static void scorer_free(gb_scorer *s)
{
    if (!s) return;
    (void)cudaSetDevice(s->card);
    if (s->stream) (void)cudaStreamSynchronize(s->stream); /* what was put may still be on its way */
    gb_cuda_transfer_free(&s->transfer);
    (void)cudaFree(s->scratch);
    (void)cudaFreeHost(s->host_total);
    (void)cudaFree(s->total);
    if (s->stream) (void)cudaStreamDestroy(s->stream);
    (void)cudaGetLastError(); /* nobody is told, and the next launch is not to blame */
    free(s);
}

static gb_status scorer_new(int ordinal, gb_scorer **out, gb_error *err)
{
    gb_status status;
    gb_scorer *s = gb_alloc(1, sizeof *s);
    if (!s) return gb_fail_memory(err, "scoring", sizeof *s);
    s->card = ordinal;
    GB_GO(gb_cuda_check(cudaSetDevice(ordinal), "use the card", err));
    GB_GO(gb_cuda_check(cudaStreamCreateWithFlags(&s->stream, cudaStreamNonBlocking), "make a stream", err));
    GB_GO(gb_cuda_check(cudaMalloc((void **)&s->total, MOST_TOTALS * sizeof(double)), "allocate totals", err));
    GB_GO(gb_cuda_check(cudaMallocHost((void **)&s->host_total, MOST_TOTALS * sizeof(double)), "allocate totals",
                        err));
    *out = s;
    s = NULL;
done:
    scorer_free(s);
    return status;
}

/* ---- Queueing and waiting --------------------------------------------------------------------------------------- */

/* Waits for what was queued; `status` is what became of queueing it. After a failure nothing is left in flight. */
static gb_status finish(const gb_scorer *s, gb_status status, gb_error *err)
{
    if (status == GB_OK) return gb_cuda_check(cudaStreamSynchronize(s->stream), "finish a score", err);
    (void)cudaStreamSynchronize(s->stream);
    (void)cudaGetLastError();
    return status;
}

static gb_status use_card(const gb_scorer *s, gb_error *err)
{
    return gb_cuda_check(cudaSetDevice(s->card), "use the card", err); /* a property of the calling thread */
}

/* At least so much; what was in it is lost. */
static gb_status reserve_scratch(gb_scorer *s, size_t bytes, gb_error *err)
{
    if (bytes <= s->scratch_bytes) return GB_OK;
    (void)cudaFree(s->scratch);
    s->scratch = NULL;
    s->scratch_bytes = 0;
    GB_TRY(gb_cuda_check(cudaMalloc((void **)&s->scratch, bytes), "allocate memory for scores", err));
    s->scratch_bytes = bytes;
    return GB_OK;
}

/* The one call that does not wait. */
static gb_status put(gb_scorer *s, gb_place to, const void *data, size_t bytes, gb_error *err)
{
    GB_TRY(use_card(s, err));
    const gb_status status = gb_cuda_transfer_put(&s->transfer, s->stream, to, s->card, data, bytes, err);
    return status == GB_OK ? GB_OK : finish(s, status, err);
}

static gb_status get(gb_scorer *s, gb_place from, void *data, size_t bytes, gb_error *err)
{
    GB_TRY(use_card(s, err));
    const gb_status status = gb_cuda_transfer_get(&s->transfer, s->stream, from, s->card, data, bytes, err);
    return status == GB_OK ? GB_OK : finish(s, status, err);
}

/* Kernels count places in 32 bits; SSIM's moments are the largest thing that a frame has. */
static gb_status check_frame(int width, int height, gb_error *err)
{
    if (width > 0 && height > 0 && (size_t)width * (size_t)height <= GB_CUDA_MOST_VALUES / 6) return GB_OK;
    return gb_fail(err, GB_E_UNSUPPORTED, "a frame of %dx%d: the card's scores take at most %zu pixels", width, height,
                   GB_CUDA_MOST_VALUES / 6);
}

/* ---- Sums ------------------------------------------------------------------------------------------------------- */

/* What the last kernels of every sum need; `column` is filled in by the caller. */
static gb_status groups_of(const gb_scorer *s, const gb_column_groups *groups, int count, gb_cuda_totals *out,
                           gb_error *err)
{
    if (groups->groups < 1 || groups->groups > GB_SCORING_GROUPS)
        return gb_fail(err, GB_E_ARG, "expected 1 to %d groups of columns, found %d", GB_SCORING_GROUPS,
                       groups->groups);
    *out = (gb_cuda_totals){.total = s->total, .count = count, .columns = groups->columns,
                            .channels = groups->channels, .groups = groups->groups};
    return gb_cuda_locate(groups->member, s->card, (size_t)groups->columns, s->stream, &out->member, err);
}

/* The totals that were queued, `queued` being what became of that. */
static gb_status take_totals(const gb_scorer *s, const gb_cuda_totals *t, cudaError_t queued, double *totals,
                             gb_error *err)
{
    const size_t bytes = (size_t)(t->count * t->groups) * sizeof(double);
    gb_status status = gb_cuda_check(queued, "score frames", err);
    if (status == GB_OK)
        status = gb_cuda_check(cudaMemcpyAsync(s->host_total, s->total, bytes, cudaMemcpyDeviceToHost, s->stream),
                               "copy totals from the card", err);
    GB_TRY(finish(s, status, err));
    memcpy(totals, s->host_total, bytes);
    return GB_OK;
}

static gb_status differences(gb_scorer *s, const gb_difference_sums *sums, double *totals, gb_error *err)
{
    const size_t row = 3 * (size_t)sums->width, frame = row * (size_t)sums->height, count = (size_t)sums->count;
    gb_cuda_difference f = {.of = sums->of, .count = sums->count, .width = sums->width, .height = sums->height};
    gb_cuda_totals t;
    GB_TRY(check_frame(sums->width, sums->height, err));
    GB_TRY(use_card(s, err));
    GB_TRY(gb_cuda_locate_all(sums->a, sums->count, s->card, frame, s->stream, f.a, err));
    GB_TRY(gb_cuda_locate_all(sums->b, sums->count, s->card, frame, s->stream, f.b, err));
    GB_TRY(groups_of(s, &sums->groups, sums->count, &t, err));
    if (t.columns != sums->width || t.channels != 3)
        return gb_fail(err, GB_E_ARG, "expected groups of %d columns, found %d", sums->width, (int)t.columns);
    GB_TRY(reserve_scratch(s, count * row * (sizeof(double) + GB_CUDA_BANDS * sizeof(uint32_t)), err));
    f.column = (double *)(void *)s->scratch;
    f.partial = (uint32_t *)(void *)(f.column + count * row);
    t.column = f.column;
    t.largest = sums->of == GB_DIFFERENCE_LARGEST;
    return take_totals(s, &t, gb_cuda_run_difference(&f, &t, s->stream), totals, err);
}

static gb_status warp(gb_scorer *s, const gb_warp_sums *sums, double *totals, gb_error *err)
{
    const size_t pixels = (size_t)sums->width * (size_t)sums->height, count = (size_t)sums->count;
    gb_cuda_warp f = {.count = sums->count, .width = sums->width, .height = sums->height, .parts = sums->parts};
    GB_TRY(check_frame(sums->width, sums->height, err));
    if (sums->parts < 1 || sums->parts > GB_SCORING_PARTS)
        return gb_fail(err, GB_E_ARG, "expected 1 to %d parts, found %d", GB_SCORING_PARTS, sums->parts);
    GB_TRY(use_card(s, err));
    GB_TRY(gb_cuda_locate_all(sums->a, sums->count, s->card, 3 * pixels, s->stream, f.a, err));
    GB_TRY(gb_cuda_locate_all(sums->b, sums->count, s->card, 3 * pixels, s->stream, f.b, err));
    GB_TRY(gb_cuda_locate_all(sums->flow, sums->count, s->card, 2 * pixels * sizeof(float), s->stream, f.flow, err));
    GB_TRY(gb_cuda_locate_all(sums->member, sums->count, s->card, pixels, s->stream, f.member, err));
    const size_t columns = count * (size_t)(sums->parts * sums->width);
    GB_TRY(reserve_scratch(s, columns * sizeof(double) + count * pixels * sizeof(float), err));
    f.column = (double *)(void *)s->scratch;
    f.error = (float *)(void *)(f.column + columns);
    /* A part is a frame whose columns all count. */
    const gb_cuda_totals t = {.column = f.column, .total = s->total, .count = sums->count * sums->parts,
                              .columns = sums->width, .channels = 1, .groups = 1};
    return take_totals(s, &t, gb_cuda_run_warp(&f, &t, s->stream), totals, err);
}

/* Common to truth's part and comparison. */
static gb_status start_ssim(const gb_scorer *s, const gb_ssim_sums *sums, gb_cuda_ssim *f, gb_error *err)
{
    const size_t frame = 3 * (size_t)sums->width * (size_t)sums->height;
    if (sums->width <= 2 * GB_SSIM_RADIUS || sums->height <= 2 * GB_SSIM_RADIUS)
        return gb_fail(err, GB_E_ARG, "no window fits a frame of %dx%d", sums->width, sums->height);
    GB_TRY(check_frame(sums->width, sums->height, err));
    *f = (gb_cuda_ssim){.c1 = sums->c1, .c2 = sums->c2, .count = sums->count, .width = sums->width,
                        .height = sums->height};
    memcpy(f->weight, sums->weight, sizeof f->weight);
    GB_TRY(use_card(s, err));
    GB_TRY(gb_cuda_locate_all(sums->truth, sums->count, s->card, frame, s->stream, f->truth, err));
    return gb_cuda_locate_all(sums->moments, sums->count, s->card, GB_SSIM_MOMENTS(sums->width, sums->height),
                              s->stream, f->moments, err);
}

static gb_status ssim_moments(gb_scorer *s, const gb_ssim_sums *sums, gb_error *err)
{
    gb_cuda_ssim f;
    GB_TRY(start_ssim(s, sums, &f, err));
    return finish(s, gb_cuda_check(gb_cuda_run_ssim_moments(&f, s->stream), "score frames", err), err);
}

/* Scratch memory holds a map (count, h, w), then its columns, then `more` bytes. */
static gb_status map_of(gb_scorer *s, int count, int64_t h, int64_t w, size_t more, gb_cuda_columns *columns,
                        gb_cuda_totals *t, double **map, gb_error *err)
{
    if (t->columns * t->channels != w)
        return gb_fail(err, GB_E_ARG, "expected groups of %d columns, found %d", (int)w,
                       (int)(t->columns * t->channels));
    GB_TRY(reserve_scratch(s, (size_t)(count * (h + 1) * w) * sizeof(double) + more, err));
    *map = (double *)(void *)s->scratch;
    *columns = (gb_cuda_columns){.map = *map, .column = *map + count * h * w, .count = count, .h = h, .w = w};
    t->column = columns->column;
    return GB_OK;
}

static gb_status ssim(gb_scorer *s, const gb_ssim_sums *sums, double *totals, gb_error *err)
{
    gb_cuda_ssim f;
    gb_cuda_totals t;
    gb_cuda_columns columns;
    GB_TRY(start_ssim(s, sums, &f, err));
    GB_TRY(gb_cuda_locate_all(sums->test, sums->count, s->card, 3 * (size_t)sums->width * (size_t)sums->height,
                              s->stream, f.test, err));
    GB_TRY(groups_of(s, &sums->groups, sums->count, &t, err));
    GB_TRY(map_of(s, sums->count, sums->height - 2 * GB_SSIM_RADIUS, 3 * (sums->width - 2 * GB_SSIM_RADIUS), 0,
                  &columns, &t, &f.map, err));
    return take_totals(s, &t, gb_cuda_run_ssim(&f, &columns, &t, s->stream), totals, err);
}

/* Four of them are read at once. */
static bool is_aligned(const void *address)
{
    return (uintptr_t)address % (4 * sizeof(float)) == 0;
}

/* What all positions' lanes add up to, in bytes. */
static size_t lanes_bytes(const gb_cuda_features *f)
{
    return (size_t)(f->count * f->positions) * GB_LANES * sizeof(float);
}

static gb_status check_features(const gb_feature_sums *sums, gb_error *err)
{
    if (sums->c < 1 || sums->c % GB_LANES) return gb_fail(err, GB_E_ARG, "features of %d channels", (int)sums->c);
    if ((size_t)(sums->h * sums->w) <= GB_CUDA_MOST_VALUES / (size_t)(sums->c > 256 ? sums->c : 256)) return GB_OK;
    return gb_fail(err, GB_E_UNSUPPORTED, "features of %dx%d positions: too many for the card's scores", (int)sums->w,
                   (int)sums->h);
}

static gb_status start_features(const gb_scorer *s, const gb_feature_sums *sums, gb_cuda_features *f, gb_error *err)
{
    const size_t bytes = (size_t)(sums->h * sums->w * sums->c) * sizeof(float);
    GB_TRY(check_features(sums, err));
    *f = (gb_cuda_features){.count = sums->count, .positions = sums->h * sums->w, .c = sums->c,
                            .are_unit = sums->are_unit, .inside = sums->inside, .outside = sums->outside};
    GB_TRY(use_card(s, err));
    GB_TRY(gb_cuda_locate_all(sums->features, sums->count, s->card, bytes, s->stream, f->features, err));
    GB_TRY(gb_cuda_locate_all(sums->reference, sums->count, s->card, bytes, s->stream, f->reference, err));
    for (int k = 0; k < sums->count; k++)
        if (!is_aligned(f->features[k]) || !is_aligned(f->reference[k]))
            return gb_fail(err, GB_E_ARG, "features %d are not 16 bytes aligned", k);
    return GB_OK;
}

static gb_status unit(gb_scorer *s, const gb_feature_sums *sums, gb_error *err)
{
    gb_cuda_features f;
    GB_TRY(start_features(s, sums, &f, err));
    GB_TRY(reserve_scratch(s, lanes_bytes(&f), err));
    f.squares = (float *)(void *)s->scratch;
    return finish(s, gb_cuda_check(gb_cuda_run_unit(&f, s->stream), "score frames", err), err);
}

static gb_status distance(gb_scorer *s, const gb_feature_sums *sums, double *totals, gb_error *err)
{
    gb_cuda_features f;
    gb_cuda_totals t;
    gb_cuda_columns columns;
    GB_TRY(start_features(s, sums, &f, err));
    GB_TRY(gb_cuda_locate(sums->weight, s->card, (size_t)sums->c * sizeof(float), s->stream, &f.weight, err));
    GB_TRY(groups_of(s, &sums->groups, sums->count, &t, err));
    if (!is_aligned(f.weight)) return gb_fail(err, GB_E_ARG, "weights are not 16 bytes aligned");
    GB_TRY(map_of(s, sums->count, sums->h, sums->w, 2 * lanes_bytes(&f) + GB_CUDA_ALIGNMENT, &columns, &t, &f.map,
                  err));
    f.squares = (float *)(void *)(f.map + ((size_t)(sums->count * (sums->h + 1) * sums->w) + 1) / 2 * 2);
    f.sums = f.squares + lanes_bytes(&f) / sizeof(float);
    return take_totals(s, &t, gb_cuda_run_distance(&f, &columns, &t, s->stream), totals, err);
}

const gb_scoring gb_cuda_scoring = {
    .scorer_new = scorer_new,
    .scorer_free = scorer_free,
    .memory_new = gb_cuda_memory_new,
    .memory_free = gb_cuda_memory_free,
    .put = put,
    .get = get,
    .differences = differences,
    .ssim_moments = ssim_moments,
    .ssim = ssim,
    .warp = warp,
    .unit = unit,
    .distance = distance,
};
