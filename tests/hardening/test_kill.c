/* kill -9 at random moments of commands that replace a file: the old file is whole or the new one is, whoever looks
 * takes it for that, the same command again succeeds, and nothing temporary stays. `make test` kills each twice,
 * `make kill-soak` KILLS times (30); SEED=n repeats the moments, as far as the machine's pace allows. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/random.h"
#include "support/support.h"
#include "support/tiny.h"
#include "support/video_file.h"

#define FRAMES 240
#define ARGUMENTS 32
#define FROM 0.3 /* moments lie between so many times what the command takes: before, the program only starts */
#define TO 1.1

typedef struct soak {
    const char *name;
    const char *before;  /* shell: what there is before each try */
    const char *command; /* the program's arguments */
    const char *is_old, *is_new; /* shell that succeeds when the old, when the new file is there and whole */
} soak;

#define SAME(a, b) "cmp -s " a " " b
#define BASELINE(why) "$BENCH gate base --baseline out.json && grep -q '\"why\": *\"" why "\"' out.json"
#define BUILD "dataset build in.y4m --width 64 --height 36 --side 8 --split test --out out.h5 --quiet"

static const soak soaks[] = {
    {"dataset build", "cp old.h5 out.h5", BUILD, SAME("out.h5", "old.h5"), SAME("out.h5", "new.h5")},
    {"dataset build, first", "rm -f out.h5", BUILD, "test ! -e out.h5", SAME("out.h5", "new.h5")},
    {"rebaseline", "cp old.json out.json", "gate base --rebaseline --why again --baseline out.json", BASELINE("first"),
     BASELINE("again")},
    {"model import", "cp old.st out.st", "model import lama.st out.st --net lama-fourier", SAME("out.st", "old.st"),
     SAME("out.st", "new.st")},
    {"report", "rm -rf out; cp -r base out", "report out --format jsonl --quiet",
     SAME("out/frames.jsonl", "base/frames.jsonl"), SAME("out/frames.jsonl", "base/frames.jsonl")},
};

static char output[4000];

static int in_scratch(const char *command)
{
    return test_command(output, sizeof output, "BENCH=$(readlink -f $BENCH); cd '%s' && { %s; }", test_scratch(""),
                        command);
}

static int make_material(void **state)
{
    (void)state;
    gb_error err;
    static video_colour colours[FRAMES];
    for (int i = 0; i < FRAMES; i++) colours[i] = (video_colour){(uint8_t)(40 + i % 150), 100, 120};
    if (write_y4m(test_scratch("in.y4m"), 64, 36, colours, FRAMES) != 0) return -1;
    if (tiny_write("tiny/lama-reflected", NULL, test_scratch("lama.st"), &err) != GB_OK) return -1;
    const int code = in_scratch(
        "$BENCH dataset build in.y4m --width 64 --height 36 --side 8 --split test --out new.h5 --quiet && "
        "$BENCH dataset build in.y4m --width 64 --height 36 --side 8 --split test --end 9 --out old.h5 --quiet && "
        "$BENCH model import lama.st old.st --net lama-fourier --half && "
        "$BENCH model import lama.st new.st --net lama-fourier && "
        "$BENCH run --dataset new.h5 --generator black,edge --metric psnr_rgb,flicker_excess --no-timing --quiet "
        "--out base && $BENCH gate base --rebaseline --why first --baseline old.json");
    if (code != 0) print_error("exit %d: %s\n", code, output);
    return code;
}

static void become(const char *command)
{
    char text[1000], *rest = text, *argv[ARGUMENTS + 2];
    const char *bench = getenv("GANIME_BENCH");
    char program[4096];
    int argc = 1;
    if (!realpath(bench ? bench : "build/ganime-bench", program) || chdir(test_scratch("")) != 0) _exit(126);
    snprintf(text, sizeof text, "%s", command);
    argv[0] = program;
    while (rest && argc <= ARGUMENTS) argv[argc++] = strsep(&rest, " ");
    argv[argc] = NULL;
    if (!freopen("/dev/null", "w", stdout)) _exit(126);
    execv(program, argv);
    _exit(126);
}

/* Killed after so many nanoseconds; the status that waitpid gives. */
static int try_command(const char *command, uint64_t moment)
{
    const struct timespec pause = {(time_t)(moment / 1000000000), (long)(moment % 1000000000)};
    int status = 0;
    fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (!child) become(command);
    nanosleep(&pause, NULL);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static uint64_t time_of(const soak *s)
{
    assert_int_equal(in_scratch(s->before), 0);
    const uint64_t start = gb_clock_ns();
    char command[1200];
    snprintf(command, sizeof command, "$BENCH %s >/dev/null", s->command);
    if (in_scratch(command) != 0) fail_msg("%s: %s", s->name, output);
    return gb_clock_ns() - start;
}

static void soak_one(const soak *s, int kills, gb_random *random)
{
    const double whole = (double)time_of(s), from = whole * FROM, to = whole * TO;
    char again[1200];
    int killed = 0, old = 0, ended = 0;
    snprintf(again, sizeof again, "$BENCH %s", s->command);
    while (killed < kills) {
        assert_int_equal(in_scratch(s->before), 0);
        const uint64_t moment = (uint64_t)(from + (to - from) * gb_random_uniform(random));
        const int status = try_command(s->command, moment);
        const bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        if (!was_killed && WEXITSTATUS(status) != 0) fail_msg("%s: exit code %d", s->name, WEXITSTATUS(status));
        killed += was_killed;
        ended += !was_killed;
        const bool is_old = in_scratch(s->is_old) == 0;
        old += was_killed && is_old;
        if (!is_old && in_scratch(s->is_new) != 0)
            fail_msg("%s, killed after %.2f ms: neither the old nor the new file: %s", s->name, (double)moment / 1e6,
                     output);
        if (in_scratch(again) != 0 || in_scratch(s->is_new) != 0)
            fail_msg("%s, killed after %.2f ms: not made good by the same command: %s", s->name, (double)moment / 1e6,
                     output);
        if (in_scratch("! find . -name '*.tmp' | grep .") != 0)
            fail_msg("%s, killed after %.2f ms: what stays: %s", s->name, (double)moment / 1e6, output);
    }
    print_message("%-22s killed %d times from %.0f to %.0f ms: %d times the old file, %d the new; %d ended before\n",
                  s->name, killed, from / 1e6, to / 1e6, old, killed - old, ended);
}

static void files_are_old_or_new(void **state)
{
    (void)state;
    const char *kills = getenv("KILLS"), *seed = getenv("SEED");
    gb_random random = {.state = seed ? strtoull(seed, NULL, 10) : gb_clock_ns()};
    print_message("SEED=%llu\n", (unsigned long long)random.state);
    for (size_t i = 0; i < sizeof soaks / sizeof *soaks; i++)
        soak_one(&soaks[i], kills ? (int)strtol(kills, NULL, 10) : 2, &random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(files_are_old_or_new)};
    return cmocka_run_group_tests(tests, make_material, NULL);
}
