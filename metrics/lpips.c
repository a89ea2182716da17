#include "metrics/lpips.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "metrics/column_sums.h"
#include "metrics/lpips_distance.h"
#include "metrics/lpips_state.h"
#include "metrics/lpips_trunk.h"

_Static_assert(TAPS <= GB_MAX_LAYERS, "every layer's term has a place");

typedef struct lpips_worker {
    const lpips_state *state;
    gb_geometry geometry;
    gb_lpips_trunk *trunk;
    float *reference[TAPS]; /* the truth's features, normalised */
    double *columns;        /* as wide as the widest tap */
} lpips_worker;

gb_status gb_lpips_ready(const gb_lpips_net *net, const gb_metric_env *env, gb_error *err)
{
    char *path = NULL;
    GB_TRY(gb_lpips_weights_find(net, env->weights_dir, &path, err));
    free(path);
    return GB_OK;
}

void gb_lpips_state_clear(lpips_state *state)
{
    gb_plan_free(state->plan);
    gb_lpips_weights_free(&state->weights);
}

void gb_lpips_close(void *handle)
{
    if (handle) gb_lpips_state_clear(handle);
    free(handle);
}

/* u8 / 127.5 - 1, then the authors' scaling layer. It cannot be folded into conv1, whose zero padding comes after. */
static void set_scale(float scaled[3][256], bool unit_range)
{
    static const double shift[3] = {-.030, -.088, -.188}, scale[3] = {.458, .448, .450};
    for (int c = 0; c < 3; c++)
        for (int v = 0; v < 256; v++) {
            const double value = unit_range ? v / 255.0 : v / 127.5 - 1.0;
            scaled[c][v] = (float)((value - shift[c]) / scale[c]);
        }
}

gb_status gb_lpips_state_open(const gb_lpips_rule *rule, const gb_metric_env *env, lpips_state *out, gb_error *err)
{
    const gb_lpips_net *const net = rule->net;
    const int frames = env->frames ? env->frames : 1;
    if (!env->backend) return gb_fail(err, GB_E_ARG, "%s: a backend is needed, got none", net->metric);
    GB_TRY(gb_geometry_check(env->geometry, err));
    char *path = NULL;
    gb_graph *graph = NULL;
    gb_status status = GB_OK;
    *out = (lpips_state){.rule = rule};
    GB_GO(gb_lpips_weights_find(net, env->weights_dir, &path, err));
    GB_GO(gb_lpips_weights_read(net, path, &out->weights, err));
    GB_GO(gb_lpips_graph(net, out->weights.trunk, frames, env->geometry.width, env->geometry.height, &graph, err));
    if (!env->frames) gb_graph_set_use(graph, gb_lpips_trunk_use(env->geometry));
    GB_GO(gb_plan_new_by(env->backend, graph, GB_PRECISION_FP32, env->threads, &out->plan, err));
    set_scale(out->scaled, rule->unit_range);
done:
    gb_graph_free(graph);
    free(path);
    if (status == GB_OK) {
        gb_weights_free(out->weights.trunk);
        out->weights.trunk = NULL;
    } else {
        gb_lpips_state_clear(out);
    }
    return status;
}

gb_status gb_lpips_open(const gb_lpips_rule *rule, const gb_metric_env *env, void **out, gb_error *err)
{
    lpips_state *state = gb_alloc(1, sizeof *state);
    if (!state) return gb_fail_memory(err, rule->net->metric, sizeof *state);
    const gb_status status = gb_lpips_state_open(rule, env, state, err);
    if (status == GB_OK) *out = state;
    else free(state);
    return status;
}

gb_shape gb_lpips_tap_shape(const lpips_state *state, int tap)
{
    gb_shape shape = gb_plan_output_shape(state->plan, (size_t)tap);
    shape.n = 1;
    return shape;
}

gb_column_grid gb_lpips_tap_grid(const lpips_state *state, int tap)
{
    const gb_lpips_conv *const layer = gb_lpips_tap(state->rule->net, tap);
    return (gb_column_grid){.count = (int)gb_lpips_tap_shape(state, tap).w, .channels = 1, .first = layer->first,
                            .step = layer->step};
}

void gb_lpips_worker_close(void *handle)
{
    lpips_worker *const worker = handle;
    if (!worker) return;
    gb_lpips_trunk_free(worker->trunk);
    for (int i = 0; i < TAPS; i++) free(worker->reference[i]);
    free(worker->columns);
    free(worker);
}

