#include "selftest/pool.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/toon/toon.h"
#include "run/pipeline.h"

typedef struct score_set {
    gb_score region[GB_REGION_COUNT];
} score_set;

struct gb_pool {
    int shots, frames, metrics, variants;
    score_set *set; /* [shot][variant][frame][metric] */
};

typedef struct worker {
    void **metric;
    gb_noisy_net_worker *net;
    gb_image truth[GB_POOL_MAX_FRAMES], made[GB_POOL_MAX_FRAMES];
    gb_image now[GB_MAX_VARIANTS], before[GB_MAX_VARIANTS];
} worker;

typedef struct scoring {
    const gb_pool_plan *plan;
    gb_metric_env env;
    gb_toon_show *show;
    gb_noisy_net *net;
    gb_variant variant[GB_MAX_VARIANTS];
    void **shared; /* per metric */
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
        const gb_image kept = w->before[v];
        w->before[v] = w->now[v];
        w->now[v] = kept;
        GB_TRY(copy_pixels(&w->made[frame], &w->now[v], err));
        if (variant->injection)
            GB_TRY(variant->injection->apply(&scene, variant->size, variant->twin, variant->net, &w->now[v], err));
    }
    return GB_OK;
}

static gb_status pair_reference(const gb_metric *metric, const worker *w, int m, int frame, gb_error *err)
{
    const gb_frame_pair truth = {.frame = {&w->truth[frame - 1], &w->truth[frame]}};
    return metric->pair_reference ? metric->pair_reference(w->metric[m], &truth, err) : GB_OK;
}

static gb_status score_variants(const scoring *s, worker *w, int shot, int frame, int m, gb_error *err)
{
    const gb_metric *const metric = s->plan->metrics[m];
    if (metric->temporal && frame == 0) return GB_OK;
    if (metric->temporal) GB_TRY(pair_reference(metric, w, m, frame, err));
    else GB_TRY(metric->reference(w->metric[m], &w->truth[frame], err));
    for (int v = 0; v < s->pool->variants; v++) {
        gb_scores scores = {0};
        const gb_frame_pair pair = {.frame = {&w->before[v], &w->now[v]}};
        if (metric->temporal) GB_TRY(metric->pair(w->metric[m], &pair, &scores, err));
        else GB_TRY(metric->compare(w->metric[m], &w->now[v], &scores, err));
        memcpy(find(s->pool, v, shot, frame, m)->region, scores.region, sizeof scores.region);
    }
    return GB_OK;
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

static gb_status open_worker(scoring *s, worker *w, gb_error *err)
{
    w->metric = gb_alloc((size_t)s->plan->metric_count, sizeof *w->metric);
    if (!w->metric) return gb_fail_memory(err, "metrics", sizeof *w);
    GB_TRY(gb_noisy_net_worker_new(s->net, &w->net, err));
    for (int m = 0; m < s->plan->metric_count; m++)
        if (s->plan->metrics[m]->worker_open)
            GB_TRY(s->plan->metrics[m]->worker_open(s->shared[m], &s->env, &w->metric[m], err));
    return GB_OK;
}

static void close_worker(const scoring *s, worker *w)
{
    for (int m = 0; w->metric && m < s->plan->metric_count; m++)
        if (w->metric[m]) s->plan->metrics[m]->worker_close(w->metric[m]);
    free(w->metric);
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
