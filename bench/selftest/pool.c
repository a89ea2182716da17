#include "selftest/pool.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/toon/toon.h"
#include "pipeline/pipeline.h"

typedef struct score_set {
    gb_score region[GB_REGION_COUNT];
} score_set;

struct gb_pool {
    int shots, frames, metrics, variants;
    score_set *set; /* [shot][variant][frame][metric] */
};

/* What a metric keeps of frames for one that shares with it: of the variants' frames before, and of the truth's. */
typedef struct kept {
    void *before[GB_MAX_VARIANTS], *now, *truth[2];
} kept;

typedef struct worker {
    void **metric;
    gb_noisy_net_worker *net;
    gb_image truth[GB_POOL_MAX_FRAMES], made[GB_POOL_MAX_FRAMES];
    gb_image now[GB_MAX_VARIANTS], before[GB_MAX_VARIANTS];
    gb_flow flow;        /* of the truth, from the frame before to this one */
    kept *kept;          /* per metric */
} worker;

typedef struct scoring {
    const gb_pool_plan *plan;
    gb_metric_env env;
    gb_toon_show *show;
    gb_noisy_net *net;
    gb_variant variant[GB_MAX_VARIANTS];
    void **shared; /* per metric */
    int *source;   /* per metric: the one that it shares with, or -1 */
    bool *keeps;   /* per metric: some other shares with it */
    bool uses_flow;
    worker *worker;
    gb_pool *pool;
} scoring;

static size_t shot_size(const gb_pool *pool)
{
    return (size_t)pool->variants * (size_t)pool->frames * (size_t)pool->metrics;
}

static score_set *find(const gb_pool *pool, int variant, int shot, int frame, int metric)
{
    const size_t in_shot = ((size_t)variant * (size_t)pool->frames + (size_t)frame) * (size_t)pool->metrics;
    return &pool->set[(size_t)shot * shot_size(pool) + in_shot + (size_t)metric];
}

static gb_status copy_pixels(const gb_image *from, gb_image *to, gb_error *err)
{
    GB_TRY(gb_image_reserve(to, from->width, from->height, err));
    memcpy(to->rgb, from->rgb, (size_t)from->width * (size_t)from->height * 3);
    return GB_OK;
}

static void blacken_strips(gb_image *frame, int side)
{
    const size_t strip = (size_t)side * 3, row = (size_t)frame->width * 3;
    for (size_t y = 0; y < (size_t)frame->height; y++) {
        memset(&frame->rgb[y * row], 0, strip);
        memset(&frame->rgb[(y + 1) * row - strip], 0, strip);
    }
}

const char *gb_pool_base(const gb_pool_plan *plan)
{
    return plan->generator ? plan->generator->id : "near";
}

static int within(int at, int size)
{
    return at < 0 ? 0 : at >= size ? size - 1 : at;
}

/* The mean of 3x3 pixels, those beyond the border repeated. */
static uint8_t soft_level(const gb_image *truth, int x, int y, int c)
{
    int sum = 0;
    for (int v = y - 1; v <= y + 1; v++)
        for (int u = x - 1; u <= x + 1; u++)
            sum += truth->rgb[3 * (within(v, truth->height) * truth->width + within(u, truth->width)) + c];
    return (uint8_t)((sum + 4) / 9);
}

static void soften_strips(const gb_image *truth, int side, gb_image *frame)
{
    for (int i = 0; i < frame->width * frame->height; i++) {
        const int x = i % frame->width;
        if (x >= side && x < frame->width - side) continue;
        for (int c = 0; c < 3; c++) frame->rgb[3 * i + c] = soft_level(truth, x, i / frame->width, c);
    }
}

static gb_status make_shot(const scoring *s, worker *w, int shot, gb_error *err)
{
    const gb_geometry g = s->plan->geometry;
    for (int f = 0; f < s->plan->frames; f++) {
        GB_TRY(gb_toon_draw(s->show, shot, f, g.width, g.height, &w->truth[f], err));
        GB_TRY(copy_pixels(&w->truth[f], &w->made[f], err));
        blacken_strips(&w->made[f], g.side);
        if (s->plan->generator) GB_TRY(s->plan->generator->paint(&w->made[f], g.side, err));
        else soften_strips(&w->truth[f], g.side, &w->made[f]);
    }
    return GB_OK;
}

