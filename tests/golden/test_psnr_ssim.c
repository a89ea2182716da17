/* PSNR and SSIM of the golden pairs, as scikit-image gives them, within 1e-6 relative. */
#include <math.h>
#include <string.h>

#include "support/golden_pairs.h"
#include "support/support.h"

static void check_pair(const golden_pair *pair, void *user)
{
    const gb_metric *const metric = gb_metric_find(user);
    const bool is_psnr = strcmp(user, "psnr_rgb") == 0;
    const double golden = golden_number(pair, is_psnr ? "psnr_rgb" : "ssim_gauss11_rgb_valid");
    const gb_metric_env env = {.geometry = pair->geometry};
    const gb_score score = golden_measure(metric, NULL, &env, &pair->ref, &pair->test).region[GB_REGION_FULL];
    assert_true(score.present);
    if (isnan(golden)) { /* null: the frames are identical */
        assert_string_equal(score.undefined, "identical frames");
        return;
    }
    if (!(fabs(score.num / score.den - golden) <= 1e-6 * golden) || score.undefined)
        fail_msg("%s of %s and %s: %.15g, expected %.15g", metric->id, pair->ref_name, pair->test_name,
                 score.num / score.den, golden);
}

static void psnr_matches(void **state)
{
    (void)state;
    golden_for_each_pair(check_pair, "psnr_rgb");
}

static void ssim_matches(void **state)
{
    (void)state;
    golden_for_each_pair(check_pair, "ssim_gauss11_rgb");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(psnr_matches), cmocka_unit_test(ssim_matches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
