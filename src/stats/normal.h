/* The standard normal distribution. */
#ifndef GB_STATS_NORMAL_H
#define GB_STATS_NORMAL_H

/* Probability that a standard normal value is at most z. */
double gb_normal_cdf(double z);

/* Its inverse for 0 < p < 1, relative error below 1e-15: Wichura, "Algorithm AS 241: The Percentage Points of the
 * Normal Distribution", Applied Statistics 37 (1988), routine PPND16. */
double gb_normal_quantile(double p);

#endif
