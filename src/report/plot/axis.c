#include "report/plot/axis.h"

#include <math.h>

void gb_range_add(gb_range *range, double value)
{
    if (!isfinite(value)) return;
    if (!range->any || value < range->lo) range->lo = value;
    if (!range->any || value > range->hi) range->hi = value;
    range->any = true;
}

/* The least of 1, 2, 5 times a power of ten that is at least `rough`. */
static double round_step(double rough)
{
    const double power = pow(10.0, floor(log10(rough)));
    const double ratio = rough / power;
    return power * (ratio <= 1.0 ? 1.0 : ratio <= 2.0 ? 2.0 : ratio <= 5.0 ? 5.0 : 10.0);
}

/* The next smaller one. */
static double finer_step(double step)
{
    const double power = pow(10.0, floor(log10(step) + 1e-9)), ratio = step / power;
    return power * (ratio > 4.0 ? 2.0 : ratio > 1.5 ? 1.0 : 0.5);
}

static int ticks_at(const gb_axis *axis, double step)
{
    return (int)(floor(axis->hi / step + 1e-9) - ceil(axis->lo / step - 1e-9)) + 1;
}

gb_axis gb_axis_linear(gb_range range, int most)
{
    gb_axis axis = {.lo = range.any ? range.lo : 0.0, .hi = range.any ? range.hi : 1.0};
    double span = axis.hi - axis.lo;
    if (span < 1e-12 * fabs(axis.hi) || span <= 0.0) span = fabs(axis.hi) > 0.0 ? fabs(axis.hi) : 1.0;
    const bool from_zero = axis.lo >= 0.0 && axis.lo <= 0.06 * span;
    axis.lo = from_zero ? 0.0 : axis.lo - 0.06 * span;
    axis.hi += 0.06 * span;
    double step = round_step((axis.hi - axis.lo) / most);
    for (int finer = 0; finer < 3 && ticks_at(&axis, step) < 3; finer++) /* one tick alone tells no scale */
        step = finer_step(step);
    axis.digits = step >= 1.0 ? 0 : (int)ceil(-log10(step) - 1e-9);
    for (double k = ceil(axis.lo / step - 1e-9); k * step <= axis.hi && axis.ticks < GB_AXIS_TICKS; k += 1.0)
        axis.tick[axis.ticks++] = k * step;
    return axis;
}

gb_axis gb_axis_log(gb_range range)
{
    static const double of_decade[] = {1.0, 2.0, 5.0};
    const double lo = range.any && range.lo > 0.0 ? range.lo : 1.0, hi = range.any && range.hi > lo ? range.hi : lo;
    gb_axis axis = {.lo = log10(lo) - 0.12, .hi = log10(hi) + 0.12, .logarithmic = true};
    const bool decades_only = axis.hi - axis.lo > 2.2;
    for (double decade = floor(axis.lo); decade <= axis.hi; decade += 1.0)
        for (int i = 0; i < (decades_only ? 1 : 3) && axis.ticks < GB_AXIS_TICKS; i++) {
            const double tick = pow(10.0, decade) * of_decade[i];
            if (log10(tick) >= axis.lo && log10(tick) <= axis.hi) axis.tick[axis.ticks++] = tick;
        }
    return axis;
}

double gb_axis_percent(const gb_axis *axis, double value)
{
    const double position = axis->logarithmic ? log10(value) : value;
    return 100.0 * fmin(1.0, fmax(0.0, (position - axis->lo) / (axis->hi - axis->lo)));
}

void gb_axis_label(gb_buffer *out, const gb_axis *axis, double tick)
{
    if (axis->logarithmic)
        gb_buffer_printf(out, "%g", tick);
    else
        gb_buffer_printf(out, "%.*f", axis->digits, tick == 0.0 ? 0.0 : tick);
}
