#include "run/panels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "run/heat.h"

#define MAX_SCENES 12 /* of a dataset; more are thinned out evenly */

typedef struct panel_choice {
    int pick;
    char why[160];
} panel_choice;

/* The middle frame of each scene's run. */
static int choose_scenes(const gb_evaluation *e, panel_choice *out)
{
    const gb_picks *picks = e->picks;
    const int wanted = picks->shots < MAX_SCENES ? picks->shots : MAX_SCENES;
    int count = 0;
    for (int begin = 0, scene = 0; begin < picks->count; scene++) {
        int end = begin + 1;
        while (end < picks->count && picks->pick[end].shot == picks->pick[begin].shot) end++;
        if (scene * wanted / picks->shots == count && count < wanted) {
            out[count].pick = (begin + end) / 2;
            snprintf(out[count++].why, sizeof out->why, "middle of the scene");
        }
        begin = end;
    }
    return count;
}

static bool is_baseline(const gb_contender *contender)
{
    return !contender->generator->net && !contender->foreign;
}

/* The contender that the best and worst frames are chosen for: lowest mean, baselines last. */
static int leader(const gb_evaluation *e)
{
    int best = -1;
    for (int c = 0; c < e->contenders->count; c++) {
        const gb_contender *contender = &e->contenders->item[c];
        const double mean = gb_tally_mean(e->tally, c, e->headline, GB_REGION_FULL);
        if (contender->state != GB_STATE_OK || !isfinite(mean)) continue;
        const bool first_net = best >= 0 && !is_baseline(contender) && is_baseline(&e->contenders->item[best]);
        const bool same_kind = best >= 0 && is_baseline(contender) == is_baseline(&e->contenders->item[best]);
        if (best < 0 || first_net ||
            (same_kind && mean < gb_tally_mean(e->tally, best, e->headline, GB_REGION_FULL)))
            best = c;
    }
    return best;
}

static int choose_extremes(const gb_evaluation *e, panel_choice *out)
{
    const int contender = e->headline >= 0 ? leader(e) : -1;
    if (contender < 0) return 0;
    int low = -1, high = -1;
    const int contenders = e->contenders->count;
    for (int p = 0; p < e->picks->count; p++) {
        const double value = e->headline_value[p * contenders + contender];
        if (!isfinite(value)) continue;
        if (low < 0 || value < e->headline_value[low * contenders + contender]) low = p;
        if (high < 0 || value > e->headline_value[high * contenders + contender]) high = p;
    }
    if (low < 0) return 0;
    const char *id = e->contenders->item[contender].id;
    out[0].pick = low;
    snprintf(out[0].why, sizeof out->why, "best frame of %s", id);
    out[1].pick = high;
    snprintf(out[1].why, sizeof out->why, "worst frame of %s", id);
    return 2;
}

static gb_status write_picture(const gb_image *image, const char *directory, const gb_evaluation *e, int frame,
                               const char *label, double lpips, gb_run_panel *panel, gb_error *err)
{
    gb_run_picture *picture = &panel->pictures[panel->picture_count];
    *picture = (gb_run_picture){.label = gb_strdup(label),
                                .path = gb_format("panels/%s-%06d-%s.png", e->dataset->id, frame, label),
                                .lpips = lpips};
    panel->picture_count++;
    char *path = picture->path ? gb_path_join(directory, picture->path) : NULL;
    if (!path || !picture->label) {
        free(path);
        return gb_fail_memory(err, "picture", 4096);
    }
    const gb_status status = gb_image_write_png(path, image, err);
    free(path);
    return status;
}

/* Beside the picture written last. */
static gb_status write_heat(gb_heat *heat, const gb_image *test, const char *directory, gb_run_panel *panel,
                            gb_error *err)
{
    gb_run_picture *picture = &panel->pictures[panel->picture_count - 1];
    const size_t stem = strlen(picture->path) - strlen(".png");
    picture->heat = gb_format("%.*s.heat.png", (int)stem, picture->path);
    char *path = picture->heat ? gb_path_join(directory, picture->heat) : NULL;
    const gb_status status = path ? gb_heat_write(heat, test, path, err) : gb_fail_memory(err, "picture", 4096);
    free(path);
    return status;
}

/* The frames that share the pick's batch statistics, or the pick alone. */
typedef struct group {
    int first, count, wanted; /* picks; `wanted` counts from `first` */
    gb_image *truth, *input, *output;
    int *pick;
} group;

static void close_group(group *g)
{
    for (int i = 0; i < g->count; i++) {
        if (g->truth) gb_image_free(&g->truth[i]);
        if (g->input) gb_image_free(&g->input[i]);
        if (g->output) gb_image_free(&g->output[i]);
    }
    free(g->truth);
    free(g->input);
    free(g->output);
    free(g->pick);
}

