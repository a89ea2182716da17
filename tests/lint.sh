#!/bin/sh
# House rules that a compiler does not know: which room may include which, file and function size, headers that say
# what they are for and show what others use, banned calls, nothing of one machine.
bad=0
complain() { echo "lint: $*"; bad=1; }

ruled=
# Rooms from the ground up; each may include itself and those named.
rule() { # rule ROOM ALLOWED...: every quoted include of the room's files begins with one of ALLOWED
    room=$1 own=${1#src/}
    own=${own#bench/}
    ruled="$ruled $room "
    shift
    for file in $(find "$room" -maxdepth 1 \( -name '*.[ch]' -o -name '*.cpp' \) 2>/dev/null); do
        for include in $(sed -n 's/^ *# *include "\([^"]*\)".*/\1/p' "$file"); do
            dir=$(dirname "$include")
            ok=0
            for allowed in "$own" "$@"; do [ "$dir" = "$allowed" ] && ok=1; done
            [ $ok = 1 ] || complain "$file includes \"$include\": $room may include only $*"
        done
    done
}
rule src
rule src/core . # ganime.h, which the library shows
rule src/stats core
rule src/image core
rule src/video core image
rule src/flow core image
rule src/engine core
rule src/backend core engine backend/ref backend/cpu
rule src/backend/ref core engine backend
rule src/backend/cpu core engine backend
rule src/backend/cuda core engine backend
rule src/checkpoint core engine
rule src/report core image stats
rule src/report/plot core image stats report
rule src/report/html core image stats report report/plot
rule src/report/paper core image stats report report/plot
rule models core engine backend image
rule models/training/gpu core datasets datasets/toon # a program of its own, for making packs where a card is
rule metrics core engine backend image flow checkpoint stats
rule datasets core image flow datasets/toon
rule datasets/toon core image datasets
# The program's rooms may include all that lies below bench/, what bench/ itself says of the program (version.h,
# numerics.h), and of each other only these.
below='core image stats video flow engine backend checkpoint report report/plot models metrics datasets datasets/toon .'
rule bench/api core engine backend image checkpoint models metrics .
rule bench/cli $below
rule bench/pipeline $below
rule bench/machine $below
rule bench/cells $below
rule bench/protocol $below
rule bench/contenders $below cli protocol
rule bench/findings $below contenders
rule bench/evaluate $below cells protocol contenders pipeline findings
rule bench/pictures $below protocol contenders findings evaluate
rule bench/selection $below cli machine pipeline protocol contenders
rule bench/timing $below cli machine contenders selection protocol
rule bench/run $below cli cells machine pipeline protocol findings evaluate pictures selection timing
rule bench/score $below cli pipeline
rule bench/model $below cli pipeline
rule bench/extend $below cli machine pipeline contenders
rule bench/gate $below cli timing
rule bench/selftest $below cli pipeline evaluate selection timing gate
for room in $(git ls-files 'src/*.[ch]' 'models/*.[ch]' 'metrics/*.[ch]' 'datasets/*.[ch]' 'bench/*/*.[ch]' | xargs -n1 dirname | sort -u); do
    case $ruled in *" $room "*) ;; *) [ "$room" = bench/api/examples ] || complain "$room has no rule here: what may it include?" ;; esac
