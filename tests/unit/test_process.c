/* Programs that behave, and programs that do not, at every moment that there is. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/process.h"
#include "support/support.h"

enum { QUESTION = 300000, ANSWER = 300000 }; /* more than a pipe's usual 64 KiB */

static char question[QUESTION], answer[ANSWER];

static gb_exchange ask(double timeout_s)
{
    return (gb_exchange){.send = {"ASK 1\n", question}, .send_size = {6, QUESTION}, .expect = "ASK 1\n",
                         .expect_size = 6, .receive = answer, .receive_size = ANSWER, .timeout_s = timeout_s};
}

static int open_files(void)
{
    int count = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (directory && readdir(directory)) count++;
    if (directory) closedir(directory);
    return count;
}

/* Nothing is left: no open file, no child, not even a dead one. */
static void assert_clean(int files_before)
{
    assert_int_equal(open_files(), files_before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static int fill_question(void **state)
{
    (void)state;
    for (int i = 0; i < QUESTION; i++) question[i] = (char)(i * 7 + i / 251);
    return 0;
}

static void answers_come_back(void **state)
{
    (void)state;
    /* All three ways to be connected; `cat` answers while it still reads. */
    const char *const command[] = {"cat", "cat {in}", "cat {in} >{out}", "cat >{out}", "cat {in} | cat | cat",
                                   "echo chatter; exec cat {in} >{out}", "dd bs=1000 status=none"};
    for (size_t c = 0; c < sizeof command / sizeof *command; c++) {
        const int files = open_files();
        gb_process *p = NULL;
        gb_error err = {0};
        assert_ok(gb_process_start(command[c], &p, &err), &err);
        for (int round = 0; round < 3; round++) {
            const gb_exchange e = ask(20.0);
            memset(answer, 0, sizeof answer);
            question[round] = (char)(round + 40);
            assert_ok(gb_process_exchange(p, &e, &err), &err);
            assert_memory_equal(answer, question, ANSWER);
        }
        assert_int_equal(gb_process_end(p, 5.0), 0);
        assert_clean(files);
    }
}

/* The command, what the one line says, and the status. */
static const struct {
    const char *command, *text;
    gb_status status;
    double timeout_s;
} bad[] = {
    {"exit 3", "ended with exit code 3: expected an answer of 300006 bytes, found 0", GB_E_IO, 20},
    {"no-such-program-here", "exit code 127", GB_E_IO, 20},
    {"no-such-program-here", "it last said: /bin/sh: 1: no-such-program-here: not found", GB_E_IO, 20},
    {"kill -SEGV $$", "was ended by signal 11 (Segmentation fault)", GB_E_IO, 20},
    {"head -c 6 >/dev/null; exit 4", "exit code 4", GB_E_IO, 20},
    {"head -c 100000 >/dev/null; echo first >&2; echo >&2; echo the reason >&2; exit 5",
     "exit code 5: expected an answer of 300006 bytes, found 0; it last said: the reason", GB_E_IO, 20},
    {"head -c 300006 >/dev/null; exit 0", "ended with exit code 0: expected an answer of 300006 bytes, found 0",
     GB_E_IO, 20},
    {"head -c 3", "found 3", GB_E_IO, 20},
    {"head -c 6", "found 6", GB_E_IO, 20},
    {"head -c 150000", "found 150000", GB_E_IO, 20},
    {"head -c 300005", "found 300005", GB_E_IO, 20},
    {"head -c 300005; kill -9 $$", "was ended by signal 9", GB_E_IO, 20},
    {"echo Loading; sleep 60", "expected an answer that begins 'ASK 1', found 'Loadin'", GB_E_FORMAT, 20},
    {"printf ASKEW; sleep 60", "found 'ASKEW'", GB_E_FORMAT, 20},
    {"head -c 7000000 /dev/zero; sleep 60", "expected an answer that begins 'ASK 1', found ''", GB_E_FORMAT, 20},
    {"sleep 60", "no answer in 0.2 seconds: expected 300006 bytes, found 0", GB_E_DEVICE, 0.2},
    {"cat >/dev/null", "no answer in 0.2 seconds", GB_E_DEVICE, 0.2},
    {"head -c 1000; echo tired >&2; sleep 60", "found 1000; it last said: tired", GB_E_DEVICE, 0.4},
    {"trap '' TERM INT HUP; while :; do sleep 60; done", "no answer in 0.2 seconds", GB_E_DEVICE, 0.2},
    {"kill -STOP $$", "no answer in 0.2 seconds", GB_E_DEVICE, 0.2},
    {"sleep 60 & exit 6", "ended with exit code 6", GB_E_IO, 20}, /* what stays behind holds the pipe */
    {"exec >&-; sleep 60", "closed its output: expected an answer of 300006 bytes, found 0", GB_E_IO, 20},
};

static void each_fault_is_one_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const int files = open_files();
        gb_process *p = NULL;
        gb_error err = {0};
        const gb_exchange e = ask(bad[i].timeout_s);
        const uint64_t before = gb_clock_ns();
        assert_ok(gb_process_start(bad[i].command, &p, &err), &err);
        const gb_status status = gb_process_exchange(p, &e, &err);
        if (status != bad[i].status || !strstr(err.text, bad[i].text) || strchr(err.text, '\n'))
            fail_msg("%s: got %s \"%s\"", bad[i].command, gb_status_name(status), err.text);
        assert_fails(gb_process_exchange(p, &e, &err), GB_E_ARG, &err, "has ended");
        gb_process_end(p, 0.0);
        assert_clean(files);
        assert_true(gb_clock_ns() - before < UINT64_C(15000000000));
    }
}

