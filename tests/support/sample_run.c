#include "support/sample_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"
#include "core/sha256.h"
#include "findings/findings.h"
#include "image/image.h"
#include "stats/stats.h"

enum { GENERATORS = 8, DATASETS = 3, METRICS = 6, WIDTH = 512, HEIGHT = 288, SIDE = 64 };

static const struct {
    const char *id, *title, *why;
    gb_state state;
    double parameters, lpips, liveliness, ms;
} generators[GENERATORS] = {
    {"lama-fourier", "LaMa-Fourier", NULL, GB_STATE_OK, 27.1e6, 0.099, 1.15, 740},
    {"glcic", "GLCIC", NULL, GB_STATE_OK, 6.1e6, 0.139, 1.5, 810},
    {"fourier-lite", "early Fourier net", NULL, GB_STATE_OK, 1.2e6, 0.137, 1.3, 61},
    {"ce", "Context Encoder", "no file ce.ckpt: ganime-bench model import FILE", GB_STATE_NO_WEIGHTS, 71e6, 0, 0,
     460},
    {"broken", "fails", "weights.pt: expected finite weights, found NaN", GB_STATE_FAILED, 1e6, 0, 0, 0},
    {"mirror", "mirror", NULL, GB_STATE_OK, 0, 0.17, 1.02, 0.21},
    {"black", "black bars", NULL, GB_STATE_OK, 0, 0.31, 0, 0.04},
    {SAMPLE_NASTY, SAMPLE_NASTY, NULL, GB_STATE_OK, 0, 0.21, 0.4, 0.9},
};

static const struct {
    const char *id, *title, *unit, *direction;
    int digits;
} metrics[METRICS] = {
    {"lpips_alex_v0.1", "LPIPS (AlexNet)", "", "lower", 4},
    {"psnr_rgb", "PSNR", "dB", "higher", 2},
    {"ssim_gauss11_rgb", "SSIM", "", "higher", 4},
    {"flicker_excess", "Flicker excess", "", "informative", 3},
    {"flicker_hold", "Flicker on holds", "levels", "lower", 3},
    {"mae_dt", "Stillness (MAE_dt)", "", "informative", 4},
};

static const char *const dataset_ids[DATASETS] = {"toon", "other_shows", "penny_and_chip"};
static const char *const domains[DATASETS] = {"in", "out", "in"};

typedef struct maker {
    gb_run *run;
    sample_size size;
    gb_random random;
    gb_row_writer *rows;
    gb_scored_list scored;
    gb_cluster *sums; /* [generator][metric][region][shot] of the dataset being made */
    int values[GENERATORS * METRICS * GB_REGION_COUNT]; /* of it, frames or pairs that have one */
} maker;

static int place_of(int g, int k, int r)
{
    return (g * METRICS + k) * GB_REGION_COUNT + r;
}

static gb_cluster *sums_of(const maker *m, int g, int k, int r)
{
    return &m->sums[place_of(g, k, r) * m->size.shots];
}

static double noise(maker *m, double amplitude)
{
    return amplitude * (gb_random_uniform(&m->random) + gb_random_uniform(&m->random) - 1.0);
}

/* A plausible value; every second pair of frames is a hold whose truth does not change at all. */
static void make_value(maker *m, int d, int g, int k, int r, int shot, int frame, gb_row *row)
{
    static const double by_region[GB_REGION_COUNT] = {1.0, 2.4, 1.7};
    const double base = generators[g].lpips * (d == 1 ? 1.3 : 1.0) * (1.0 + 0.25 * sin(shot * 2.1 + g));
    const double lpips = fabs(base * by_region[r] * (1.0 + noise(m, 0.15)));
    const double truth = frame % 2 ? 0.0 : 4.0 + 2.0 * sin(frame * 0.3), flicker = generators[g].liveliness;
    row->den = 1.0;
    switch (k) {
    case 0: row->num = lpips; break;
    case 1: row->num = 16.0 - 20.0 * log10(lpips); break;
    case 2: row->num = 1.0 - lpips; break;
    case 3:
        row->den = truth;
        row->num = truth * flicker + fabs(noise(m, flicker));
        break;
    case 4: row->num = fabs(noise(m, flicker)); break;
    default: row->num = 1.0 - lpips / 50.0; break;
    }
}

