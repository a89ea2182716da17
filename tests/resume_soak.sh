#!/bin/sh
# kill -9 at random moments: a run, a part of one and a team of two, each gone on with until it ends, must end with the
# bytes of one that nobody killed. `tests/resume_soak.sh BENCH [KILLS]`; minutes.
set -eu
bench=$(realpath "$1") kills=${2:-20}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
run="run --dataset toon --limit 64 --generator edge,mirror,blur --no-timing --quiet"
same() { # same A B: rows, tables and pictures of two runs
    for file in frames.jsonl summary.csv; do cmp "$1/$file" "$2/$file"; done
    (cd "$1/panels" && sha256sum -- *) | (cd "$2/panels" && sha256sum -c --quiet)
}
# Kills process $1 after 0 to 5.9 s, unless it has ended.
kill_some_time() {
    sleep "$(awk -v seed="$2" 'BEGIN { srand(seed); printf "%.2f", rand() * 5.9 }')"
    kill -9 "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
"$bench" $run --out whole
killed=0 resumed=0 seed=$$
while [ $killed -lt "$kills" ]; do
    rm -rf cut
    "$bench" $run --out cut &
    kill_some_time $! $((seed += 1))
    while ! [ -e cut/run.json ] || [ -e cut/cells ]; do
        killed=$((killed + 1))
        if [ -e cut/cells/job.json ]; then
            resumed=$((resumed + 1))
            "$bench" run --resume cut --quiet &
        else
            "$bench" $run --out cut &
        fi
        if [ $((killed % 3)) -eq 0 ]; then wait $!; else kill_some_time $! $((seed += 1)); fi
    done
    same whole cut
done
echo "$killed kills, $resumed times gone on with: the same bytes"

# A team of two, of which one worker dies at some time.
for i in 1 2 3; do
    rm -rf cut
    for rank in 0 1; do
        GANIME_RANK=$rank GANIME_RANKS=2 GANIME_JOB=soak$i "$bench" $run --threads 1 --out cut 2>/dev/null &
    done
    keeper=$!
    sleep 0.3
    worker=$(pgrep -P $keeper || true)
    sleep "$(awk -v seed=$((seed += 1)) 'BEGIN { srand(seed); printf "%.2f", rand() * 4 }')"
    [ -z "$worker" ] || kill -9 "$worker" 2>/dev/null || true
    wait
    same whole cut
done
echo "3 teams that lost a worker: the same bytes"
