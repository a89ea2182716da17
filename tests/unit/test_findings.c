/* Differences, gaps and tags against values worked out by hand from the same sums. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "findings/findings.h"
#include "findings/table.h"
#include "support/support.h"

enum { GENERATORS = 3, DATASETS = 3, SHOTS = 8, FRAMES = 5 };

static const char *const generator_ids[GENERATORS] = {"worse", "best", "middle"};
static const char *const dataset_ids[DATASETS] = {"home", "away", "far"};

/* Of generator g on a frame: shots differ far more than generators do. */
static double value(int d, int g, int shot, int frame)
{
    static const double own[GENERATORS] = {0.30, 0.20, 0.26};
    const double wobble = 0.004 * sin(3.0 * shot + 1.7 * g);
    return own[g] + 0.1 * d + 0.4 * (shot % 2) + 0.03 * shot + wobble + 0.01 * frame;
}

static void summarise(gb_run *run, const gb_scored *scored, int g)
{
    gb_error err = {0};
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        gb_run_summary *row = &run->summary[run->summary_count++];
        *row = (gb_run_summary){.generator = gb_strdup(generator_ids[g]),
                                .dataset = gb_strdup(dataset_ids[scored->dataset]),
                                .metric = gb_strdup("lpips_alex_v0.1"),
                                .region = (gb_region)r};
        assert_ok(gb_tally_summarise(scored->tally, g, 0, r, row, &err), &err);
    }
}

/* `lost` (-1: none): a generator that lacks one frame; `failed`: one that has a failed frame. */
static gb_run *make_run(gb_scored_list *list, int lost, int failed)
{
    gb_error err = {0};
    gb_run *run = NULL;
    assert_ok(gb_run_new(&run, &err), &err);
    run->datasets = gb_alloc(DATASETS, sizeof *run->datasets);
    run->generators = gb_alloc(GENERATORS, sizeof *run->generators);
    run->metrics = gb_alloc(1, sizeof *run->metrics);
    run->summary = gb_alloc(DATASETS * GENERATORS * GB_REGION_COUNT, sizeof *run->summary);
    run->metrics[run->metric_count++] = (gb_run_metric){.id = gb_strdup("lpips_alex_v0.1"),
                                                        .title = gb_strdup("LPIPS"),
                                                        .unit = gb_strdup(""),
                                                        .recipe = gb_strdup("made up"),
                                                        .direction = gb_strdup("lower"),
                                                        .digits = 4};
    for (int g = 0; g < GENERATORS; g++)
        run->generators[run->generator_count++] = (gb_run_generator){.id = gb_strdup(generator_ids[g])};
    list->item = gb_alloc(DATASETS, sizeof *list->item);
    for (int d = 0; d < DATASETS; d++) {
        run->datasets[run->dataset_count++] =
            (gb_run_dataset){.id = gb_strdup(dataset_ids[d]), .domain = gb_strdup(d ? "out" : "in"),
                             .geometry = {64, 36, 8}, .shots = SHOTS, .frames = SHOTS * FRAMES};
        gb_scored *scored = &list->item[list->count++];
        *scored = (gb_scored){.dataset = (size_t)d, .shots = SHOTS + 1}; /* one shot is of another split */
        scored->tags = gb_alloc(SHOTS + 1, sizeof *scored->tags);
        assert_ok(gb_tally_new(GENERATORS, 1, SHOTS + 1, &scored->tally, &err), &err);
        for (int s = 0; s < SHOTS; s++) {
            if (d == 0) snprintf(scored->tags[s], sizeof *scored->tags, "%s still", s % 2 ? "figures" : "empty");
            for (int i = 0; i < GENERATORS * GB_REGION_COUNT * FRAMES; i++) {
                const int g = i % GENERATORS, r = i / GENERATORS % GB_REGION_COUNT;
                const int f = i / GENERATORS / GB_REGION_COUNT;
                const gb_score score = {.present = true, .num = value(d, g, s, f), .den = 1.0};
                if (g != lost || s || f) gb_tally_add(scored->tally, g, 0, r, s, &score);
            }
        }
        for (int r = 0; failed >= 0 && r < GB_REGION_COUNT; r++)
            gb_tally_fail(scored->tally, failed, 0, r, "a NaN");
        for (int g = 0; g < GENERATORS; g++) summarise(run, scored, g);
    }
    assert_ok(gb_findings_record(run, list, 1, &err), &err);
    return run;
}

