#include <math.h>
#include <stdlib.h>

#include "findings/tally.h"
#include "support/support.h"

static gb_run_summary summarise(gb_tally *tally)
{
    gb_error err = {0};
    gb_run_summary row = {0};
    assert_ok(gb_tally_summarise(tally, 0, 0, 0, &row, &err), &err);
    return row;
}

static gb_tally *fresh(void)
{
    gb_error err = {0};
    gb_tally *tally = NULL;
    assert_ok(gb_tally_new(1, 1, 3, &tally, &err), &err);
    return tally;
}

/* Frames weigh alike, whatever their shot; a ratio is a ratio of sums. */
static void means_are_ratios_of_sums(void **state)
{
    (void)state;
    gb_tally *tally = fresh();
    gb_tally_add(tally, 0, 0, 0, 0, &(gb_score){.present = true, .num = 2.0, .den = 1.0});
    gb_tally_add(tally, 0, 0, 0, 1, &(gb_score){.present = true, .num = 6.0, .den = 3.0});
    gb_tally_add(tally, 0, 0, 0, 1, &(gb_score){.present = true, .num = 4.0, .den = 0.0, .undefined = "still"});
    gb_run_summary row = summarise(tally);
    assert_int_equal(row.state, GB_STATE_OK);
    assert_true(fabs(row.mean - 3.0) < 1e-12);
    assert_int_equal(row.frames, 2);
    assert_int_equal(row.shots, 2);
    assert_non_null(row.why);
    free(row.why);
    gb_tally_free(tally);
}

static void one_failed_frame_fails_the_row(void **state)
{
    (void)state;
    gb_tally *tally = fresh();
    gb_tally_add(tally, 0, 0, 0, 0, &(gb_score){.present = true, .num = 2.0, .den = 1.0});
    gb_tally_fail(tally, 0, 0, 0, "a NaN");
    gb_run_summary row = summarise(tally);
    assert_int_equal(row.state, GB_STATE_FAILED);
    assert_string_equal(row.why, "1 of 2 frames failed: a NaN");
    free(row.why);
    gb_tally_free(tally);
}

static void nothing_is_undefined(void **state)
{
    (void)state;
    gb_tally *tally = fresh();
    gb_run_summary row = summarise(tally);
    assert_int_equal(row.state, GB_STATE_UNDEFINED);
    assert_true(isnan(row.mean));
    free(row.why);
    gb_tally_free(tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(means_are_ratios_of_sums),
                                       cmocka_unit_test(one_failed_frame_fails_the_row),
                                       cmocka_unit_test(nothing_is_undefined)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
