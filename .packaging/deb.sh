#!/bin/sh
# Makes the Debian source package of what is committed or would be, builds it, and has lintian look at all of it.
# Usage: deb.sh FOLDER, which is emptied first and gets the packages. LINTIAN= goes without its opinion.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
lintian=${LINTIAN-lintian}
for tool in dpkg-buildpackage dh $lintian; do
    command -v $tool >/dev/null || { echo "deb: $tool is not here: apt-get install dpkg-dev debhelper lintian" >&2; exit 1; }
done
rm -rf "$1"
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$here"
version=$(sed -n 's/^.define GB_VERSION "\(.*\)"/\1/p' src/ganime.h)
source=$out/ganime-bench-$version
list() { git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null | LC_ALL=C sort; }

list | tar -cJf "$out/ganime-bench_$version.orig.tar.xz" --transform "s|^|ganime-bench-$version/|" --owner=0 --group=0 \
    --numeric-owner --mtime="@$(git log -1 --format=%ct)" -T -
tar -C "$out" -xf "$out/ganime-bench_$version.orig.tar.xz"
cp -R .packaging/debian "$source/debian"
git describe --always --dirty --abbrev=12 >"$source/debian/commit"
{
    echo 'libganime.so.1 libganime1 #MINVER#'
    echo " GANIME_1@GANIME_1 $version"
    sed -n "s/^    \(gb_[a-z0-9_]*\);\$/ \1@GANIME_1 $version/p" bench/api/ganime.map
} >"$source/debian/libganime1.symbols"
(cd "$source" && dpkg-buildpackage -us -uc)
[ -z "$lintian" ] || $lintian --fail-on error,warning --tag-display-limit 0 "$out"/*.changes
echo "deb: $(ls "$out"/*.deb | sed 's|.*/||' | tr '\n' ' ')"
