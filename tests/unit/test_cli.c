#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "selection/build_options.h"
#include "support/support.h"

static gb_status parse(const char *line, const gb_command **command, gb_options *options, gb_error *err)
{
    static char text[512];
    char *argv[32];
    int argc = 0;
    snprintf(text, sizeof text, "%s", line);
    for (char *rest = text, *word; argc < 32 && (word = strsep(&rest, " "));) argv[argc++] = word;
    return gb_cli_parse(argc, argv, command, options, err);
}

static void all_is_run(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_options options;
    const gb_command *command = NULL;
    assert_ok(parse("ganime-bench --all --limit=24 --generator ce,mirror --generator edge", &command, &options, &err),
              &err);
    assert_string_equal(command->name, "run");
    assert_int_equal(options.limit, 24);
    assert_int_equal(options.generator.count, 3);
    assert_string_equal(options.generator.item[1], "mirror");
    assert_string_equal(options.generator.item[2], "edge");
    assert_string_equal(options.device, "auto");
    assert_string_equal(options.protocol, "strict");
    assert_string_equal(options.command_line, "ganime-bench --all --limit=24 --generator ce,mirror --generator edge");
    gb_cli_free(&options);
}

/* A command keeps its commas, and may be given several times. */
static void texts_are_taken_whole(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_options options;
    const gb_command *command = NULL;
    assert_ok(parse("ganime-bench run --exec a=x,y=z --exec=b=w --external c=d,e --composite a,c", &command, &options,
                    &err), &err);
    assert_int_equal(options.exec.count, 2);
    assert_string_equal(options.exec.item[0], "a=x,y=z");
    assert_string_equal(options.exec.item[1], "b=w");
    assert_string_equal(options.external.item[0], "c=d,e");
    assert_int_equal(options.composite.count, 2);
    assert_int_equal(options.exec_timeout, 120);
    gb_cli_free(&options);
}

static void two_word_commands(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_options options;
    const gb_command *command = NULL;
    assert_ok(parse("ganime-bench model run glcic --weights a.pt --input=i.h5 --output o.h5", &command, &options,
                    &err), &err);
    assert_string_equal(command->name, "model run");
    assert_string_equal(options.argument[0], "glcic");
    assert_string_equal(options.input, "i.h5");
    assert_string_equal(options.output, "o.h5");
    gb_cli_free(&options);
}

