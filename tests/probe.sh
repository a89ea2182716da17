#!/bin/sh
# Prints ✓ or ✗ for each thing the build needs; exits 1 when one is missing. Usage: probe.sh CC PKG-CONFIG-NAME...
# What can be done without is marked "-" and does not count, unless OPENCV_WANTED is set.
cc=$1
shift
missing=0

say() { # say NAME COMMAND...: ✓ when the command succeeds
    name=$1
    shift
    if "$@" >/dev/null 2>&1; then echo "✓ $name"; else echo "✗ $name"; missing=1; fi
}

compiles() { # compiles HEADER LIBRARY: a program with both builds and links
    dir=$(mktemp -d)
    printf '#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <setjmp.h>\n#include <%s>\nint main(void) { return 0; }\n' "$1" >"$dir/t.c"
    $cc -o "$dir/t" "$dir/t.c" "-l$2"
    result=$?
    rm -rf "$dir"
    return $result
}

say "C compiler ($cc)" $cc --version
say pkg-config pkg-config --version
for package in "$@"; do say "$package" pkg-config --exists "$package"; done
say "oneDNN (libdnnl)" compiles dnnl.h dnnl
say "cmocka" compiles cmocka.h cmocka
say "pip" python3 -m pip --version
if command -v g++ >/dev/null && ls /usr/include/opencv4/opencv2/video/tracking.hpp \
    /usr/local/include/opencv4/opencv2/video/tracking.hpp 2>/dev/null | grep -q .; then
    echo "✓ OpenCV (video)"
else
    echo "- OpenCV (video) or g++: tof and e_warp will not be built"
    [ -z "$OPENCV_WANTED" ] || missing=1
fi
exit $missing
