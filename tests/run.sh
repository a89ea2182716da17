#!/bin/sh
# Runs cmocka test programs one after the other, prints what failed in full, and closes with one line of counts.
# A program that dies without counting is a failure, and so is one that takes TEST_LIMIT seconds or more: what waits for
# ever would else hide all that comes after it. TEST=name runs only the programs whose path contains it.
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for test in "$@"; do
    case $test in *"${TEST-}"*) ;; *) continue ;; esac
    start=$(date +%s)
    timeout -k 5 "${TEST_LIMIT:-600}" "$test" >"$log" 2>&1
    code=$?
    [ $code -eq 124 ] && echo "[  FAILED  ] ${test##*/} took longer than ${TEST_LIMIT:-600} seconds" >>"$log"
    p=$(grep -c '^\[       OK \]' "$log")
    # cmocka lists failed and skipped tests again in its summary; count each name once.
    f=$(grep '^\[  FAILED  \] [A-Za-z_0-9]*$' "$log" | sort -u | wc -l)
    s=$(grep '^\[  SKIPPED \] [A-Za-z_0-9]*$' "$log" | sort -u | wc -l)
    [ $code -ne 0 ] && [ "$f" -eq 0 ] && f=1
    [ $((p + f + s)) -eq 0 ] && f=1
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    printf '%-44s %3d passed %2d failed %2d skipped  %4ds\n' "${test##*/tests/}" "$p" "$f" "$s" $(($(date +%s) - start))
    if [ "$f" -gt 0 ]; then cat "$log"; fi
    grep -h "^SKIP: " "$log" | sort -u | sed "s/^/    /" # also of parts of tests
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
