#include "pipeline/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/terminal.h"

/* Whether the line can be drawn over again. */
static bool can_redraw(void)
{
    const char *const kind = getenv("TERM");
    return isatty(STDERR_FILENO) && !(kind && !strcmp(kind, "dumb"));
}

void gb_progress_start(gb_progress *progress, bool quiet, const char *what, const char *unit, long total)
{
    *progress = (gb_progress){.visible = !quiet && can_redraw(), .total = total, .start_ns = gb_clock_ns()};
    snprintf(progress->what, sizeof progress->what, "%s", what);
    snprintf(progress->unit, sizeof progress->unit, "%s", unit);
}

static void draw(const gb_progress *progress, long done, double seconds)
{
    const double rate = seconds > 0.0 ? (double)done / seconds : 0.0;
    const long left = done && progress->total ? (long)((double)(progress->total - done) / rate + 0.5) : -1;
    char text[320], of[32] = "", pace[48] = "", rest[64] = "";
    if (progress->total) snprintf(of, sizeof of, "/%ld", progress->total);
    if (done && rate > 0.0) snprintf(pace, sizeof pace, "  %.1f/s", rate);
    if (left >= 0) snprintf(rest, sizeof rest, "  %ld:%02ld left", left / 60, left % 60);
    snprintf(text, sizeof text, "  %s  %ld%s %s%s%s", progress->what, done, of, progress->unit, pace, rest);
    const int columns = gb_terminal_columns(STDERR_FILENO); /* a line that goes on in the next could not be wiped */
    fprintf(stderr, "\r\033[K%.*s", columns ? columns - 1 : (int)sizeof text, text);
    fflush(stderr);
}

void gb_progress_show(gb_progress *progress, long done)
{
    if (!progress->visible) return;
    const uint64_t now = gb_clock_ns();
    if (progress->drawn_ns && now - progress->drawn_ns < 100000000u && done != progress->total) return;
    progress->drawn_ns = now;
    draw(progress, done, (double)(now - progress->start_ns) * 1e-9);
}

void gb_progress_end(gb_progress *progress)
{
    if (progress->visible && progress->drawn_ns) fputs("\r\033[K", stderr);
    progress->visible = false;
}

void gb_progress_build(void *user, const char *what, long done, long total)
{
    gb_progress *progress = user;
    if (!progress->visible) return;
    if (!progress->start_ns || strcmp(progress->what, what) != 0) {
        gb_progress_start(progress, false, what, "frames", total);
    }
    gb_progress_show(progress, done);
}