done
for file in $(grep -lE '"(commands|cmd_[a-z]*)\.h"' bench/*/*.[ch]); do
    complain "$file includes a command: those are the top floor"
done
# A concrete backend is named by the registry alone.
for file in $(grep -lE '"backend/(ref|cpu|cuda)/' -r src models metrics datasets bench --include='*.[ch]' 2>/dev/null); do
    case $file in src/backend/registry.c | src/backend/ref/* | src/backend/cpu/* | src/backend/cuda/*) ;; *) complain "$file includes a concrete backend" ;; esac
done

for file in $(git ls-files '*.c' '*.h' '*.cpp'); do
    [ -f "$file" ] || continue
    lines=$(wc -l <"$file")
    [ "$lines" -le 500 ] || complain "$file has $lines lines (at most 500)"
    grep -nP '\t|[ ]+$' "$file" /dev/null | head -3 | grep . && complain "$file: tabs or trailing blanks"
    LC_ALL=C.UTF-8 grep -nE '^.{121,}$' "$file" /dev/null | cut -c1-80 | grep . && complain "$file: more than 120 columns"
    # A function opens with "{" in column 1 and closes with "}" in column 1.
    awk -v f="$file" '/^\{/ { start = NR } /^\}/ && start { n = NR - start - 1; if (n > 60) { printf "lint: %s:%d: function of %d lines (at most 60)\n", f, start, n; bad = 1 } start = 0 } END { exit bad }' "$file" || bad=1
done
# What a header shows is for others: a function that none of them uses is dead, or should be static.
git ls-files '*.c' '*.h' '*.cpp' '*.cu' '*.cuh' | xargs awk '
    FNR == 1 { stem = FILENAME; sub(/\.[a-z]*$/, "", stem); header = FILENAME ~ /\.h$/ && FILENAME !~ /^tests\// && FILENAME !~ /^src\/ganime\.h$/ }
    {
        use = /^[ #]/ || /^static/
        for (line = $0; match(line, /gb_[a-z0-9_]+/); line = substr(line, RSTART + RLENGTH)) {
            name = substr(line, RSTART, RLENGTH)
            called = substr(line, RSTART + RLENGTH, 1) == "("
            if (use && !((name, stem) in seen)) { seen[name, stem] = 1; users[name] = users[name] " " stem }
            if (!use && called && header && !/^ *[\/*]/ && !/^typedef/) shown[name] = FILENAME
            if (!use && called && !header) maker[name] = stem
        }
    }
    END {
        for (name in shown) {
            used = 0
            for (n = split(users[name], user, " "); n > 0; n--) used = used || user[n] != maker[name]
            if (!used) { print "lint: " shown[name] ": no other file uses " name; bad = 1 }
        }
        exit bad
    }' || bad=1
# Half of all functions fit on a glance.
git ls-files '*.c' '*.cpp' ':!tests' | xargs awk '/^\{/ { start = FNR } /^\}/ && start { print FNR - start - 1; start = 0 }' |
    sort -n | awk '{ n[NR] = $1 } END { exit NR == 0 || n[int((NR + 1) / 2)] >= 20 }' ||
    complain "the median function has 20 lines or more"
for file in $(git ls-files '*.h' ':!tests'); do
    case $(head -c 2 "$file") in '/*') ;; *) complain "$file: expected a comment first, saying what it is for" ;; esac
done
for name in $(git grep -ohE 'getenv\("[A-Za-z_]+"\)' -- src models metrics datasets bench | cut -d'"' -f2 | sort -u); do
    grep -q "^ *{\"[^\"]*$name[,\"]" bench/cli/manual.c || complain "\$$name is looked at, but bench/cli/manual.c does not tell"
done
ban() { # ban WHY NAMES FILES...: none of the functions NAMES (a|b|c) is called in FILES
    why=$1 names=$2
    shift 2
    [ $# -gt 0 ] || return 0
    if grep -nE "(^|[^_a-zA-Z0-9.>])($names) *\\(" "$@" /dev/null; then complain "$why"; fi
}
library=$(git ls-files 'src/*.c' 'src/*.cpp' 'src/*.cu' 'models/*.c' 'metrics/*.c' 'datasets/*.c' 'bench/api/*.c' \
    ':!bench/api/examples' ':!models/training') # what training needs is a program of its own
ban "below bench/ and in the library nothing exits, prints or asserts" \
    'exit|_Exit|quick_exit|abort|raise|printf|vprintf|fprintf|vfprintf|puts|fputs|putchar|putc|fputc|perror|assert' $library
ban "only a child that could not become its program ends so" '_exit' $(echo "$library" | grep -v '^src/core/process.c$')
ban "unbounded or unchecked: use the snprintf, strtol or gb_ kind" 'sprintf|strcpy|strcat|gets|atoi|atof|strtok|system' \
    $(git ls-files '*.c' '*.h')
# What belongs to one machine or one registry: no folder of somebody's, no host that packages come from.
if git grep -nIE '(^|[^[:alnum:]_.}])/(work|root|home|Users)/|[a-z]+\.(pypi|npmjs|crates|docker|ghcr)\.(org|io|com)|pypi\.org|pythonhosted|deb\.debian' \
    -- ':!tests/lint.sh'; then
    complain "a path of one machine, or the host of a registry"
fi
exit $bad
