/* Tables on a terminal that is narrower than they are. What goes into a file or a pipe stays as it is. */
#ifndef GB_CLI_FOLD_H
#define GB_CLI_FOLD_H

#include <stdio.h>

#include "core/status.h"

typedef struct gb_fold {
    FILE *to;
    char *text;
    size_t size;
    int width; /* 0: nothing is folded */
} gb_fold;

/* Columns of the terminal that `to` is; 0: it is none, or does not say. */
int gb_fold_width(FILE *to);
/* The stream to print on in the place of `to`: `to` itself unless it is a terminal of known width. */
FILE *gb_fold_open(gb_fold *fold, FILE *to);
/* Prints what was kept, folded; closes `stream` unless it is `to`. */
gb_status gb_fold_close(gb_fold *fold, FILE *stream, gb_error *err) GB_MUST_CHECK;

/* Lines that are too wide, within `width` columns. Lines of a table (two blanks before them, columns apart by two or
 * more) that follow each other are folded together: columns that have no room go into a further band below, with the
 * names of the first column again; where these leave no room, a row's cells go below its name. Other lines are broken
 * between words. A letter of UTF-8 takes one column. */
void gb_fold_print(FILE *out, const char *text, int width);

#endif