static gb_status put_value(maker *m, int d, int g, int k, int r, int shot, int frame, gb_error *err)
{
    gb_row row = {.generator = generators[g].id,
                  .dataset = dataset_ids[d],
                  .metric = metrics[k].id,
                  .clip = shot % 3 == 1 ? SAMPLE_NASTY : "episode 1",
                  .shot = shot,
                  .frame = shot * m->size.frames + frame,
                  .region = (gb_region)r};
    make_value(m, d, g, k, r, shot, frame, &row);
    if (k == 1 && g == 5 && frame == 0) { /* PSNR of identical frames */
        row.state = GB_STATE_UNDEFINED;
        row.why = "identical frames";
    } else if (g == 6 && k == 4) {
        row.state = GB_STATE_UNDEFINED;
        row.why = "the truth does not stand still here";
    } else {
        if (row.den == 0.0) {
            row.state = GB_STATE_UNDEFINED;
            row.why = "the truth does not change here";
        }
        gb_cluster *sums = &sums_of(m, g, k, r)[shot];
        sums->num += row.num;
        sums->den += row.den;
        m->values[place_of(g, k, r)] += row.state == GB_STATE_OK;
        const gb_score score = {.present = true, .num = row.num, .den = row.den, .undefined = row.why};
        gb_tally_add(m->scored.item[d].tally, g, k, r, shot, &score);
    }
    return gb_row_writer_put(m->rows, &row, err);
}

static gb_status put_frame(maker *m, int d, int shot, int frame, gb_error *err)
{
    for (int g = 0; g < GENERATORS; g++)
        for (int k = 0; k < METRICS && generators[g].state == GB_STATE_OK; k++)
            for (int r = 0; r < GB_REGION_COUNT; r++)
                if ((k < 3 || frame > 0) && (k != 4 || frame % 2)) GB_TRY(put_value(m, d, g, k, r, shot, frame, err));
    return GB_OK;
}

static gb_status summarise(maker *m, int d, int g, int k, int r, gb_run_summary *row, gb_error *err)
{
    *row = (gb_run_summary){.generator = gb_strdup(generators[g].id),
                            .dataset = gb_strdup(dataset_ids[d]),
                            .metric = gb_strdup(metrics[k].id),
                            .region = (gb_region)r,
                            .state = generators[g].state,
                            .why = gb_strdup(generators[g].why),
                            .mean = NAN,
                            .lo = NAN,
                            .hi = NAN};
    if (row->state != GB_STATE_OK) return GB_OK;
    if (g == 6 && k == 4) { /* a mean that is not there */
        row->state = GB_STATE_UNDEFINED;
        row->why = gb_strdup("no frame or pair that it is defined on");
        return GB_OK;
    }
    gb_interval interval;
    const size_t shots = (size_t)m->size.shots;
    GB_TRY(gb_stats_bootstrap(sums_of(m, g, k, r), shots, 200, 1, &interval, err));
    row->mean = interval.mean;
    row->lo = interval.lo;
    row->hi = interval.hi;
    row->shots = m->size.shots;
    row->frames = m->values[place_of(g, k, r)];
    if (k == 1 && g == 5) row->why = gb_strdup("1 frames not averaged: identical frames");
    return GB_OK;
}

static gb_status begin_dataset(maker *m, int d, gb_error *err)
{
    gb_scored *scored = &m->scored.item[m->scored.count++];
    *scored = (gb_scored){.dataset = (size_t)d, .shots = m->size.shots};
    scored->tags = gb_alloc((size_t)m->size.shots, sizeof *scored->tags);
    if (!scored->tags) return gb_fail_memory(err, "tags", (size_t)m->size.shots);
    for (int s = 0; d == 0 && s < m->size.shots; s++)
        snprintf(scored->tags[s], sizeof *scored->tags, "%s", s % 3 ? "outdoors figures" : "indoors");
    return gb_tally_new(GENERATORS, METRICS, m->size.shots, &scored->tally, err);
}

static gb_status make_rows(maker *m, int d, gb_error *err)
{
    GB_TRY(begin_dataset(m, d, err));
    gb_run *run = m->run;
    memset(m->values, 0, sizeof m->values);
    memset(m->sums, 0, sizeof *m->sums * (size_t)(GENERATORS * METRICS * GB_REGION_COUNT * m->size.shots));
    for (int s = 0; s < m->size.shots; s++)
        for (int f = 0; f < m->size.frames; f++) GB_TRY(put_frame(m, d, s, f, err));
    for (int g = 0; g < GENERATORS; g++)
        for (int k = 0; k < METRICS; k++)
            for (int r = 0; r < GB_REGION_COUNT; r++)
                GB_TRY(summarise(m, d, g, k, r, &run->summary[run->summary_count++], err));
    return GB_OK;
}