static gb_status make_variants(const scoring *s, worker *w, int shot, int frame, gb_error *err)
{
    const gb_scene scene = {
        .geometry = s->plan->geometry, .shot = shot, .frame = frame, .made = w->made, .net = w->net};
    GB_TRY(gb_noisy_net_look(w->net, &w->made[frame], err));
    for (int v = 0; v < s->pool->variants; v++) {
        const gb_variant *const variant = &s->variant[v];
        const gb_image before = w->before[v];
        w->before[v] = w->now[v];
        w->now[v] = before;
        GB_TRY(copy_pixels(&w->made[frame], &w->now[v], err));
        if (variant->injection)
            GB_TRY(variant->injection->apply(&scene, variant->size, variant->twin, variant->net, &w->now[v], err));
    }
    return GB_OK;
}

static gb_status pair_reference(const scoring *s, const worker *w, int m, int frame, gb_error *err)
{
    const gb_metric *const metric = s->plan->metrics[m];
    gb_frame_pair truth = {.frame = {&w->truth[frame - 1], &w->truth[frame]},
                           .flow = metric->uses_flow ? &w->flow : NULL};
    for (int k = 0; k < 2 && s->source[m] >= 0; k++) truth.kept[k] = w->kept[s->source[m]].truth[k];
    return metric->pair_reference ? metric->pair_reference(w->metric[m], &truth, err) : GB_OK;
}

/* The truth's part of a frame metric; what it keeps of the frame before moves on. */
static gb_status reference(const scoring *s, worker *w, int m, int frame, gb_error *err)
{
    kept *const k = &w->kept[m];
    GB_TRY(s->plan->metrics[m]->reference(w->metric[m], &w->truth[frame], err));
    if (!s->keeps[m]) return GB_OK;
    void *const room = k->truth[0];
    k->truth[0] = k->truth[1];
    k->truth[1] = room;
    s->plan->metrics[m]->keep(w->metric[m], k->truth[1]);
    return GB_OK;
}

/* Those that share with metric m, on the frame that it compared last and the one before. */
static gb_status score_sharing(const scoring *s, worker *w, int shot, int frame, int m, int v, gb_error *err)
{
    kept *const k = &w->kept[m];
    s->plan->metrics[m]->keep(w->metric[m], k->now);
    for (int t = 0; t < s->plan->metric_count && frame > 0; t++) {
        if (s->source[t] != m) continue;
        gb_scores scores = {0};
        const gb_frame_pair pair = {.frame = {&w->before[v], &w->now[v]}, .kept = {k->before[v], k->now}};
        GB_TRY(s->plan->metrics[t]->pair(w->metric[t], &pair, &scores, err));
        memcpy(find(s->pool, v, shot, frame, t)->region, scores.region, sizeof scores.region);
    }
    void *const room = k->before[v];
    k->before[v] = k->now;
    k->now = room;
    return GB_OK;
}

/* What shares has its truth's part done right after that of its source, before any variant. */
static gb_status sharing_references(const scoring *s, const worker *w, int frame, int m, gb_error *err)
{
    for (int t = 0; t < s->plan->metric_count && frame > 0; t++)
        if (s->source[t] == m) GB_TRY(pair_reference(s, w, t, frame, err));
    return GB_OK;
}

static gb_status score_variants(const scoring *s, worker *w, int shot, int frame, int m, gb_error *err)
{
    const gb_metric *const metric = s->plan->metrics[m];
    if (s->source[m] >= 0 || (metric->temporal && frame == 0)) return GB_OK;
    if (metric->temporal) GB_TRY(pair_reference(s, w, m, frame, err));
    else GB_TRY(reference(s, w, m, frame, err));
    GB_TRY(sharing_references(s, w, frame, m, err));
    for (int v = 0; v < s->pool->variants; v++) {
        gb_scores scores = {0};
        const gb_frame_pair pair = {.frame = {&w->before[v], &w->now[v]}};
        if (metric->temporal) GB_TRY(metric->pair(w->metric[m], &pair, &scores, err));
        else GB_TRY(metric->compare(w->metric[m], &w->now[v], &scores, err));
        memcpy(find(s->pool, v, shot, frame, m)->region, scores.region, sizeof scores.region);
        if (s->keeps[m]) GB_TRY(score_sharing(s, w, shot, frame, m, v, err));
    }
    return GB_OK;
}

static gb_status draw_flow(const scoring *s, worker *w, int shot, int frame, gb_error *err)
{
    const gb_geometry g = s->plan->geometry;
    if (!s->uses_flow || frame == 0) return GB_OK;
    return gb_toon_flow(s->show, shot, frame - 1, frame, g.width, g.height, &w->flow, err);
}

