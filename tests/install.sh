#!/bin/sh
# Installs what is built into a folder made for it, and uses it from elsewhere, as somebody would who has only that.
# Usage: tests/install.sh BUILD
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { echo "install: $*"; }
die() { say "FAILED: $*"; exit 1; }

cd "$here"
root=$work/root
make -s install DESTDIR="$root" PREFIX=/usr BUILD="$build"
sed -n 's/^GB_API [^(]*[ *]\(gb_[a-z0-9_]*\)(.*/\1/p' src/ganime.h | sort >"$work/header"
sed -n 's/^    \(gb_[a-z0-9_]*\);$/\1/p' bench/api/ganime.map | sort >"$work/map"
nm -D --defined-only "$root/usr/lib/libganime.so" | sed -n 's/.* T \([^@]*\)@@GANIME_1.*/\1/p' | sort >"$work/shared"
nm -D --defined-only "$root/usr/lib/libganime.so" | grep -v ' T gb_.*@@GANIME_1\| A GANIME_1$' && die "libganime.so exports more"
nm -g --defined-only "$root/usr/lib/libganime.a" | sed -n 's/^[0-9a-f]* [A-Z] //p' | sort >"$work/static"
for kind in map shared static; do
    cmp "$work/header" "$work/$kind" || die "the names of ganime.h and of the $kind list differ"
done
grep -q gb_scorer_new "$work/header" || die "ganime.h declares nothing"
say "exported names: $(wc -l <"$work/header"), the header's"

cd "$work"
program=$root/usr/bin/ganime-bench
"$program" --version | head -1
[ ! -f "$root/usr/lib/ganime-bench/ganime-cuda.so" ] || ! "$program" list devices | grep -q 'ganime-cuda.so is not here' ||
    die "the plugin is not found from the program"
mkdir -p "$root/usr/share/ganime-bench/weights"
echo none >"$root/usr/share/ganime-bench/weights/glcic.safetensors"
"$program" list generators | grep -q 'share/ganime-bench/weights/glcic.safetensors' || die "installed weights are not found"
rm "$root/usr/share/ganime-bench/weights/glcic.safetensors"
pages=$root/usr/share
[ -s "$pages/man/man1/ganime-bench.1" ] || die "no manual page"
[ -s "$pages/bash-completion/completions/ganime-bench" ] || die "no completion"
for text in README.md results/gate.md; do
    for to in $(sed -n 's/.*](\([^)#:]*\)).*/\1/p' "$pages/doc/ganime-bench/$text"); do
        [ -e "$pages/doc/ganime-bench/$(dirname "$text")/$to" ] || die "$text links to $to, which is not installed"
    done
done

export PKG_CONFIG_PATH="$root/usr/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
version=$(sed -n 's/^.define GB_VERSION "\(.*\)"/\1/p' "$root/usr/include/ganime.h")
[ "$(pkg-config --modversion ganime)" = "$version" ] || die "ganime.pc is not of version $version"
example=$pages/doc/ganime-bench/bench/api/examples/score.c
strict='-Wall -Wextra -Wpedantic -Werror'
truth=$pages/doc/ganime-bench/results/pictures/truth.png test=$pages/doc/ganime-bench/results/pictures/mirror.png
try() { # try NAME RUN...: builds were made as NAME; what it prints must be the program's own numbers
    name=$1
    LD_LIBRARY_PATH=$root/usr/lib "./$name" "$truth" "$test" >"$name.txt" || die "$name: exit $?"
    cmp expected.txt "$name.txt" || die "$name: $(cat "$name.txt"), the program says $(cat expected.txt)"
    say "$name: $(tr '\n' ' ' <"$name.txt")"
}
"$program" score "$truth" "$test" --side $(($(od -An -j16 -N4 -tu1 "$truth" | awk '{ print $3 * 256 + $4 }') / 8)) \
    --metric psnr_rgb,ssim_gauss11_rgb --json |
    sed -n 's/.*"psnr_rgb":{[^}]*"sides":\([0-9.]*\).*"ssim_gauss11_rgb":{[^}]*"sides":\([0-9.]*\).*/\1 \2/p' | head -1 |
    awk '{ printf "psnr_rgb %.6f\nssim_gauss11_rgb %.6f\n", $1, $2 }' >expected.txt
[ -s expected.txt ] || die "the program gave no score"
# shellcheck disable=SC2046,SC2086
{
    ${CC:-cc} -std=c11 $strict -o example_c "$example" $(pkg-config --cflags --libs ganime)
    try example_c
    ! command -v c++ >/dev/null || {
        c++ -x c++ -std=c++17 $strict -o example_cpp "$example" $(pkg-config --cflags --libs ganime)
        try example_cpp
    }
    ${CC:-cc} -std=c11 $strict -o example_static "$example" $(pkg-config --cflags ganime) "$root/usr/lib/libganime.a" \
        $(pkg-config --static --libs-only-L --libs-only-l ganime | sed "s|-lganime||; s|-L$root/usr/lib/x|-L/usr/lib/x|g")
    try example_static
}
if LD_LIBRARY_PATH=$root/usr/lib ./example_c "$truth" nowhere.png 2>error.txt; then die "a missing picture passed"; fi
grep -q '^score: nowhere.png: ' error.txt || die "expected a line on nowhere.png, found $(cat error.txt)"

cd "$here"
make -s uninstall DESTDIR="$root" PREFIX=/usr BUILD="$build"
left=$(find "$root" ! -type d)
[ -z "$left" ] || die "uninstall left $left"
say passed
