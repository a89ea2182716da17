/* Quality against speed on paper. */
#include <stdlib.h>

#include "core/memory.h"
#include "report/paper/figure.h"
#include "report/plot/palette.h"

#define WIDTH 360.0
#define HEIGHT 250.0

static const gb_scatter_frame frame = {.left = 50.0,
                                       .width = WIDTH - 64.0,
                                       .top = 36.0,
                                       .height = HEIGHT - 36.0 - 44.0,
                                       .line = 10.0,
                                       .letter = 4.8,
                                       .end = WIDTH - GB_PAPER_MARGIN,
                                       .middle = 50.0 + 0.6 * (WIDTH - 64.0)};

static void label_tick(gb_canvas *canvas, const gb_axis *axis, double tick, double x, double y, gb_align align)
{
    gb_buffer label;
    gb_buffer_init(&label, 64);
    gb_axis_label(&label, axis, tick);
    if (label.status == GB_OK) gb_canvas_text(canvas, x, y, GB_PAPER_SMALL, GB_QUIET, align, 0.0, label.data);
    gb_buffer_free(&label);
}

static void axes(gb_canvas *canvas, const gb_scatter *p)
{
    const double right = frame.left + frame.width, bottom = frame.top + frame.height;
    for (int t = 0; t < p->up.ticks; t++) {
        const double y = gb_scatter_y(p, &frame, p->up.tick[t]);
        gb_canvas_line(canvas, frame.left, y, right, y, 0.5, GB_RULE, 1.0);
        label_tick(canvas, &p->up, p->up.tick[t], frame.left - 4.0, y + 2.5, GB_ALIGN_RIGHT);
    }
    for (int t = 0; t < p->across.ticks; t++) {
        const double x = gb_scatter_x(p, &frame, p->across.tick[t]);
        gb_canvas_line(canvas, x, frame.top, x, bottom, 0.5, GB_RULE, 1.0);
        label_tick(canvas, &p->across, p->across.tick[t], x, bottom + 10.0, GB_ALIGN_MIDDLE);
    }
    gb_canvas_text(canvas, frame.left + frame.width / 2.0, bottom + 21.0, GB_PAPER_SMALL, GB_INK, GB_ALIGN_MIDDLE, 0.0,
                   "median time of a frame, ms; less is better");
    char *up = gb_format("%s, %s; %s", p->metric->title, gb_region_name(p->region), gb_view_direction(p->metric));
    gb_canvas_text(canvas, GB_PAPER_MARGIN, 25.0, GB_PAPER_SMALL, GB_INK, GB_ALIGN_LEFT, 0.0, up);
    free(up);
}

/* Steps through the unbeaten points: what quality each amount of time buys. */
static void frontier(gb_canvas *canvas, const gb_scatter *p)
{
    const gb_scatter_point *before = NULL;
    gb_canvas_dash(canvas, 2.0, 2.5);
    for (size_t i = 0; i < p->points; i++) {
        const gb_scatter_point *at = &p->point[i];
        if (at->beaten) continue;
        if (before) {
            gb_canvas_line(canvas, before->x, before->y, at->x, before->y, 0.8, GB_QUIET, 1.0);
            gb_canvas_line(canvas, at->x, before->y, at->x, at->y, 0.8, GB_QUIET, 1.0);
        }
        before = at;
    }
    gb_canvas_dash(canvas, 0.0, 0.0);
}

static void points(gb_canvas *canvas, const gb_run *run, const gb_scatter *p)
{
    for (size_t i = 0; i < p->points; i++) {
        const gb_scatter_point *at = &p->point[i];
        const double side = at->left ? -1.0 : 1.0;
        char *label = gb_scatter_label(at, run);
        if (at->label_y != at->y)
            gb_canvas_line(canvas, at->x, at->y, at->x + side * 5.0, at->label_y, 0.5, GB_QUIET, 1.0);
        gb_canvas_mark(canvas, run, at->g, at->x, at->y);
        gb_canvas_text(canvas, at->x + side * 6.5, at->label_y + 2.8, GB_PAPER_LETTER, GB_INK,
                       at->left ? GB_ALIGN_RIGHT : GB_ALIGN_LEFT, 0.0, label);
        free(label);
    }
}

gb_status gb_figure_scatter(gb_paper paper, const gb_run *run, size_t dataset, const char *stem, gb_error *err)
{
    gb_scatter p;
    gb_canvas *canvas = NULL;
    GB_TRY(gb_scatter_make(run, dataset, &p, err));
    char *title = gb_format("Quality against speed on %s", run->datasets[dataset].id);
    gb_status status = title ? GB_OK : gb_fail_memory(err, "title", 64);
    if (status == GB_OK && p.points) {
        gb_scatter_place(&p, run, &frame);
        status = gb_canvas_open(paper, WIDTH, HEIGHT, title, run->created, &canvas, err);
        if (status == GB_OK) {
            gb_canvas_bold(canvas, true);
            gb_canvas_text(canvas, GB_PAPER_MARGIN, 13.0, GB_PAPER_TITLE, GB_INK, GB_ALIGN_LEFT, WIDTH - 12.0, title);
            gb_canvas_bold(canvas, false);
            axes(canvas, &p);
            frontier(canvas, &p);
            gb_canvas_halo(canvas, true);
            points(canvas, run, &p);
            gb_canvas_halo(canvas, false);
            gb_canvas_text(canvas, GB_PAPER_MARGIN, HEIGHT - 7.0, GB_PAPER_SMALL, GB_QUIET, GB_ALIGN_LEFT, WIDTH - 12.0,
                           "The dashed line joins those that none beats in both.");
            status = gb_figure_finish(canvas, paper, run, stem, err);
        }
    }
    free(title);
    gb_scatter_free(&p);
    return status;
}
