#!/bin/sh
# Everything that a machine with a card needs to check the CUDA backend, in one file: the program, the plugin, the tests, and
# the libraries that such a machine may lack (not the C library, not CUDA's own).
#   bundle.sh BUILD OUT.tar.xz
set -eu
build=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/lib" "$folder/tests/parity" "$folder/tests/golden" "$folder/tests/cuda"
cp "$build/ganime-bench" "$build/ganime-cuda.so" "$folder/"
cp "$build/tests/parity/test_ops" "$folder/tests/parity/"
cp "$build/tests/golden/test_tiny_nets" "$folder/tests/golden/"
cp "$build/tests/cuda/test_card" "$build/tests/cuda/test_fused" "$folder/tests/cuda/"
cp "$here/check.sh" "$here/../../bench/peer_pytorch.py" "$folder/"
ldd "$folder/ganime-bench" "$folder/tests/cuda/test_card" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
    grep -vE '/(libc|libm|libdl|libpthread|librt|ld-linux[^/]*)\.so' | while read -r library; do cp -L "$library" "$folder/lib/"; done
# Large libraries that FFmpeg's and Cairo's pull in, and that no check calls: a library of the same name whose functions
# stop the program takes their place.
needed=$(for file in "$folder"/lib/* "$folder/ganime-bench"; do nm -D --undefined-only "$file"; done | sed 's/.* //; s/@.*//' | sort -u)
stub() { # stub LIBRARY: left as it is when its functions carry versions
    if readelf -V "$1" | grep -q 'Version definition section'; then return; fi
    nm -D --defined-only "$1" | sed 's/.* //; s/@.*//' | sort -u | comm -12 - "$folder/needed" |
        sed 's/.*/.globl &\n&:/' | { echo '.text'; cat; echo 'ud2'; echo '.section .note.GNU-stack,"",@progbits'; } >"$folder/stub.s"
    ${CC:-cc} -shared -nostdlib -Wl,-soname,"$(basename "$1")" -o "$1" "$folder/stub.s"
}
echo "$needed" >"$folder/needed"
for library in "$folder"/lib/*; do
    case ${library##*/} in
    libicudata.* | libcodec2.* | libx265.* | librsvg-* | libplacebo.* | libSvtAv1Enc.* | libaom.* | libflite* | librav1e.* | \
        libjxl* | libvpx.* | libopenmpt.* | libx264.* | libgio-*) stub "$library" ;;
    esac
done
rm -f "$folder/needed" "$folder/stub.s"
# The weights of LPIPS, when they are here; without them quality is not scored.
weights=${GANIME_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ganime-bench}/weights/lpips_alex_v0.1.ckpt
if [ -f "$weights" ]; then mkdir -p "$folder/cache/weights" && cp "$weights" "$folder/cache/weights/"; fi
strip --strip-unneeded "$folder"/lib/*.so* "$folder"/tests/*/test_* "$folder/ganime-bench" 2>/dev/null || true
tar -C "$folder" -cf - . | xz -T0 -6 >"$out"
size=$(wc -c <"$out")
echo "$out: $((size / 1000000)) MB"
[ "$size" -le 67108864 ] || { echo "$out is larger than 64 MiB"; exit 1; }
