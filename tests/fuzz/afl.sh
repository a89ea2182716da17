#!/bin/sh
# afl.sh FOLDER SECONDS TARGET...: AFL++'s programs of FOLDER, one after the other, each so long; a later call goes on
# with what an earlier one found in FOLDER/afl. Executions, as AFL++ counts them, are added up in FOLDER/executions.txt.
folder=$1 seconds=$2
shift 2
bad=0
export AFL_AUTORESUME=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1
export AFL_FORKSRV_INIT_TMOUT=60000 ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0:allocator_may_return_null=1
value() { sed -n "s/^$2 *: *//p" "$1" 2>/dev/null | head -1; }
for target in "$@"; do
    stats=$folder/afl/$target/default/fuzzer_stats log=$folder/$target.log
    dictionary=tests/fuzz/$target.dict
    [ -e "$dictionary" ] || dictionary=tests/fuzz/json.dict
    before=$(value "$stats" execs_done)
    mkdir -p "$folder/afl"
    afl-fuzz -i "$folder/corpus/$target" -o "$folder/afl/$target" -V "$seconds" -m none -t 20000 -x "$dictionary" -- \
        "$folder/$target" >"$log" 2>&1
    code=$?
    after=$(value "$stats" execs_done) crashes=$(value "$stats" saved_crashes) hangs=$(value "$stats" saved_hangs)
    # Gone on with, it counts on from where it was.
    [ "${after:-0}" -ge "${before:-0}" ] || before=0
    echo "$target $((${after:-0} - ${before:-0})) $((${crashes:-0} + ${hangs:-0}))" >>"$folder/executions.txt"
    [ "$code/${crashes:-none}/${hangs:-none}" = 0/0/0 ] || { bad=1; echo "$target: exit code $code, ${crashes:-0} crashes, ${hangs:-0} hangs, see $log"; }
done
awk '{ sum[$1] += $2; stops[$1] += $3 } END { for (t in sum) printf "%-14s %12d executions, %d crashes and hangs\n", t, sum[t], stops[t] }' \
    "$folder/executions.txt" | sort
exit $bad
