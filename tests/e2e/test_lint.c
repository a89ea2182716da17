/* The house rules of lint.sh can be broken: a small tree that keeps them passes, and each fault is named. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

/* Each writes into the tree; lint.sh must then say `complaint`. */
static const struct {
    const char *complaint, *fault;
} faults[] = {
    {"src/core may include only", "echo '#include \"report/run.h\"' >>src/core/b.c"},
    {"src/new has no rule here", "mkdir src/new && cp src/core/b.c src/new/c.c"},
    {"includes a command", "echo '#include \"commands.h\"' >>bench/cli/manual.c"},
    {"includes a concrete backend", "mkdir models && echo '#include \"backend/cpu/cpu.h\"' >models/m.c"},
    {"function of 61 lines", "{ printf '\\nint d(void)\\n{\\n'; seq -f '    f(%g);' 61; echo '}'; } >>src/core/b.c"},
    {"the median function has 20 lines", "for f in 1 2 3 4; do printf '\\nint d(void)\\n{\\n'; seq -f '    f(%g);' 20; "
                                         "echo '}'; done >>src/core/b.c"},
    {"at most 500", "seq -f '/* %g */' 500 >>src/core/b.c"},
    {"more than 120 columns", "printf '/* %0120d */\\n' 1 >>src/core/b.c"},
    {"tabs or trailing blanks", "printf '\\tf();\\n' >>src/core/b.c"},
    {"expected a comment first", "sed -i 1d src/core/a.h"},
    {"no other file uses gb_nobody", "echo 'int gb_nobody(void);' >>src/core/a.h"},
    {"nothing exits, prints or asserts", "echo '    fprintf(stderr, \"x\");' >>src/core/b.c"},
    {"nothing exits, prints or asserts", "echo '    exit(1);' >>src/core/b.c"},
    {"only a child", "echo '    _exit(1);' >>src/core/b.c"},
    {"unbounded or unchecked", "echo '    strc'py'(a, b);' >>src/core/b.c"},
    {"$GANIME_NEW is looked at", "echo '    getenv(\"GANIME_NEW\");' >>src/core/b.c"},
    {"a path of one machine", "echo '/* see /ho'me'/me/notes */' >>src/core/b.c"},
};

static int set_up(void **state)
{
    (void)state;
    setenv("DIR", test_scratch("tree"), 1);
    return test_command(NULL, 0,
                        "mkdir -p $DIR/src/core $DIR/bench/cli && cd $DIR && git init -q . && "
                        "printf '/* One. */\\nint gb_one(void);\\n' >src/core/a.h && "
                        "printf '#include \"core/a.h\"\\n\\n' | tee src/core/a.c >src/core/b.c && "
                        "printf 'int gb_one(void)\\n{\\n    return 1;\\n}\\n' >>src/core/a.c && "
                        "printf 'int two(void)\\n{\\n    return gb_one();\\n}\\n' >>src/core/b.c && "
                        "echo '/* Nothing yet. */' >bench/cli/manual.c && git add .");
}

static void each_rule_can_be_broken(void **state)
{
    (void)state;
    char output[8192];
    if (test_command(NULL, 0, "command -v git") != 0) skip_because("git is not here: house rules are not tried");
    const int code = test_command(output, sizeof output, "L=$PWD/tests/lint.sh; cd $DIR && $L");
    if (code != 0) fail_msg("a tree that keeps the rules: %s", output);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const int broken = test_command(output, sizeof output,
                                        "L=$PWD/tests/lint.sh; rm -rf $DIR.broken; cp -r $DIR $DIR.broken; "
                                        "cd $DIR.broken && { %s; } && git add . && $L", faults[i].fault);
        if (broken != 1 || !strstr(output, faults[i].complaint))
            fail_msg("%s: exit %d, expected \"%s\": %s", faults[i].fault, broken, faults[i].complaint, output);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_rule_can_be_broken)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}
