#include "timing/forecast.h"

#include <stdlib.h>

#include "backend/cards.h"
#include "backend/scoring_cost.h"
#include "cli/print_json.h"
#include "core/json.h"
#include "machine/roof.h"
#include "metrics/lpips_net.h"
#include "metrics/warp_mask.h"

#define MOST_ROOFS 8
#define BATCHES 3
static const int batches[BATCHES] = {1, 4, 16};

/* What times are forecast for: the cards, then this machine. */
typedef struct place {
    const char *name;
    gb_roof roof;
} place;

typedef struct forecast {
    gb_precision precision;
    place place[MOST_ROOFS];
    int places;
    FILE *out;
    cJSON *rows; /* NULL: lines */
} forecast;

static gb_status find_places(forecast *f, int threads, gb_error *err)
{
    size_t count;
    const gb_card *const cards = gb_cards(&count);
    for (size_t i = 0; i < count && f->places < MOST_ROOFS - 1; i++)
        f->place[f->places++] =
            (place){cards[i].name, {gb_card_flops(&cards[i], f->precision), gb_card_bytes(&cards[i])}};
    f->place[f->places].name = "here";
    return gb_roof_measure(threads, &f->place[f->places++].roof, err);
}

/* Milliseconds a frame: weights are read once a run, all else once a frame. */
static double least_ms(const place *at, const gb_cost *cost, int batch)
{
    return 1e3 * gb_roof_seconds(&at->roof, cost->flops, cost->weight_bytes / batch + cost->activation_bytes);
}

/* Three digits. */
static void put_ms(const forecast *f, double ms)
{
    fprintf(f->out, "  %5.*f", ms < 1.0 ? 3 : ms < 10.0 ? 2 : ms < 100.0 ? 1 : 0, ms);
}

static void put_line(const forecast *f, const char *name, const gb_cost *cost, double wanted, int64_t launches)
{
    const double share = cost->flops > 0.0 ? 100.0 * wanted / cost->flops : 100.0;
    fprintf(f->out, "  %-15s  %5.1f  %5.0f%%  %7.1f  %7.1f  %8lld", name, cost->flops * 1e-9, share,
            cost->weight_bytes * 1e-6, cost->activation_bytes * 1e-6, (long long)launches);
    for (int i = 0; i < f->places; i++) {
        put_ms(f, least_ms(&f->place[i], cost, 1));
        put_ms(f, least_ms(&f->place[i], cost, 16));
    }
    fprintf(f->out, "\n");
}

static void put_json(const forecast *f, const char *name, const gb_cost *cost, double wanted, int64_t launches)
{
    cJSON *const row = cJSON_CreateObject();
    cJSON_AddStringToObject(row, "net", name);
    gb_json_add_number(row, "flops", cost->flops);
    gb_json_add_number(row, "strips_flops", wanted);
    gb_json_add_number(row, "weight_bytes", cost->weight_bytes);
    gb_json_add_number(row, "activation_bytes", cost->activation_bytes);
    gb_json_add_number(row, "launches", (double)launches);
    cJSON *const list = cJSON_AddArrayToObject(row, "least_ms");
    for (int i = 0; i < f->places; i++)
        for (int b = 0; b < BATCHES; b++) {
            cJSON *const one = cJSON_CreateObject();
            cJSON_AddStringToObject(one, "device", f->place[i].name);
            cJSON_AddNumberToObject(one, "batch", batches[b]);
            gb_json_add_number(one, "ms", least_ms(&f->place[i], cost, batches[b]));
            gb_json_append(list, one);
        }
    gb_json_append(f->rows, row);
}

static gb_status put_graph(const forecast *f, const char *name, const gb_graph *graph, gb_error *err)
{
    gb_graph *folded = NULL;
    gb_cost cost, wanted;
    int64_t launches = 0;
    gb_status status;
    GB_GO(gb_graph_fold(graph, &folded, err));
    GB_GO(gb_card_cost(folded, f->precision, &cost, err));
    GB_GO(gb_graph_wanted_cost(folded, &wanted, err));
    GB_GO(gb_card_launches(folded, f->precision, &launches, err));
    if (f->rows) put_json(f, name, &cost, wanted.flops, launches);
    else put_line(f, name, &cost, wanted.flops, launches);
done:
    gb_graph_free(folded);
    return status;
}

/* With random weights, one frame. */
static gb_status put_net(const forecast *f, const gb_generator *generator, gb_geometry geometry, gb_error *err)
{
    const gb_net_options options = {.batch = 1, .width = geometry.width, .height = geometry.height,
                                    .side = geometry.side, .strips_only = true};
    gb_weights *weights = NULL;
    gb_graph *graph = NULL;
    gb_status status;
    GB_GO(gb_weights_new_random(1, &weights, err));
    GB_GO(gb_net_graph(generator->net, weights, &options, NULL, &graph, err));
    GB_GO(put_graph(f, generator->id, graph, err));
done:
    gb_graph_free(graph);
    gb_weights_free(weights);
    return status;
}