gb_status gb_lpips_worker_open(const void *handle, const gb_metric_env *env, void **out, gb_error *err)
{
    gb_status status = GB_OK;
    const lpips_state *const state = handle;
    const char *const id = state->rule->net->metric;
    lpips_worker *worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, id, sizeof *worker);
    worker->state = state;
    worker->geometry = env->geometry;
    GB_GO(gb_lpips_trunk_new(state->plan, env->backend, env->geometry, state->scaled, &worker->trunk, err));
    for (int i = 0; i < TAPS; i++) {
        const size_t size = gb_shape_size(gb_plan_output_shape(worker->state->plan, (size_t)i));
        worker->reference[i] = gb_alloc_aligned(size, sizeof(float));
        if (!worker->reference[i]) GB_GO(gb_fail_memory(err, id, size * sizeof(float)));
    }
    const size_t widest = gb_lpips_columns(state);
    worker->columns = gb_alloc_aligned(widest, sizeof(double));
    if (!worker->columns) GB_GO(gb_fail_memory(err, id, widest * sizeof(double)));
    *out = worker;
    worker = NULL;
done:
    gb_lpips_worker_close(worker);
    return status;
}

/* The feature maps of an image are in the trunk afterwards. */
static gb_status run_trunk(lpips_worker *worker, const gb_image *image, gb_error *err)
{
    const char *const id = worker->state->rule->net->metric;
    GB_TRY(gb_metric_check_frame(id, worker->geometry, image, err));
    const gb_status status = gb_lpips_trunk_run(worker->trunk, image, err);
    return status == GB_OK ? GB_OK : gb_fail_in(err, "%s", id);
}

gb_status gb_lpips_reference(void *handle, const gb_image *truth, gb_error *err)
{
    lpips_worker *const worker = handle;
    GB_TRY(run_trunk(worker, truth, err));
    for (int i = 0; i < TAPS; i++) {
        const gb_shape shape = gb_plan_output_shape(worker->state->plan, (size_t)i);
        gb_lpips_normalise(gb_lpips_trunk_map(worker->trunk, i), (size_t)(shape.h * shape.w), (int)shape.c,
                           worker->state->rule->epsilon, worker->reference[i]);
    }
    return GB_OK;
}

gb_status gb_lpips_add_term(const lpips_state *state, int tap, gb_region region, double total, int columns,
                            gb_scores *scores, gb_error *err)
{
    gb_score *const score = &scores->region[region];
    if (columns == 0) {
        if (score->present) score->undefined = "no position of a layer lies in the region";
        return GB_OK;
    }
    const double term = total / ((double)columns * (double)gb_lpips_tap_shape(state, tap).h);
    if (!isfinite(term))
        return gb_fail(err, GB_E_NUMERIC, "%s: layer %d gave %g", state->rule->net->metric, tap + 1, term);
    score->num += term;
    if (region == GB_REGION_FULL) scores->layer[tap] = term;
    return GB_OK;
}

/* Adds the term of tap `number`, whose distances are in `columns`, to every region's score. */
static gb_status add_layer(const lpips_state *state, gb_geometry geometry, int number, const double *columns,
                           gb_scores *scores, gb_error *err)
{
    const gb_column_grid grid = gb_lpips_tap_grid(state, number);
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        double total;
        const int count = gb_column_total_grid(columns, grid, geometry, (gb_region)r, &total);
        GB_TRY(gb_lpips_add_term(state, number, (gb_region)r, total, count, scores, err));
    }
    return GB_OK;
}

gb_scores gb_lpips_no_distance(gb_geometry geometry)
{
    gb_scores scores = {.layers = TAPS};
    for (int r = 0; r < GB_REGION_COUNT; r++)
        scores.region[r] = (gb_score){.present = gb_region_exists(geometry, (gb_region)r), .den = 1.0};
    return scores;
}

gb_status gb_lpips_compare(void *handle, const gb_image *test, gb_scores *out, gb_error *err)
{
    lpips_worker *const worker = handle;
    const lpips_state *const state = worker->state;
    GB_TRY(run_trunk(worker, test, err));
    gb_scores scores = gb_lpips_no_distance(worker->geometry);
    for (int i = 0; i < TAPS; i++) {
        const gb_shape shape = gb_plan_output_shape(state->plan, (size_t)i);
        memset(worker->columns, 0, (size_t)shape.w * sizeof *worker->columns);
        gb_lpips_add_distance(gb_lpips_trunk_map(worker->trunk, i), worker->reference[i],
                              state->weights.head[i], (int)shape.h, (int)shape.w, (int)shape.c,
                              state->rule->epsilon, worker->columns);
        GB_TRY(add_layer(state, worker->geometry, i, worker->columns, &scores, err));
    }
    *out = scores;
    return GB_OK;
}

