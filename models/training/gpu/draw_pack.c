/* draw_pack SHOW SHOTS STRIDE THREADS OUT.h5: a pack of a drawn show to train from, by a program that needs little more
 * than HDF5 and Cairo, so that it can be carried to a machine with a card. */
#include <stdio.h>
#include <stdlib.h>

#include "datasets/toon/toon.h"

static int number(const char *text)
{
    char *end;
    const long value = strtol(text, &end, 10);
    return *end || end == text || value < 1 || value > 1000000 ? -1 : (int)value;
}

int main(int count, char **argument)
{
    if (count != 6 || number(argument[2]) < 0 || number(argument[3]) < 0 || number(argument[4]) < 0) {
        fprintf(stderr, "usage: draw_pack SHOW SHOTS STRIDE THREADS OUT.h5\n");
        return 2;
    }
    gb_build_options options = {.geometry = {512, 288, 64}, .shots_given = true, .shots = {number(argument[2]), 16, 0}};
    options.stride = number(argument[3]);
    options.threads = number(argument[4]);
    gb_error err = {0};
    if (gb_toon_build(argument[1], &options, argument[5], &err) == GB_OK) return 0;
    fprintf(stderr, "draw_pack: %s\n", err.text);
    return 3;
}
