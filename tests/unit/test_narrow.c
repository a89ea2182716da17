/* Tables on a terminal that is narrower than they are: every cell is still there, beside or below its row's name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/fold.h"
#include "support/support.h"

static char folded[65536];

static void fold(const char *text, int width)
{
    memset(folded, 0, sizeof folded);
    FILE *out = fmemopen(folded, sizeof folded, "w");
    gb_fold_print(out, text, width);
    fclose(out);
}

static void expect(const char *text, int width, const char *wanted)
{
    fold(text, width);
    if (strcmp(folded, wanted) != 0) fail_msg("at %d columns:\n%s\nexpected:\n%s", width, folded, wanted);
}

#define TABLE "toon: two generators, as they are\n" \
              "  generator     LPIPS [95 %]            PSNR    Time\n" \
              "  mirror        0.1254 [0.107, 0.140]  10.19   0.043\n" \
              "  lama+hold     0.1568 [0.151, 0.164]  11.19  420.09\n"

static void what_fits_stays(void **state)
{
    (void)state;
    expect(TABLE, 52, TABLE);
    expect("", 52, "");
    expect("no line's end", 52, "no line's end\n");
}

/* A column that has no room goes below, with the names again. */
static void columns_go_into_bands(void **state)
{
    (void)state;
    expect(TABLE, 44, "toon: two generators, as they are\n"
                      "  generator  LPIPS [95 %]            PSNR\n"
                      "  mirror     0.1254 [0.107, 0.140]  10.19\n"
                      "  lama+hold  0.1568 [0.151, 0.164]  11.19\n"
                      "\n"
                      "  generator    Time\n"
                      "  mirror      0.043\n"
                      "  lama+hold  420.09\n");
}

/* Names leave no room: cells below them. */
static void rows_are_stacked(void **state)
{
    (void)state;
    expect(TABLE, 30, "toon: two generators, as they\n"
                      "  are\n"
                      "  generator\n"
                      "    LPIPS [95 %]\n"
                      "     PSNR    Time\n"
                      "  mirror\n"
                      "    0.1254 [0.107, 0.140]\n"
                      "    10.19   0.043\n"
                      "  lama+hold\n"
                      "    0.1568 [0.151, 0.164]\n"
                      "    11.19  420.09\n");
}

/* Rows of one name are told apart by their next column, which goes with it. */
static void names_that_repeat_take_more_columns(void **state)
{
    (void)state;
    expect("  edge  psnr  full   0.1254  0.1596  pass\n"
           "  edge  psnr  sides  0.4754  0.6099  pass\n", 30,
           "  edge  psnr  full   0.1254\n"
           "  edge  psnr  sides  0.4754\n"
           "\n"
           "  edge  psnr  full   0.1596\n"
           "  edge  psnr  sides  0.6099\n"
           "\n"
           "  edge  psnr  full   pass\n"
           "  edge  psnr  sides  pass\n");
}

/* Words in the last column go on below themselves; a row that goes on with the one above has no name. */
static void words_go_on_below(void **state)
{
    (void)state;
    expect("  edge    ready  the outermost column of the picture, repeated\n"
           "                 -> /a/very/long/name/of/a/file/that/has/no/blank\n"
           "  mirror  ready  the picture reflected\n", 44,
           "  edge    ready  the outermost column of the\n"
           "                 picture, repeated\n"
           "                 -> /a/very/long/name/of/a/file/that/has/no/blank\n"
           "  mirror  ready  the picture reflected\n");
}

/* Two rows that are the same from end to end do not make names of all columns. */
static void the_same_row_twice(void **state)
{
    (void)state;
    expect("  same  exact  0.00  pass\n"
           "  same  exact  0.00  pass\n"
           "  edge  exact  1.00  pass\n", 20,
           "  same  exact  0.00\n"
           "  same  exact  0.00\n"
           "  edge  exact  1.00\n"
           "\n"
           "  same  pass\n"
           "  same  pass\n"
           "  edge  pass\n");
}

/* Letters of several bytes take one column; bytes that are no letter are printed as they are. */
static void letters_of_several_bytes(void **state)
{
    (void)state;
    expect("  été   |▁▂█▂▁|  ende\n"
           "  toon  |█████|  ende\n", 21,
           "  été   |▁▂█▂▁|  ende\n"
           "  toon  |█████|  ende\n");
    expect("  été   |▁▂█▂▁|  ende\n"
           "  toon  |█████|  ende\n", 20,
           "  été   |▁▂█▂▁|\n"
           "  toon  |█████|\n"
           "\n"
           "  été   ende\n"
           "  toon  ende\n");
    expect("\x80 \xff\x80\x80 x\n\x80y", 4, "\x80 \xff\x80\x80\n  x\n\x80y\n");
}

/* Every word of every line is there at any width, and nothing else: no memory is written beyond its end. */
static void nothing_is_lost(void **state)
{
    (void)state;
    static const char *const words[] = {"0.1254 [0.107, 0.140]", "420.09", "reflected", "lama+hold", "-> x"};
    const char *text = TABLE "\n  one   two\n" TABLE "  -> x\n        reflected\n\n";
    for (int width = 1; width < 90; width++) {
        fold(text, width);
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            char word[64];
            snprintf(word, sizeof word, "%.*s", (int)strcspn(words[i], " "), words[i]);
            if (!strstr(folded, word)) fail_msg("%d columns: %s is lost:\n%s", width, word, folded);
        }
        if (strstr(folded, " \n")) fail_msg("%d columns: a line ends in a blank:\n%s", width, folded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_stays),
        cmocka_unit_test(columns_go_into_bands),
        cmocka_unit_test(rows_are_stacked),
        cmocka_unit_test(names_that_repeat_take_more_columns),
        cmocka_unit_test(words_go_on_below),
        cmocka_unit_test(the_same_row_twice),
        cmocka_unit_test(letters_of_several_bytes),
        cmocka_unit_test(nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
