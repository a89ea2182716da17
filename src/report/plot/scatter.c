#include "report/plot/scatter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/plot/chart.h"

#define LABEL_GAP 10.0 /* from the point to its label */

void gb_scatter_free(gb_scatter *scatter)
{
    free(scatter->point);
    free(scatter->left_out);
    *scatter = (gb_scatter){0};
}

static const gb_run_summary *row_of(const gb_run *run, size_t dataset, const gb_scatter *p, size_t g)
{
    return gb_view_find(run, run->datasets[dataset].id, run->generators[g].id, p->metric->id, p->region);
}

static double time_of(const gb_run *run, size_t g)
{
    const gb_run_throughput *speed = gb_view_speed(run, run->generators[g].id);
    if (!speed || speed->random_weights) return NAN;
    const double ms = speed->p50_ms / (speed->batch > 0 ? speed->batch : 1);
    return ms > 0.0 && isfinite(ms) ? ms : NAN;
}

static void collect(const gb_run *run, size_t dataset, gb_scatter *p)
{
    gb_range across = {0}, up = {0};
    for (size_t g = 0; g < run->generator_count; g++) {
        const gb_run_summary *row = row_of(run, dataset, p, g);
        const double ms = time_of(run, g);
        if (!row || row->state != GB_STATE_OK || isnan(ms)) continue;
        p->point[p->points++] = (gb_scatter_point){.g = g, .ms = ms, .quality = row->mean};
        gb_range_add(&across, ms);
        gb_range_add(&up, row->mean);
    }
    p->across = gb_axis_log(across);
    p->up = gb_axis_linear(up, 6);
}

static bool is_beaten(const gb_scatter *p, const gb_scatter_point *a)
{
    for (size_t i = 0; i < p->points; i++) {
        const gb_scatter_point *b = &p->point[i];
        const int quality = gb_view_compare(p->metric, b->quality, a->quality);
        if (b != a && quality <= 0 && b->ms <= a->ms && (quality < 0 || b->ms < a->ms)) return true;
    }
    return false;
}

static int by_time(const void *a, const void *b)
{
    const double x = ((const gb_scatter_point *)a)->ms, y = ((const gb_scatter_point *)b)->ms;
    return (x > y) - (x < y);
}

/* Those that have no place in it, in words. */
static gb_status name_left_out(const gb_run *run, size_t dataset, gb_scatter *p, gb_error *err)
{
    gb_buffer text;
    gb_buffer_init(&text, (size_t)1 << 20);
    gb_buffer_text(&text, "");
    for (size_t g = 0; g < run->generator_count; g++) {
        const gb_run_summary *row = row_of(run, dataset, p, g);
        const bool ok = row && row->state == GB_STATE_OK;
        if (ok && isfinite(time_of(run, g))) continue;
        gb_buffer_printf(&text, "%s%s (%s)", text.size ? ", " : "", run->generators[g].id,
                         ok    ? "not timed"
                         : row ? gb_state_name(row->state)
                               : "no row");
    }
    p->left_out = text.data;
    return gb_buffer_status(&text, err);
}

gb_status gb_scatter_make(const gb_run *run, size_t dataset, gb_scatter *out, gb_error *err)
{
    gb_scatter p = {.metric = gb_view_leading(run), .region = gb_chart_strips(&run->datasets[dataset])};
    *out = (gb_scatter){0};
    if (!p.metric) return GB_OK;
    p.point = gb_alloc(run->generator_count, sizeof *p.point);
    if (!p.point) return gb_fail_memory(err, "points", run->generator_count * sizeof *p.point);
    collect(run, dataset, &p);
    if (p.points) qsort(p.point, p.points, sizeof *p.point, by_time);
    for (size_t i = 0; i < p.points; i++) p.point[i].beaten = is_beaten(&p, &p.point[i]);
    const gb_status status = name_left_out(run, dataset, &p, err);
    if (status == GB_OK)
        *out = p;
    else
        gb_scatter_free(&p);
    return status;
}

double gb_scatter_x(const gb_scatter *scatter, const gb_scatter_frame *frame, double ms)
{
    return frame->left + frame->width * gb_axis_percent(&scatter->across, ms) / 100.0;
}

double gb_scatter_y(const gb_scatter *scatter, const gb_scatter_frame *frame, double quality)
{
    return frame->top + frame->height * (1.0 - gb_axis_percent(&scatter->up, quality) / 100.0);
}

static bool boxes_touch(const gb_scatter_frame *frame, const gb_scatter_point *a, const gb_scatter_point *b)
{
    return fabs(a->label_y - b->label_y) < frame->line && a->label_x < b->label_x + b->width &&
           b->label_x < a->label_x + a->width;
}

static size_t letters_of(const char *text)
{
    size_t letters = 0;
    for (; *text; text++) letters += ((unsigned char)*text & 0xc0) != 0x80;
    return letters;
}

/* The usual side, unless only the other one has room for the whole name. */
static void take_side(gb_scatter_point *at, const gb_run *run, const gb_scatter_frame *frame)
{
    const double gap = LABEL_GAP + 2.0, left = at->x, right = frame->end - at->x;
    at->letters = letters_of(run->generators[at->g].id);
    const double whole = frame->letter * (double)at->letters + gap;
    at->left = at->x > frame->middle;
    if (whole > (at->left ? left : right) && whole <= fmax(left, right)) at->left = !at->left;
    const double room = at->left ? left : right;
    if (whole > room) at->letters = room > gap + 2.0 * frame->letter ? (size_t)((room - gap) / frame->letter) - 1 : 1;
    at->width = fmin(whole, room);
}

static void place_label(gb_scatter *p, const gb_run *run, const gb_scatter_frame *frame, size_t i)
{
    static const double shift[] = {0.0, -1.0, 1.0, -2.0, 2.0, -3.0, 3.0, -4.0, 4.0};
    gb_scatter_point *at = &p->point[i];
    take_side(at, run, frame);
    at->label_x = at->x + (at->left ? -at->width : 0.0);
    for (size_t s = 0; s < sizeof shift / sizeof *shift; s++) {
        at->label_y = at->y + shift[s] * frame->line;
        bool free_place = at->label_y > frame->top - 4.0 && at->label_y < frame->top + frame->height;
        for (size_t k = 0; k < i && free_place; k++) free_place = !boxes_touch(frame, at, &p->point[k]);
        if (free_place) return;
    }
    at->label_y = at->y;
}

void gb_scatter_place(gb_scatter *scatter, const gb_run *run, const gb_scatter_frame *frame)
{
    for (size_t i = 0; i < scatter->points; i++) {
        scatter->point[i].x = gb_scatter_x(scatter, frame, scatter->point[i].ms);
        scatter->point[i].y = gb_scatter_y(scatter, frame, scatter->point[i].quality);
    }
    for (size_t i = 0; i < scatter->points; i++) place_label(scatter, run, frame, i);
}

char *gb_scatter_label(const gb_scatter_point *point, const gb_run *run)
{
    const char *const id = run->generators[point->g].id;
    size_t bytes = 0;
    for (size_t i = 0; id[bytes] && i < point->letters; i++) {
        do bytes++;
        while (((unsigned char)id[bytes] & 0xc0) == 0x80);
    }
    return gb_format("%.*s%s", (int)bytes, id, id[bytes] ? "\xe2\x80\xa6" : "");
}