/* AlexNet on one frame; a pair with a new truth takes two. */
static gb_status put_lpips(const forecast *f, gb_geometry geometry, gb_error *err)
{
    gb_weights *weights = NULL;
    gb_graph *graph = NULL;
    gb_status status;
    GB_GO(gb_weights_new_random(1, &weights, err));
    GB_GO(gb_lpips_graph(&gb_lpips_alexnet, weights, 1, geometry.width, geometry.height, &graph, err));
    GB_GO(put_graph(f, "LPIPS, a frame", graph, err));
done:
    gb_graph_free(graph);
    gb_weights_free(weights);
    return status;
}

static void put_score(const forecast *f, const char *name, gb_scoring_cost of)
{
    const gb_cost cost = {.flops = of.flops, .activation_bytes = of.bytes};
    if (f->rows) put_json(f, name, &cost, of.flops, of.launches);
    else put_line(f, name, &cost, of.flops, of.launches);
}

static gb_scoring_cost sum_of(gb_scoring_cost a, gb_scoring_cost b)
{
    return (gb_scoring_cost){a.flops + b.flops, a.bytes + b.bytes, a.launches + b.launches};
}

/* What is done on a card besides running nets: frames in and out of them, and their scores. */
static gb_status put_scores(const forecast *f, gb_geometry g, gb_error *err)
{
    gb_weights *weights = NULL;
    gb_graph *graph = NULL;
    gb_scoring_cost truth = {0}, frame = {0};
    size_t count, outputs;
    gb_status status;
    GB_GO(gb_weights_new_random(1, &weights, err));
    GB_GO(gb_lpips_graph(&gb_lpips_alexnet, weights, 1, g.width, g.height, &graph, err));
    const gb_node *const node = gb_graph_nodes(graph, &count);
    const gb_value *const tap = gb_graph_outputs(graph, &outputs);
    for (size_t i = 0; i < outputs; i++) {
        const gb_shape map = node[tap[i]].shape;
        truth = sum_of(truth, gb_cost_of_unit(map.h * map.w, map.c));
        frame = sum_of(frame, gb_cost_of_distance(map.h, map.w, map.c));
    }
    put_score(f, "frame to net", gb_cost_of_feed(g.width, g.height, 4));
    put_score(f, "composite", gb_cost_of_composite(g.width, g.height, g.side));
    put_score(f, "LPIPS, truth", truth);
    put_score(f, "LPIPS, distance", frame);
    put_score(f, "SSIM, truth", gb_cost_of_moments(g.width, g.height));
    put_score(f, "SSIM", gb_cost_of_ssim(g.width, g.height));
    put_score(f, "PSNR", gb_cost_of_differences(g.width, g.height));
    put_score(f, "change, a pair", gb_cost_of_differences(g.width, g.height));
    put_score(f, "motion, a pair", gb_cost_of_motion(g.width, g.height));
    put_score(f, "warp, a pair", gb_cost_of_warp(g.width, g.height, GB_WARP_PARTS));
done:
    gb_graph_free(graph);
    gb_weights_free(weights);
    return status;
}

static void put_head(const forecast *f, gb_geometry geometry)
{
    fprintf(f->out,
            "Least milliseconds a frame of %dx%d in %s, in runs of 1 and of 16 frames;\n"
            "of GFLOP the share that the strips depend on; MB once a run (weights) and\n"
            "each frame (values written and read); launches on a card.\n\n",
            geometry.width, geometry.height, gb_precision_name(f->precision));
    for (int i = 0; i < f->places; i++)
        fprintf(f->out, "  %-6s  %6.1f TFLOP/s  %6.1f GB/s\n", f->place[i].name, f->place[i].roof.flops * 1e-12,
                f->place[i].roof.bytes * 1e-9);
    fprintf(f->out, "\n  %-15s  %5s  %6s  %7s  %7s  %8s", "net", "GFLOP", "strips", "MB once", "MB each", "launches");
    for (int i = 0; i < f->places; i++) fprintf(f->out, "  %5s  %5s", f->place[i].name, "x16");
    fprintf(f->out, "\n");
}

gb_status gb_forecast_print(FILE *out, const gb_contenders *contenders, gb_geometry geometry, gb_precision precision,
                            int threads, bool json, gb_error *err)
{
    forecast f = {.precision = precision, .out = out};
    gb_status status;
    GB_TRY(find_places(&f, threads, err));
    if (json) f.rows = cJSON_CreateArray();
    else put_head(&f, geometry);
    for (int i = 0; i < contenders->count; i++)
        if (contenders->item[i].generator->net) GB_GO(put_net(&f, contenders->item[i].generator, geometry, err));
    GB_GO(put_lpips(&f, geometry, err));
    GB_GO(put_scores(&f, geometry, err));
    if (json) {
        cJSON *const rows = f.rows;
        f.rows = NULL;
        GB_GO(gb_print_json(out, rows, err));
    }
done:
    cJSON_Delete(f.rows);
    return status;
}
