/* The example files for clusters: their own linters accept them, and what they run is right. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/moving.h"
#include "support/support.h"

static bool is_here(const char *program)
{
    return test_command(NULL, 0, "command -v %s", program) == 0;
}

static void lint(const char *command)
{
    char output[8192];
    if (test_command(output, sizeof output, "%s", command) != 0) fail_msg("%s: %s", command, output);
}

static void shell_files_are_clean(void **state)
{
    (void)state;
    if (!is_here("shellcheck")) skip_because("shellcheck is not here (Debian: shellcheck)");
    lint("shellcheck results/cluster/*.sbatch");
}

static void yaml_is_clean(void **state)
{
    (void)state;
    if (!is_here("yamllint")) skip_because("yamllint is not here (Debian: yamllint)");
    lint("yamllint --strict results/cluster/kubernetes.yaml");
}

static void the_manifest_fits_its_schema(void **state)
{
    (void)state;
    if (!is_here("kubeconform")) skip_because("kubeconform is not here");
    lint("kubeconform -strict results/cluster/kubernetes.yaml");
}

/* The array's tasks and the job after them, as Slurm would start them. */
static void slurm_s_parts_make_a_run(void **state)
{
    (void)state;
    gb_error err = {0};
    char output[8192];
    setenv("DIR", test_scratch("."), 1);
    assert_int_equal(test_command(NULL, 0, "mkdir -p $DIR/bin"), 0);
    assert_ok(moving_clip_write("frames", 64, 48, 40, &err), &err);
    const int code = test_command(output, sizeof output,
        "B=$(realpath $BENCH); printf '#!/bin/sh\nexec %%s \"$@\" --width 64 --height 48 --generator mirror --metric "
        "psnr_rgb\n' $B >$DIR/bin/ganime-bench; chmod +x $DIR/bin/ganime-bench; PATH=$DIR/bin:$PATH; "
        "$B run --dataset $DIR/frames --split all --width 64 --height 48 --generator mirror --metric psnr_rgb "
        "--no-timing "
        "--quiet --out $DIR/single || exit 1; for k in 1 2; do SLURM_ARRAY_TASK_ID=$k SLURM_ARRAY_TASK_COUNT=2 "
        "SLURM_CPUS_PER_TASK=1 bash results/cluster/slurm.sbatch $DIR/frames $DIR/run || exit 1; done; "
        "printf '#!/bin/sh\nexec %%s \"$@\"\n' $B >$DIR/bin/ganime-bench; "
        "bash results/cluster/slurm.sbatch merge $DIR/run && cmp $DIR/run/whole/frames.jsonl $DIR/single/frames.jsonl");
    if (code != 0) fail_msg("exit %d: %s", code, output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shell_files_are_clean), cmocka_unit_test(yaml_is_clean),
                                       cmocka_unit_test(the_manifest_fits_its_schema),
                                       cmocka_unit_test(slurm_s_parts_make_a_run)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
