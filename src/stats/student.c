#include "stats/student.h"

#include <math.h>

#include "stats/normal.h"

#define MOST_TERMS 10000
#define TINY 1e-300

/* Never 0, so that it can be divided by (Lentz's algorithm as modified by Thompson and Barnett). */
static double nonzero(double x)
{
    return fabs(x) < TINY ? TINY : x;
}

/* The continued fraction of I(x; a, b); converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double x, double a, double b)
{
    double c = 1.0, d = 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0)), fraction = d;
    for (int m = 1; m < MOST_TERMS; m++) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m));
        d = 1.0 / nonzero(1.0 + even * d);
        c = nonzero(1.0 + even / c);
        fraction *= d * c;
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0));
        d = 1.0 / nonzero(1.0 + odd * d);
        c = nonzero(1.0 + odd / c);
        fraction *= d * c;
        if (fabs(d * c - 1.0) < 1e-15) break;
    }
    return fraction;
}

/* log of x^a (1 - x)^b / B(a, b) with x = df / (df + t^2), a = df / 2, b = 1 / 2. */
static double log_front(double t, double df)
{
    const double square = t * t / df;
    return lgamma(0.5 * df + 0.5) - lgamma(0.5 * df) - 0.5 * log(acos(-1.0)) - 0.5 * df * log1p(square) +
           0.5 * (log(square) - log1p(square));
}

double gb_student_above(double t, double df)
{
    if (isinf(t)) return t > 0.0 ? 0.0 : 1.0;
    if (t == 0.0) return 0.5;
    const double a = 0.5 * df, b = 0.5, x = df / (df + t * t), front = exp(log_front(t, df));
    const double beyond = x < (a + 1.0) / (a + b + 2.0)
                              ? front * beta_fraction(x, a, b) / a
                              : 1.0 - front * beta_fraction(t * t / (df + t * t), b, a) / b;
    return t > 0.0 ? 0.5 * beyond : 1.0 - 0.5 * beyond;
}

static double density(double t, double df)
{
    return exp(lgamma(0.5 * df + 0.5) - lgamma(0.5 * df) - 0.5 * log(df * acos(-1.0)) -
               0.5 * (df + 1.0) * log1p(t * t / df));
}

double gb_student_quantile_above(double p, double df)
{
    if (p == 0.5) return 0.0;
    if (p > 0.5) return -gb_student_quantile_above(1.0 - p, df);
    /* Newton's steps inside a bracket that halves where they leave it. */
    double low = 0.0, high = fmax(1.0, -gb_normal_quantile(p));
    while (gb_student_above(high, df) > p && high < 1e300) high *= 2.0;
    double t = high;
    for (int i = 0; i < 200; i++) {
        const double excess = gb_student_above(t, df) - p;
        if (excess > 0.0)
            low = t;
        else
            high = t;
        const double step = t + excess / density(t, df);
        const double next = step > low && step < high ? step : 0.5 * (low + high);
        if (fabs(next - t) <= 1e-14 * next) return next;
        t = next;
    }
    return t;
}