/* A scene: sky, ground, a sun and a face, so that what a generator did to the strips can be seen. */
static void draw(gb_image *image, int scene)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            uint8_t *p = &image->rgb[(y * WIDTH + x) * 3];
            const int hill = 190 + (int)(22 * sin(x * 0.017 + scene) + 9 * sin(x * 0.05));
            const int sun = (x - 90 - 60 * scene % 300) * (x - 90 - 60 * scene % 300) + (y - 70) * (y - 70);
            const int head = (x - 270) * (x - 270) * 2 + (y - 170) * (y - 170);
            const int rgb = y > hill ? 0x5f9e4f : sun < 1400 ? 0xffd84a : 0x86c5ee - y / 4 * 0x010000;
            const int skin =
                head < 5200 ? (abs(abs(x - 270) - 18) < 6 && abs(y - 155) < 9 ? 0x222222 : 0xf6c9a3) : rgb;
            for (int c = 0; c < 3; c++) p[c] = (uint8_t)(skin >> (16 - 8 * c));
        }
}

/* What generator g (-1: none) makes of the strips; the rest stays. */
static void paint(gb_image *image, int g, gb_random *random)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            if (x >= SIDE && x < WIDTH - SIDE) continue;
            uint8_t *row = &image->rgb[y * WIDTH * 3], *p = row + x * 3;
            const int mirrored = x < SIDE ? 2 * SIDE - 1 - x : 2 * (WIDTH - SIDE) - 1 - x;
            for (int c = 0; c < 3; c++) {
                const double own = p[c], other = row[mirrored * 3 + c];
                const double value = g < 0 || g == 6 ? 0.0
                                     : g == 5
                                         ? other
                                         : own * 0.7 + other * 0.3 + 30 * (g % 3) * (gb_random_uniform(random) - 0.5);
                p[c] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
            }
        }
}

/* A map of an error: brighter towards the edges. */
static gb_status add_heat(maker *m, gb_run_picture *picture, gb_error *err)
{
    gb_image image = {0};
    GB_TRY(gb_image_new(128, 72, &image, err));
    for (int i = 0; i < 128 * 72; i++)
        for (int c = 0; c < 3; c++) image.rgb[3 * i + c] = (uint8_t)(abs(i % 128 - 64) * (4 - c));
    picture->heat = gb_format("%s.heat.png", picture->path);
    char *path = gb_path_join(m->run->directory, picture->heat);
    const gb_status status = path ? gb_image_write_png(path, &image, err) : gb_fail_memory(err, "path", 1);
    free(path);
    gb_image_free(&image);
    return status;
}

static gb_status add_picture(maker *m, gb_run_panel *panel, const char *dataset, int g, const char *label,
                             gb_error *err)
{
    gb_image image = {0};
    GB_TRY(gb_image_new(WIDTH, HEIGHT, &image, err));
    gb_run_picture *picture = &panel->pictures[panel->picture_count++];
    picture->label = gb_strdup(label);
    picture->path = gb_format("panels/%s-%06d-%d.png", dataset, panel->frame, g + 2);
    picture->lpips = g < 0 ? NAN : generators[g].lpips * (1 + 0.1 * panel->shot);
    draw(&image, panel->shot);
    if (g > -2) paint(&image, g, &m->random);
    char *path = gb_path_join(m->run->directory, picture->path);
    gb_status status = path ? gb_image_write_png(path, &image, err) : gb_fail_memory(err, "path", 1);
    if (status == GB_OK && g >= 0) status = add_heat(m, picture, err);
    free(path);
    gb_image_free(&image);
    return status;
}

static gb_status make_panels(maker *m, int d, gb_error *err)
{
    for (int i = 0; i < m->size.panels; i++) {
        gb_run_panel *panel = &m->run->panels[m->run->panel_count++];
        const bool last = i == m->size.panels - 1;
        panel->dataset = gb_strdup(dataset_ids[d]);
        panel->clip = gb_strdup(i % 3 == 1 ? SAMPLE_NASTY : "episode 1");
        panel->why = gb_strdup(last ? "worst frame of lama-fourier" : "middle of the scene");
        panel->shot = i;
        panel->frame = i * m->size.frames + m->size.frames / 2;
        panel->pictures = gb_alloc(GENERATORS + 2, sizeof *panel->pictures);
        GB_TRY(add_picture(m, panel, dataset_ids[d], -2, "truth", err));
        GB_TRY(add_picture(m, panel, dataset_ids[d], -1, "input", err));
        for (int g = 0; g < GENERATORS; g++)
            if (generators[g].state == GB_STATE_OK)
                GB_TRY(add_picture(m, panel, dataset_ids[d], g, generators[g].id, err));
    }
    return GB_OK;
}

