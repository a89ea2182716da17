#!/bin/sh
# Builds this checkout twice, in folders of other names and depths, at other times, with another umask, locale, time zone
# and number of jobs, and compares what would be installed byte by byte. Takes two whole builds.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap '[ -n "${KEEP-}" ] || rm -rf "$work"' EXIT
commit=$(git -C "$here" describe --always --dirty --abbrev=12 2>/dev/null || echo unknown)

(cd "$here" && git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null |
    tar -cf "$work/source.tar" -T -)
build() { # build FOLDER JOBS
    mkdir -p "$1"
    tar -xf "$work/source.tar" -C "$1"
    make -s -C "$1" -j"$2" package COMMIT="$commit" >"$1.log" 2>&1 || { tail -20 "$1.log"; exit 1; }
}
(umask 022; LC_ALL=C TZ=UTC build "$work/a" 2)
sleep 2 # another second, in whatever keeps one
(umask 077; LC_ALL=C.UTF-8 TZ=Asia/Tokyo build "$work/another/folder-that-is-deeper" 1)

bad=0 same=0
for made in ganime-bench ganime-cuda.so lib/libganime.a lib/libganime.so lib/ganime.pc share/ganime-bench.1 \
    share/completion.bash share/completion.zsh share/completion.fish; do
    a=$work/a/build/$made b=$work/another/folder-that-is-deeper/build/$made
    if [ ! -e "$a" ] && [ ! -e "$b" ]; then continue; fi
    if cmp "$a" "$b"; then same=$((same + 1)); else bad=1; fi
    if grep -q "$work" "$a"; then echo "$made: the folder it was built in stands in it"; bad=1; fi
done
[ $same -gt 0 ] && [ $bad = 0 ] && echo "reproducible: $same files, the same bytes twice"