/* Cut off after each of many numbers of bytes read and written, in small messages: no hang, no wrong success. */
static void death_at_every_byte(void **state)
{
    (void)state;
    const int files = open_files();
    for (int in = 0; in <= 12; in += 3)
        for (int out = 0; out <= 12; out++) {
            char command[128];
            gb_process *p = NULL;
            gb_error err = {0};
            const gb_exchange e = {.send = {"ASK 1\n", "abcdef"}, .send_size = {6, 6}, .expect = "ASK 1\n",
                                   .expect_size = 6, .receive = answer, .receive_size = 6, .timeout_s = 20.0};
            snprintf(command, sizeof command, "head -c %d >/dev/null; printf 'ASK 1\\nuvwxyz' | head -c %d", in, out);
            assert_ok(gb_process_start(command, &p, &err), &err);
            const gb_status status = gb_process_exchange(p, &e, &err);
            if (out == 12 && status == GB_OK)
                assert_memory_equal(answer, "uvwxyz", 6);
            else if (out == 12 ? in == 12 : status != GB_E_IO)
                fail_msg("%s: %s \"%s\"", command, gb_status_name(status), err.text);
            gb_process_end(p, 0.0);
        }
    assert_clean(files);
}

static void too_much_is_seen(void **state)
{
    (void)state;
    gb_process *p = NULL;
    gb_error err = {0};
    const gb_exchange e = ask(20.0);
    assert_ok(gb_process_start("head -c 300006; echo and; cat", &p, &err), &err);
    assert_ok(gb_process_exchange(p, &e, &err), &err);
    assert_fails(gb_process_exchange(p, &e, &err), GB_E_FORMAT, &err, "found 'and");
    gb_process_end(p, 0.0);
    assert_ok(gb_process_start("cat; printf surplus", &p, &err), &err);
    assert_ok(gb_process_exchange(p, &e, &err), &err);
    assert_int_equal(gb_process_end(p, 10.0), 7);
}

