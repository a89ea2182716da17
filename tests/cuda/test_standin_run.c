/* The whole program on the stand-in card: `run --device cuda` gives the same rows whatever the number of frames that a
 * run takes, of threads and of the card; and rows near those of the processor. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "cuda/with_standin.h"
#include "support/moving_case.h"

enum { WIDTH = 48, HEIGHT = 24, FRAMES = 19 };
#define LOUD                                                                                                         \
    "$BENCH run --generator glcic --weights glcic=$DIR/glcic.safetensors --dataset $DIR/small.h5 --no-panels "        \
    "--no-timing --metric psnr_rgb,ssim_gauss11_rgb,flicker_excess "
#define RUN LOUD "--quiet "

/* gate.sh FOLDER: a generator that gives back what it is given, from when all three ranks of the run in FOLDER have
 * told their place: so short a run ends before the last of them has come. */
static const char gate[] = "read hello; n=0\n"
                           "until [ \"$(ls $1/cells/team-*/rank-*.told 2>/dev/null | wc -l)\" -eq 3 ]; do\n"
                           "    [ $n -lt 1200 ] || exit 1; n=$((n + 1)); sleep .05\n"
                           "done\n"
                           "while read line; do echo \"$line\"; head -c 3456; done\n"; /* 48 x 24 x 3 */

static int set_up(void **state)
{
    (void)state;
    FILE *const file = fopen(test_scratch("gate.sh"), "w");
    const bool whole = file && fputs(gate, file) >= 0;
    if (!file || fclose(file) != 0 || !whole) return -1;
    return moving_case_set_up(WIDTH, HEIGHT, FRAMES);
}

static void run(const char *name, const char *how)
{
    char output[4096];
    const int code = test_command(output, sizeof output, RUN "%s --out $DIR/%s", how, name);
    if (code != 0) fail_msg("%s: exit %d: %s", how, code, output);
}

/* 19 frames in sixteens leave three, in fours three too: what fills the last run up must not show. */
static void test_rows_do_not_depend_on_frames_threads_or_card(void **state)
{
    (void)state;
    static const char *const how[] = {"--device cuda --batch 1 --threads 1", "--device cuda --batch 4 --threads 2",
                                      "--device cuda --batch 16 --threads 1", "--device cuda:1 --batch 40 --threads 2"};
    char output[4096];
    if (test_command(NULL, 0, "$BENCH list devices | grep -q '^ *cuda  *ready'")) skip_because("no plugin was built");
    for (int i = 0; i < 4; i++) {
        char name[16];
        snprintf(name, sizeof name, "way%d", i);
        run(name, how[i]);
        if (i && test_command(output, sizeof output, "cmp $DIR/way0/frames.jsonl $DIR/%s/frames.jsonl", name))
            fail_msg("%s gives other rows: %s", how[i], output);
    }
}

/* What rank `rank` told of itself, out of run.json. */
static void expect_place(const cJSON *ranks, int rank, const char *device)
{
    const cJSON *const place = cJSON_GetArrayItem(ranks, rank);
    assert_int_equal((int)gb_json_number_or(place, "rank", -1), rank);
    assert_string_equal(gb_json_string_or(place, "device", ""), device);
    assert_string_equal(gb_json_string_or(place, "device_name", ""), "stand-in card");
    assert_true(*gb_json_string_or(place, "host", ""));
}

/* Three ranks of a machine that has two cards: said on the terminal, kept in the record, and the same rows. */
static void test_ranks_have_a_card_each(void **state)
{
    (void)state;
    static const struct { const char *how, *device[3]; } ways[] = {
        {"--device cuda", {"cuda:0", "cuda:1", "cuda:0"}},
        {"--device cuda:1", {"cuda:1", "cuda:1", "cuda:1"}},
    };
    if (test_command(NULL, 0, "$BENCH list devices | grep -q '^ *cuda  *ready'")) skip_because("no plugin was built");
    for (size_t w = 0; w < sizeof ways / sizeof ways[0]; w++) {
        char output[16384], name[32], line[128];
        gb_error err;
        cJSON *record = NULL;
        snprintf(name, sizeof name, "ranks%zu/run.json", w);
        const int code = test_command(output, sizeof output,
                                      "export GANIME_RANKS=3 GANIME_JOB=cards%zu; for r in 0 1 2; do GANIME_RANK=$r "
                                      "" LOUD "%s --exec \"gate=exec sh $DIR/gate.sh $DIR/ranks%zu\" --out "
                                      "$DIR/ranks%zu & done; wait; grep -v '\"generator\":\"gate\"' "
                                      "$DIR/ranks%zu/frames.jsonl | cmp $DIR/way0/frames.jsonl -",
                                      w, ways[w].how, w, w, w);
        if (code != 0) fail_msg("%s: exit %d: %s", ways[w].how, code, output);
        assert_ok(gb_json_read(test_scratch(name), 1 << 26, &record, &err), &err);
        const cJSON *const ranks = cJSON_GetObjectItem(cJSON_GetObjectItem(record, "environment"), "ranks");
        assert_int_equal(cJSON_GetArraySize(ranks), 3);
        for (int rank = 0; rank < 3; rank++) {
            expect_place(ranks, rank, ways[w].device[rank]);
            snprintf(line, sizeof line, ": device %s (stand-in card)", ways[w].device[rank]);
            const char *said = strstr(output, (const char *[]){"rank 0 of 3", "rank 1 of 3", "rank 2 of 3"}[rank]);
            if (!said || strncmp(strchr(said, ':'), line, strlen(line)) != 0) fail_msg("%s: %s", ways[w].how, output);
        }
        cJSON_Delete(record);
    }
}

