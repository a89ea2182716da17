/* Student's t distribution; degrees of freedom need not be whole. */
#ifndef GB_STATS_STUDENT_H
#define GB_STATS_STUDENT_H

/* Probability of a value above t (also infinite), for df > 0: half the regularised incomplete beta function
 * I(df / (df + t^2); df / 2, 1 / 2), by its continued fraction (DLMF 8.17.22), so that far tails keep their digits:
 * relative error below 1e-12. */
double gb_student_above(double t, double df);

/* The t above which lies `p`, 0 < p < 1: gb_student_above(t, df) = p. */
double gb_student_quantile_above(double p, double df);

#endif
