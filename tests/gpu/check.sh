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

# Throughput and latency with the share of the roof, frames a run and precision by precision.
timings() { # timings DEVICE BATCH PRECISION
    ./ganime-bench perf --device "$1" --batch "$2" --precision "$3" --json >"$out/perf-$1-$3-$2.json"
}

# A run's folder, of which `report` makes everything again; the same rows from runs of 1 and of 16 frames.
quality() { # quality DEVICE
    rm -rf "$out/run-$1" "$out/run-$1-16"
    ./ganime-bench run --device "$1" --dataset toon --limit 32 --quiet --out "$out/run-$1" || return 1
    ./ganime-bench run --device "$1" --dataset toon --limit 32 --quiet --no-timing --no-panels --batch 16 \
        --out "$out/run-$1-16" || return 1
    cmp "$out/run-$1/frames.jsonl" "$out/run-$1-16/frames.jsonl" || return 1
    rm -rf "$out/run-$1/panels" "$out/run-$1-16" && ./ganime-bench report "$out/run-$1" --quiet
}

# Rows of frames that are scored where they are made are those that the processor gives of the same frames.
scores() { # scores DEVICE
    for place in 1 0; do
        GANIME_CUDA_SCORES=$place ./ganime-bench run --device "$1" --dataset toon --limit 32 --quiet --no-timing --no-panels \
            --out "$out/scores-$place" || return 1
    done
    cmp "$out/scores-1/frames.jsonl" "$out/scores-0/frames.jsonl" && rm -rf "$out/scores-1" "$out/scores-0"
}

# PyTorch, eager and compiled, beside ours, where it is installed.
peer() { # peer BATCH PRECISION
    python3 peer_pytorch.py ./ganime-bench --device cuda --batch "$1" --precision "$2" --nets lama-fourier,glcic --threads 2 \
        --json >"$out/peer-$2-$1.json"
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
step fused env GANIME_ON_CARD=1 ./tests/cuda/test_fused
if [ $device = cuda ] && command -v compute-sanitizer >/dev/null; then
    step memcheck sanitized memcheck
    step racecheck sanitized racecheck
    step initcheck sanitized initcheck
fi
if [ $device = cuda ]; then
    for batch in 1 4 16; do
        for precision in fp32 tf32 fp16 bf16; do step "timings-$precision-$batch" timings cuda $batch $precision; done
        if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
            for precision in fp32 tf32; do step "peer-$precision-$batch" peer $batch $precision; done
        else
            echo "peer-$batch: left out, no PyTorch with CUDA here" | tee -a "$out/summary.txt"
        fi
    done
else
    step timings-fp32-1 timings $device 1 fp32
fi
step model ./ganime-bench perf --model --precision tf32
step scores scores $device
step quality quality $device
exit $failed
