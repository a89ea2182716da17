/* What the charts show: colours that can be told from their ground, paired differences, the domain gap's interval. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "report/plot/chart.h"
#include "report/plot/palette.h"
#include "report/plot/scatter.h"
#include "report/plot/series.h"
#include "stats/contrast.h"
#include "support/sample_run.h"
#include "support/support.h"

/* ---- Colours: WCAG 2.2, relative luminance and contrast ratio ---- */

static double linear(unsigned byte)
{
    const double c = byte / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(unsigned rgb)
{
    return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8 & 255) + 0.0722 * linear(rgb & 255);
}

static double contrast_ratio(unsigned a, unsigned b)
{
    const double x = luminance(a), y = luminance(b);
    return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

/* "#abc" is "#aabbcc". */
static unsigned parse_colour(const char *text)
{
    char *end;
    const unsigned long value = strtoul(text + 1, &end, 16);
    assert_true(text[0] == '#' && (end == text + 4 || end == text + 7));
    if (end == text + 7) return (unsigned)value;
    return (unsigned)((value >> 8 & 15) * 0x110000 + (value >> 4 & 15) * 0x1100 + (value & 15) * 0x11);
}

static gb_colour variable(const char *css, const char *name)
{
    char *key = gb_format("--%s: light-dark(", name);
    const char *at = strstr(css, key);
    if (!at) fail_msg("the style sheet has no %s", key);
    at += strlen(key);
    const gb_colour colour = {parse_colour(at), parse_colour(strchr(at, ',') + 2)};
    free(key);
    return colour;
}

static void stands_out(const char *what, gb_colour colour, const char *where, gb_colour ground, double least)
{
    const double light = contrast_ratio(colour.light, ground.light), dark = contrast_ratio(colour.dark, ground.dark);
    if (light < least || dark < least)
        fail_msg("%s on %s: contrast %.2f light, %.2f dark, expected %.1f", what, where, light, dark, least);
}

static void colours_stand_out_from_their_ground(void **state)
{
    (void)state;
    static const char *const texts[] = {"ink", "quiet", "accent", "warn"}, *const grounds[] = {"bg", "card", "tint"};
    gb_error err = {0};
    char *css = NULL;
    size_t size;
    assert_true(contrast_ratio(0x000000, 0xffffff) > 20.99 && contrast_ratio(0x777777, 0xffffff) < 4.5);
    assert_ok(gb_file_read("src/report/html/style.css", (size_t)1 << 20, &css, &size, &err), &err);
    for (int g = 0; g < 3; g++) {
        const gb_colour ground = variable(css, grounds[g]);
        for (int t = 0; t < 4; t++) stands_out(texts[t], variable(css, texts[t]), grounds[g], ground, 4.5);
        for (int c = 0; c < GB_COLOURS; c++) stands_out("a generator's colour", gb_palette[c], grounds[g], ground, 3.0);
    }
    const gb_colour paper = {GB_GROUND, GB_GROUND};
    stands_out("ink", (gb_colour){GB_INK, GB_INK}, "paper", paper, 4.5);
    stands_out("quiet", (gb_colour){GB_QUIET, GB_QUIET}, "paper", paper, 4.5);
    free(css);
}

/* ---- The contrast of datasets ---- */

static void a_contrast_is_the_weighted_sum(void **state)
{
    (void)state;
    const gb_cluster a[] = {{2, 1}, {4, 1}, {6, 1}}, b[] = {{1, 1}, {1, 1}}, one[] = {{3, 1}};
    const gb_stratum both[] = {{a, 3, 1.0}, {b, 2, -1.0}}, few[] = {{a, 3, 1.0}, {one, 1, -1.0}};
    gb_error err = {0};
    gb_interval x, y;
    assert_ok(gb_stats_contrast(both, 2, 2000, 7, &x, &err), &err);
    assert_ok(gb_stats_contrast(both, 2, 2000, 7, &y, &err), &err);
    assert_memory_equal(&x, &y, sizeof x);
    assert_true(fabs(x.mean - 3.0) < 1e-12);
    /* Three values drawn three times: the mean is 2 or 6 with 1 in 27 each, which is over 2.5 %. */
    assert_true(fabs(x.lo - 1.0) < 1e-12 && fabs(x.hi - 5.0) < 1e-12);
    assert_ok(gb_stats_contrast(few, 2, 2000, 7, &x, &err), &err);
    assert_true(fabs(x.mean - 1.0) < 1e-12 && isnan(x.lo) && isnan(x.hi));
    const gb_cluster bad[] = {{NAN, 1}, {1, 1}};
    assert_fails(gb_stats_contrast(&(gb_stratum){bad, 2, 1.0}, 1, 10, 7, &x, &err), GB_E_NUMERIC, &err, "shot 0");
    assert_fails(gb_stats_contrast(both, 2, 0, 7, &x, &err), GB_E_ARG, &err, "at least 1");
}

/* ---- Charts of a made-up run ---- */

static gb_run *make(gb_rows *rows, sample_size size)
{
    gb_error err = {0};
    gb_run *run = NULL;
    assert_ok(sample_run_make(test_scratch("run"), size, &run, &err), &err);
    assert_ok(gb_rows_read(run, rows, &err), &err);
    return run;
}

static double mean_of(const gb_run *run, size_t g)
{
    return gb_view_find(run, run->datasets[0].id, run->generators[g].id, gb_view_leading(run)->id, GB_REGION_SIDES)
        ->mean;
}

static void differences_are_paired_and_in_the_tables_order(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_rows rows;
    gb_chart chart;
    gb_run *run = make(&rows, (sample_size){.shots = 6, .frames = 8, .panels = 0});
    assert_ok(gb_chart_differences(run, 0, 0, GB_REGION_SIDES, &chart, &err), &err);
    size_t *order = gb_view_order(run, run->datasets[0].id, gb_view_leading(run), GB_REGION_FULL);
    assert_int_equal(chart.rows, 5); /* six generators have numbers */
    for (size_t i = 0; i < chart.rows; i++) {
        const gb_chart_row *row = &chart.row[i];
        assert_int_equal(row->g, order[i]);
        assert_int_equal(row->other, order[i + 1]);
        assert_int_equal(row->count, 48);
        assert_true(fabs(row->mean - (mean_of(run, row->g) - mean_of(run, row->other))) < 1e-12);
        assert_true(row->lo < row->mean && row->mean < row->hi);
    }
    free(order);
    gb_chart_free(&chart);
    gb_rows_free(&rows);
    gb_run_free(run);
}

static void the_gap_has_an_interval(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_rows rows;
    gb_chart chart;
    gb_run *run = make(&rows, (sample_size){.shots = 6, .frames = 4, .panels = 0});
    assert_ok(gb_chart_gap(run, &chart, &err), &err);
    assert_int_equal(chart.rows, 6);
    for (size_t i = 0; i < chart.rows; i++) {
        const double gap = chart.row[i].other_mean - chart.row[i].mean;
        assert_true(chart.row[i].lo <= gap && gap <= chart.row[i].hi && chart.row[i].lo < chart.row[i].hi);
        assert_non_null(strstr(chart.row[i].value, " ["));
    }
    assert_int_equal(chart.state[3], GB_STATE_NO_WEIGHTS);
    gb_chart_free(&chart);
    gb_rows_free(&rows);
    gb_run_free(run);
}

static void a_spread_is_of_every_frame(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_rows rows;
    gb_chart chart;
    gb_run *run = make(&rows, (sample_size){.shots = 5, .frames = 9, .panels = 0});
    for (size_t m = 0; m < run->metric_count; m++) {
        assert_ok(gb_chart_spread(run, &rows, 0, m, GB_REGION_SEAM, &chart, &err), &err);
        if (m == 0) assert_int_equal(chart.rows, 6);
        for (size_t i = 0; i < chart.rows; i++) {
            const gb_chart_row *row = &chart.row[i];
            double top = 0.0;
            if (m == 0) assert_int_equal(row->count, 45);
            for (int q = 1; q < 5; q++) assert_true(row->quantile[q - 1] <= row->quantile[q]);
            for (int h = 0; h < GB_HILL; h++) top = fmax(top, row->hill[h]);
            assert_true(top == 1.0);
        }
        gb_chart_free(&chart);
    }
    gb_rows_free(&rows);
    gb_run_free(run);
}

static void many_shots_become_a_hill(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_rows rows;
    gb_chart few, many;
    gb_run *run = make(&rows, (sample_size){.shots = 3, .frames = 2, .panels = 0});
    assert_ok(gb_chart_shots(run, &rows, 0, GB_REGION_FULL, &few, &err), &err);
    assert_int_equal(few.kind, GB_CHART_DOTS);
    assert_int_equal(few.row[0].points, 3);
    gb_rows_free(&rows);
    gb_run_free(run);
    run = make(&rows, (sample_size){.shots = 160, .frames = 1, .panels = 0});
    assert_ok(gb_chart_shots(run, &rows, 0, GB_REGION_FULL, &many, &err), &err);
    assert_int_equal(many.kind, GB_CHART_SPREAD);
    assert_int_equal(many.row[0].count, 160);
    gb_chart_free(&few);
    gb_chart_free(&many);
    gb_rows_free(&rows);
    gb_run_free(run);
}

static void labels_do_not_touch(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_rows rows;
    gb_scatter scatter;
    gb_run *run = make(&rows, (sample_size){.shots = 2, .frames = 2, .panels = 0});
    for (size_t i = 0; i < run->throughput_count; i++) run->throughput[i].p50_ms = 5.0 + 0.01 * (double)i;
    assert_ok(gb_scatter_make(run, 0, &scatter, &err), &err);
    const gb_scatter_frame frame = {.left = 30, .width = 280, .top = 10, .height = 300,
                                    .line = 15, .letter = 7,  .end = 320, .middle = 176};
    gb_scatter_place(&scatter, run, &frame);
    assert_true(scatter.points > 3);
    for (size_t i = 0; i < scatter.points; i++)
        for (size_t k = 0; k < i; k++) {
            const gb_scatter_point *a = &scatter.point[i], *b = &scatter.point[k];
            const bool apart = fabs(a->label_y - b->label_y) >= frame.line || a->label_x >= b->label_x + b->width ||
                               b->label_x >= a->label_x + a->width;
            assert_true(apart);
        }
    gb_scatter_free(&scatter);
    gb_rows_free(&rows);
    gb_run_free(run);
}

/* Every point of the sample under one name; how many labels are cut. */
static size_t place_named(const char *name, size_t letters, size_t *points)
{
    gb_error err = {0};
    gb_rows rows;
    gb_scatter scatter;
    size_t cut = 0;
    const gb_scatter_frame frame = {.left = 30, .width = 280, .top = 10, .height = 300,
                                    .line = 15, .letter = 7,  .end = 320, .middle = 176};
    gb_run *run = make(&rows, (sample_size){.shots = 2, .frames = 2, .panels = 0});
    assert_ok(gb_scatter_make(run, 0, &scatter, &err), &err);
    for (size_t i = 0; i < scatter.points; i++) {
        char **id = &run->generators[scatter.point[i].g].id;
        free(*id);
        *id = gb_strdup(name);
    }
    gb_scatter_place(&scatter, run, &frame);
    for (size_t i = 0; i < scatter.points; i++) {
        const gb_scatter_point *at = &scatter.point[i];
        char *label = gb_scatter_label(at, run);
        const bool whole = !strcmp(label, name);
        const bool has_room = fmax(at->x, frame.end - at->x) >= frame.letter * (double)letters + 12.0;
        assert_true(at->label_x >= -1e-9 && at->label_x + at->width <= frame.end + 1e-9);
        assert_int_equal(whole, has_room);
        if (!whole) assert_string_equal(label + strlen(label) - 3, "\xe2\x80\xa6");
        cut += !whole;
        free(label);
    }
    *points = scatter.points;
    gb_scatter_free(&scatter);
    gb_rows_free(&rows);
    gb_run_free(run);
    return cut;
}

/* A name is whole where one side of its point has room for it, and cut to the room where neither has. */
static void labels_stay_inside(void **state)
{
    (void)state;
    size_t points = 0;
    assert_true(place_named("lama-fourier@ngf32b6+hold", 25, &points) < points && points > 3);
    const size_t cut = place_named("\xc3\xbc" "berlanger-name-fuer-den-nirgends-platz-ist-auch-nicht", 54, &points);
    assert_int_equal(cut, points);
}

static void a_line_breaks_where_a_frame_is_missing(void **state)
{
    (void)state;
    const gb_value values[] = {{.generator = 0, .frame = 3, .num = 1, .den = 5},
                               {.generator = 1, .frame = 3, .num = 2, .den = 5},
                               {.generator = 1, .frame = 4, .num = 2, .den = 6},
                               {.generator = 1, .frame = 6, .num = 4, .den = 7}};
    const gb_series series = {.values = {values, 4}, .first = 3, .last = 6};
    gb_series_point point = {.frame = -2};
    size_t at = 0;
    assert_true(gb_series_next(&series, 1, &at, &point) && point.frame == 3 && !point.joined && point.value == 2.0);
    assert_true(gb_series_next(&series, 1, &at, &point) && point.frame == 4 && point.joined);
    assert_true(gb_series_next(&series, 1, &at, &point) && point.frame == 6 && !point.joined);
    assert_false(gb_series_next(&series, 1, &at, &point));
    point = (gb_series_point){.frame = -2};
    at = 0;
    for (int i = 0; i < 3; i++) assert_true(gb_series_next(&series, GB_SERIES_TRUTH, &at, &point));
    assert_true(point.value == 7.0 && !gb_series_next(&series, GB_SERIES_TRUTH, &at, &point));
}

/* The change first, with the truth's line; then the other metrics of pairs as they are, over the same frames. */
static void metrics_of_pairs_share_their_frames(void **state)
{
    (void)state;
    gb_rows rows;
    gb_run *run = make(&rows, (sample_size){.shots = 2, .frames = 9, .panels = 0});
    size_t metric[GB_SERIES_METRICS];
    static const char *const ids[] = {"flicker_excess", "flicker_hold", "mae_dt"};
    assert_int_equal(gb_series_metrics(run, &rows, 0, metric), 3);
    for (int i = 0; i < 3; i++) {
        const gb_series s = gb_series_of(run, &rows, 0, metric[i], 1);
        gb_series_point point = {.frame = -2};
        size_t at = 0;
        int points = 0;
        assert_string_equal(run->metrics[metric[i]].id, ids[i]);
        assert_true(s.first == 10 && s.last == 17 && s.plain == (i > 0));
        assert_true(gb_series_next(&s, GB_SERIES_TRUTH, &at, &point) == (i == 0));
        point = (gb_series_point){.frame = -2};
        for (at = 0; gb_series_next(&s, 0, &at, &point); points++) assert_true(isfinite(point.value));
        assert_int_equal(points, i == 1 ? 4 : 8); /* every second pair is a hold */
    }
    gb_rows_free(&rows);
    gb_run_free(run);
}

static void a_value_that_stands_twice_is_refused(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_rows rows;
    gb_run *run = make(&rows, (sample_size){.shots = 1, .frames = 2, .panels = 0});
    gb_rows_free(&rows);
    char *path = gb_path_join(run->directory, "frames.jsonl"), *text, *twice;
    size_t size;
    assert_ok(gb_file_read(path, (size_t)1 << 24, &text, &size, &err), &err);
    twice = gb_format("%s%.*s\n", text, (int)strcspn(text, "\n"), text);
    assert_ok(gb_file_write(path, twice, strlen(twice), &err), &err);
    assert_fails(gb_rows_read(run, &rows, &err), GB_E_MISMATCH, &err, "stands there twice");
    free(twice);
    free(text);
    free(path);
    gb_run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_stand_out_from_their_ground),
        cmocka_unit_test(a_contrast_is_the_weighted_sum),
        cmocka_unit_test(differences_are_paired_and_in_the_tables_order),
        cmocka_unit_test(the_gap_has_an_interval),
        cmocka_unit_test(a_spread_is_of_every_frame),
        cmocka_unit_test(many_shots_become_a_hill),
        cmocka_unit_test(labels_do_not_touch),
        cmocka_unit_test(labels_stay_inside),
        cmocka_unit_test(a_line_breaks_where_a_frame_is_missing),
        cmocka_unit_test(metrics_of_pairs_share_their_frames),
        cmocka_unit_test(a_value_that_stands_twice_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
