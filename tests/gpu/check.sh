#!/bin/sh
# All that needs a card, in one go; run in the unpacked bundle (bundle.sh). Each step has a log of its own; OUT/summary.txt says
# what passed. Exit 1 when a step failed.
#   check.sh OUT [--dry-run]   --dry-run: without a card, to see that the steps themselves run
set -u
out=$1 dry=${2-}
cd "$(dirname "$0")" || exit 1
mkdir -p "$out"
: >"$out/summary.txt"
export GANIME_PLUGINS="$PWD" GANIME_CACHE="$PWD/cache"

# CUDA's libraries: where the toolkit is, else where a Python package has them.
cuda_folders() {
    for library in libcudart.so.13 libcudnn.so.9; do
        find /usr/local/cuda*/lib* /usr/local/cuda*/targets/*/lib /usr/lib /opt -name "$library" 2>/dev/null | head -1 |
            xargs -r dirname
    done | sort -u | paste -sd: -
}
export LD_LIBRARY_PATH="$PWD/lib:${CUDA_FOLDERS-$(cuda_folders)}"

failed=0
step() { # step NAME COMMAND...
    name=$1
    shift
    start=$(date +%s)
    if "$@" >"$out/$name.log" 2>&1; then result=ok; else result=FAILED failed=1; fi
    echo "$name: $result ($(($(date +%s) - start)) s)" | tee -a "$out/summary.txt"
}

has_card() { ./ganime-bench list devices | grep -q '^ *cuda  *ready'; }

sanitized() { # sanitized TOOL
    compute-sanitizer --tool "$1" --error-exitcode 9 ./tests/parity/test_ops
}

timings() { # timings DEVICE
    ./ganime-bench perf --device "$1" --json >"$out/perf-$1.json"
}

quality() { # quality DEVICE
    ./ganime-bench run --device "$1" --dataset toon --limit 32 --quiet --out "$out/run-$1" && rm -rf "$out/run-$1/panels"
}

device=cuda
step devices ./ganime-bench list devices
if ! has_card; then
    cat "$out/devices.log"
    [ "$dry" = --dry-run ] || { echo "no card" | tee -a "$out/summary.txt"; exit 1; }
    device=cpu
fi
step operations ./tests/parity/test_ops
step tiny-nets ./tests/golden/test_tiny_nets
step nets ./tests/cuda/test_card
if [ $device = cuda ] && command -v compute-sanitizer >/dev/null; then
    step memcheck sanitized memcheck
    step racecheck sanitized racecheck
    step initcheck sanitized initcheck
fi
step timings timings $device
step quality quality $device
exit $failed
