/* A sheet to draw a figure on with Cairo: PNG at 300 dots an inch, SVG or PDF. Lengths are points (1/72 inch), y grows
 * downwards. Failures are kept and told once, when the sheet is written.
 *
 * Letters come from the font that Fontconfig gives for "sans-serif" (Debian's libcairo2 brings Fontconfig and DejaVu).
 * Where there is none at all, Cairo's own plain letters stand in, which are ASCII alone. In SVG and PDF letters are
 * outlines or embedded, so that no font is needed to look at a figure. */
#ifndef GB_REPORT_PAPER_CANVAS_H
#define GB_REPORT_PAPER_CANVAS_H

#include "report/run.h"

typedef enum gb_paper { GB_PAPER_PNG, GB_PAPER_SVG, GB_PAPER_PDF } gb_paper;
typedef enum gb_align { GB_ALIGN_LEFT, GB_ALIGN_MIDDLE, GB_ALIGN_RIGHT } gb_align;

typedef struct gb_canvas gb_canvas;

/* `created` (a date as run.json has it, or NULL) and `title` go into a PDF. GB_E_NOT_FOUND when letters have no
 * width. */
gb_status gb_canvas_open(gb_paper paper, double width, double height, const char *title, const char *created,
                         gb_canvas **out, gb_error *err) GB_MUST_CHECK;
/* Finishes the sheet into gb_run_out(run)/name, atomically. */
gb_status gb_canvas_write(gb_canvas *canvas, const gb_run *run, const char *name, gb_error *err) GB_MUST_CHECK;
void gb_canvas_free(gb_canvas *canvas);

void gb_canvas_line(gb_canvas *canvas, double x1, double y1, double x2, double y2, double width, unsigned colour,
                    double opacity);
void gb_canvas_dash(gb_canvas *canvas, double on, double off); /* of lines from now on; 0, 0: none */
void gb_canvas_dot(gb_canvas *canvas, double x, double y, double radius, unsigned fill, double opacity,
                   unsigned stroke);
/* A polygon, filled when `closed`, else a line through its points. */
void gb_canvas_path(gb_canvas *canvas, const double *x, const double *y, size_t count, bool closed, double width,
                    unsigned colour, double opacity);
/* A generator's mark (report/plot/palette.h) in its colour, hollow for a baseline. */
void gb_canvas_mark(gb_canvas *canvas, const gb_run *run, size_t generator, double x, double y);

/* Baseline at y. Text is cut with an ellipsis where it is wider than `most` (0: never). */
void gb_canvas_text(gb_canvas *canvas, double x, double y, double size, unsigned colour, gb_align align, double most,
                    const char *text);
double gb_canvas_text_width(gb_canvas *canvas, double size, const char *text);
void gb_canvas_bold(gb_canvas *canvas, bool bold); /* of text from now on */
void gb_canvas_halo(gb_canvas *canvas, bool halo); /* the ground's colour about letters, over lines */

/* Lines of words within `most` points; returns the baseline after the last line. */
double gb_canvas_paragraph(gb_canvas *canvas, double x, double y, double size, unsigned colour, double most,
                           const char *text);

#endif