static void usage_errors(void **state)
{
    (void)state;
    const char *const cases[][2] = {
        {"ganime-bench", "expected a command"},
        {"ganime-bench rum", "did you mean 'run'"},
        {"ganime-bench frobnicate", "expected one of run, list, score, extend, model, dataset, compare, gate"},
        {"ganime-bench model", "model: expected one of its commands: see 'ganime-bench model --help'"},
        {"ganime-bench model infos", "did you mean 'info'"},
        {"ganime-bench help rum", "did you mean 'run'"},
        {"ganime-bench help model infos", "did you mean 'info'"},
        {"ganime-bench run --limit 1x", "--limit: expected a whole number from 0"},
        {"ganime-bench run --limit -1", "--limit: expected a whole number from 0"},
        {"ganime-bench run --limit", "--limit: expected a value"},
        {"ganime-bench run --out=", "--out: expected a value (DIR), found an empty one"},
        {"ganime-bench run --generator=", "--generator: expected a value (A,B), found an empty one"},
        {"ganime-bench run --json=1", "--json: expected no value"},
        {"ganime-bench run --device cdua", "did you mean 'cuda'"},
        {"ganime-bench run --device cuda:", "did you mean 'cuda'"},
        {"ganime-bench run --device cpu:1", "did you mean 'cpu'"},
        {"ganime-bench run --precision fp8", "did you mean 'fp"},
        {"ganime-bench run --generator a,,b", "expected names between the commas"},
        {"ganime-bench run extra", "found one more: 'extra'"},
        {"ganime-bench run --peer pytorch", "unknown option --peer"},
        {"ganime-bench score a", "expected REF TEST"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gb_error err = {0};
        gb_options options;
        const gb_command *command;
        assert_fails(parse(cases[i][0], &command, &options, &err), GB_E_USAGE, &err, cases[i][1]);
        gb_cli_free(&options);
    }
}

/* Every command's help names each option that it takes and shows an example. */
static void help_is_complete(void **state)
{
    (void)state;
    for (const gb_command *command = gb_commands; command->name; command++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        gb_cli_help(out, command, NULL);
        fclose(out);
        assert_non_null(strstr(text, command->summary[0] ? "usage: ganime-bench" : ""));
        assert_non_null(strstr(text, "--help"));
        assert_non_null(strstr(text, "examples:\n  ganime-bench "));
        free(text);
    }
}

/* Help is found from either side, of a command and of those that share a word. */
/* On a narrow terminal no line is wider than it, none ends in a blank, and nothing is lost: joined again at the
 * backslashes, examples are what the table says, but for remarks. */
static void help_fits_the_terminal(void **state)
{
    (void)state;
    static const int widths[] = {60, 80, 100};
    for (int w = 0; w < 3; w++) {
        char columns[16];
        snprintf(columns, sizeof columns, "%d", widths[w]);
        setenv("COLUMNS", columns, 1);
        for (const gb_command *command = gb_commands; command->name; command++) {
            char text[32768] = "", *rest = text;
            FILE *out = fmemopen(text, sizeof text, "w");
            gb_cli_help(out, command, NULL);
            gb_cli_help(out, NULL, NULL);
            fclose(out);
            for (const char *line; (line = strsep(&rest, "\n"));) {
                const size_t length = strlen(line);
                const bool one_word = !strchr(line + strspn(line, " "), ' '); /* a file's name is not broken */
                if ((length > (size_t)widths[w] && !one_word) || (length && line[length - 1] == ' '))
                    fail_msg("%s at %d columns: '%s'", command->name, widths[w], line);
            }
        }
    }
    char text[8192] = "";
    setenv("COLUMNS", "60", 1);
    FILE *out = fmemopen(text, sizeof text, "w");
    gb_cli_help(out, &gb_commands[0], NULL);
    fclose(out);
    assert_non_null(strstr(text, "  ganime-bench run --generator mirror,lama-fourier \\\n      --weights "
                                 "lama-fourier=my.ckpt --dataset episode.mkv\n"));
    setenv("COLUMNS", "6x", 1); /* not a number: as if it were not there */
    memset(text, 0, sizeof text);
    out = fmemopen(text, sizeof text, "w");
    gb_cli_help(out, &gb_commands[0], NULL);
    fclose(out);
    assert_non_null(strstr(text, "--weights lama-fourier=my.ckpt --dataset"));
    unsetenv("COLUMNS");
}

static void help_is_asked_for(void **state)
{
    (void)state;
    const struct {
        const char *line, *command, *group;
    } cases[] = {
        {"ganime-bench --help", NULL, NULL},          {"ganime-bench help", NULL, NULL},
        {"ganime-bench help run", "run", NULL},       {"ganime-bench --help model info", "model info", NULL},
        {"ganime-bench run -h", "run", NULL},         {"ganime-bench model info --help", "model info", NULL},
        {"ganime-bench dataset --help", NULL, "dataset"}, {"ganime-bench help dataset", NULL, "dataset"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gb_error err = {0};
        gb_options options;
        const gb_command *command;
        assert_ok(parse(cases[i].line, &command, &options, &err), &err);
        assert_true(options.help);
        assert_string_equal(command ? command->name : "", cases[i].command ? cases[i].command : "");
        assert_string_equal(options.help_group ? options.help_group : "", cases[i].group ? cases[i].group : "");
        gb_cli_free(&options);
    }
}

/* What is recorded can be given to a shell again, also of a line that is refused. */
static void the_recorded_line_is_quoted(void **state)
{
    (void)state;
    char *argv[] = {"ganime-bench", "run", "--dataset", "my episode.mkv", "--exec", "a=it's {in} $x", "--out", ""};
    gb_error err = {0};
    gb_options options;
    const gb_command *command;
    assert_fails(gb_cli_parse(8, argv, &command, &options, &err), GB_E_USAGE, &err, "found an empty one");
    assert_string_equal(options.command_line,
                        "ganime-bench run --dataset 'my episode.mkv' --exec 'a=it'\\''s {in} $x' --out ''");
    gb_cli_free(&options);
}

/* `run` and the `dataset` commands mean the same pack: the strips without --side are what 4:3 lacks, or an eighth. */
static void strips_have_one_default(void **state)
{
    (void)state;
    const struct {
        long width, height, side;
        int expected;
    } cases[] = {{512, 288, -1, 64}, {400, 300, -1, 50}, {512, 288, 0, 0}, {512, 288, 40, 40}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const gb_options options = {
            .width = cases[i].width, .height = cases[i].height, .side = cases[i].side, .quiet = true};
        gb_progress progress;
        const gb_build_options build = gb_build_options_read(&options, &progress);
        assert_int_equal(build.geometry.side, cases[i].expected);
        assert_false(progress.visible);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_is_run), cmocka_unit_test(texts_are_taken_whole),
                                       cmocka_unit_test(two_word_commands),
                                       cmocka_unit_test(usage_errors), cmocka_unit_test(help_is_asked_for),
                                       cmocka_unit_test(the_recorded_line_is_quoted),
                                       cmocka_unit_test(help_is_complete), cmocka_unit_test(help_fits_the_terminal),
                                       cmocka_unit_test(strips_have_one_default)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