static gb_status decode(void *user, long unit, void *slot, gb_error *err)
{
    (void)user;
    (void)unit;
    (void)slot;
    (void)err;
    return GB_OK;
}

static gb_status work(void *user, int index, long unit, void *slot, gb_error *err)
{
    (void)slot;
    const scoring *const s = user;
    worker *const w = &s->worker[index];
    GB_TRY(make_shot(s, w, (int)unit, err));
    for (int f = 0; f < s->plan->frames; f++) {
        GB_TRY(make_variants(s, w, (int)unit, f, err));
        GB_TRY(draw_flow(s, w, (int)unit, f, err));
        for (int m = 0; m < s->plan->metric_count; m++) GB_TRY(score_variants(s, w, (int)unit, f, m, err));
    }
    return GB_OK;
}

static gb_status collect(void *user, long unit, void *slot, gb_error *err)
{
    (void)slot;
    (void)err;
    const scoring *const s = user;
    if (s->plan->progress) s->plan->progress(s->plan->user, s->plan->before + unit + 1);
    return GB_OK;
}

static gb_status open_kept(const scoring *s, kept *k, int m, gb_error *err)
{
    const size_t size = s->plan->metrics[m]->kept_size(s->shared[m]);
    bool all = true;
    for (int v = 0; v < s->pool->variants && all; v++) all = (k->before[v] = gb_alloc_aligned(size, 1)) != NULL;
    for (int t = 0; t < 2 && all; t++) all = (k->truth[t] = gb_alloc_aligned(size, 1)) != NULL;
    k->now = gb_alloc_aligned(size, 1);
    return all && k->now ? GB_OK : gb_fail_memory(err, "features", size);
}

static gb_status open_worker(scoring *s, worker *w, gb_error *err)
{
    w->metric = gb_alloc((size_t)s->plan->metric_count, sizeof *w->metric);
    w->kept = gb_alloc((size_t)s->plan->metric_count, sizeof *w->kept);
    if (!w->metric || !w->kept) return gb_fail_memory(err, "metrics", sizeof *w);
    GB_TRY(gb_noisy_net_worker_new(s->net, &w->net, err));
    for (int m = 0; m < s->plan->metric_count; m++) {
        gb_metric_env env = s->env;
        if (s->source[m] >= 0) env.shared = s->shared[s->source[m]];
        if (s->plan->metrics[m]->worker_open)
            GB_TRY(s->plan->metrics[m]->worker_open(s->shared[m], &env, &w->metric[m], err));
        if (s->keeps[m]) GB_TRY(open_kept(s, &w->kept[m], m, err));
    }
    return GB_OK;
}

static void close_kept(kept *k)
{
    for (int v = 0; v < GB_MAX_VARIANTS; v++) free(k->before[v]);
    free(k->truth[0]);
    free(k->truth[1]);
    free(k->now);
}

static void close_worker(const scoring *s, worker *w)
{
    for (int m = 0; w->metric && m < s->plan->metric_count; m++)
        if (w->metric[m]) s->plan->metrics[m]->worker_close(w->metric[m]);
    free(w->metric);
    for (int m = 0; w->kept && m < s->plan->metric_count; m++) close_kept(&w->kept[m]);
    free(w->kept);
    gb_flow_free(&w->flow);
    gb_noisy_net_worker_free(w->net);
    for (int f = 0; f < GB_POOL_MAX_FRAMES; f++) {
        gb_image_free(&w->truth[f]);
        gb_image_free(&w->made[f]);
    }
    for (int v = 0; v < GB_MAX_VARIANTS; v++) {
        gb_image_free(&w->now[v]);
        gb_image_free(&w->before[v]);
    }
}

static gb_status open_pool(scoring *s, gb_error *err)
{
    gb_pool *const pool = gb_alloc(1, sizeof *pool);
    if (!pool) return gb_fail_memory(err, "shots", sizeof *pool);
    s->pool = pool;
    *pool = (gb_pool){.shots = s->plan->shots, .frames = s->plan->frames, .metrics = s->plan->metric_count,
                      .variants = gb_variants(s->variant)};
    pool->set = gb_alloc((size_t)pool->shots * shot_size(pool), sizeof *pool->set);
    return pool->set ? GB_OK : gb_fail_memory(err, "scores", (size_t)pool->shots * shot_size(pool) * sizeof *pool->set);
}

