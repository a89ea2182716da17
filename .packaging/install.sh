#!/bin/sh
# Puts what was built in its places, or takes it away: install.sh put|remove. The list at the end is for both; the
# places come from package.mk by the environment.
set -eu
action=$1

file() { # file MODE FROM TO
    if [ "$action" = put ]; then
        install -D -m "$1" "$2" "$DESTDIR$3"
    else
        rm -f "$DESTDIR$3"
    fi
}
link() { # link TARGET NAME
    if [ "$action" = put ]; then
        mkdir -p "$(dirname "$DESTDIR$2")"
        ln -sf "$1" "$DESTDIR$2"
    else
        rm -f "$DESTDIR$2"
    fi
}

file 755 "$BUILD/ganime-bench" "$BINDIR/ganime-bench"
[ -z "$PLUGIN" ] || file 644 "$PLUGIN" "$PLUGINDIR/ganime-cuda.so"
for weights in models/weights/*; do
    [ ! -f "$weights" ] || file 644 "$weights" "$DATADIR/ganime-bench/weights/${weights##*/}"
done
file 755 bench/peer_pytorch.sh "$DATADIR/ganime-bench/peer_pytorch.sh"
file 644 bench/peer_pytorch.py "$DATADIR/ganime-bench/peer_pytorch.py"

file 644 src/ganime.h "$INCLUDEDIR/ganime.h"
file 644 "$BUILD/lib/libganime.a" "$LIBDIR/libganime.a"
file 644 "$BUILD/lib/$SHARED" "$LIBDIR/$SHARED"
link "$SHARED" "$LIBDIR/$SONAME"
link "$SONAME" "$LIBDIR/libganime.so"
file 644 "$BUILD/lib/ganime.pc" "$LIBDIR/pkgconfig/ganime.pc"

file 644 "$BUILD/share/ganime-bench.1" "$DATADIR/man/man1/ganime-bench.1"
file 644 "$BUILD/share/completion.bash" "$DATADIR/bash-completion/completions/ganime-bench"
file 644 "$BUILD/share/completion.zsh" "$ZSHDIR/_ganime-bench"
file 644 "$BUILD/share/completion.fish" "$DATADIR/fish/vendor_completions.d/ganime-bench.fish"

# Every text, with the files that it links to, keeps its place, so that the links hold.
texts() {
    ls LICENSE src/ganime.h results/ci/* results/schema/* models/examples/* bench/api/examples/*
    find README.md .github .packaging bench datasets metrics models results src -name '*.md' ! -path 'results/runs/*' | while read -r text; do
        echo "$text"
        grep -o ']([^)#: ]*' "$text" | sed 's/^](//' | while read -r to; do
            to=$(realpath --relative-to=. "$(dirname "$text")/$to")
            [ ! -f "$to" ] || echo "$to"
        done
    done
}
for text in $(texts | sort -u); do file 644 "$text" "$DOCDIR/$text"; done

# Folders of our own that are empty now.
[ "$action" = put ] || for own in "$DESTDIR$PLUGINDIR" "$DESTDIR$DATADIR/ganime-bench" "$DESTDIR$DOCDIR"; do
    [ ! -d "$own" ] || find "$own" -depth -type d -empty -delete
done