/* The file for Slurm, with an srun of our own that starts three tasks: each is a rank with a card. */
static void test_the_slurm_file_starts_a_rank_a_card(void **state)
{
    (void)state;
    char output[16384];
    if (test_command(NULL, 0, "$BENCH list devices | grep -q '^ *cuda  *ready'")) skip_because("no plugin was built");
    const int code = test_command(
        output, sizeof output,
        "mkdir -p $DIR/bin; { echo 'while [ \"$1\" != bash ]; do shift; done; for p in 0 1 2; do'; "
        "echo 'SLURM_PROCID=$p SLURM_LOCALID=$p \"$@\" & done; wait'; } >$DIR/bin/srun; "
        "echo 'exec %s \"$@\" --generator mirror --exec \"gate=exec sh $DIR/gate.sh $DIR/slurm\" --metric psnr_rgb "
        "--no-timing --no-panels' >$DIR/bin/ganime-bench; "
        "sed -i '1i #!/bin/bash' $DIR/bin/*; chmod +x $DIR/bin/*; SLURM_NTASKS=3 SLURM_CPUS_PER_TASK=1 SLURM_JOB_ID=7 "
        "PATH=$DIR/bin:$PATH bash results/cluster/cards.sbatch $DIR/small.h5 $DIR/slurm", getenv("BENCH"));
    if (code != 0 || !strstr(output, "device cuda:1 (stand-in card)") || !strstr(output, "rank 2 of 3"))
        fail_msg("exit %d: %s", code, output);
}

static double mean_of(const char *name)
{
    gb_error err;
    char path[4200];
    cJSON *run_json = NULL;
    snprintf(path, sizeof path, "%s/run.json", test_scratch(name));
    assert_ok(gb_json_read(path, 1 << 26, &run_json, &err), &err);
    const cJSON *const row = cJSON_GetArrayItem(cJSON_GetObjectItem(run_json, "summary"), 0);
    const double mean = gb_json_number_or(row, "mean", NAN);
    cJSON_Delete(run_json);
    return mean;
}

/* Pixels that lie between two levels may fall to either side: the mean of PSNR hardly moves. */
static void test_rows_are_those_of_the_processor(void **state)
{
    (void)state;
    if (test_command(NULL, 0, "$BENCH list devices | grep -q '^ *cuda  *ready'")) skip_because("no plugin was built");
    run("cpu", "--device cpu");
    const double cuda = mean_of("way0"), cpu = mean_of("cpu");
    if (!(fabs(cuda - cpu) < 1e-3)) fail_msg("PSNR of cuda %.6f, of cpu %.6f", cuda, cpu);
}

/* What generators computed in is in the fingerprint, and what scores were computed in. */
static void test_precision_is_named(void **state)
{
    (void)state;
    char output[4096];
    if (test_command(NULL, 0, "$BENCH list devices | grep -q '^ *cuda  *ready'")) skip_because("no plugin was built");
    run("narrow", "--device cuda --batch 4 --precision bf16");
    const int code = test_command(output, sizeof output,
                                  "grep -q '\"precision\":.*\"bf16\"' $DIR/narrow/run.json && "
                                  "grep -q '\"score_precision\":.*\"fp32\"' $DIR/narrow/run.json && "
                                  "! cmp -s $DIR/narrow/frames.jsonl $DIR/way0/frames.jsonl");
    if (code != 0) fail_msg("%s", output);
    assert_int_equal(test_command(output, sizeof output, "$BENCH compare $DIR/way0 $DIR/narrow"), 4);
    assert_non_null(strstr(output, "precision"));
}

int main(int argc, char **argv)
{
    (void)argc;
    with_standin(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_do_not_depend_on_frames_threads_or_card),
        cmocka_unit_test(test_ranks_have_a_card_each),
        cmocka_unit_test(test_the_slurm_file_starts_a_rank_a_card),
        cmocka_unit_test(test_rows_are_those_of_the_processor),
        cmocka_unit_test(test_precision_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