/* Mean over the shots for which shot % 2 is `odd` (all: -1). */
static double mean_of(int d, int g, int odd)
{
    double sum = 0;
    int count = 0;
    for (int s = 0; s < SHOTS; s++)
        for (int f = 0; f < FRAMES; f++)
            if (odd < 0 || s % 2 == odd) {
                sum += value(d, g, s, f);
                count++;
            }
    return sum / count;
}

static void differences_follow_the_table(void **state)
{
    (void)state;
    static const int order[GENERATORS] = {1, 2, 0};
    gb_scored_list list = {0};
    gb_run *run = make_run(&list, -1, -1);
    assert_int_equal(run->difference_count, DATASETS * (GENERATORS - 1) * GB_REGION_COUNT);
    for (size_t i = 0; i < run->difference_count; i++) {
        const gb_run_difference *row = &run->differences[i];
        const int d = (int)i / ((GENERATORS - 1) * GB_REGION_COUNT), n = (int)i / GB_REGION_COUNT % (GENERATORS - 1);
        const double expected = mean_of(d, order[n], -1) - mean_of(d, order[n + 1], -1);
        assert_string_equal(row->dataset, dataset_ids[d]);
        assert_string_equal(row->generator, generator_ids[order[n]]);
        assert_string_equal(row->other, generator_ids[order[n + 1]]);
        assert_true(fabs(row->mean - expected) < 1e-12 && row->mean < 0);
        assert_true(row->lo < row->mean && row->mean < row->hi);
        assert_true(row->hi < 0 && row->hi - row->lo < 0.02); /* paired: what shots have in common is gone */
        assert_int_equal(row->frames, SHOTS * FRAMES);
        assert_int_equal(row->shots, SHOTS);
    }
    const gb_run_summary *best = &run->summary[GB_REGION_COUNT]; /* its own interval is far wider */
    assert_true(best->hi - best->lo > 0.1);
    gb_run_free(run);
    gb_scored_free(&list);
}

/* A pair that does not have the same frames is not compared; what failed has no row. */
static void unlike_rows_are_not_compared(void **state)
{
    (void)state;
    gb_scored_list list = {0};
    gb_run *run = make_run(&list, 2, -1); /* the middle one, which both others stand next to */
    assert_int_equal(run->difference_count, 0);
    gb_run_free(run);
    gb_scored_free(&list);
    run = make_run(&list, -1, 0);
    assert_int_equal(run->difference_count, DATASETS * GB_REGION_COUNT);
    for (size_t i = 0; i < run->gap_count; i++) assert_string_not_equal(run->gaps[i].generator, "worse");
    for (size_t i = 0; i < run->tag_count; i++) assert_string_not_equal(run->by_tag[i].generator, "worse");
    gb_run_free(run);
    gb_scored_free(&list);
}

static void the_gap_is_outside_less_inside(void **state)
{
    (void)state;
    gb_scored_list list = {0};
    gb_run *run = make_run(&list, -1, -1);
    assert_int_equal(run->gap_count, GENERATORS * GB_REGION_COUNT);
    for (size_t i = 0; i < run->gap_count; i++) {
        const gb_run_gap *row = &run->gaps[i];
        const int g = (int)i / GB_REGION_COUNT;
        const double in = mean_of(0, g, -1), out = 0.5 * (mean_of(1, g, -1) + mean_of(2, g, -1));
        assert_string_equal(row->generator, generator_ids[g]);
        assert_true(fabs(row->inside - in) < 1e-12 && fabs(row->outside - out) < 1e-12);
        assert_true(fabs(row->mean - (out - in)) < 1e-12);
        assert_true(row->lo < row->mean && row->mean < row->hi && row->hi - row->lo > 0.1);
        assert_int_equal(row->inside_shots, SHOTS);
        assert_int_equal(row->outside_shots, 2 * SHOTS);
    }
    gb_run_free(run);
    gb_scored_free(&list);
}