static gb_status open_group(const gb_evaluation *e, int pick, group *out, gb_error *err)
{
    const int batch = e->protocol->stat_batch;
    group g = {.first = pick / batch * batch};
    g.wanted = pick - g.first;
    g.count = e->picks->count - g.first < batch ? e->picks->count - g.first : batch;
    g.truth = gb_alloc((size_t)g.count, sizeof *g.truth);
    g.input = gb_alloc((size_t)g.count, sizeof *g.input);
    g.output = gb_alloc((size_t)g.count, sizeof *g.output);
    g.pick = gb_alloc((size_t)g.count, sizeof *g.pick);
    const bool all = g.truth && g.input && g.output && g.pick;
    gb_status status = all ? GB_OK : gb_fail_memory(err, "pictures", (size_t)g.count);
    for (int i = 0; i < g.count && status == GB_OK; i++) {
        g.pick[i] = g.first + i;
        status = gb_pack_read(e->pack, e->picks->pick[g.pick[i]].frame, &g.truth[i], &g.input[i], err);
        if (status == GB_OK)
            status = gb_image_new(e->env.geometry.width, e->env.geometry.height, &g.output[i], err);
    }
    if (status == GB_OK)
        *out = g;
    else
        close_group(&g);
    return status;
}

/* `workers`, one a contender, stay open from panel to panel: starting may take long. */
static gb_status draw_contender(const gb_evaluation *e, gb_contender_worker *workers, int c, group *g, gb_error *err)
{
    if (!workers[c].contender) GB_TRY(gb_contender_worker_open(&e->contenders->item[c], &workers[c], err));
    GB_TRY(gb_contender_generate(&workers[c], g->input, g->pick, g->count, e->env.geometry.side, e->protocol->rounding,
                                 g->output, err));
    return gb_protocol_finish(e->protocol, &g->output[g->wanted], err);
}

static gb_status draw_panel(const gb_evaluation *e, const char *directory, const panel_choice *choice,
                            gb_contender_worker *workers, gb_heat *heat, gb_run_panel *panel, gb_error *err)
{
    const gb_pick *pick = &e->picks->pick[choice->pick];
    group g = {0};
    gb_status status = GB_OK;
    panel->dataset = gb_strdup(e->dataset->id);
    panel->clip = gb_strdup(gb_pack_shots(e->pack)[pick->shot].clip);
    panel->why = gb_strdup(choice->why);
    panel->shot = pick->shot;
    panel->frame = pick->frame;
    panel->pictures = gb_alloc((size_t)e->contenders->count + 2, sizeof *panel->pictures);
    if (!panel->pictures || !panel->dataset || !panel->clip || !panel->why) return gb_fail_memory(err, "panel", 4096);
    GB_TRY(open_group(e, choice->pick, &g, err));
    GB_GO(write_picture(&g.truth[g.wanted], directory, e, pick->frame, "truth", NAN, panel, err));
    GB_GO(write_picture(&g.input[g.wanted], directory, e, pick->frame, "input", NAN, panel, err));
    if (heat) GB_GO(gb_heat_truth(heat, &g.truth[g.wanted], err));
    for (int c = 0; c < e->contenders->count; c++) {
        if (e->contenders->item[c].state != GB_STATE_OK) continue;
        gb_error own; /* a frame that failed has its failed rows; its picture is left out */
        const gb_status drawn = draw_contender(e, workers, c, &g, &own);
        if (drawn == GB_E_NOMEM) GB_GO(gb_fail(err, drawn, "%s", own.text));
        if (drawn != GB_OK) continue;
        const double lpips = e->headline >= 0 ? e->headline_value[choice->pick * e->contenders->count + c] : NAN;
        GB_GO(write_picture(&g.output[g.wanted], directory, e, pick->frame, e->contenders->item[c].id, lpips, panel,
                            err));
        if (heat) GB_GO(write_heat(heat, &g.output[g.wanted], directory, panel, err));
    }
done:
    close_group(&g);
    return status;
}

gb_status gb_panels_make(const gb_evaluation *evaluation, const char *directory, gb_run_panel **panels, size_t *count,
                         gb_error *err)
{
    panel_choice choices[MAX_SCENES + 2];
    int chosen = choose_scenes(evaluation, choices);
    chosen += choose_extremes(evaluation, choices + chosen);
    gb_run_panel *grown = realloc(*panels, (*count + (size_t)chosen + 1) * sizeof *grown);
    char *folder = gb_path_join(directory, "panels");
    if (grown) *panels = grown;
    gb_contender_worker *workers = gb_alloc((size_t)evaluation->contenders->count, sizeof *workers);
    gb_heat *heat = NULL;
    gb_status status = gb_fail_memory(err, "panels", 4096);
    if (grown && folder && workers) status = gb_directory_make(folder, err);
    if (status == GB_OK && chosen) status = gb_heat_open(evaluation, &heat, err);
    free(folder);
    for (int i = 0; i < chosen && status == GB_OK; i++) {
        gb_run_panel *panel = &grown[(*count)++];
        *panel = (gb_run_panel){0};
        status = draw_panel(evaluation, directory, &choices[i], workers, heat, panel, err);
    }
    for (int c = 0; workers && c < evaluation->contenders->count; c++) gb_contender_worker_close(&workers[c]);
    free(workers);
    gb_heat_close(heat);
    return status;
}
