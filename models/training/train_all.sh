#!/bin/sh
# Trains the study's three generators on the same packs with the same compute, in rotating slices, so that all three are
# comparable at any time. Can be killed and started again: it goes on where it was.
#   train_all.sh OUT HOURS_EACH SLICE_HOURS PACK[,PACK...]
# The stages below cost about 15 minutes of two cores with AMX each; $STEPS multiplies them (an integer).
set -eu
out=$1 hours=$2 slice=$3 packs=$4
python=${PYTHON:-python3}
here=$(dirname "$0")
n=${STEPS:-1}

# PyTorch on a CPU gives its memory back after each step, and the kernel then clears it anew: glibc can keep it.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_TOP_PAD_=1000000000

train() { # train NET NAME HOURS EXTRA...: up to HOURS of compute in all
    net=$1 name=$2 upto=$3
    shift 3
    "$python" "$here/train.py" --net "$net" --packs "$packs" --out "$out/$name" --hours "$upto" --bf16 --batch 8 "$@"
}

upto=$slice
while :; do
    train lama-fourier lama-fourier@ngf32b6 "$upto" --size width=32,blocks=6 --l1-first "$((400 * n))" --mean-over 500 \
        --stages "2:192x96:$((2000 * n)):4,1:384x96:$((600 * n)):4"
    train glcic glcic@ngf32 "$upto" --size width=32 --stages "2:192x96:$((2000 * n)):4,1:384x192:$((800 * n)):4"
    train ce ce@ngf32b64 "$upto" --size width=32,bottleneck=64 --stages "1::$((1700 * n))"
    [ "$upto" = "$hours" ] && break
    upto=$(echo "$upto $slice $hours" | awk '{ n = $1 + $2; print n < $3 ? n : $3 }')
done