size_t gb_lpips_kept_size(const void *handle)
{
    const lpips_state *const state = handle;
    size_t size = 0;
    for (int i = 0; i < TAPS; i++) size += gb_shape_size(gb_plan_output_shape(state->plan, (size_t)i));
    return size * sizeof(float);
}

void gb_lpips_keep(void *handle, void *out)
{
    lpips_worker *const worker = handle;
    float *at = out;
    for (int i = 0; i < TAPS; i++) {
        const gb_shape shape = gb_plan_output_shape(worker->state->plan, (size_t)i);
        gb_lpips_normalise(gb_lpips_trunk_map(worker->trunk, i), (size_t)(shape.h * shape.w), (int)shape.c,
                           worker->state->rule->epsilon, at);
        at += gb_shape_size(shape);
    }
}

size_t gb_lpips_columns(const void *handle)
{
    const lpips_state *const state = handle;
    return (size_t)gb_plan_output_shape(state->plan, 0).w;
}

gb_status gb_lpips_kept_distance(const void *handle, gb_geometry geometry, const void *a, const void *b,
                                 double *columns, gb_scores *out, gb_error *err)
{
    const lpips_state *const state = handle;
    const float *first = a, *second = b;
    gb_scores scores = gb_lpips_no_distance(geometry);
    for (int i = 0; i < TAPS; i++) {
        const gb_shape shape = gb_plan_output_shape(state->plan, (size_t)i);
        memset(columns, 0, (size_t)shape.w * sizeof *columns);
        gb_lpips_add_unit_distance(first, second, state->weights.head[i], (int)shape.h, (int)shape.w, (int)shape.c,
                                   columns);
        GB_TRY(add_layer(state, geometry, i, columns, &scores, err));
        first += gb_shape_size(shape);
        second += gb_shape_size(shape);
    }
    *out = scores;
    return GB_OK;
}

/* Where a cell's middle lies among a layer's positions, and its share of the second of the two around it. */
static int between(double middle, const gb_lpips_conv *layer, int count, double *share)
{
    const double at = fmin(fmax((middle - layer->first) / layer->step, 0.0), (double)(count - 1));
    const int lower = at < count - 1 ? (int)at : count > 1 ? count - 2 : 0;
    *share = at - lower;
    return lower;
}

/* Adds a layer's distances, h x w, between their positions in the frame; beyond the outer ones these are repeated. */
static void add_between(const lpips_worker *worker, const gb_lpips_conv *layer, const double *distance, int h, int w,
                        int width, int height, float *out)
{
    for (int y = 0; y < height; y++) {
        double down, right;
        const int row = between((y + 0.5) * worker->geometry.height / height, layer, h, &down);
        const double *const upper = distance + (ptrdiff_t)row * w, *const lower = h > 1 ? upper + w : upper;
        for (int x = 0; x < width; x++) {
            const int column = between((x + 0.5) * worker->geometry.width / width, layer, w, &right);
            const int next = w > 1 ? column + 1 : column;
            const double above = upper[column] + right * (upper[next] - upper[column]);
            const double below = lower[column] + right * (lower[next] - lower[column]);
            out[(ptrdiff_t)y * width + x] += (float)(above + down * (below - above));
        }
    }
}

gb_status gb_lpips_map(void *handle, int width, int height, float *out, gb_error *err)
{
    lpips_worker *const worker = handle;
    const gb_shape first = gb_plan_output_shape(worker->state->plan, 0);
    double *distance = gb_alloc((size_t)(first.h * first.w), sizeof *distance); /* no layer is larger */
    if (!distance) return gb_fail_memory(err, worker->state->rule->net->metric, (size_t)(first.h * first.w) * 8);
    for (ptrdiff_t i = 0; i < (ptrdiff_t)width * height; i++) out[i] = 0.0f;
    for (int i = 0; i < TAPS; i++) {
        const gb_shape shape = gb_plan_output_shape(worker->state->plan, (size_t)i);
        const ptrdiff_t row = (ptrdiff_t)(shape.w * shape.c);
        for (int64_t k = 0; k < shape.h * shape.w; k++) distance[k] = 0.0;
        for (int y = 0; y < (int)shape.h; y++)
            gb_lpips_add_distance(gb_lpips_trunk_map(worker->trunk, i) + y * row,
                                  worker->reference[i] + y * row, worker->state->weights.head[i], 1, (int)shape.w,
                                  (int)shape.c, worker->state->rule->epsilon, distance + y * shape.w);
        add_between(worker, gb_lpips_tap(worker->state->rule->net, i), distance, (int)shape.h, (int)shape.w, width,
                    height, out);
    }
    free(distance);
    return GB_OK;
}
