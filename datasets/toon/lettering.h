/* Capitals drawn as strokes: signs and titles, without any font of the machine. */
#ifndef GB_TOON_LETTERING_H
#define GB_TOON_LETTERING_H

#include "datasets/toon/ink.h"

/* Width of `text` (A-Z, 0-9, space, ! ' & - + _ . : @; others are left blank) when capitals are `height` tall. */
double gb_lettering_width(const char *text, double height);
/* Centred on x, capitals standing on y; strokes `stroke` wide, rimmed with ink when `rim` is more than 0. */
void gb_lettering_draw(const gb_canvas *canvas, const char *text, double x, double y, double height, double stroke,
                       gb_colour colour, double rim);

#endif
