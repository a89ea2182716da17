/* The HTML report in a browser: it draws without an error, its controls work, and what a name holds stays text.
 * Needs Chromium (Debian: chromium); CHROMIUM names another one. GANIME_KEEP=DIR keeps the large page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "report/run.h"
#include "support/sample_run.h"
#include "support/support.h"

#define MAX_PAGE ((size_t)5 << 20)
#define OUTPUT ((size_t)32 << 20)

static const char *browser(void)
{
    const char *named = getenv("CHROMIUM");
    if (named && *named) return named;
    if (test_command(NULL, 0, "command -v chromium") == 0) return "chromium";
    return test_command(NULL, 0, "command -v chromium-browser") == 0 ? "chromium-browser" : NULL;
}

/* Writes the page of a made-up run and gives its text. */
static char *make_page(const char *directory, sample_size size)
{
    gb_error err = {0};
    gb_run *run = NULL;
    char *text = NULL, *path = gb_path_join(directory, "report.html");
    size_t bytes = 0;
    assert_ok(sample_run_make(directory, size, &run, &err), &err);
    assert_ok(gb_report_find("html")->write(run, &err), &err);
    assert_ok(gb_file_read(path, MAX_PAGE, &text, &bytes, &err), &err);
    gb_run_free(run);
    free(path);
    return text;
}

/* Writes the page with report_page.js and `more` at its end. */
static void write_scripted(const char *path, const char *page, const char *more)
{
    gb_error err = {0};
    char *script = NULL;
    size_t size = 0;
    const char *end = strstr(page, "</body>");
    assert_non_null(end);
    assert_ok(gb_file_read("tests/e2e/report_page.js", MAX_PAGE, &script, &size, &err), &err);
    char *text = gb_format("%.*s<script>%s%s</script></body></html>", (int)(end - page), page, script, more);
    assert_ok(gb_file_write(path, text, strlen(text), &err), &err);
    free(text);
    free(script);
}

/* What the browser has made of a file in the end, and before it what the console said. The caller frees. */
static char *browse(const char *path, const char *options)
{
    char *dom = gb_alloc(OUTPUT, 1);
    assert_non_null(dom);
    const int code = test_command(dom, OUTPUT,
                                  "timeout 120 %s --headless --no-sandbox --disable-gpu --user-data-dir='%s' %s "
                                  "--enable-logging=stderr --v=0 --virtual-time-budget=5000 --dump-dom 'file://%s'",
                                  browser(), test_scratch("profile"), options, path);
    if (code != 0) fail_msg("the browser ended with %d: %.500s", code, dom);
    return dom;
}

static void everything_holds(const char *path, const char *options, const char *width)
{
    char *dom = browse(path, options);
    const char *found = strstr(dom, "FOUND ");
    if (!found) fail_msg("the script did not end: %.800s", dom);
    char *line = gb_format("%.*s", (int)strcspn(found, "<"), found);
    printf("%s\n", line);
    if (!strstr(line, width) || strstr(line, " NO") || !strstr(line, "end yes")) fail_msg("%s", line);
    if (strstr(dom, "CONSOLE")) fail_msg("the console says: %.500s", strstr(dom, "CONSOLE"));
    free(line);
    free(dom);
}

static void the_page_works_in_a_browser(void **state)
{
    (void)state;
    if (!browser()) skip_because("no Chromium: the HTML report is not looked at in a browser");
    char *page = make_page(test_scratch("page"), (sample_size){.shots = 4, .frames = 6, .panels = 3});
    write_scripted(test_scratch("look.html"), page, "");
    free(page);
    everything_holds(test_scratch("look.html"), "--window-size=1440,900", "1440 px");
    /* A window is never as narrow as a telephone; a frame is. */
    const char frame[] = "<iframe src=\"look.html\" style=\"width:375px;height:800px;border:0\"></iframe>"
                         "<script>onmessage = (event) => { document.title = event.data; };</script>";
    gb_error err = {0};
    assert_ok(gb_file_write(test_scratch("frame.html"), frame, sizeof frame - 1, &err), &err);
    everything_holds(test_scratch("frame.html"), "--window-size=600,900 --force-dark-mode", "375 px");
}

/* The checks above can fail: a page whose names are not escaped, with faint text and a button without a name, and one
 * whose script has an error. */
