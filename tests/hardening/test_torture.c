/* What the program does when a call fails: memory, threads, reads, writes, fsync, rename and folders, each place once.
 * `make test` tries a few places of each command, `make torture` (TORTURE=all) every one of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "flow/estimate.h"
#include "support/support.h"
#include "support/tiny.h"
#include "support/torture.h"
#include "support/video_file.h"

#define FEW 8 /* places of a command when not all are tried */

static const char *settings_all(void)
{
    const char *text = getenv("TORTURE");
    return text && !strcmp(text, "all") ? text : NULL;
}

/* What the commands work on. */
static int make_material(void **state)
{
    (void)state;
    char output[4000];
    gb_error err;
    video_colour colours[3] = {{90, 100, 120}, {91, 100, 120}, {200, 90, 110}};
    if (write_y4m(test_scratch("in.y4m"), 64, 36, colours, 3) != 0) return -1;
    if (tiny_write("tiny/lama-reflected", NULL, test_scratch("lama.st"), &err) != GB_OK) return -1;
    const int code = test_command(
        output, sizeof output,
        "BENCH=$(readlink -f $BENCH); cp -r tests/fixtures/checkpoints '%s' && cd '%s' && "
        "$BENCH dataset build in.y4m --width 64 --height 36 --side 8 --split test --out in.h5 --quiet && "
        "$BENCH dataset export in.h5 --split all --out frames --what truth --quiet && mkdir pictures && "
        "cp frames/*.png pictures && set -- pictures/*.png && cp $1 a.png && cp $2 b.png && "
        "$BENCH run --dataset in.h5 --generator black,edge --metric psnr_rgb,flicker_excess --no-timing --quiet "
        "--out base && $BENCH gate base --rebaseline --why first --baseline base.json",
        test_scratch("checkpoints"), test_scratch(""));
    if (code != 0) print_error("exit %d: %s\n", code, output);
    return code;
}

#define FLOW "dataset build with flow" /* which OpenCV finds */
#define OUT "rm -rf out out.*"

static const torture commands[] = {
    {.name = "run", .before = OUT, .any_stdout = true, .whole = "",
     .command = "run --dataset in.h5 --generator edge,mirror,lama-fourier --weights lama-fourier=lama.st "
                "--metric psnr_rgb,ssim_gauss11_rgb,flicker_excess --threads 2 --no-timing --quiet --out out",
     .after = "test ! -e out/run.json || $BENCH report out --format csv --quiet"},
    {.name = "score", .before = ":", .command = "score a.png b.png --metric psnr_rgb,ssim_gauss11_rgb --json"},
    {.name = "score folders", .before = ":", .command = "score pictures frames --metric psnr_rgb"},
    {.name = "report", .before = OUT "; cp -r base out; rm -f out/summary.* out/report.html out/junit.xml",
     .whole = "out/summary.csv out/summary.md out/report.html out/junit.xml",
     .command = "report out --format html,md,csv,json,jsonl,junit --quiet"},
    {.name = "report pictures", .before = OUT "; cp -r base out",
     .command = "report out --format svg,pdf,png --quiet"},
    {.name = "gate", .before = OUT, .whole = "out.md out.xml",
     .command = "gate base --baseline base.json --summary out.md --junit out.xml"},
    {.name = "rebaseline", .before = OUT, .command = "gate base --rebaseline --why again --baseline out.json",
     .after = "test ! -e out.json || $BENCH gate base --baseline out.json"},
    {.name = "compare", .before = ":", .command = "compare base base --json"},
    {.name = "extend a picture", .before = OUT, .whole = "out.png",
     .command = "extend a.png out.png --generator edge --quiet"},
    {.name = "extend a video", .before = OUT, .whole = "out.mkv",
     .command = "extend in.y4m out.mkv --generator mirror --codec ffv1 --quiet"},
    {.name = "dataset build", .before = OUT, .whole = "out.h5",
     .command = "dataset build pictures --width 64 --height 36 --side 8 --out out.h5 --quiet"},
    {.name = "dataset build of a video", .before = OUT, .whole = "out.h5",
     .command = "dataset build in.y4m --width 64 --height 36 --side 8 --out out.h5 --quiet"},
    {.name = FLOW, .before = OUT, .whole = "out.h5",
     .command = "dataset build in.h5 --flow --threads 2 --out out.h5 --quiet"},
    {.name = "dataset verify", .before = ":", .command = "dataset verify in.h5"},
    {.name = "dataset export", .before = OUT, .any_stdout = true, .whole = "out/frames.csv",
     .command = "dataset export in.h5 --split all --out out --quiet"},
    {.name = "model import", .before = OUT, .whole = "out.st",
     .command = "model import lama.st out.st --net lama-fourier"},
    {.name = "torch zip", .before = ":", .command = "model info checkpoints/deflated.pt"},
    {.name = "torch legacy", .before = ":", .command = "model info checkpoints/training_legacy.pth"},
    {.name = "HDF5 weights", .before = ":", .command = "model info checkpoints/state.h5"},
    {.name = "numpy pickle", .before = ":", .command = "model info checkpoints/numpy_p4.pkl --json"},
    {.name = "list", .before = ":", .command = "list --json", .any_stdout = true}, /* a nameless processor is listed */
};