/* More than any pipe holds: an answer to a question that was not read is no answer. */
static void unread_input_is_seen(void **state)
{
    (void)state;
    gb_process *p = NULL;
    gb_error err = {0};
    gb_exchange e = ask(20.0);
    char *large = calloc(1, 8000000);
    assert_non_null(large);
    e.send[1] = large;
    e.send_size[1] = 8000000;
    assert_ok(gb_process_start("exec <&-; printf 'ASK 1\\n'; head -c 300000 /dev/zero; sleep 60", &p, &err), &err);
    assert_fails(gb_process_exchange(p, &e, &err), GB_E_IO, &err, "without reading all of its input");
    gb_process_end(p, 0.0);
    free(large);
}

/* A flood on stderr neither blocks the program nor us, and its last line is short enough for a message. */
static void chatter_does_not_block(void **state)
{
    (void)state;
    const int files = open_files();
    gb_process *p = NULL;
    gb_error err = {0};
    gb_exchange e = ask(30.0);
    assert_ok(gb_process_start("head -c 3000000 /dev/zero >&2; cat; exit 7", &p, &err), &err);
    assert_ok(gb_process_exchange(p, &e, &err), &err);
    assert_memory_equal(answer, question, ANSWER);
    gb_process_end(p, 5.0);
    assert_ok(gb_process_start("yes 'a long line of words' | head -n 50000 >&2; exit 7", &p, &err), &err);
    assert_fails(gb_process_exchange(p, &e, &err), GB_E_IO, &err, "it last said: a long line of words");
    gb_process_end(p, 5.0);
    assert_clean(files);
}

/* The whole group goes, not the shell alone. */
static void grandchildren_go_too(void **state)
{
    (void)state;
    char path[4096], command[4200];
    snprintf(path, sizeof path, "%s", test_scratch("grandchild"));
    snprintf(command, sizeof command, "sleep 600 & echo $! >'%s'; cat", path);
    gb_process *p = NULL;
    gb_error err = {0};
    const gb_exchange e = ask(20.0);
    assert_ok(gb_process_start(command, &p, &err), &err);
    assert_ok(gb_process_exchange(p, &e, &err), &err);
    FILE *file = fopen(path, "r");
    int pid = 0;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    fclose(file);
    assert_int_equal(kill(pid, 0), 0);
    gb_process_end(p, 0.0);
    for (int i = 0; i < 500; i++) { /* killed is not yet gone: whoever adopted it reaps it in its own time */
        char stat[64], word[16] = "";
        snprintf(stat, sizeof stat, "/proc/%d/stat", pid);
        file = fopen(stat, "r");
        const int got = file ? fscanf(file, "%*d %*s %15s", word) : 0;
        if (file) fclose(file);
        if (got != 1 || word[0] == 'Z' || word[0] == 'X') return;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    kill(pid, SIGKILL);
    fail_msg("process %d outlived its group", pid);
}

/* With SIGPIPE as it is by default: a reader that goes must not take us along. */
static void broken_pipes_raise_nothing(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_DFL);
    for (int i = 0; i < 20; i++) {
        gb_process *p = NULL;
        gb_error err = {0};
        const gb_exchange e = ask(20.0);
        assert_ok(gb_process_start("exec <&-; exit 0", &p, &err), &err);
        assert_fails(gb_process_exchange(p, &e, &err), GB_E_IO, &err, "exit code 0");
        gb_process_end(p, 0.0);
    }
    sigset_t pending;
    sigpending(&pending);
    assert_false(sigismember(&pending, SIGPIPE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come_back),     cmocka_unit_test(each_fault_is_one_line),
        cmocka_unit_test(death_at_every_byte),   cmocka_unit_test(too_much_is_seen),
        cmocka_unit_test(unread_input_is_seen),
        cmocka_unit_test(chatter_does_not_block), cmocka_unit_test(grandchildren_go_too),
        cmocka_unit_test(broken_pipes_raise_nothing),
    };
    return cmocka_run_group_tests(tests, fill_question, NULL);
}
