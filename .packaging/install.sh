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

# The texts keep their places, so that their links hold.
for text in LICENSE README.md .github/*.md .packaging/README.md results/*.md results/ci/* results/schema/* results/pictures/* models/*.md \
    models/examples/* metrics/*.md src/backend/cuda/*.md src/ganime.h bench/api/examples/* src/report/limits.json; do
    [ ! -f "$text" ] || file 644 "$text" "$DOCDIR/$text"
done

# Folders of our own that are empty now.
[ "$action" = put ] || for own in "$DESTDIR$PLUGINDIR" "$DESTDIR$DATADIR/ganime-bench" "$DESTDIR$DOCDIR"; do
    [ ! -d "$own" ] || find "$own" -depth -type d -empty -delete
done
