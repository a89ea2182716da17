/* The manual page, the completions that shells load, and --version: all that the program tells of itself. */
#include <cjson/cJSON.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "support/support.h"

static bool has_line(const char *output, const char *wanted)
{
    const size_t length = strlen(wanted);
    for (const char *at = output; (at = strstr(at, wanted)); at++)
        if ((at == output || at[-1] == '\n') && (at[length] == '\n' || at[length] == '\t' || at[length] == '\0'))
            return true;
    return false;
}

/* A command line up to the cursor, and a name that must be offered there and one that must not. */
typedef struct completion {
    const char *line, *offered, *other;
} completion;

static const completion completions[] = {
    {"ganime-bench ", "score", "info"},
    {"ganime-bench model ", "verify", "score"},
    {"ganime-bench --lim", "--limit", "--json"},
    {"ganime-bench score --", "--metric", "--limit"},
    {"ganime-bench list ", "datasets", "edge"},
    {"ganime-bench run --split ", "val", "edge"},
    {"ganime-bench run --generator e", "edge", "mirror"},
    {"ganime-bench run --dataset to", "toon_b", "edge"},
    {"ganime-bench dataset fetch p", "popeye", "toon"},
    {"ganime-bench report READ", "README.md", "edge"},
};

/* `run` is a command with room for a folder, in which the completion is _ganime-bench, and for a line. */
static void try_all(const char *shell, const char *run)
{
    char output[65536];
    if (test_command(NULL, 0, "command -v %s", shell) != 0) skip_because("%s is not here", shell);
    assert_int_equal(test_command(NULL, 0, "$BENCH completion %s >%s", shell, test_scratch("_ganime-bench")), 0);
    for (size_t i = 0; i < sizeof completions / sizeof *completions; i++) {
        const completion *const c = &completions[i];
        const int code = test_command(output, sizeof output, run, test_scratch(""), c->line);
        if (code != 0 || !has_line(output, c->offered) || has_line(output, c->other))
            fail_msg("%s, %s: expected %s and not %s, found (exit %d) %s", shell, c->line, c->offered, c->other, code,
                     output);
    }
}

static void bash_completes(void **state)
{
    (void)state;
    try_all("bash", "bash tests/shells/complete.bash %s/_ganime-bench '%s'");
}

static void zsh_completes(void **state)
{
    (void)state;
    try_all("zsh", "zsh -f tests/shells/complete.zsh %s '%s'");
}

static void fish_completes(void **state)
{
    (void)state;
    try_all("fish", "fish --no-config -c \"source %s/_ganime-bench; complete -C '%s'\"");
}

static void lists_go_on_after_a_comma(void **state)
{
    (void)state;
    char output[4096];
    if (test_command(NULL, 0, "command -v bash") != 0) skip_because("bash is not here");
    assert_int_equal(test_command(NULL, 0, "$BENCH completion bash >%s", test_scratch("bash")), 0);
    assert_int_equal(test_command(output, sizeof output, "bash tests/shells/complete.bash %s "
                                  "'ganime-bench run --generator=edge,mi'", test_scratch("bash")), 0);
    assert_string_equal(output, "edge,mirror\n");
}

/* Whatever the tables hold is on the page. */
static void the_manual_has_every_command_and_option(void **state)
{
    (void)state;
    char page[131072], wanted[64];
    assert_int_equal(test_command(page, sizeof page, "$BENCH manual | sed 's/\\\\\\([-&]\\)/\\1/g'"), 0);
    for (const gb_command *command = gb_commands; command->name; command++) {
        snprintf(wanted, sizeof wanted, "\n.SS %s", command->name);
        if (!strstr(page, wanted)) fail_msg("the manual lacks %s", command->name);
    }
    for (int i = 0; i < GB_OPT_COUNT; i++) {
        snprintf(wanted, sizeof wanted, ".TP\n\\fB--%s\\fR", gb_option_table[i].name);
        if (!strstr(page, wanted)) fail_msg("the manual lacks --%s", gb_option_table[i].name);
    }
}

static void the_manual_renders_without_warnings(void **state)
{
    (void)state;
    char output[8192];
    bool any = false;
    if (test_command(NULL, 0, "command -v mandoc") == 0) {
        any = true;
        test_command(output, sizeof output, "$BENCH manual | mandoc -Tlint -Wwarning");
        assert_string_equal(output, "");
    }
    if (test_command(NULL, 0, "command -v groff") == 0) {
        any = true;
        test_command(output, sizeof output, "$BENCH manual | groff -man -ww -Tutf8 -z");
        assert_string_equal(output, "");
    }
    if (!any) skip_because("neither mandoc nor groff is here: the manual is not rendered");
}

static void version_as_json_names_the_libraries(void **state)
{
    (void)state;
    char output[8192];
    assert_int_equal(test_command(output, sizeof output, "$BENCH --version --json"), 0);
    cJSON *const json = cJSON_Parse(output);
    const cJSON *const libraries = cJSON_GetObjectItem(json, "libraries");
    static const char *const wanted[] = {"hdf5",  "libpng", "cjson",      "libarchive",
                                         "cairo", "ffmpeg", "libavcodec", "oneDNN"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const char *const version = cJSON_GetStringValue(cJSON_GetObjectItem(libraries, wanted[i]));
        if (!version || *version < '0' || *version > '9') fail_msg("%s: found %s", wanted[i], version);
    }
    assert_true(cJSON_IsString(cJSON_GetObjectItem(json, "commit")));
    cJSON_Delete(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bash_completes),
        cmocka_unit_test(zsh_completes),
        cmocka_unit_test(fish_completes),
        cmocka_unit_test(lists_go_on_after_a_comma),
        cmocka_unit_test(the_manual_has_every_command_and_option),
        cmocka_unit_test(the_manual_renders_without_warnings),
        cmocka_unit_test(version_as_json_names_the_libraries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
