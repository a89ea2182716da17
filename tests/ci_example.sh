#!/bin/sh
# Carries out the workflows of results/ci: the very commands in the files, in a repository made for it, as a CI system
# would run them, with a generator that stays as it is, gets worse, and breaks.
#   tests/ci_example.sh                  installs from a clean clone of this checkout's commit (minutes)
#   tests/ci_example.sh --built PROGRAM  takes a program that is built already, in place of the step `install`, and fewer
#                                        frames and metrics than the files name (seconds)
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
built=
[ "${1-}" != --built ] || built=$(readlink -f "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { echo "ci-example: $*"; }
die() { say "FAILED: $*"; exit 1; }

# The shell text of a step: what follows its line "# step: NAME" and is indented no less.
step() { # step FILE NAME
    awk -v want="# step: $2" '
        { match($0, /^ */); indent = RLENGTH }
        inside && NF && indent < depth { inside = 0 }
        inside && NF { print substr($0, depth + 1) }
        substr($0, indent + 1) == want { inside = 1; depth = indent }' "$1"
}
# The values under `env:` or `variables:` at the top, as lines NAME=value.
values() { # values FILE
    awk '/^[^ #]/ { inside = /^(env|variables):/ }
        inside && /^  [A-Z_]+: "/ { name = $1; sub(/:$/, "", name); split($0, part, "\""); print name "=" part[2] }' "$1"
}

github=$here/results/ci/github.yml gitlab=$here/results/ci/gitlab.yml
for name in install run gate rebaseline; do
    step "$github" $name >"$work/$name.sh"
    step "$gitlab" $name >"$work/other.sh"
    [ -s "$work/$name.sh" ] || die "results/ci/github.yml: expected a step $name, found none"
    cmp -s "$work/$name.sh" "$work/other.sh" || die "results/ci: step $name is not the same in both files"
done
step "$github" summary >"$work/summary.sh"
values "$github" >"$work/values"
values "$gitlab" | cmp -s - "$work/values" || die "results/ci: the values are not the same in both files"

# Where Python can read YAML: the files are YAML, and a YAML reader finds the same steps.
python3 - "$work" "$github" "$gitlab" <<'END' || die "results/ci: not the YAML that was meant"
import sys
try:
    import yaml
except ImportError:
    print("ci-example: PyYAML is not here: the files are not read as YAML")
    sys.exit(0)
def texts(value):
    if isinstance(value, dict): value = list(value.values())
    return [value] if isinstance(value, str) else sum(map(texts, value), []) if isinstance(value, list) else []
for path in sys.argv[2:]:
    found = texts(yaml.safe_load(open(path)))
    for name in ("install", "run", "gate", "rebaseline"):
        if "# step: " + name + "\n" + open(f"{sys.argv[1]}/{name}.sh").read() not in found:
            sys.exit(f"{path}: no step {name}")
# GitLab takes no keyword that it does not know: those of jobs and of the top that these files may use.
job_words = {"image", "cache", "before_script", "artifacts", "extends", "script", "when", "rules", "needs", "stage", "variables"}
jobs = yaml.safe_load(open(sys.argv[3]))
jobs = {name: job for name, job in jobs.items() if name not in ("variables", "stages", "default", "workflow")}
for name, job in jobs.items():
    unknown = set(job) - job_words
    if unknown: sys.exit(f"{sys.argv[3]}: {name}: GitLab does not know {sorted(unknown)}")
    if "extends" in job and job["extends"] not in jobs: sys.exit(f"{sys.argv[3]}: {name} extends nothing that is there")
    if not name.startswith(".") and "script" not in job: sys.exit(f"{sys.argv[3]}: {name} has no script")
END

if command -v actionlint >/dev/null; then actionlint "$github" || die "results/ci/github.yml: see above"
else say "skipped: actionlint is not here"; fi

# The user's repository: a generator and nothing else.
mkdir "$work/studio"
cd "$work/studio"
cp "$here/models/examples/edge.py" widen.py
while IFS='=' read -r name value; do export "$name=$value"; done <"$work/values"
BENCH_REPOSITORY=$here BENCH_COMMIT=$(git -C "$here" rev-parse HEAD) GITHUB_STEP_SUMMARY=$work/page WHY='first baseline'
export BENCH_REPOSITORY BENCH_COMMIT GITHUB_STEP_SUMMARY WHY
unset MAKEFLAGS MAKELEVEL || :
# Drawn shows and weights are there already where this machine has them.
GANIME_CACHE=${CI_EXAMPLE_CACHE:-$GANIME_CACHE}

run_step() { # run_step NAME CODE
    say "$1"
    code=0
    sh -e "$work/$1.sh" >"$work/log" 2>&1 || code=$?
    [ $code = "$2" ] || { cat "$work/log"; die "step $1: expected exit $2, found $code"; }
}
fresh() { rm -rf run gate.md gate.xml; } # what a CI system has at the start of each job

if [ -n "$built" ]; then
    FRAMES="--dataset toon --limit 24 --metric psnr_rgb,ssim_gauss11_rgb"
    mkdir -p ganime-bench/build
    ln -s "$built" ganime-bench/build/ganime-bench
else
    run_step install 0
fi

say "no baseline yet: the gate says so"
run_step run 0
run_step gate 5
run_step rebaseline 0
[ -s baseline.json ] || die "expected a baseline.json, found none"

say "the same generator again: green"
fresh
run_step run 0
run_step gate 0

say "a worse generator: red"
fresh
sed -i 's/^    pitch, strip = .*/    return frame/' widen.py
run_step run 0
run_step gate 1
run_step summary 0
grep -q worse "$work/page" || die "the summary page does not say what is worse"
grep -q '<failure' gate.xml || die "gate.xml has no failure"
for kept in run/report.html gate.md gate.xml baseline.json; do
    [ -s $kept ] || die "$kept: expected it among the artefacts, found nothing"
done

say "a broken generator: red"
fresh
echo 'raise SystemExit("no weights")' >widen.py
run_step run 3
grep -q 'mine: ended with exit code 1.*no weights' "$work/log" || { cat "$work/log"; die "the log does not say why"; }

say "passed"