/* Of `count` places sorted by kind, a few with the same distance between. */
static bool is_chosen(size_t i, size_t count)
{
    return settings_all() || count <= FEW || i * FEW / count != (i + 1) * FEW / count;
}

static int torment(const torture *t)
{
    char complaint[2000], settings[200];
    torture_place *places = NULL;
    size_t count = 0;
    int bad = 0, tried = 0;
    if (torture_prepare(t, &places, &count, complaint, sizeof complaint) != 0) {
        print_error("%s\n", complaint);
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        const unsigned turns = settings_all() && places[i].count > 1 ? 2 : 1;
        for (unsigned turn = 1; turn <= turns && is_chosen(i, count); turn++, tried++) {
            snprintf(settings, sizeof settings, "FAIL_AT=%s FAIL_TURN=%u", places[i].id, turn);
            if (torture_try(t, settings, complaint, sizeof complaint) == 0) continue;
            print_error("%s\n", complaint);
            bad++;
        }
    }
    if (settings_all()) print_message("%s: %zu places, %d tries, %d bad\n", t->name, count, tried, bad);
    free(places);
    return bad;
}

/* Each fault of tests/hardening/careless.c is told; without one, nothing is. */
static void a_careless_program_is_noticed(void **state)
{
    (void)state;
    static const char *const faults[][2] = {
        {"good", NULL},           {"crash", "another exit code"}, {"code", "another exit code"},
        {"lines", "not one line"}, {"torn", "out is not whole"},   {"temporary", "a temporary file"},
        {"silent", "other output"}, {"missing", "out is missing"}, {"after", "what it left"},
    };
    char folder[256], program[4096], complaint[2000], settings[100];
    const char *careless = getenv("GANIME_CARELESS");
    snprintf(folder, sizeof folder, "%s", test_scratch("careless"));
    snprintf(program, sizeof program, "%s", careless ? careless : "build/tests/hardening/careless");
    assert_int_equal(test_command(NULL, 0, "mkdir -p '%s'", folder), 0);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const torture t = {.name = "careless", .folder = folder, .program = program, .command = faults[i][0],
                           .before = "rm -f out* after", .whole = "out", .after = "test ! -e after"};
        torture_place *places = NULL;
        size_t count = 0, memory = 0;
        if (torture_prepare(&t, &places, &count, complaint, sizeof complaint) != 0) fail_msg("%s", complaint);
        while (memory < count && strncmp(places[memory].id, "memory", 6) != 0) memory++;
        assert_true(memory < count);
        snprintf(settings, sizeof settings, "FAIL_AT=%s", places[memory].id);
        free(places);
        const int result = torture_try(&t, settings, complaint, sizeof complaint);
        if (result != (faults[i][1] ? -1 : 0) || (faults[i][1] && !strstr(complaint, faults[i][1])))
            fail_msg("%s: %d, %s", faults[i][0], result, result ? complaint : "nothing noticed");
    }
}

static void every_command_survives(void **state)
{
    (void)state;
    const char *only = getenv("TORTURE_ONLY");
    int bad = 0;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        torture t = commands[i];
        t.folder = test_scratch("");
        if (!strcmp(t.name, FLOW) && !gb_flow_library()) test_note_skip("%s: built without OpenCV", t.name);
        else if (!only || !strcmp(only, t.name)) bad += torment(&t);
    }
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_careless_program_is_noticed),
        cmocka_unit_test(every_command_survives),
    };
    return cmocka_run_group_tests(tests, make_material, NULL);
}
