#!/bin/sh
# binary.sh FILE...: whether each program or shared object has what `make` asks of compiler and linker. One line for
# each thing that is missing.
bad=0
for file in "$@"; do
    lacks() { echo "$file: expected $1"; bad=1; }
    headers=$(readelf -hlW "$file") dynamic=$(readelf -dW "$file") symbols=$(readelf -sW --dyn-syms "$file")
    [ -n "$headers" ] && [ -n "$dynamic" ] || { lacks "a dynamic ELF file"; continue; }
    has() { printf '%s\n' "$2" | grep -qE "$1"; }
    has 'Type: +DYN' "$headers" || lacks "code for any address (-fPIE -pie, -fPIC -shared), found it for one"
    has 'GNU_STACK +.* RW +0x' "$headers" || lacks "a stack that holds no code (-z noexecstack)"
    has 'LOAD .* RWE 0x' "$headers" && lacks "no memory that is both written and run"
    has 'GNU_RELRO' "$headers" || lacks "relocations that are read-only after start (-z relro)"
    has 'BIND_NOW|FLAGS_1.* NOW' "$dynamic" || lacks "all symbols bound at start (-z now)"
    has 'TEXTREL' "$dynamic" && lacks "no relocations in the code"
    has 'RPATH|RUNPATH' "$dynamic" && lacks "no library path of its own"
    has ' __stack_chk_fail' "$symbols" || lacks "guarded stacks (-fstack-protector-strong)"
    has ' __[a-z]+_chk(@| |$)' "$symbols" || lacks "checked copies and prints (-D_FORTIFY_SOURCE)"
done
exit $bad
