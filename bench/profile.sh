#!/bin/sh
# Where a run spends its processor time, by Linux' perf: profile.sh PROGRAM [options of `ganime-bench run`].
# What oneDNN generates has no name ([JIT]); it is convolutions and matrix products alone.
set -eu
program=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
perf record -q -F 499 -o "$folder/data" "$program" run --quiet --out "$folder/run" "$@" >"$folder/out" || {
    cat "$folder/out" >&2
    exit 3
}
perf report -i "$folder/data" --stdio --no-children -s dso,sym 2>/dev/null | awk '
/^ *[0-9.]+%/ {
    share = $1 + 0
    name = $0; sub(/^ *[0-9.]+% */, "", name)
    if (name ~ /^\[JIT\]|^libdnnl/) kind = "products and convolutions by oneDNN"
    else if (name ~ /gb_winograd_(in|out)put|transform_(in|out)put/) kind = "transforms of tiles"
    else if (name ~ /_lanes|one_frame|four_frames|interleave|separate|copy_window/) kind = "own products: spectra, dense layers, pictures"
    else if (name ~ /weights|gb_random|trial|gb_graph|axis_element/) kind = "planning: weights"
    else if (name ~ /libopencv/) kind = "optical flow"
    else if (name ~ /libav|libsw|libpng|libz|libjpeg|libhdf5/) kind = "decoding, scaling, packing, pictures"
    else if (name ~ /^\[kernel/) kind = "the kernel"
    else kind = "the rest"
    sum[kind] += share; all += share
    if (kind ~ /products|tiles/) busy += share
}
END {
    for (kind in sum) printf "%5.1f %%  %s\n", 100 * sum[kind] / all, kind | "sort -rn"
    close("sort -rn")
    printf "%5.1f %%  of the time in convolutions and matrix products\n", 100 * busy / all
}'
