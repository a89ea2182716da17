#!/bin/sh
# Everything that a machine with a card and PyTorch needs to train the three generators, in one file: unpack it there and run
# gpu/train.py.
#   bundle.sh BUILD OUT.tar.xz [PACK...]
set -eu
build=$1 out=$2
shift 2
here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/gpu" "$folder/lib"
cp "$here"/*.py "$folder/"
cp "$here"/gpu/*.py "$folder/gpu/"
cp "$build/models/training/gpu/draw_pack" "$folder/gpu/"
ldd "$folder/gpu/draw_pack" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' |
    grep -vE '/(libc|libm|libdl|libpthread|librt|ld-linux[^/]*)\.so' | while read -r library; do cp -L "$library" "$folder/lib/"; done
strip --strip-unneeded "$folder"/lib/*.so* "$folder/gpu/draw_pack" 2>/dev/null || true
"${PYTHON:-python3}" "$here/gpu/carry.py" "$folder" "$@"
git -C "$here" describe --always --dirty --abbrev=12 >"$folder/commit" 2>/dev/null || echo unknown >"$folder/commit"
tar -C "$folder" -cf - . | xz -T0 -3 >"$out"
size=$(wc -c <"$out")
echo "$out: $((size / 1000000)) MB"
[ "$size" -le 62000000 ] || { echo "$out is larger than 62 MB"; exit 1; }
