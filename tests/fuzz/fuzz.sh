#!/bin/sh
# fuzz.sh FOLDER SECONDS TARGET...: libFuzzer's programs of FOLDER, one after the other, each so long, on a corpus that
# grows in FOLDER/corpus. Executions are added up in FOLDER/executions.txt; what crashes lies in FOLDER/found.
folder=$1 seconds=$2
shift 2
mkdir -p "$folder/found"
bad=0
export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0
# HDF5 asks for what a file claims before it looks whether that is there; what counts is what it then uses.
export ASAN_OPTIONS=allocator_may_return_null=1
# What is freed is asked for again at once: pages stay here.
export MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_TOP_PAD_=16777216
for target in "$@"; do
    log=$folder/$target.log
    dictionary=tests/fuzz/$target.dict
    [ -e "$dictionary" ] || dictionary=tests/fuzz/json.dict
    "$folder/$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -malloc_limit_mb=1000000000 -max_len=16384 -print_final_stats=1 \
        -dict="$dictionary" -artifact_prefix="$folder/found/$target-" "$folder/corpus/$target" >"$log" 2>&1
    code=$?
    # A crash ends it before its statistics: then the last number that it printed counts.
    count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    [ -n "$count" ] || count=$(sed -n 's/^#\([0-9]*\).*/\1/p' "$log" | tail -1)
    echo "$target ${count:-0} $code" >>"$folder/executions.txt"
    [ $code = 0 ] || { bad=1; echo "$target: exit code $code, see $log"; }
done
awk '{ sum[$1] += $2; stops[$1] += $3 != 0 } END { for (t in sum) printf "%-14s %12d executions, stopped %d times\n", t, sum[t], stops[t] }' \
    "$folder/executions.txt" | sort
exit $bad
