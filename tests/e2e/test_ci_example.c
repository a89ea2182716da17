/* The workflows of results/ci, all but their installation: see tests/ci_example.sh. */
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static void the_workflows_do_what_they_say(void **state)
{
    (void)state;
    char output[16384];
    if (test_command(NULL, 0, "python3 -c pass") != 0) skip_because("python3 is not here: results/ci is not tried");
    const int code = test_command(output, sizeof output, "CI_EXAMPLE_CACHE=${GANIME_CACHE:-$HOME/.cache/ganime-bench} "
                                  "tests/ci_example.sh --built $BENCH");
    if (code != 0 || !strstr(output, "ci-example: passed")) fail_msg("exit %d: %s", code, output);
    if (strstr(output, "PyYAML is not here")) test_note_skip("PyYAML is not here: results/ci is not read as YAML");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_workflows_do_what_they_say)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
