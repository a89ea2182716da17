/* One run by several processes, under mpirun or any launcher that numbers them: the same bytes, whoever dies. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/drawn.h"
#include "support/same_run.h"
#include "support/support.h"

enum { WIDTH = 64, HEIGHT = 48, CLIPS = 5, FRAMES = 6 };
#define FRAME_BYTES "9216" /* 64 x 48 x 3 */

/* team.sh RANKS JOB WORDS...: starts so many ranks, says how each ended and what all said. */
static const char team[] = "n=$1; job=$2; shift 2; pids=\n"
                           "for r in $(seq 0 $((n - 1))); do\n"
                           "    GANIME_RANK=$r GANIME_RANKS=$n GANIME_JOB=$job \"$@\" >$DIR/log$r 2>&1 &\n"
                           "    pids=\"$pids $!\"\n"
                           "done\n"
                           "echo $pids >$DIR/pids\n"
                           "codes=\n"
                           "for p in $pids; do wait $p; codes=\"$codes $?\"; done\n"
                           "echo codes$codes; cat $DIR/log*; rm $DIR/log*\n";

static gb_status write_text(const char *name, const char *text)
{
    FILE *file = fopen(test_scratch(name), "w");
    const bool whole = file && fputs(text, file) >= 0;
    return file && fclose(file) == 0 && whole ? GB_OK : GB_E_IO;
}

static int set_up(void **state)
{
    (void)state;
    gb_error err = {0};
    setenv("DIR", test_scratch("."), 1);
    setenv("MPIRUN", geteuid() == 0 ? "mpirun --allow-run-as-root --oversubscribe" : "mpirun --oversubscribe", 1);
    unsetenv("GANIME_SCORE_CACHE");
    for (int i = 0; i < CLIPS * FRAMES; i++) {
        char name[64];
        if (i % FRAMES == 0 && test_command(NULL, 0, "mkdir -p $DIR/frames/c%d", i / FRAMES) != 0) return -1;
        snprintf(name, sizeof name, "frames/c%d/f%03d.png", i / FRAMES, i % FRAMES);
        gb_image image = drawn_picture(i % 3 ? "truth" : "shifted", WIDTH, HEIGHT);
        for (int k = 0; k < WIDTH * HEIGHT * 3; k++) image.rgb[k] = (uint8_t)(image.rgb[k] * (90 - i) / 90);
        const gb_status status = gb_image_write_png(test_scratch(name), &image, &err);
        gb_image_free(&image);
        if (status != GB_OK) return -1;
    }
    /* A process that, asked for its sixth frame, kills whom $DIR/armed names: once the worker that it serves or the
     * worker's keeper, or asks all ranks to end, or kills whichever worker, each time. */
    const char *const slow =
        "n=0; read h; while read l; do n=$((n + 1)); if [ $n -eq 6 ] && w=$(cat $DIR/armed 2>&-); then "
        "if [ $w = all ]; then kill -9 $PPID; exit; fi; rm $DIR/armed 2>&- || w=; "
        "[ \"$w\" = job ] && kill $(cat $DIR/pids); "
        "[ \"$w\" = worker ] && kill -9 $PPID; "
        "[ \"$w\" = keeper ] && kill -9 $(sed 's/.*) . \\([0-9]*\\).*/\\1/' /proc/$PPID/stat); fi; " /* its parent */
        "sleep .02; echo \"$l\"; head -c " FRAME_BYTES "; done\n";
    if (write_text("team.sh", team) != GB_OK || write_text("slow.sh", slow) != GB_OK) return -1;
    return test_command(NULL, 0, "$BENCH dataset build $DIR/frames --out $DIR/small.h5 --split test --id small --quiet "
                                 "--width 64 --height 48");
}

#define RUN "$BENCH run --dataset $DIR/small.h5 --metric psnr_rgb,flicker_excess --generator mirror --no-timing " \
            "--threads 1 "
#define SLOW "--exec \"slow=exec sh $DIR/slow.sh\" "

static void expect(const char *text, int code, const char *said)
{
    static char output[65536];
    const int found = test_command(output, sizeof output, "%s", text);
    if (found != code || (said && !strstr(output, said)))
        fail_msg("%s: exit %d, expected %d and \"%s\": %s", text, found, code, said ? said : "", output);
}

static void several_make_the_run(void **state)
{
    (void)state;
    expect(RUN SLOW "--quiet --out $DIR/whole", 0, NULL);
    expect("sh $DIR/team.sh 3 one " RUN SLOW "--out $DIR/three", 0, "codes 0 0 0");
    assert_same_run("whole", "three");
    expect("! test -e $DIR/three/cells", 0, NULL);
}

static void one_that_dies_is_outlived(void **state)
{
    (void)state;
    expect("echo worker >$DIR/armed; sh $DIR/team.sh 3 two " RUN SLOW "--out $DIR/killed", 0, "codes 0 0 0");
    expect("! test -e $DIR/armed", 0, NULL);
    assert_same_run("whole", "killed");
    expect("rm -r $DIR/killed; echo worker >$DIR/armed; sh $DIR/team.sh 2 three " RUN SLOW "--out $DIR/killed", 0,
           "died of signal 9: the others did its frames");
}

/* A short run ends before all have come: whoever comes then finds it done, and nothing of it is left behind. */
static void who_comes_late_finds_it_done(void **state)
{
    (void)state;
    expect(RUN "--quiet --out $DIR/short", 0, NULL);
    expect("export GANIME_RANKS=2 GANIME_JOB=late; GANIME_RANK=0 " RUN "--quiet --out $DIR/late & sleep 1; "
           "GANIME_RANK=1 " RUN "--quiet --out $DIR/late; echo code $?; wait $!; echo code $?; ls $DIR/late/cells", 2,
           "before this one came\ncode 0\ncode 0\n");
    assert_same_run("short", "late");
    for (int i = 0; i < 8; i++)
        expect("rm -rf $DIR/late; sh $DIR/team.sh 4 quick " RUN "--out $DIR/late && ! test -e $DIR/late/cells", 0,
               "codes 0 0 0 0");
    assert_same_run("short", "late");
}

