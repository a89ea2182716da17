"""How the cost of a run grows with frames, generators and threads: growth.py PROGRAM [--svg FILE] [--rounds N]

Runs `ganime-bench run` on the embedded show, one size after another, round after round; prints medians as Markdown and draws them.
Only Python's standard library is used."""
import argparse
import os
import statistics
import subprocess
import tempfile
import time

FRAMES = (24, 48, 96, 192)
GENERATORS = ("mirror", "edge", "blur", "black")
THREADS = (1, 2)
MIDDLE = 48


def cases():
    """(what grows, its value, frames, generators, threads)."""
    return ([("frames", n, n, 2, 2) for n in FRAMES] +
            [("generators", n, MIDDLE, n, 2) for n in range(1, len(GENERATORS) + 1)] +
            [("threads", n, MIDDLE, 2, n) for n in THREADS])


def measure(program, frames, generators, threads):
    """(seconds, peak memory in MB) of one run."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "run", "--dataset", "toon", "--split", "all", "--limit", str(frames), "--generator",
                   ",".join(GENERATORS[:generators]), "--threads", str(threads), "--no-timing", "--no-panels", "--quiet",
                   "--device", "cpu", "--out", folder + "/run"]
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{' '.join(command)}: exit code {child.returncode}")
        return time.perf_counter() - start, usage.ru_maxrss / 1024


def fit(points):
    """Slope, intercept and the largest relative distance of y from the line through (x, y)."""
    n = len(points)
    mx, my = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    slope = sum((x - mx) * (y - my) for x, y in points) / sum((x - mx) ** 2 for x, _ in points)
    base = my - slope * mx
    return slope, base, max(abs(y / (base + slope * x) - 1) for x, y in points)


def panel(left, title, unit, points, line):
    """One chart of 200 x 150 at `left`: points, the line through them, both axes from zero."""
    top = max(y for _, y in points) * 1.15
    right = max(x for x, _ in points) * 1.08
    place = lambda x, y: (left + 44 + x / right * 180, 170 - y / top * 130)
    parts = [f'<text x="{left + 44}" y="24" class="t">{title}</text>',
             f'<path class="a" d="M{left + 44} 40V170H{left + 224}"/>']
    for x, y in points:
        px, py = place(x, y)
        parts.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3"/><text x="{px:.1f}" y="184" class="x">{x}</text>'
                     f'<text x="{px:.1f}" y="{py - 7:.1f}" class="x">{y:.3g}</text>')
    if line:
        slope, base, _ = line
        (x0, y0), (x1, y1) = place(0, base), place(right, base + slope * right)
        parts.append(f'<path class="l" d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}"/>')
    parts.append(f'<text x="{left + 40}" y="44" class="y">{unit}</text>')
    return "".join(parts)


def draw(path, series):
    frames, memory, generators, threads = series
    style = ("text{font:11px sans-serif;fill:#333}.t{font-weight:bold}.x{text-anchor:middle;font-size:9px}"
             ".y{text-anchor:end;font-size:9px}.a{fill:none;stroke:#888}.l{fill:none;stroke:#1f77b4;stroke-dasharray:4 3}"
             "circle{fill:#1f77b4}")
    body = (panel(0, "seconds by frames", "s", frames, fit(frames)) + panel(230, "peak memory by frames", "MB", memory, None) +
            panel(460, "seconds by generators", "s", generators, fit(generators)) +
            panel(690, "seconds by threads", "s", threads, None))
    with open(path, "w", encoding="utf-8") as file:
        file.write('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 920 196" role="img" aria-label="Cost of a run by frames, '
                   f'generators and threads"><style>{style}</style><rect width="920" height="196" fill="#fff"/>{body}</svg>\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--svg")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    samples = {case: [] for case in cases()}
    for _ in range(options.rounds):
        for case in samples:
            samples[case].append(measure(options.program, *case[2:]))
    median = {case: tuple(statistics.median(values) for values in zip(*taken)) for case, taken in samples.items()}
    pick = lambda what, k: [(case[1], value[k]) for case, value in median.items() if case[0] == what]
    print("| what grows | frames | generators | threads | seconds | peak memory, MB |\n|---|--:|--:|--:|--:|--:|")
    for (what, _, frames, generators, threads), (seconds, memory) in median.items():
        print(f"| {what} | {frames} | {generators} | {threads} | {seconds:.2f} | {memory:.0f} |")
    for what in ("frames", "generators"):
        slope, base, off = fit(pick(what, 0))
        print(f"\n{what}: {base:.2f} s and {slope * 1e3:.0f} ms each; no point is further than {off:.1%} from that line")
    (_, one), (_, two) = pick("threads", 0)
    print(f"\nthreads: 1 -> 2 is {one / two:.2f}x")
    if options.svg:
        draw(options.svg, (pick("frames", 0), pick("frames", 1), pick("generators", 0), pick("threads", 0)))


if __name__ == "__main__":
    main()
