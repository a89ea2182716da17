/* figures/: the page's charts for papers, one file each. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "report/paper/figure.h"

typedef struct figures {
    gb_paper paper;
    const gb_run *run;
    gb_rows rows;
} figures;

/* "figures/<dataset>-<what>"; letters that a file's name should not have become "_". */
static char *stem_of(const char *dataset, const char *what)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    char *clean = gb_strdup(dataset);
    for (char *at = clean; at && *at; at++)
        if (!strchr(letters, *at)) *at = '_';
    char *stem = clean ? gb_format("figures/%.80s-%s", clean, what) : NULL;
    free(clean);
    return stem;
}

/* Takes the chart over. `dataset` NULL: it is of all. */
static gb_status write_chart(const figures *f, gb_chart *chart, const char *dataset, const char *what, gb_error *err)
{
    char *stem = stem_of(dataset ? dataset : "all", what);
    char *title = !chart->rows ? NULL
                  : dataset    ? gb_format("%s on %s", chart->title, dataset)
                               : gb_strdup(chart->title);
    gb_status status = !stem || (chart->rows && !title) ? gb_fail_memory(err, what, 64) : GB_OK;
    if (status == GB_OK) status = gb_figure_chart(f->paper, f->run, chart, title, stem, err);
    free(stem);
    free(title);
    gb_chart_free(chart);
    return status;
}

static gb_status write_charts(const figures *f, size_t d, gb_error *err)
{
    const gb_run *run = f->run;
    const char *id = run->datasets[d].id;
    const gb_region region = gb_chart_strips(&run->datasets[d]);
    const gb_run_metric *leading = gb_view_leading(run);
    gb_chart chart;
    if (!leading) return GB_OK;
    GB_TRY(gb_chart_shots(run, &f->rows, d, region, &chart, err));
    GB_TRY(write_chart(f, &chart, id, "shots", err));
    GB_TRY(gb_chart_spread(run, &f->rows, d, (size_t)(leading - run->metrics), region, &chart, err));
    GB_TRY(write_chart(f, &chart, id, "spread", err));
    GB_TRY(gb_chart_differences(run, d, (size_t)(leading - run->metrics), region, &chart, err));
    return write_chart(f, &chart, id, "differences", err);
}

static gb_status write_dataset(const figures *f, size_t d, gb_error *err)
{
    const char *id = f->run->datasets[d].id;
    char *summary = stem_of(id, "summary"), *speed = stem_of(id, "speed"), *flicker = stem_of(id, "flicker");
    char *changes = stem_of(id, "changes");
    gb_status status = summary && speed && flicker && changes ? GB_OK : gb_fail_memory(err, id, 64);
    if (status == GB_OK) status = gb_figure_summary(f->paper, f->run, d, summary, err);
    if (status == GB_OK) status = gb_figure_scatter(f->paper, f->run, d, speed, err);
    if (status == GB_OK) status = gb_figure_flicker(f->paper, f->run, &f->rows, d, flicker, err);
    if (status == GB_OK) status = gb_figure_changes(f->paper, f->run, d, changes, err);
    if (status == GB_OK) status = write_charts(f, d, err);
    free(summary);
    free(speed);
    free(flicker);
    free(changes);
    return status;
}

static gb_status write_figures(gb_paper paper, const gb_run *run, gb_error *err)
{
    figures f = {.paper = paper, .run = run};
    gb_chart gap;
    gb_status status = GB_OK;
    char *folder = gb_path_join(gb_run_out(run), "figures");
    if (!folder) return gb_fail_memory(err, "figures", 64);
    GB_GO(gb_rows_read(run, &f.rows, err));
    GB_GO(gb_directory_make(folder, err));
    for (size_t d = 0; d < run->dataset_count; d++)
        if (run->datasets[d].state == GB_STATE_OK) GB_GO(write_dataset(&f, d, err));
    GB_GO(gb_chart_gap(run, &gap, err));
    GB_GO(write_chart(&f, &gap, NULL, "gap", err));
done:
    gb_rows_free(&f.rows);
    free(folder);
    return status;
}

static gb_status write_png(const gb_run *run, gb_error *err)
{
    return write_figures(GB_PAPER_PNG, run, err);
}

static gb_status write_svg(const gb_run *run, gb_error *err)
{
    return write_figures(GB_PAPER_SVG, run, err);
}

static gb_status write_pdf(const gb_run *run, gb_error *err)
{
    return write_figures(GB_PAPER_PDF, run, err);
}

const gb_report gb_report_png = {.id = "png",
                                 .file = "figures/*.png",
                                 .summary = "the charts for papers and slides, 300 dots an inch",
                                 .on_request = true,
                                 .write = write_png};
const gb_report gb_report_svg = {.id = "svg",
                                 .file = "figures/*.svg",
                                 .summary = "the same as vectors",
                                 .on_request = true,
                                 .write = write_svg};
const gb_report gb_report_pdf = {.id = "pdf",
                                 .file = "figures/*.pdf",
                                 .summary = "the same as vectors, for LaTeX",
                                 .on_request = true,
                                 .write = write_pdf};