static void who_never_comes_is_not_waited_for_long(void **state)
{
    (void)state;
    expect("rm -rf $DIR/late; GANIME_RANKS=2 GANIME_RANK=0 GANIME_RANK_TIMEOUT=1 " RUN "--quiet --out $DIR/late && "
           "! test -e $DIR/late/cells", 0, NULL);
    assert_same_run("short", "late");
    expect("GANIME_RANKS=2 GANIME_RANK=0 GANIME_RANK_TIMEOUT=1 " RUN "--metric nonsense --out $DIR/alone", 2, NULL);
}

/* A scheduler that starts a job again gives it the name that it had: what it had claimed is its own. */
static void a_job_that_is_started_again_goes_on(void **state)
{
    (void)state;
    expect("rm -rf $DIR/late; mkdir -p $DIR/late/cells/team-again; cd $DIR/late/cells/team-again; ln -s 0 run.ending; "
           "ln -s 0 rank-0.dead; ln -s 1 rank-1.left", 0, NULL);
    expect("sh $DIR/team.sh 2 again " RUN "--out $DIR/late && ! test -e $DIR/late/cells", 0, "codes 0 0");
    assert_same_run("short", "late");
}

/* Nobody says that it is dead: its silence does. */
static void a_lost_machine_is_noticed(void **state)
{
    (void)state;
    expect("rm -r $DIR/killed; echo keeper >$DIR/armed; GANIME_RANK_TIMEOUT=2 sh $DIR/team.sh 2 four " RUN SLOW
           "--out $DIR/killed", 0, " 137");
    assert_same_run("whole", "killed");
}

static void all_may_die_and_be_gone_on_with(void **state)
{
    (void)state;
    expect("rm -r $DIR/killed; echo all >$DIR/armed; sh $DIR/team.sh 2 five " RUN SLOW "--out $DIR/killed", 0,
           "and so did all others");
    expect("rm $DIR/armed; ! test -e $DIR/killed/run.json; sh $DIR/team.sh 2 six " RUN SLOW "--out $DIR/killed", 0,
           "codes 0 0");
    assert_same_run("whole", "killed");
}

/* Asked to end, the team says once how to go on, and that does. */
static void an_interrupted_team_says_one_line(void **state)
{
    (void)state;
    expect("rm -rf $DIR/killed; echo job >$DIR/armed; sh $DIR/team.sh 3 nine " RUN SLOW "--out $DIR/killed >$DIR/said; "
           "grep -c interrupted $DIR/said; cat $DIR/said", 0, "1\ncodes 143 143 143");
    expect("cat $DIR/said", 0, "ganime-bench: interrupted: what is finished is kept; go on with: ganime-bench run "
           "--resume ");
    expect("! test -e $DIR/killed/run.json; sh $DIR/team.sh 2 ten $BENCH run --resume $DIR/killed", 0, "codes 0 0");
    assert_same_run("whole", "killed");
}

static void wrong_words_end_all(void **state)
{
    (void)state;
    expect("sh $DIR/team.sh 2 seven " RUN "--metric nonsense --out $DIR/wrong", 0, "codes 2 2");
    expect("sh $DIR/team.sh 2 eight " RUN "--external mine=$DIR/frames/c0 --out $DIR/holes", 0, "rows failed");
}

static bool have_mpirun(void)
{
    return test_command(NULL, 0, "command -v mpirun && $MPIRUN -n 2 true") == 0;
}

static void mpirun_makes_one_run(void **state)
{
    (void)state;
    if (!have_mpirun()) skip_because("mpirun is not here (Debian: openmpi-bin)");
    expect("BENCH=$(realpath $BENCH); cd $DIR && $MPIRUN -n 3 " RUN SLOW, 0, "report: results/runs/");
    expect("rm -rf $DIR/mpi; cp -r $DIR/results/latest/ $DIR/mpi; ls -A $DIR/results/runs | wc -l", 0, "1\n");
    assert_same_run("whole", "mpi");
    expect("echo worker >$DIR/armed; $MPIRUN -n 3 " RUN SLOW "--out $DIR/mpi2", 0, "the others did its frames");
    assert_same_run("whole", "mpi2");
    /* Open MPI ends all when one of its own processes dies; the same command goes on. */
    expect("echo keeper >$DIR/armed; $MPIRUN -n 3 " RUN SLOW "--out $DIR/mpi3; test $? -ne 0 && ! test -e "
           "$DIR/mpi3/run.json", 0, NULL);
    expect("ls $DIR/mpi3/cells/*.cell && $MPIRUN -n 2 " RUN SLOW "--out $DIR/mpi3", 0, NULL);
    assert_same_run("whole", "mpi3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_make_the_run),
        cmocka_unit_test(one_that_dies_is_outlived),
        cmocka_unit_test(a_lost_machine_is_noticed),
        cmocka_unit_test(who_comes_late_finds_it_done),
        cmocka_unit_test(who_never_comes_is_not_waited_for_long),
        cmocka_unit_test(a_job_that_is_started_again_goes_on),
        cmocka_unit_test(all_may_die_and_be_gone_on_with),
        cmocka_unit_test(an_interrupted_team_says_one_line),
        cmocka_unit_test(wrong_words_end_all),
        cmocka_unit_test(mpirun_makes_one_run),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
