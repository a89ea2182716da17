/* The program on a real terminal: interrupted, it says in one line how to go on, and the terminal is as it was. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/drawn.h"
#include "support/support.h"
#include "support/terminal.h"

enum { WIDTH = 64, HEIGHT = 48, CLIPS = 2, FRAMES = 12 };
#define FRAME_BYTES "9216" /* 64 x 48 x 3 */

/* Gives back what it gets; at frame 15, which is of the second piece, it says so and waits until it may go on. */
#define SLOW "--exec 'sh=n=0; read h; while read l; do n=$((n+1)); if [ $n -eq 15 ] && ! [ -e $DIR/reached ]; then " \
             "touch $DIR/reached; while ! [ -e $DIR/go ]; do sleep 0.05; done; fi; echo \"$l\"; " \
             "head -c " FRAME_BYTES "; done' "
#define RUN "run --dataset $DIR/small.h5 --metric psnr_rgb,flicker_excess --generator mirror,sh " SLOW \
            "--threads 1 --no-timing "
#define KEPT "interrupted: what is finished is kept; go on with: ganime-bench run --resume "

static int set_up(void **state)
{
    (void)state;
    gb_error err = {0};
    setenv("DIR", test_scratch("."), 1);
    setenv("GANIME_CACHE", test_scratch("cache"), 1);
    setenv("TERM", "xterm", 1);
    if (test_command(NULL, 0, "mkdir -p $DIR/frames/c0 $DIR/frames/c1") != 0) return -1;
    for (int i = 0; i < CLIPS * FRAMES; i++) {
        char name[96];
        snprintf(name, sizeof name, "frames/c%d/f%03d.png", i / FRAMES, i % FRAMES);
        gb_image image = drawn_picture(i % 3 ? "truth" : "shifted", WIDTH, HEIGHT);
        image.rgb[i] ^= 0x40;
        const gb_status status = gb_image_write_png(test_scratch(name), &image, &err);
        gb_image_free(&image);
        if (status != GB_OK) return -1;
    }
    return test_command(NULL, 0, "$BENCH dataset build $DIR/frames --out $DIR/small.h5 --split test --id small --quiet "
                                 "--width 64 --height 48 && touch $DIR/reached && $BENCH " RUN "--quiet --out "
                                 "$DIR/whole");
}

static size_t count(const char *text, const char *part)
{
    size_t found = 0;
    for (; (text = strstr(text, part)); text++) found++;
    return found;
}

static void expect_resumed(const char *folder)
{
    char output[4096];
    const int code = test_command(output, sizeof output, "eval \"$BENCH ${GO_ON#ganime-bench}\" && cmp "
                                  "$DIR/whole/frames.jsonl \"%s/frames.jsonl\" && cmp $DIR/whole/summary.csv "
                                  "\"%s/summary.csv\" && ! test -e \"%s/cells\"", folder, folder, folder);
    if (code != 0 || !strstr(output, "1 of 2 pieces were there already")) fail_msg("exit %d: %s", code, output);
}

/* Ctrl-C: one line in the progress line's place, death by the signal as a shell expects it, settings as before, and
 * the line's own command ends the run with the same bytes. The folder's name needs quotes. */
static void interrupted_by_the_keyboard(void **state)
{
    (void)state;
    char output[16384], when[4200];
    snprintf(when, sizeof when, "%s", test_scratch("reached"));
    assert_int_equal(test_command(NULL, 0, "rm -f $DIR/reached"), 0);
    const terminal_case one = {.command = "exec $BENCH " RUN "--out \"$DIR/it's cut\"", .columns = 80,
                               .press = "\003", .when = when};
    const terminal_end end = terminal_run(&one, output, sizeof output);
    if (end.signal != SIGINT || !end.same_state) fail_msg("signal %d, code %d: %s", end.signal, end.code, output);
    if (count(output, KEPT) != 1) fail_msg("%s", output);
    const char *line = strstr(output, "\r\033[Kganime-bench: " KEPT), *begun = strstr(output, "small  ");
    if (!line || !begun || begun > line) fail_msg("no progress line that is wiped: %s", output);
    char *go_on = strstr(output, "ganime-bench run --resume ");
    go_on[strcspn(go_on, "\r\n")] = '\0';
    assert_null(strstr(go_on + strlen(go_on) + 2, "small  ")); /* nothing is drawn after it */
    setenv("GO_ON", go_on, 1);
    expect_resumed(test_scratch("it's cut"));
}

/* Asked to end where there is no terminal: the same line, without its colours. */
static void asked_to_end(void **state)
{
    (void)state;
    char output[4096];
    const int code = test_command(output, sizeof output, "rm -f $DIR/reached; $BENCH " RUN "--quiet --out $DIR/ended & "
                                  "pid=$!; while ! [ -e $DIR/reached ]; do sleep 0.05; done; kill -TERM $pid; wait "
                                  "$pid");
    if (code != 128 + SIGTERM || count(output, KEPT) != 1 || strchr(output, '\033'))
        fail_msg("exit %d: %s", code, output);
}

