/* What the shared object that ships is made of: code for each architecture and PTX for later ones, kernels within their
 * budget of registers, no libraries of CUDA in the program itself. */
#include "support/support.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* With more than 40 registers fewer than 1536 threads fit a processor of 65536: those that wait for memory keep to
 * that. Transforms hold 32 sums each and wait for arithmetic: 768 threads are enough. */
#define WAITS_FOR_MEMORY 40
#define COMPUTES 80
/* Distances of features: 1280 threads, each with twelve values under way. */
#define FEATURES 48
/* Windows: 1024 threads, each with much to do in double. */
#define WINDOWS 64

static const struct {
    const char *name;
    int registers;
} kernels[] = {
    {"gb_finish_kernel", WAITS_FOR_MEMORY},      {"gb_normalise_kernel", WAITS_FOR_MEMORY},
    {"gb_partial_sum_kernel", WAITS_FOR_MEMORY}, {"gb_total_kernel", WAITS_FOR_MEMORY},
    {"gb_concat_kernel", WAITS_FOR_MEMORY},      {"gb_maxpool_kernel", WAITS_FOR_MEMORY},
    {"gb_pad_reflect_kernel", WAITS_FOR_MEMORY}, {"gb_columns_kernel", COMPUTES},
    {"gb_rows_forward_kernel", COMPUTES},        {"gb_rows_inverse_kernel", COMPUTES},
    {"gb_feed_kernel", WAITS_FOR_MEMORY},        {"gb_composite_kernel", WAITS_FOR_MEMORY},
    {"gb_difference_kernel", WAITS_FOR_MEMORY},  {"gb_bands_kernel", WAITS_FOR_MEMORY},
    {"gb_columns_total_kernel", WAITS_FOR_MEMORY}, {"gb_groups_total_kernel", WAITS_FOR_MEMORY},
    {"gb_warp_kernel", WAITS_FOR_MEMORY},        {"gb_warp_columns_kernel", WAITS_FOR_MEMORY},
    {"gb_moments_kernel", WINDOWS},              {"gb_ssim_kernel", WINDOWS},
    {"gb_unit_kernel", WAITS_FOR_MEMORY},        {"gb_distance_kernel", FEATURES},
    {"gb_squares_kernel", WAITS_FOR_MEMORY},     {"gb_lanes_kernel", WAITS_FOR_MEMORY},
};
#define KERNEL_COUNT (sizeof kernels / sizeof kernels[0])
static const char *const architectures[] = {"sm_80", "sm_90", "sm_100"};

/* Folder of the build: two above this program's. */
static void build_folder(char *out, size_t size)
{
    char program[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    assert_true(length > 0);
    program[length] = '\0';
    for (int up = 0; up < 3; up++) *strrchr(program, '/') = '\0';
    snprintf(out, size, "%s", program);
}

/* One kernel's line of ptxas' report. */
typedef struct usage {
    char kernel[128], architecture[16];
    int registers, spills, shared;
} usage;

static bool next_usage(FILE *file, usage *u)
{
    char line[1024];
    *u = (usage){.registers = -1};
    while (fgets(line, sizeof line, file)) {
        const char *const used = strstr(line, "Used "), *const spill = strstr(line, " bytes stack frame, ");
        const char *const shared = strstr(line, " bytes smem");
        sscanf(line, "ptxas info    : Compiling entry function '%127[^']' for '%15[^']'", u->kernel, u->architecture);
        if (spill) sscanf(spill, " bytes stack frame, %d bytes spill stores", &u->spills);
        if (!used) continue;
        sscanf(used, "Used %d registers", &u->registers);
        if (shared) {
            const char *digits = shared;
            while (digits > line && digits[-1] >= '0' && digits[-1] <= '9') digits--;
            u->shared = (int)strtol(digits, NULL, 10);
        }
        return true;
    }
    return false;
}

static void check_report(const char *report, bool seen[KERNEL_COUNT][3])
{
    char folder[PATH_MAX], path[2 * PATH_MAX];
    usage u;
    build_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/pic/src/backend/cuda/%s", folder, report);
    FILE *const file = fopen(path, "r");
    if (!file) fail_msg("%s: what ptxas said is not here", path);
    while (next_usage(file, &u)) {
        int most = 0;
        for (size_t k = 0; k < KERNEL_COUNT; k++)
            for (int a = 0; a < 3; a++)
                if (strstr(u.kernel, kernels[k].name) && !strcmp(u.architecture, architectures[a])) {
                    most = kernels[k].registers;
                    seen[k][a] = true;
                }
        if (!most) fail_msg("%s for %s is not among the kernels that have a budget", u.kernel, u.architecture);
        if (u.registers < 0 || u.registers > most || u.spills || u.shared)
            fail_msg("%s for %s: %d registers (at most %d), %d bytes spilt, %d of shared memory (none is allowed)",
                     u.kernel, u.architecture, u.registers, most, u.spills, u.shared);
    }
    fclose(file);
}

static void test_kernels_keep_to_their_budget(void **state)
{
    (void)state;
    bool seen[KERNEL_COUNT][3] = {{false}};
    check_report("launch.ptxas", seen);
    check_report("score_launch.ptxas", seen);
    for (size_t k = 0; k < KERNEL_COUNT; k++)
        for (int a = 0; a < 3; a++)
            if (!seen[k][a]) fail_msg("%s was not compiled for %s", kernels[k].name, architectures[a]);
}

static void test_code_for_every_card(void **state)
{
    (void)state;
    char folder[PATH_MAX], output[8192];
    build_folder(folder, sizeof folder);
    /* The toolkit's own, or the one that `make setup` fetched. */
    static const char place[] = "PATH=\"$PATH:%s/tools/nvidia/cu13/bin\"; ";
    char command[sizeof place + PATH_MAX];
    snprintf(command, sizeof command, place, folder);
    if (test_command(NULL, 0, "%s command -v cuobjdump", command))
        skip_because("cuobjdump is neither here nor fetched");
    assert_int_equal(test_command(output, sizeof output, "%s cuobjdump --list-elf --list-ptx '%s/ganime-cuda.so'",
                                  command, folder),
                     0);
    static const char *const parts[] = {".sm_80.cubin", ".sm_90.cubin", ".sm_100.cubin", ".sm_100.ptx"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!strstr(output, parts[i])) fail_msg("ganime-cuda.so holds no %s: %s", parts[i], output);
}

/* The program runs where there is nothing of CUDA, and says so. */
static void test_the_program_needs_no_cuda(void **state)
{
    (void)state;
    char output[8192];
    assert_int_not_equal(test_command(NULL, 0, "ldd \"$BENCH\" | grep -E 'libcuda|libcudnn|libcublas|libnv'"), 0);
    assert_int_equal(test_command(output, sizeof output,
                                  "mkdir -p '%s' && GANIME_PLUGINS='%s' \"$BENCH\" list devices", test_scratch("none"),
                                  test_scratch("none")),
                     0);
    assert_non_null(strstr(output, "no device"));
    assert_non_null(strstr(output, "ganime-cuda.so is not here"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels_keep_to_their_budget),
        cmocka_unit_test(test_code_for_every_card),
        cmocka_unit_test(test_the_program_needs_no_cuda),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
