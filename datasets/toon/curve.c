#include "datasets/toon/curve.h"

#include <math.h>

#include "datasets/toon/chance.h"

void gb_curve_clear(gb_curve *curve)
{
    curve->count = 0;
}

void gb_curve_add(gb_curve *curve, double x, double y)
{
    if (curve->count < GB_CURVE_MAX) curve->point[curve->count++] = (gb_point){x, y};
}

gb_point gb_point_mix(gb_point a, gb_point b, double t)
{
    return (gb_point){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t};
}

double gb_point_distance(gb_point a, gb_point b)
{
    return sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
}

void gb_curve_sweep(gb_curve *curve, double x1, double y1, double x2, double y2, double x3, double y3)
{
    const gb_point from = curve->count ? curve->point[curve->count - 1] : (gb_point){x1, y1};
    const gb_point b = {x1, y1}, c = {x2, y2}, d = {x3, y3};
    const double length = gb_point_distance(from, b) + gb_point_distance(b, c) + gb_point_distance(c, d);
    const int steps = length < 8 ? 4 : length < 30 ? 7 : length < 90 ? 11 : 18;
    for (int i = 1; i <= steps; i++) {
        const double t = (double)i / steps, s = 1 - t;
        gb_curve_add(curve, s * s * s * from.x + 3 * s * s * t * b.x + 3 * s * t * t * c.x + t * t * t * d.x,
                     s * s * s * from.y + 3 * s * s * t * b.y + 3 * s * t * t * c.y + t * t * t * d.y);
    }
}

void gb_curve_bend(gb_curve *curve, double x1, double y1, double x2, double y2)
{
    const gb_point a = curve->count ? curve->point[curve->count - 1] : (gb_point){x1, y1};
    gb_curve_sweep(curve, a.x + (x1 - a.x) * 2 / 3, a.y + (y1 - a.y) * 2 / 3, x2 + (x1 - x2) * 2 / 3,
                   y2 + (y1 - y2) * 2 / 3, x2, y2);
}

static int arc_steps(double rx, double ry, double turns)
{
    const double size = rx > ry ? rx : ry;
    const int around = size < 3 ? 10 : size < 9 ? 16 : size < 40 ? 26 : 40;
    const int steps = (int)(around * fabs(turns) + 0.999);
    return steps < 3 ? 3 : steps;
}

void gb_curve_ellipse(gb_curve *curve, double x, double y, double rx, double ry)
{
    gb_curve_clear(curve);
    const int steps = arc_steps(rx, ry, 1);
    for (int i = 0; i < steps; i++) {
        const double t = (double)i / steps;
        gb_curve_add(curve, x + rx * gb_wave_cos(t), y + ry * gb_wave_sin(t));
    }
}

void gb_curve_arc(gb_curve *curve, double x, double y, double rx, double ry, double from, double to)
{
    gb_curve_clear(curve);
    const int steps = arc_steps(rx, ry, to - from);
    for (int i = 0; i <= steps; i++) {
        const double t = from + (to - from) * i / steps;
        gb_curve_add(curve, x + rx * gb_wave_cos(t), y + ry * gb_wave_sin(t));
    }
}

void gb_curve_box(gb_curve *curve, double x, double y, double width, double height, double radius)
{
    gb_curve_clear(curve);
    if (radius <= 0) {
        gb_curve_add(curve, x, y);
        gb_curve_add(curve, x + width, y);
        gb_curve_add(curve, x + width, y + height);
        gb_curve_add(curve, x, y + height);
        return;
    }
    const double smaller = width < height ? width : height, r = radius < smaller / 2 ? radius : smaller / 2;
    const gb_point centre[4] = {
        {x + width - r, y + height - r}, {x + r, y + height - r}, {x + r, y + r}, {x + width - r, y + r}};
    const int steps = r < 4 ? 3 : 6;
    for (int corner = 0; corner < 4; corner++)
        for (int i = 0; i <= steps; i++) {
            const double t = 0.25 * (corner + (double)i / steps);
            gb_curve_add(curve, centre[corner].x + r * gb_wave_cos(t), centre[corner].y + r * gb_wave_sin(t));
        }
}

static gb_point catmull_rom(gb_point a, gb_point b, gb_point c, gb_point d, double t)
{
    const double t2 = t * t, t3 = t2 * t;
    const double wa = -t3 + 2 * t2 - t, wb = 3 * t3 - 5 * t2 + 2, wc = -3 * t3 + 4 * t2 + t, wd = t3 - t2;
    return (gb_point){0.5 * (wa * a.x + wb * b.x + wc * c.x + wd * d.x),
                      0.5 * (wa * a.y + wb * b.y + wc * c.y + wd * d.y)};
}

void gb_curve_through(gb_curve *curve, const gb_point *point, int count, int closed)
{
    gb_curve_clear(curve);
    const int spans = closed ? count : count - 1;
    for (int i = 0; i < spans; i++) {
        const gb_point b = point[i], c = point[(i + 1) % count];
        const gb_point a = i > 0 || closed ? point[(i + count - 1) % count] : b;
        const gb_point d = i + 2 < count || closed ? point[(i + 2) % count] : c;
        const int steps = gb_point_distance(b, c) < 6 ? 4 : 8;
        for (int k = 0; k < steps; k++) {
            const gb_point p = catmull_rom(a, b, c, d, (double)k / steps);
            gb_curve_add(curve, p.x, p.y);
        }
    }
    if (!closed) gb_curve_add(curve, point[count - 1].x, point[count - 1].y);
}