/* A run that `gate` makes is gone on with by `gate`. */
static void a_gate_is_gone_on_with_by_gate(void **state)
{
    (void)state;
    char output[4096];
#define GATE "$BENCH gate --rebaseline --why first --baseline $DIR/base.json " \
             "--dataset $DIR/small.h5 --metric psnr_rgb --generator mirror,sh " SLOW "--threads 1 --no-timing " \
             "--quiet --out $DIR/gate "
    const int code = test_command(output, sizeof output, "rm -f $DIR/reached; " GATE "& pid=$!; while kill -0 $pid && "
                                  "! [ -e $DIR/reached ]; do sleep 0.05; done; kill -TERM $pid; wait $pid");
    if (code != 128 + SIGTERM || !strstr(output, "is kept; the same command with --out "))
        fail_msg("exit %d: %s", code, output);
    if (test_command(output, sizeof output, "ls $DIR/gate/cells/*.cell && " GATE "&& ls $DIR/base.json") != 0)
        fail_msg("%s", output);
#undef GATE
}

/* What was told not to listen (nohup, a shell's background job) does not. */
static void an_ignored_signal_stays_ignored(void **state)
{
    (void)state;
    char output[4096];
    const int code = test_command(output, sizeof output, "rm -f $DIR/reached; trap '' INT; $BENCH " RUN "--quiet --out "
                                  "$DIR/deaf & pid=$!; while ! [ -e $DIR/reached ]; do sleep 0.05; done; kill -INT "
                                  "$pid; touch $DIR/go; wait $pid");
    if (code != 0 || *output) fail_msg("exit %d: %s", code, output);
}

/* Letters, not bytes, up to the line's end. */
static int columns_of(const char *at)
{
    int columns = 0;
    for (; *at && *at != '\r' && *at != '\n'; at++) columns += ((unsigned char)*at & 0xc0) != 0x80;
    return columns;
}

static void expect_within(const char *output, int columns, const char *command)
{
    for (const char *at = output; *at; at += strcspn(at, "\n") + (strchr(at, '\n') != NULL))
        if (columns_of(at) > columns)
            fail_msg("%s: wider than %d: %.*s", command, columns, (int)strcspn(at, "\r\n"), at);
}

/* What is told by words alone, whatever the layout. */
static void expect_words(const char *words, const char *output, const char *command)
{
    char word[64];
    for (; *words; words += strspn(words, " ")) {
        snprintf(word, sizeof word, "%.*s", (int)strcspn(words, " "), words);
        if (!strstr(output, word)) fail_msg("%s: '%s' is lost: %s", command, word, output);
        words += strlen(word);
    }
}

/* A table is folded on a terminal alone: a pipe gets lines of `at_least` columns. */
static void tables_fit_the_terminal(void **state)
{
    (void)state;
    static char output[1 << 18], piped[1 << 18];
    static const struct {
        const char *command, *words;
        int at_least;
    } tables[] = {
        {"list metrics", "flicker_excess hold", 100},
        {"score $DIR/frames/c0 $DIR/frames/c0 --metric psnr_rgb,ssim_gauss11_rgb,psnr_skimage",
         "f011.png #11 mean undefined full psnr_rgb ssim_gauss11_rgb psnr_skimage", 61},
        {"score $DIR/frames/c0/f000.png $DIR/frames/c0/f001.png --dialect skimage", "psnr_skimage theirs windows", 100},
        {"perf --model --generator fourier-lite --width 128 --height 72 --threads 1", "launches H100 x16 LPIPS", 120},
        {"perf --dataset $DIR/small.h5 --generator mirror --metric psnr_rgb --threads 1 --limit 4",
         "decoding generator together alone three", 61},
        {"dataset detail $DIR/small.h5", "frames q10 q90", 61},
        {"gate --self-test --width 64 --height 48 --limit 32 --metric psnr_rgb --resamples 20 --speed off",
         "greatest undec. injected errors/samples exact", 100},
    };
    unsetenv("COLUMNS");
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char command[512];
        snprintf(command, sizeof command, "exec $BENCH %s 2>$DIR/said", tables[i].command);
        const terminal_case one = {.command = command, .columns = 44};
        const terminal_end end = terminal_run(&one, output, sizeof output);
        if (end.code != 0) fail_msg("exit %d: %s (%s/said): %s", end.code, command, getenv("DIR"), output);
        expect_within(output, one.columns, tables[i].command);
        expect_words(tables[i].words, output, tables[i].command);
        snprintf(command, sizeof command, "$BENCH %s 2>$DIR/said >$DIR/piped; awk 'length >= %d' $DIR/piped",
                 tables[i].command, tables[i].at_least);
        const terminal_case through = {.command = command, .columns = 44};
        terminal_run(&through, piped, sizeof piped);
        if (!*piped) fail_msg("%s: what a pipe gets is folded", tables[i].command);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interrupted_by_the_keyboard),
        cmocka_unit_test(asked_to_end),
        cmocka_unit_test(a_gate_is_gone_on_with_by_gate),
        cmocka_unit_test(an_ignored_signal_stays_ignored),
        cmocka_unit_test(tables_fit_the_terminal),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
