/* What the compiler and the linker add against faults that nobody knows of: see tests/hardening/binary.sh. */
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static void skip_unless_hardened(void)
{
    char output[4096];
    if (test_command(NULL, 0, "readelf --version >/dev/null") != 0) skip_because("readelf is not here");
    assert_int_equal(test_command(output, sizeof output, "$BENCH --version"), 0);
    if (strstr(output, "-fsanitize=")) skip_because("a build with sanitizers has its own guards");
}

static void the_program_and_its_plugin_are_hardened(void **state)
{
    (void)state;
    char output[4096];
    skip_unless_hardened();
    const int code = test_command(output, sizeof output, "plugin=$(dirname $BENCH)/ganime-cuda.so; test -e $plugin || "
                                  "plugin=; tests/hardening/binary.sh $BENCH $plugin");
    if (code != 0) fail_msg("exit %d: %s", code, output);
}

/* A program made without any of it lacks all of it. */
static void what_is_missing_is_noticed(void **state)
{
    (void)state;
    char output[8192];
    skip_unless_hardened();
    const char *program = test_scratch("weak.c"), *binary = test_scratch("weak");
    const int code = test_command(
        output, sizeof output,
        "printf '#include <string.h>\\nint main(int c, char **v) { char b[9]; memcpy(b, *v, c); return *b; }' >%s && "
        "${CC:-cc} -O2 -U_FORTIFY_SOURCE -fno-stack-protector -fno-pie -no-pie -z execstack -z norelro -z lazy "
        "-Wl,-rpath,/nowhere -o %s %s && tests/hardening/binary.sh %s", program, binary, program, binary);
    static const char *const lacks[] = {"code for any address", "holds no code",   "read-only after start",
                                        "bound at start",       "no library path", "guarded stacks",
                                        "checked copies"};
    assert_int_equal(code, 1);
    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
        if (!strstr(output, lacks[i])) fail_msg("'%s' was not noticed: %s", lacks[i], output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_program_and_its_plugin_are_hardened),
        cmocka_unit_test(what_is_missing_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
