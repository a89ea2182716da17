#!/bin/sh
# valgrind.sh BUILD TEST...: unit tests under memcheck; a wrong access, or a block that is surely lost, fails. What the
# tests start (the program, a shell) runs without it. AVX-512 is told away from oneDNN, from FFmpeg and from us.
build=$1 bad=0
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
command -v valgrind >/dev/null || { echo "valgrind is not here: apt-get install valgrind"; exit 1; }
for test in "$@"; do
    start=$(date +%s)
    GANIME_BENCH=$build/ganime-bench ONEDNN_MAX_CPU_ISA=AVX2 valgrind --quiet --error-exitcode=99 --leak-check=full \
        --show-leak-kinds=definite --errors-for-leak-kinds=definite --child-silent-after-fork=yes \
        --suppressions=tests/valgrind.supp "$build/tests/unit/test_$test" >"$log" 2>&1
    code=$?
    printf '%-20s %-8s %2d passed %4ds\n' "$test" "$([ $code = 0 ] && echo clean || echo "exit $code")" \
        "$(grep -c '^\[       OK \]' "$log")" $(($(date +%s) - start))
    [ $code = 0 ] || { bad=1; cat "$log"; }
done
exit $bad