static void make_lists(maker *m)
{
    gb_run *run = m->run;
    for (int d = 0; d < DATASETS; d++)
        run->datasets[run->dataset_count++] = (gb_run_dataset){
            .id = gb_strdup(dataset_ids[d]),
            .title = gb_strdup(d == 1 ? SAMPLE_NASTY : "A drawn cartoon"),
            .domain = gb_strdup(domains[d]),
            .split = gb_strdup("test"),
            .licence = gb_strdup("CC0-1.0"),
            .flow_from = d == 1 ? gb_strdup("estimated") : NULL,
            .source = gb_strdup("drawn by the program"),
            .geometry = {WIDTH, HEIGHT, SIDE},
            .frames = m->size.shots * m->size.frames,
            .shots = m->size.shots,
            .pairs = 40, .hold_pairs = 20,
            .state = d == 2 ? GB_STATE_SKIPPED : GB_STATE_OK,
            .truth_mae_dt_sides = 3.1,
            .truth_flicker_hold = d == 2 ? NAN : 0.02,
            .why = gb_strdup(d == 2 ? "get it with: ganime-bench dataset fetch penny_and_chip" : NULL)};
    for (int g = 0; g < GENERATORS; g++)
        run->generators[run->generator_count++] =
            (gb_run_generator){.id = gb_strdup(generators[g].id),
                               .title = gb_strdup(generators[g].title),
                               .source = gb_strdup("made up"),
                               .kind = gb_strdup(generators[g].parameters > 0 ? "net" : "baseline"),
                               .delivered_centre = -1,
                               .state = generators[g].state,
                               .why = gb_strdup(generators[g].why),
                               .parameters = generators[g].parameters,
                               .gflop = generators[g].parameters * 1e-5,
                               .centre_maxabs = generators[g].state == GB_STATE_OK ? 0 : -1};
    for (int k = 0; k < METRICS; k++)
        run->metrics[run->metric_count++] = (gb_run_metric){
            .id = gb_strdup(metrics[k].id),
            .title = gb_strdup(metrics[k].title),
            .unit = gb_strdup(metrics[k].unit),
            .recipe = gb_strdup("mean |a - b| < 1 & so on, per frame; the recipe's exact constants stand here"),
            .direction = gb_strdup(metrics[k].direction),
            .digits = metrics[k].digits,
            .computed_on = gb_strdup(k == 0 ? "cuda" : "processor")};
    for (int g = 0; g < GENERATORS; g++) {
        if (generators[g].ms == 0.0 || m->size.untimed) continue;
        gb_run_throughput *row = &run->throughput[run->throughput_count++];
        const bool net = generators[g].parameters > 0;
        *row = (gb_run_throughput){.generator = gb_strdup(generators[g].id),
                                   .stage = gb_strdup("generate"),
                                   .device = gb_strdup("cpu"),
                                   .precision = gb_strdup("fp32"),
                                   .batch = 1,
                                   .threads = 2,
                                   .p50_ms = generators[g].ms,
                                   .p90_ms = generators[g].ms * 1.07,
                                   .p99_ms = generators[g].ms * 1.21,
                                   .fps = 2000 / generators[g].ms,
                                   .gflops = net ? 140.0 : (double)NAN,
                                   .roof_fraction = net ? 0.71 : (double)NAN,
                                   .samples_ms = gb_alloc(3, sizeof(double)),
                                   .samples = 3,
                                   .random_weights = generators[g].state == GB_STATE_NO_WEIGHTS};
        for (int i = 0; row->samples_ms && i < 3; i++) row->samples_ms[i] = row->p50_ms * (1.0 + 0.03 * (i - 1));
    }
}

enum { SAMPLE_DISTANCES = 24 };

static void make_audit(maker *m)
{
    gb_run *run = m->run;
    for (size_t i = 0; run->audit && i < run->throughput_count; i++)
        if (!run->throughput[i].random_weights)
            run->audit[run->audit_count++] = (gb_run_audit){.generator = gb_strdup(run->throughput[i].generator),
                                                            .dataset = gb_strdup(run->datasets[0].id),
                                                            .sampled = 8,
                                                            .equal = 8};
}

