/* What `make install` puts where, and whether it is of use there: see tests/install.sh. */
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static void what_is_installed_works(void **state)
{
    (void)state;
    char output[16384];
    if (test_command(NULL, 0, "test -e $(dirname $BENCH)/lib/ganime.pc") != 0)
        skip_because("the library was not built (`make package`; never with a sanitizer)");
    if (test_command(output, sizeof output, "tests/install.sh $(dirname $BENCH)") != 0 ||
        !strstr(output, "install: passed"))
        fail_msg("%s", output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_installed_works)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
