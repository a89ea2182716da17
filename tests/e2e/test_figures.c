/* Figures for papers: every chart of a made-up run as PNG, SVG and PDF. GANIME_KEEP=DIR keeps them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "image/image.h"
#include "report/run.h"
#include "support/sample_run.h"
#include "support/support.h"

enum { FIGURES = 18 }; /* eight of each of two datasets, the domain gap, one of distances */

static const char *folder(void)
{
    const char *keep = getenv("GANIME_KEEP");
    return keep && *keep ? keep : test_scratch("run");
}

static gb_run *make(sample_size size)
{
    gb_error err = {0};
    gb_run *run = NULL;
    assert_ok(sample_run_make(folder(), size, &run, &err), &err);
    return run;
}

static void write_as(const gb_run *run, const char *format)
{
    gb_error err = {0};
    assert_ok(gb_report_find(format)->write(run, &err), &err);
}

/* Calls `visit` for each figure with this ending; their number must be right. */
static void for_each(const char *ending, void (*visit)(const char *path))
{
    gb_error err = {0};
    char *directory = gb_path_join(folder(), "figures"), **names;
    size_t count, found = 0;
    assert_ok(gb_directory_list(directory, &names, &count, &err), &err);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(gb_path_extension(names[i]), ending) != 0) continue;
        char *path = gb_path_join(directory, names[i]);
        visit(path);
        free(path);
        found++;
    }
    assert_int_equal(found, FIGURES);
    gb_directory_free(names, count);
    free(directory);
}

/* White paper with something on it, in more than one colour. */
static void look_at_png(const char *path)
{
    gb_error err = {0};
    gb_image image = {0};
    assert_ok(gb_image_read(path, &image, &err), &err);
    const size_t pixels = (size_t)image.width * (size_t)image.height;
    size_t white = 0, coloured = 0;
    for (size_t i = 0; i < pixels; i++) {
        const uint8_t *p = &image.rgb[3 * i];
        white += p[0] == 255 && p[1] == 255 && p[2] == 255;
        coloured += abs(p[0] - p[2]) > 60;
    }
    if (image.width < 1400 || white < pixels / 2 || white > pixels * 99 / 100 || coloured < 200)
        fail_msg("%s: %d pixels wide, %zu of %zu white, %zu coloured", path, image.width, white, pixels, coloured);
    gb_image_free(&image);
}

static char *begins_with(const char *path, const char *start)
{
    gb_error err = {0};
    char *text;
    size_t size;
    assert_ok(gb_file_read(path, (size_t)4 << 20, &text, &size, &err), &err);
    if (strncmp(text, start, strlen(start)) != 0) fail_msg("%s begins with %.20s", path, text);
    return text;
}

static void look_at_svg(const char *path)
{
    char *text = begins_with(path, "<?xml");
    assert_non_null(strstr(text, "</svg>"));
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "NaN"));
    assert_null(strstr(text, "nan"));
    free(text);
}

static void look_at_pdf(const char *path)
{
    free(begins_with(path, "%PDF-1."));
}

static void every_chart_becomes_a_figure(void **state)
{
    (void)state;
    gb_run *run = make((sample_size){.shots = 5, .frames = 8, .panels = 0});
    write_as(run, "png");
    write_as(run, "svg");
    write_as(run, "pdf");
    for_each(".png", look_at_png);
    for_each(".svg", look_at_svg);
    for_each(".pdf", look_at_pdf);
    gb_run_free(run);
}

static void a_figure_made_again_is_the_same(void **state)
{
    (void)state;
    static const char *const formats[] = {"png", "pdf"};
    gb_run *run = make((sample_size){.shots = 3, .frames = 4, .panels = 0});
    for (int f = 0; f < 2; f++) {
        char before[4096], after[4096];
        const char *command = "cd '%s/figures' && sha256sum *.%s";
        write_as(run, formats[f]);
        assert_int_equal(test_command(before, sizeof before, command, folder(), formats[f]), 0);
        write_as(run, formats[f]);
        assert_int_equal(test_command(after, sizeof after, command, folder(), formats[f]), 0);
        assert_string_equal(before, after);
    }
    gb_run_free(run);
}

/* One shot, no interval; nothing timed; no rows at all. */
static void what_is_not_there_has_no_figure(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_run *run = make((sample_size){.shots = 1, .frames = 2, .panels = 0});
    write_as(run, "svg");
    gb_run_free(run);
    assert_ok(sample_run_make(test_scratch("empty"), (sample_size){.shots = 1, .frames = 1, .panels = 0}, &run, &err),
              &err);
    for (size_t i = 0; i < run->summary_count; i++) run->summary[i].state = GB_STATE_FAILED;
    for (size_t i = 0; i < run->difference_count; i++) run->differences[i].mean = NAN;
    for (size_t i = 0; i < run->change_count; i++) run->changes[i].distance = 25; /* none that is drawn */
    assert_ok(gb_file_write(test_scratch("empty/frames.jsonl"), "", 0, &err), &err);
    write_as(run, "svg");
    assert_int_equal(test_command(NULL, 0, "test -z \"$(ls '%s')\"", test_scratch("empty/figures")), 0);
    gb_run_free(run);
}

/* Cairo has letters of its own where no font is installed. */
static void figures_need_no_font(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_run *run = make((sample_size){.shots = 3, .frames = 4, .panels = 0});
    assert_ok(gb_report_find("json")->write(run, &err), &err);
    gb_run_free(run);
    char output[1024];
    static const char none[] = "<fontconfig></fontconfig>";
    assert_ok(gb_file_write(test_scratch("fonts.conf"), none, sizeof none - 1, &err), &err);
    const int code = test_command(output, sizeof output, "FONTCONFIG_FILE='%s' $BENCH report '%s' --format png",
                                  test_scratch("fonts.conf"), folder());
    if (code != 0) fail_msg("%d: %s", code, output);
    for_each(".png", look_at_png);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chart_becomes_a_figure),
        cmocka_unit_test(a_figure_made_again_is_the_same),
        cmocka_unit_test(what_is_not_there_has_no_figure),
        cmocka_unit_test(figures_need_no_font),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