/* A truth that moves, and generators that flicker, the more the higher their index. */
static void make_changes(maker *m)
{
    gb_run *run = m->run;
    for (int g = 0; run->changes && g < GENERATORS; g++)
        for (int distance = 1; distance <= SAMPLE_DISTANCES; distance++) {
            if (run->generators[g].state != GB_STATE_OK) continue;
            const double truth = 2.0 * distance / (1.0 + 0.05 * distance);
            run->changes[run->change_count++] =
                (gb_run_change){.generator = gb_strdup(run->generators[g].id),
                                .dataset = gb_strdup(run->datasets[0].id),
                                .region = GB_REGION_SIDES,
                                .distance = distance,
                                .mean = truth + g,
                                .truth = truth,
                                .pairs = 30 - distance,
                                .shots = m->size.shots};
        }
}

static gb_status make_head(gb_run *run, const char *directory, gb_error *err)
{
    run->directory = gb_strdup(directory);
    run->created = gb_strdup("2026-11-24T01:02:03Z");
    run->command = gb_strdup("ganime-bench --all --dataset '" SAMPLE_NASTY "'");
    run->environment =
        cJSON_Parse("{\"version\":\"0.1\",\"commit\":\"0123456789ab\",\"device\":\"cpu\",\"device_name\":"
                    "\"Two <b>cores</b>\",\"engine\":\"oneDNN\",\"precision\":\"fp32\",\"threads\":2,"
                    "\"roof_gflops\":197.25,\"libraries\":{\"hdf5\":\"1.10.8\"}}");
    run->protocol = cJSON_Parse("{\"protocol\":\"strict\",\"rounding\":\"nearest even\",\"scale\":0.1,"
                                "\"metrics\":{\"psnr_rgb\":\"10 log10(255^2 / MSE)\"}}");
    char *text = cJSON_PrintUnformatted(run->protocol);
    if (!text) return gb_fail_memory(err, "protocol", 1);
    gb_sha256_memory(text, strlen(text), run->fingerprint);
    cJSON_free(text);
    return GB_OK;
}

static gb_status make_all(maker *m, const char *directory, gb_error *err)
{
    gb_run *run = m->run;
    const size_t cells = GENERATORS * METRICS * GB_REGION_COUNT;
    GB_TRY(make_head(run, directory, err));
    char *rows = gb_path_join(directory, "frames.jsonl"), *panels = gb_path_join(directory, "panels");
    run->datasets = gb_alloc(DATASETS, sizeof *run->datasets);
    run->generators = gb_alloc(GENERATORS, sizeof *run->generators);
    run->metrics = gb_alloc(METRICS, sizeof *run->metrics);
    run->summary = gb_alloc(cells * DATASETS, sizeof *run->summary);
    run->throughput = gb_alloc(GENERATORS, sizeof *run->throughput);
    run->audit = gb_alloc(GENERATORS, sizeof *run->audit);
    run->changes = gb_alloc(GENERATORS * SAMPLE_DISTANCES, sizeof *run->changes);
    run->panels = gb_alloc((size_t)m->size.panels * DATASETS, sizeof *run->panels);
    m->scored.item = gb_alloc(DATASETS, sizeof *m->scored.item);
    if (!m->scored.item) return gb_fail_memory(err, "sample", 1);
    m->sums = gb_alloc(cells * (size_t)m->size.shots, sizeof *m->sums);
    gb_status status = GB_OK;
    GB_GO(gb_directory_make(panels, err));
    GB_GO(gb_row_writer_open(rows, &m->rows, err));
    make_lists(m);
    make_audit(m);
    make_changes(m);
    for (int d = 0; d < DATASETS - 1; d++) { /* the last one is skipped */
        GB_GO(make_rows(m, d, err));
        GB_GO(make_panels(m, d, err));
    }
    GB_GO(gb_findings_record(run, &m->scored, METRICS, err));
done:
    if (m->rows) {
        const gb_status closed = gb_row_writer_close(m->rows, err);
        if (status == GB_OK) status = closed;
    }
    free(rows);
    free(panels);
    return status;
}

gb_status sample_run_make(const char *directory, sample_size size, gb_run **out, gb_error *err)
{
    maker m = {.size = size, .random = {.state = 42}};
    GB_TRY(gb_run_new(&m.run, err));
    const gb_status status = make_all(&m, directory, err);
    free(m.sums);
    gb_scored_free(&m.scored);
    if (status == GB_OK)
        *out = m.run;
    else
        gb_run_free(m.run);
    return status;
}