static void tags_split_the_shots(void **state)
{
    (void)state;
    gb_scored_list list = {0};
    gb_run *run = make_run(&list, -1, -1);
    assert_int_equal(run->tag_count, 3 * GENERATORS); /* empty, still, figures, of one dataset */
    for (size_t i = 0; i < run->tag_count; i++) {
        const gb_run_tag *row = &run->by_tag[i];
        const int g = (int)i % GENERATORS,
                  odd = !strcmp(row->tag, "figures") ? 1 : !strcmp(row->tag, "empty") ? 0 : -1;
        assert_string_equal(row->dataset, "home");
        assert_int_equal(row->region, GB_REGION_SIDES);
        assert_true(fabs(row->mean - mean_of(0, g, odd)) < 1e-12);
        assert_int_equal(row->shots, odd < 0 ? SHOTS : SHOTS / 2);
        assert_int_equal(row->frames, row->shots * FRAMES);
        if (odd < 0) {
            assert_true(isnan(row->rest) && isnan(row->difference) && row->rest_shots == 0);
            continue;
        }
        assert_true(fabs(row->rest - mean_of(0, g, !odd)) < 1e-12);
        assert_true(fabs(row->difference - (row->mean - row->rest)) < 1e-12);
        assert_true(row->difference_lo < row->difference && row->difference < row->difference_hi);
        assert_true(odd ? row->difference_lo > 0 : row->difference_hi < 0); /* odd shots score 0.4 more */
    }
    gb_run_free(run);
    gb_scored_free(&list);
}

/* What `table` prints of a run whose only metric is this one, with `means` of the three generators. */
static char *print_table(const char *id, const char *title, const char *direction, const double means[GENERATORS])
{
    gb_error err = {0};
    gb_run *run = NULL;
    char *text = NULL;
    size_t size = 0;
    assert_ok(gb_run_new(&run, &err), &err);
    run->datasets = gb_alloc(1, sizeof *run->datasets);
    run->generators = gb_alloc(GENERATORS, sizeof *run->generators);
    run->metrics = gb_alloc(1, sizeof *run->metrics);
    run->summary = gb_alloc(GENERATORS, sizeof *run->summary);
    run->datasets[run->dataset_count++] = (gb_run_dataset){
        .id = gb_strdup("home"), .split = gb_strdup("test"), .geometry = {64, 36, 8}, .shots = 1, .frames = 1};
    run->metrics[run->metric_count++] = (gb_run_metric){
        .id = gb_strdup(id), .title = gb_strdup(title), .direction = gb_strdup(direction), .digits = 2};
    for (int g = 0; g < GENERATORS; g++) {
        run->generators[run->generator_count++] = (gb_run_generator){.id = gb_strdup(generator_ids[g])};
        run->summary[run->summary_count++] =
            (gb_run_summary){.generator = gb_strdup(generator_ids[g]), .dataset = gb_strdup("home"),
                             .metric = gb_strdup(id), .region = GB_REGION_FULL, .mean = means[g], .lo = NAN, .hi = NAN};
    }
    run->directory = gb_strdup("nowhere");
    FILE *const out = open_memstream(&text, &size);
    gb_table_print(out, run);
    assert_int_equal(fclose(out), 0);
    gb_run_free(run);
    return text;
}

/* A run without LPIPS is shown by what it has, best first, as in the reports. */
static void the_table_shows_what_was_measured(void **state)
{
    (void)state;
    char *const text = print_table("psnr_rgb", "PSNR", "higher", (double[]){10.0, 30.0, 20.0});
    assert_non_null(strstr(text, "1 frame of 1 shot,"));
    assert_non_null(strstr(text, "PSNR full [95 %]"));
    assert_null(strstr(text, "LPIPS"));
    assert_true(strstr(text, "best") < strstr(text, "middle") && strstr(text, "middle") < strstr(text, "worse"));
    assert_non_null(strstr(text, "30.00"));
    free(text);
    char *const brackets = print_table("lpips_vgg_v0.1", "LPIPS (VGG16)", "lower", (double[]){3.0, 1.0, 2.0});
    assert_non_null(strstr(brackets, "LPIPS full [95 %]"));
    assert_true(strstr(brackets, "best") < strstr(brackets, "middle"));
    free(brackets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_follow_the_table),
        cmocka_unit_test(unlike_rows_are_not_compared),
        cmocka_unit_test(the_gap_is_outside_less_inside),
        cmocka_unit_test(tags_split_the_shots),
        cmocka_unit_test(the_table_shows_what_was_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
