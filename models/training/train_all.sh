#!/bin/sh
# Trains the study's three generators on the same packs with the same compute, in rotating slices, so that all three are
# comparable at any time. Can be killed and started again: it goes on where it was.
#   train_all.sh OUT HOURS_EACH SLICE_HOURS PACK[,PACK...]
set -eu
out=$1 hours=$2 slice=$3 packs=$4
python=${PYTHON:-python3}
here=$(dirname "$0")

train() { # train NET NAME HOURS EXTRA...: up to HOURS of compute in all
    net=$1 name=$2 upto=$3
    shift 3
    "$python" "$here/train.py" --net "$net" --packs "$packs" --out "$out/$name" --hours "$upto" --bf16 "$@"
}

upto=$slice
while :; do
    train lama-fourier lama-fourier@ngf32b6 "$upto" --size width=32,blocks=6 --crop 192x192 --batch 8
    train glcic glcic "$upto" --crop 192x192 --batch 8
    train ce ce@b20 "$upto" --size bottleneck=20 --batch 8
    upto=$(echo "$upto $slice $hours" | awk '{ n = $1 + $2; print n < $3 ? n : $3 }')
    [ "$(echo "$upto $hours" | awk '{ print ($1 >= $2) }')" = 1 ] && [ -e "$out/.last" ] && break
    [ "$upto" = "$hours" ] && touch "$out/.last"
done
