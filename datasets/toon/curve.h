/* Outlines and lines as points: every shape is flattened here once, so that ink of varying width can follow it. */
#ifndef GB_TOON_CURVE_H
#define GB_TOON_CURVE_H

#define GB_CURVE_MAX 240

typedef struct gb_point {
    double x, y;
} gb_point;

/* Points beyond the maximum are left out. */
typedef struct gb_curve {
    int count;
    gb_point point[GB_CURVE_MAX];
} gb_curve;

void gb_curve_clear(gb_curve *curve);
void gb_curve_add(gb_curve *curve, double x, double y);
/* From the last point; Bézier of degree 2 and 3. */
void gb_curve_bend(gb_curve *curve, double x1, double y1, double x2, double y2);
void gb_curve_sweep(gb_curve *curve, double x1, double y1, double x2, double y2, double x3, double y3);

/* Whole shapes: each clears the curve first. */
void gb_curve_ellipse(gb_curve *curve, double x, double y, double rx, double ry);
/* The part of an ellipse from `from` to `to`, in turns, 0 to the right, clockwise on the screen. */
void gb_curve_arc(gb_curve *curve, double x, double y, double rx, double ry, double from, double to);
void gb_curve_box(gb_curve *curve, double x, double y, double width, double height, double radius);
/* Catmull-Rom through the points. */
void gb_curve_through(gb_curve *curve, const gb_point *point, int count, int closed);
/* A limb from a through b to c: width at each, round ends. */
void gb_curve_limb(gb_curve *curve, gb_point a, gb_point b, gb_point c, double wa, double wb, double wc);
/* Bulges in a row around an ellipse: clouds, bushes, crowns of trees. */
void gb_curve_lobes(gb_curve *curve, double x, double y, double rx, double ry, int lobes, unsigned long long seed);

void gb_curve_move(gb_curve *curve, double dx, double dy);
void gb_curve_turn(gb_curve *curve, double x, double y, double turns);

/* Unit normals, outward when the curve is closed, lengthened at corners so that an offset keeps its distance. */
void gb_curve_normals(const gb_curve *curve, int closed, gb_point *normal);

gb_point gb_point_mix(gb_point a, gb_point b, double t);
double gb_point_distance(gb_point a, gb_point b);

#endif