/* Which metric shares with which. */
static gb_status link_metrics(scoring *s, gb_error *err)
{
    const gb_metric *const *const metric = s->plan->metrics;
    const int count = s->plan->metric_count;
    s->source = gb_alloc((size_t)count, sizeof *s->source);
    s->keeps = gb_alloc((size_t)count, sizeof *s->keeps);
    if (!s->source || !s->keeps) return gb_fail_memory(err, "metrics", (size_t)count * sizeof *s->source);
    for (int m = 0; m < count; m++) {
        s->source[m] = -1;
        s->uses_flow = s->uses_flow || metric[m]->uses_flow;
        for (int other = 0; metric[m]->shares && other < count; other++)
            if (metric[other] == metric[m]->shares) s->source[m] = other;
        if (s->source[m] >= 0) s->keeps[s->source[m]] = true;
        else if (metric[m]->shares)
            return gb_fail(err, GB_E_ARG, "%s: expected %s beside it, found none", metric[m]->id,
                           metric[m]->shares->id);
    }
    return GB_OK;
}

static gb_status open_scoring(scoring *s, gb_error *err)
{
    const gb_pool_plan *const plan = s->plan;
    const gb_toon_size size = {.test = plan->shots};
    gb_weight_noise noise[GB_NOISY_NET_MAX];
    if (plan->shots < 2 || plan->frames < 2 || plan->frames > GB_POOL_MAX_FRAMES ||
        (plan->generator && !plan->generator->paint))
        return gb_fail(err, GB_E_ARG, "expected a baseline and 2 shots or more of 2 to %d frames, found %d of %d",
                       GB_POOL_MAX_FRAMES, plan->shots, plan->frames);
    GB_TRY(gb_toon_open(plan->show, &size, &s->show, err));
    GB_TRY(gb_noisy_net_new(noise, gb_variant_noises(noise), plan->geometry, plan->backend, &s->net, err));
    GB_TRY(open_pool(s, err));
    GB_TRY(link_metrics(s, err));
    s->shared = gb_alloc((size_t)plan->metric_count, sizeof *s->shared);
    s->worker = gb_alloc((size_t)plan->threads, sizeof *s->worker);
    if (!s->shared || !s->worker) return gb_fail_memory(err, "scoring", sizeof *s->worker);
    for (int m = 0; m < plan->metric_count; m++)
        if (plan->metrics[m]->open) GB_TRY(plan->metrics[m]->open(&s->env, &s->shared[m], err));
    for (int i = 0; i < plan->threads; i++) GB_TRY(open_worker(s, &s->worker[i], err));
    return GB_OK;
}

static void close_scoring(scoring *s)
{
    for (int i = 0; s->worker && i < s->plan->threads; i++) close_worker(s, &s->worker[i]);
    for (int m = 0; s->shared && m < s->plan->metric_count; m++)
        if (s->shared[m]) s->plan->metrics[m]->close(s->shared[m]);
    free(s->worker);
    free(s->shared);
    free(s->source);
    free(s->keeps);
    gb_noisy_net_free(s->net);
    gb_toon_close(s->show);
}

gb_status gb_pool_score(const gb_pool_plan *plan, gb_pool **out, gb_error *err)
{
    scoring s = {.plan = plan, .env = {.geometry = plan->geometry, .backend = plan->backend}};
    void **slots = NULL;
    gb_status status = GB_OK;
    GB_GO(open_scoring(&s, err));
    const gb_pipeline pipeline = {.units = plan->shots, .workers = plan->threads, .slots = plan->threads + 2,
                                  .slot = slots = gb_alloc((size_t)plan->threads + 2, sizeof *slots), .user = &s,
                                  .decode = decode, .work = work, .collect = collect};
    if (!slots) GB_GO(gb_fail_memory(err, "scoring", (size_t)plan->threads));
    GB_GO(gb_pipeline_run(&pipeline, err));
    *out = s.pool;
    s.pool = NULL;
done:
    free(slots);
    close_scoring(&s);
    gb_pool_free(s.pool);
    return status;
}

void gb_pool_free(gb_pool *pool)
{
    if (!pool) return;
    free(pool->set);
    free(pool);
}

int gb_pool_shots(const gb_pool *pool)
{
    return pool->shots;
}

int gb_pool_frames(const gb_pool *pool)
{
    return pool->frames;
}

int gb_pool_metrics(const gb_pool *pool)
{
    return pool->metrics;
}

gb_score gb_pool_score_of(const gb_pool *pool, int variant, int shot, int frame, int metric, gb_region region)
{
    return find(pool, variant, shot, frame, metric)->region[region];
}
