#!/bin/sh
# Times PyTorch and ganime-bench beside each other on the same nets: peer_pytorch.sh [PROGRAM] [options of
# peer_pytorch.py]. PyTorch lives in a virtual environment of its own in the cache folder; PYTHON names another one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$here/../build/ganime-bench
case ${1-} in
'' | -*) ;;
*)
    program=$1
    shift
    ;;
esac
[ -d "$program" ] && program=$program/ganime-bench
[ -x "$program" ] || { echo "$program: expected the program, found nothing to run (make first)" >&2; exit 3; }

if [ -z "${PYTHON-}" ]; then
    cache=${GANIME_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ganime-bench}
    PYTHON=$cache/peer-pytorch/bin/python
    if ! "$PYTHON" -c 'import torch, numpy' 2>/dev/null; then
        echo "making a virtual environment with PyTorch in $cache/peer-pytorch" >&2
        mkdir -p "$cache"
        python3 -m venv "$cache/peer-pytorch"
        "$PYTHON" -m pip install --quiet --disable-pip-version-check torch numpy
    fi
fi
exec "$PYTHON" "$here/peer_pytorch.py" "$program" "$@"