static void a_broken_page_is_noticed(void **state)
{
    (void)state;
    if (!browser()) skip_because("no Chromium: the HTML report is not looked at in a browser");
    char *page = make_page(test_scratch("page"), (sample_size){.shots = 2, .frames = 4, .panels = 1});
    const char *name = "&lt;script&gt;window.hurt=1&lt;/script&gt;", *at = strstr(page, name);
    assert_non_null(at);
    char *broken = gb_format("%.*s<script>window.hurt=1</script><style>.quiet { color: #aaa !important } "
                             ".ends { width: 6rem } .other { white-space: nowrap !important }</style>"
                             "<button></button>%s",
                             (int)(at - page), page, at + strlen(name));
    write_scripted(test_scratch("broken.html"), broken, "nothing.there();");
    char *dom = browse(test_scratch("broken.html"), "--window-size=1440,900");
    assert_non_null(strstr(dom, "names-stay-text NO"));
    assert_non_null(strstr(dom, "controls-are-named NO"));
    assert_non_null(strstr(dom, "; contrast ("));
    assert_non_null(strstr(dom, "; names-are-whole ("));
    assert_non_null(strstr(dom, "; names-of-61-letters-too ("));
    assert_non_null(strstr(dom, "CONSOLE"));
    free(dom);
    free(broken);
    free(page);
}

static void the_page_stands_alone(void **state)
{
    (void)state;
    char *page = make_page(test_scratch("alone"), (sample_size){.shots = 2, .frames = 4, .panels = 1});
    static const char *const never[] = {"<script>window.hurt",
                                        "src=\"http",
                                        "href=\"http",
                                        "url(http",
                                        "@import",
                                        ">nan<",
                                        ">inf<",
                                        ">-nan<",
                                        "\"nan",
                                        "%nan",
                                        "<link rel=\"stylesheet"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (strstr(page, never[i])) fail_msg("the page holds %s: %.200s", never[i], strstr(page, never[i]));
    assert_non_null(strstr(page, ">no weights</span>"));
    assert_non_null(strstr(page, "<bdi>ce</bdi>: no weights: no file ce.ckpt"));
    assert_non_null(strstr(page, "data:image/jpeg;base64,"));
    free(page);
}

/* What explains times stands there only where there are any. */
static void a_run_without_times_has_none(void **state)
{
    (void)state;
    static const char *const of_times[] = {"Time: the median. Press", "ms a frame", "id=\"speed\"", "href=\"#speed\"",
                                           "not timed", "median time"};
    char *timed = make_page(test_scratch("timed"), (sample_size){.shots = 2, .frames = 4});
    char *untimed = make_page(test_scratch("untimed"), (sample_size){.shots = 2, .frames = 4, .untimed = true});
    for (size_t i = 0; i < sizeof of_times / sizeof *of_times; i++) {
        if (!strstr(timed, of_times[i])) fail_msg("with times, without '%s'", of_times[i]);
        if (strstr(untimed, of_times[i])) fail_msg("without times: %.200s", strstr(untimed, of_times[i]));
    }
    free(timed);
    free(untimed);
}

/* Two datasets, six generators and 18 values a frame: 60,000 rows and a folder of pictures. */
static void sixty_thousand_rows_are_quick_and_small(void **state)
{
    (void)state;
    const char *keep = getenv("GANIME_KEEP"), *directory = keep && *keep ? keep : test_scratch("large");
    gb_error err = {0};
    gb_run *run = NULL;
    assert_ok(sample_run_make(directory, (sample_size){.shots = 16, .frames = 19, .panels = 14}, &run, &err), &err);
    const uint64_t start = gb_clock_ns();
    assert_ok(gb_report_find("html")->write(run, &err), &err);
    const double seconds = (double)(gb_clock_ns() - start) * 1e-9;
    char *path = gb_path_join(directory, "report.html"), *text = NULL, output[64] = "";
    size_t size = 0;
    assert_ok(gb_file_read(path, MAX_PAGE, &text, &size, &err), &err);
    test_command(output, sizeof output, "wc -l < '%s/frames.jsonl'", directory);
    assert_true(strtol(output, NULL, 10) >= 55000);
    printf("%ld rows: %.2f s, %.2f MB\n", strtol(output, NULL, 10), seconds, (double)size * 1e-6);
    if (seconds > 30.0) fail_msg("%.1f s for one page", seconds);
    free(text);
    free(path);
    gb_run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_stands_alone),
        cmocka_unit_test(a_run_without_times_has_none),
        cmocka_unit_test(sixty_thousand_rows_are_quick_and_small),
        cmocka_unit_test(the_page_works_in_a_browser),
        cmocka_unit_test(a_broken_page_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