/* The unit vector from a to b; to the right when they meet. */
static gb_point direction(gb_point a, gb_point b)
{
    const double length = gb_point_distance(a, b);
    if (length < 1e-9) return (gb_point){1, 0};
    return (gb_point){(b.x - a.x) / length, (b.y - a.y) / length};
}

void gb_curve_limb(gb_curve *curve, gb_point a, gb_point b, gb_point c, double wa, double wb, double wc)
{
    enum { STEPS = 8, CAP = 5 };
    gb_curve_clear(curve);
    const gb_point ab = direction(a, b), bc = direction(b, c);
    /* A quadratic through the joint keeps it round: b is on the curve at one half. */
    const gb_point control = {2 * b.x - 0.5 * (a.x + c.x), 2 * b.y - 0.5 * (a.y + c.y)};
    gb_point side[STEPS + 1], normal[STEPS + 1];
    double half[STEPS + 1];
    for (int i = 0; i <= STEPS; i++) {
        const double t = (double)i / STEPS;
        side[i] = gb_point_mix(gb_point_mix(a, control, t), gb_point_mix(control, c, t), t);
        /* Near the joint itself a sharper bend: halfway between the polyline and the quadratic. */
        const gb_point straight = t < 0.5 ? gb_point_mix(a, b, 2 * t) : gb_point_mix(b, c, 2 * t - 1);
        side[i] = gb_point_mix(side[i], straight, 0.6);
        const gb_point along = gb_point_mix(ab, bc, t), unit = direction((gb_point){0, 0}, along);
        normal[i] = (gb_point){-unit.y, unit.x};
        half[i] = t < 0.5 ? wa + (wb - wa) * 2 * t : wb + (wc - wb) * (2 * t - 1);
    }
    for (int i = 0; i <= STEPS; i++)
        gb_curve_add(curve, side[i].x + normal[i].x * half[i], side[i].y + normal[i].y * half[i]);
    for (int i = 1; i < CAP; i++) {
        const double s = gb_wave_sin(0.5 * i / CAP), k = gb_wave_cos(0.5 * i / CAP);
        gb_curve_add(curve, c.x + wc * (normal[STEPS].x * k + bc.x * s), c.y + wc * (normal[STEPS].y * k + bc.y * s));
    }
    for (int i = STEPS; i >= 0; i--)
        gb_curve_add(curve, side[i].x - normal[i].x * half[i], side[i].y - normal[i].y * half[i]);
    for (int i = 1; i < CAP; i++) {
        const double s = gb_wave_sin(0.5 * i / CAP), k = gb_wave_cos(0.5 * i / CAP);
        gb_curve_add(curve, a.x - wa * (normal[0].x * k + ab.x * s), a.y - wa * (normal[0].y * k + ab.y * s));
    }
}

void gb_curve_lobes(gb_curve *curve, double x, double y, double rx, double ry, int lobes, unsigned long long seed)
{
    gb_curve_clear(curve);
    const int steps = 6;
    for (int lobe = 0; lobe < lobes; lobe++) {
        const double size = 0.16 + 0.05 * gb_chance_noise(seed, lobe * 1.7);
        for (int i = 0; i < steps; i++) {
            const double t = (double)i / steps, turn = (lobe + t) / lobes;
            const double bulge = 1.0 - size + 1.35 * size * gb_wave_sin(0.5 * t);
            gb_curve_add(curve, x + rx * bulge * gb_wave_cos(turn), y + ry * bulge * gb_wave_sin(turn));
        }
    }
}

void gb_curve_move(gb_curve *curve, double dx, double dy)
{
    for (int i = 0; i < curve->count; i++) {
        curve->point[i].x += dx;
        curve->point[i].y += dy;
    }
}

void gb_curve_turn(gb_curve *curve, double x, double y, double turns)
{
    const double c = gb_wave_cos(turns), s = gb_wave_sin(turns);
    for (int i = 0; i < curve->count; i++) {
        const double dx = curve->point[i].x - x, dy = curve->point[i].y - y;
        curve->point[i] = (gb_point){x + c * dx - s * dy, y + s * dx + c * dy};
    }
}

static double signed_area(const gb_curve *curve)
{
    double area = 0;
    for (int i = 0; i < curve->count; i++) {
        const gb_point a = curve->point[i], b = curve->point[(i + 1) % curve->count];
        area += a.x * b.y - b.x * a.y;
    }
    return area;
}

void gb_curve_normals(const gb_curve *curve, int closed, gb_point *normal)
{
    const int count = curve->count;
    const double sign = closed && signed_area(curve) < 0 ? -1 : 1;
    for (int i = 0; i < count; i++) {
        const gb_point here = curve->point[i];
        gb_point in = direction(curve->point[(i + count - 1) % count], here);
        gb_point out = direction(here, curve->point[(i + 1) % count]);
        if (!closed && i == 0) in = out;
        if (!closed && i == count - 1) out = in;
        const double cosine = in.x * out.x + in.y * out.y, stretch = 1 + cosine > 0.45 ? 1 / (1 + cosine) : 1 / 0.45;
        normal[i] = (gb_point){sign * (in.y + out.y) * stretch, -sign * (in.x + out.x) * stretch};
    }
}
