#include "timing/overhead.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/memory.h"

/* What every thread reads: frames, and what metrics share. */
typedef struct material {
    const gb_selection *selection;
    gb_metric_env env;
    gb_image *truth, *input; /* [frame] */
    gb_flow *flow;           /* [frame]: from the frame before it; empty: not known */
    bool *follows;
    int frames;
    void *shared[GB_MAX_METRICS];
    int source[GB_MAX_METRICS]; /* the metric whose features it takes; -1: none */
} material;

/* One thread and what it has spent. */
typedef struct lane {
    const material *of;
    void *metric[GB_MAX_METRICS];
    void *kept[GB_MAX_METRICS][4]; /* of truth and test, of frames of either parity */
    gb_image made[2];
    double truth[GB_MAX_METRICS], each[GB_MAX_METRICS], *generate;
    int pairs;
    gb_status status;
    gb_error err;
} lane;

/* Of this thread alone: others may have the core meanwhile. */
static double spent(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void free_material(material *m)
{
    for (int i = 0; i < m->frames; i++) {
        if (m->truth) gb_image_free(&m->truth[i]);
        if (m->input) gb_image_free(&m->input[i]);
        if (m->flow) gb_flow_free(&m->flow[i]);
    }
    for (int i = 0; i < m->selection->metric_count; i++)
        if (m->shared[i]) m->selection->metrics[i]->close(m->shared[i]);
    free(m->truth);
    free(m->input);
    free(m->flow);
    free(m->follows);
}

/* Where frames go, written once, as the ring of a run is: to clear fresh pages is not decoding. */
static gb_status take_places(material *m, gb_geometry g, bool wants_flow, const gb_picks *picks, gb_error *err)
{
    const size_t pixels = (size_t)g.width * (size_t)g.height;
    for (int i = 0; i < m->frames; i++) {
        GB_TRY(gb_image_new(g.width, g.height, &m->truth[i], err));
        GB_TRY(gb_image_new(g.width, g.height, &m->input[i], err));
        memset(m->truth[i].rgb, 0, 3 * pixels);
        memset(m->input[i].rgb, 0, 3 * pixels);
        m->follows[i] = picks->pick[i].follows;
        if (!wants_flow || !m->follows[i]) continue;
        GB_TRY(gb_flow_reserve(&m->flow[i], g.width, g.height, err));
        memset(m->flow[i].uv, 0, 2 * pixels * sizeof *m->flow[i].uv);
        memset(m->flow[i].valid, 0, pixels);
    }
    return GB_OK;
}

static gb_status read_frames(material *m, gb_pack *pack, const gb_picks *picks, double *ms, gb_error *err)
{
    bool wants_flow = false;
    for (int i = 0; i < m->selection->metric_count; i++) wants_flow |= m->selection->metrics[i]->uses_flow;
    wants_flow = wants_flow && gb_pack_get_info(pack)->has_flow;
    m->frames = picks->count;
    m->truth = gb_alloc((size_t)m->frames, sizeof *m->truth);
    m->input = gb_alloc((size_t)m->frames, sizeof *m->input);
    m->flow = gb_alloc((size_t)m->frames, sizeof *m->flow);
    m->follows = gb_alloc((size_t)m->frames, sizeof *m->follows);
    if (!m->truth || !m->input || !m->flow || !m->follows) return gb_fail_memory(err, "frames", (size_t)m->frames);
    GB_TRY(take_places(m, gb_pack_get_info(pack)->geometry, wants_flow, picks, err));
    double first = 0.0, start = spent();
    for (int i = 0; i < m->frames; i++) {
        const gb_pick *pick = &picks->pick[i];
        GB_TRY(gb_pack_read(pack, pick->frame, &m->truth[i], &m->input[i], err));
        if (wants_flow && pick->follows) GB_TRY(gb_pack_read_flow(pack, pick->frame - 1, &m->flow[i], err));
        if (i == 0) first = spent();
    }
    *ms = (spent() - (m->frames > 1 ? first : start)) / (m->frames > 1 ? m->frames - 1 : 1);
    return GB_OK;
}

static gb_status open_metrics(material *m, gb_error *err)
{
    const gb_selection *s = m->selection;
    for (int i = 0; i < s->metric_count; i++) {
        m->source[i] = -1;
        for (int k = 0; s->metrics[i]->shares && k < s->metric_count; k++)
            if (s->metrics[k] == s->metrics[i]->shares) m->source[i] = k;
        if (s->metrics[i]->open) GB_TRY(s->metrics[i]->open(&m->env, &m->shared[i], err));
    }
    return GB_OK;
}

static bool is_shared(const material *m, int metric)
{
    for (int i = 0; i < m->selection->metric_count; i++)
        if (m->source[i] == metric) return true;
    return false;
}

static gb_status open_lane(lane *l, const material *m, gb_error *err)
{
    const gb_selection *s = m->selection;
    l->of = m;
    l->generate = gb_alloc((size_t)s->contenders.count, sizeof *l->generate);
    if (!l->generate) return gb_fail_memory(err, "times", (size_t)s->contenders.count);
    for (int i = 0; i < 2; i++) GB_TRY(gb_image_new(m->env.geometry.width, m->env.geometry.height, &l->made[i], err));
    for (int i = 0; i < s->metric_count; i++) {
        gb_metric_env env = m->env;
        env.shared = m->source[i] >= 0 ? m->shared[m->source[i]] : NULL;
        GB_TRY(s->metrics[i]->worker_open(m->shared[i], &env, &l->metric[i], err));
        for (int k = 0; is_shared(m, i) && k < 4; k++) {
            l->kept[i][k] = gb_alloc_aligned(s->metrics[i]->kept_size(m->shared[i]), 1);
            if (!l->kept[i][k]) return gb_fail_memory(err, "features", s->metrics[i]->kept_size(m->shared[i]));
        }
    }
    return GB_OK;
}

static void close_lane(lane *l)
{
    for (int i = 0; l->of && i < l->of->selection->metric_count; i++) {
        if (l->metric[i]) l->of->selection->metrics[i]->worker_close(l->metric[i]);
        for (int k = 0; k < 4; k++) free(l->kept[i][k]);
    }
    for (int i = 0; i < 2; i++) gb_image_free(&l->made[i]);
    free(l->generate);
}

/* Frame f as the contender makes it, filtered where it holds. */
static gb_status make_frame(const material *m, gb_contender_worker *worker, gb_stabiliser *filter, int f, gb_image *out,
                            gb_error *err)
{
    GB_TRY(gb_contender_generate(worker, &m->input[f], &f, 1, m->env.geometry.side, GB_ROUND_NEAREST, out, err));
    if (filter) gb_stabiliser_step(filter, m->follows[f], out);
    return GB_OK;
}

/* All frames with one contender. */
static gb_status generate(lane *l, int c, gb_error *err)
{
    const material *m = l->of;
    const gb_contender *contender = &m->selection->contenders.item[c];
    gb_contender_worker worker = {0};
    gb_stabiliser *filter = NULL;
    gb_status status;
    double start = spent();
    GB_GO(gb_contender_stabiliser(contender, m->env.geometry, &filter, err));
    GB_GO(gb_contender_worker_open(contender, &worker, err));
    for (int f = 0; f < m->frames; f++) {
        if (f < 2) start = spent(); /* the first warms up */
        GB_GO(make_frame(m, &worker, filter, f, &l->made[0], err));
    }
    l->generate[c] = (spent() - start) / (m->frames > 1 ? m->frames - 1 : 1);
done:
    gb_stabiliser_free(filter);
    gb_contender_worker_close(&worker);
    return status;
}

static gb_status score_frame(lane *l, int f, bool counted, gb_error *err)
{
    const material *m = l->of;
    for (int i = 0; i < m->selection->metric_count; i++) {
        const gb_metric *metric = m->selection->metrics[i];
        void *const *kept = &l->kept[i][2 * (f & 1)];
        gb_scores scores;
        if (metric->temporal) continue;
        const double start = spent();
        GB_TRY(metric->reference(l->metric[i], &m->truth[f], err));
        if (kept[0]) metric->keep(l->metric[i], kept[0]);
        const double between = spent();
        GB_TRY(metric->compare(l->metric[i], &l->made[f & 1], &scores, err));
        if (kept[1]) metric->keep(l->metric[i], kept[1]);
        if (!counted) continue;
        l->truth[i] += between - start;
        l->each[i] += spent() - between;
    }
    return GB_OK;
}

/* `which`: 0 the truth, 1 the test. */
static gb_frame_pair pair_of(const lane *l, int f, int metric, int which)
{
    const material *m = l->of;
    const int source = m->source[metric], before = (f - 1) & 1, now = f & 1;
    gb_frame_pair pair = {.frame = {which ? &l->made[before] : &m->truth[f - 1], which ? &l->made[now] : &m->truth[f]},
                          .flow = !which && m->flow[f].uv ? &m->flow[f] : NULL};
    if (source >= 0)
        for (int k = 0; k < 2; k++) pair.kept[k] = l->kept[source][2 * (k ? now : before) + which];
    return pair;
}

static gb_status score_pair(lane *l, int f, gb_error *err)
{
    const material *m = l->of;
    for (int i = 0; i < m->selection->metric_count; i++) {
        const gb_metric *metric = m->selection->metrics[i];
        gb_scores scores;
        if (!metric->temporal) continue;
        const gb_frame_pair truth = pair_of(l, f, i, 0), test = pair_of(l, f, i, 1);
        const double start = spent();
        GB_TRY(metric->pair_reference(l->metric[i], &truth, err));
        const double between = spent();
        GB_TRY(metric->pair(l->metric[i], &test, &scores, err));
        l->truth[i] += between - start;
        l->each[i] += spent() - between;
    }
    l->pairs++;
    return GB_OK;
}

static gb_status score(lane *l, gb_error *err)
{
    const material *m = l->of;
    const gb_contender *first = &m->selection->contenders.item[0];
    gb_contender_worker worker = {0};
    gb_stabiliser *filter = NULL;
    gb_status status;
    GB_GO(gb_contender_stabiliser(first, m->env.geometry, &filter, err));
    GB_GO(gb_contender_worker_open(first, &worker, err));
    for (int f = 0; f < m->frames; f++) {
        GB_GO(make_frame(m, &worker, filter, f, &l->made[f & 1], err));
        GB_GO(score_frame(l, f, f > 0, err));
        if (m->follows[f]) GB_GO(score_pair(l, f, err));
    }
done:
    gb_stabiliser_free(filter);
    gb_contender_worker_close(&worker);
    return status;
}

static void *run_lane(void *argument)
{
    lane *l = argument;
    const gb_contenders *contenders = &l->of->selection->contenders;
    for (int c = 0; c < contenders->count && l->status == GB_OK; c++) l->status = generate(l, c, &l->err);
    if (l->status == GB_OK) l->status = score(l, &l->err);
    return NULL;
}

static gb_status run_lanes(lane *lanes, int threads, gb_error *err)
{
    pthread_t *thread = gb_alloc((size_t)threads, sizeof *thread);
    int started = 0;
    gb_status status = thread ? GB_OK : gb_fail_memory(err, "threads", (size_t)threads);
    for (; status == GB_OK && started < threads; started++)
        if (pthread_create(&thread[started], NULL, run_lane, &lanes[started]) != 0) break;
    if (status == GB_OK && started < threads) status = gb_fail(err, GB_E_NOMEM, "cannot start %d threads", threads);
    for (int i = 0; i < started; i++) pthread_join(thread[i], NULL);
    for (int i = 0; i < started && status == GB_OK; i++) {
        status = lanes[i].status;
        if (status != GB_OK) *err = lanes[i].err;
    }
    free(thread);
    return status;
}

/* Means over threads. */
static void add_up(const lane *lanes, int threads, const material *m, gb_overhead *out)
{
    const int frames = m->frames > 1 ? m->frames - 1 : 1;
    out->frames = m->frames;
    out->pairs = lanes[0].pairs;
    for (int t = 0; t < threads; t++) {
        for (int i = 0; i < m->selection->metric_count; i++) {
            const int count = m->selection->metrics[i]->temporal ? out->pairs : frames;
            if (!count) continue;
            out->truth[i] += lanes[t].truth[i] / count / threads;
            out->each[i] += lanes[t].each[i] / count / threads;
        }
        for (int c = 0; c < m->selection->contenders.count; c++) out->generate[c] += lanes[t].generate[c] / threads;
    }
}

gb_status gb_overhead_measure(const gb_selection *selection, gb_pack *pack, const gb_picks *picks, int threads,
                              gb_overhead *out, gb_error *err)
{
    material m = {.selection = selection,
                  .env = {.geometry = gb_pack_get_info(pack)->geometry, .backend = selection->backend}};
    gb_status status;
    *out = (gb_overhead){.threads = threads};
    lane *lanes = gb_alloc((size_t)threads, sizeof *lanes);
    out->generate = gb_alloc((size_t)selection->contenders.count, sizeof *out->generate);
    if (!lanes || !out->generate) GB_GO(gb_fail_memory(err, "threads", (size_t)threads * sizeof *lanes));
    GB_GO(read_frames(&m, pack, picks, &out->decode, err));
    GB_GO(open_metrics(&m, err));
    for (int t = 0; t < threads; t++) GB_GO(open_lane(&lanes[t], &m, err));
    GB_GO(run_lanes(lanes, threads, err));
    add_up(lanes, threads, &m, out);
done:
    for (int t = 0; lanes && t < threads; t++) close_lane(&lanes[t]);
    free(lanes);
    free_material(&m);
    if (status != GB_OK) gb_overhead_free(out);
    return status;
}

void gb_overhead_free(gb_overhead *overhead)
{
    free(overhead->generate);
    *overhead = (gb_overhead){0};
}

double gb_overhead_share(const gb_overhead *o, int metrics, int contender, int generators)
{
    double once = o->decode, each = 0.0;
    for (int i = 0; i < metrics; i++) {
        once += o->truth[i];
        each += o->each[i];
    }
    return (once / generators + each) / o->generate[contender];
}
