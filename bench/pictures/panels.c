#include "pictures/panels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "pictures/heat.h"
#include "pictures/replay.h"

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
    const gb_status status = gb_image_put_png(path, image, err);
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

/* What one thread draws panels with; `replay`, one a contender, goes on from panel to panel. */
typedef struct panel_maker {
    const gb_evaluation *e;
    const char *directory;
    gb_replay **replay;
    gb_heat *heat; /* may be NULL */
    gb_image truth, input;
} panel_maker;

/* All panels of a dataset; makers take the next one that is left. */
typedef struct panel_set {
    panel_choice choice[MAX_SCENES + 2];
    gb_run_panel *panel;
    panel_maker *maker;
    int count, makers;
} panel_set;

static gb_status draw_contender(panel_maker *m, const panel_choice *choice, int c, gb_run_panel *panel, gb_error *err)
{
    const gb_evaluation *e = m->e;
    const gb_image *made;
    gb_error own; /* a frame that failed has its failed rows; its picture is left out */
    if (!m->replay[c]) GB_TRY(gb_replay_new(e, c, &m->replay[c], err));
    const gb_status again = gb_replay_frame(m->replay[c], choice->pick, &made, &own);
    if (again == GB_E_NOMEM) return gb_fail(err, again, "%s", own.text);
    if (again != GB_OK) return GB_OK;
    const double lpips = e->headline >= 0 ? e->headline_value[choice->pick * e->contenders->count + c] : NAN;
    GB_TRY(write_picture(made, m->directory, e, panel->frame, e->contenders->item[c].id, lpips, panel, err));
    return m->heat ? write_heat(m->heat, made, m->directory, panel, err) : GB_OK;
}

static gb_status draw_panel(panel_maker *m, const panel_choice *choice, gb_run_panel *panel, gb_error *err)
{
    const gb_evaluation *e = m->e;
    const gb_pick *pick = &e->picks->pick[choice->pick];
    panel->dataset = gb_strdup(e->dataset->id);
    panel->clip = gb_strdup(gb_pack_shots(e->pack)[pick->shot].clip);
    panel->why = gb_strdup(choice->why);
    panel->shot = pick->shot;
    panel->frame = pick->frame;
    panel->pictures = gb_alloc((size_t)e->contenders->count + 2, sizeof *panel->pictures);
    if (!panel->pictures || !panel->dataset || !panel->clip || !panel->why) return gb_fail_memory(err, "panel", 4096);
    GB_TRY(gb_pack_read(e->pack, pick->frame, &m->truth, &m->input, err));
    GB_TRY(write_picture(&m->truth, m->directory, e, pick->frame, "truth", NAN, panel, err));
    GB_TRY(write_picture(&m->input, m->directory, e, pick->frame, "input", NAN, panel, err));
    if (m->heat) GB_TRY(gb_heat_truth(m->heat, &m->truth, err));
    for (int c = 0; c < e->contenders->count; c++)
        if (e->contenders->item[c].state == GB_STATE_OK) GB_TRY(draw_contender(m, choice, c, panel, err));
    return GB_OK;
}

static gb_status open_makers(panel_set *set, const gb_evaluation *e, const char *directory, gb_error *err)
{
    const size_t contenders = (size_t)e->contenders->count, wanted = (size_t)e->workers;
    set->maker = gb_alloc(wanted, sizeof *set->maker);
    if (!set->maker) return gb_fail_memory(err, "panels", wanted * sizeof *set->maker);
    while (set->makers < (int)wanted && set->makers < set->count) {
        panel_maker *const m = &set->maker[set->makers++];
        m->e = e;
        m->directory = directory;
        m->replay = gb_alloc(contenders, sizeof *m->replay);
        if (!m->replay) return gb_fail_memory(err, "panels", contenders * sizeof *m->replay);
        GB_TRY(gb_heat_open(e, &m->heat, err));
    }
    return GB_OK;
}

static void close_makers(panel_set *set)
{
    for (int i = 0; i < set->makers; i++) {
        panel_maker *const m = &set->maker[i];
        for (int c = 0; m->replay && c < m->e->contenders->count; c++) gb_replay_free(m->replay[c]);
        free(m->replay);
        gb_heat_close(m->heat);
        gb_image_free(&m->truth);
        gb_image_free(&m->input);
    }
    free(set->maker);
}

static gb_status draw_next(void *user, int lane, size_t i, gb_error *err)
{
    const panel_set *const set = user;
    return draw_panel(&set->maker[lane], &set->choice[i], &set->panel[i], err);
}

gb_status gb_panels_make(const gb_evaluation *evaluation, const char *directory, gb_run_panel **panels, size_t *count,
                         gb_error *err)
{
    panel_set set = {0};
    set.count = choose_scenes(evaluation, set.choice);
    set.count += choose_extremes(evaluation, set.choice + set.count);
    gb_run_panel *grown = realloc(*panels, (*count + (size_t)set.count + 1) * sizeof *grown);
    if (!grown) return gb_fail_memory(err, "panels", 4096);
    *panels = grown;
    set.panel = grown + *count;
    for (int i = 0; i < set.count; i++) set.panel[i] = (gb_run_panel){0};
    *count += (size_t)set.count;
    char *folder = gb_path_join(directory, "panels");
    gb_status status = folder ? gb_directory_make(folder, err) : gb_fail_memory(err, "panels", 4096);
    free(folder);
    if (status == GB_OK) status = open_makers(&set, evaluation, directory, err);
    if (status == GB_OK) status = gb_parallel(set.makers, (size_t)set.count, draw_next, &set, err);
    close_makers(&set);
    return status;
}
