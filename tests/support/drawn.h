/* Small pictures by a formula of whole numbers, which tests/reference/drawn.py has too: what other tools measure on
 * them can be committed as numbers. */
#ifndef GB_TESTS_DRAWN_H
#define GB_TESTS_DRAWN_H

#include "image/image.h"

typedef enum drawn_kind {
    DRAWN_TRUTH,
    DRAWN_STRIPS,  /* the truth, but for strips of width / 8 with something else and noise in them */
    DRAWN_SHIFTED, /* the truth a pixel to the left, brighter, with a little noise */
} drawn_kind;

/* "truth", "strips", "shifted"; "dim " before it halves the contrast: v / 2 + 40. Fails the test on another name. The
 * caller frees. */
gb_image drawn_picture(const char *kind, int width, int height);

#endif
