/* LPIPS where the frames are, on the stand-in card: golden pairs, and the same bits as the processor makes of the same
 * features. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>

#include "cuda/open_standin.h"
#include "cuda/same_scores.h"
#include "cuda/with_standin.h"
#include "metrics/on_device.h"
#include "support/golden_pairs.h"
#include "support/lpips_folder.h"

/* One pair of pictures by the card's way; the truth is compared as well, so that a run has two frames. */
static gb_scores lpips_there(gb_metric_env env, const gb_image *ref, const gb_image *test)
{
    const struct gb_metric_on_device *const on = gb_metric_find("lpips_alex_v0.1")->on_device;
    const size_t bytes = (size_t)ref->width * (size_t)ref->height * 3;
    gb_device_frames truth = {.count = 1}, both = {.count = 2};
    gb_scores scores[2];
    void *state = NULL, *worker = NULL;
    gb_memory *memory = NULL;
    gb_error err;
    assert_ok(gb_backend_scoring(env.backend, &env.scoring, &err), &err);
    assert_ok(env.scoring->scorer_new(0, &env.scorer, &err), &err);
    assert_ok(env.scoring->memory_new(0, 2 * bytes, &memory, &err), &err);
    env.frames = 2;
    assert_ok(on->open(&env, &state, &err), &err);
    assert_ok(on->worker_open(state, &env, &worker, &err), &err);
    truth.frame[0] = both.frame[0] = (gb_place){memory, 0};
    both.frame[1] = (gb_place){memory, bytes};
    assert_ok(env.scoring->put(env.scorer, both.frame[0], ref->rgb, bytes, &err), &err);
    assert_ok(env.scoring->put(env.scorer, both.frame[1], test->rgb, bytes, &err), &err);
    assert_ok(on->reference(worker, &truth, &err), &err);
    assert_ok(on->compare(worker, &both, scores, &err), &err);
    assert_true(scores[0].region[GB_REGION_FULL].num == 0.0);
    on->worker_close(worker);
    on->close(state);
    env.scoring->memory_free(memory);
    env.scoring->scorer_free(env.scorer);
    return scores[1];
}

static void check_pair(const golden_pair *pair, void *checked)
{
    const gb_metric *const metric = gb_metric_find("lpips_alex_v0.1");
    gb_metric_env env = {.geometry = pair->geometry, .weights_dir = lpips_folder(), .backend = backend("cuda")};
    gb_error err;
    void *state = NULL;
    if (pair->ref.width * pair->ref.height > 140 * 140) return; /* the stand-in's plain loops are slow */
    const gb_scores there = lpips_there(env, &pair->ref, &pair->test);
    const double expected = golden_number(pair, "lpips_alex"), found = there.region[GB_REGION_FULL].num;
    if (!(fabs(found - expected) <= 1e-5)) fail_msg("%s: %.8f, expected %.8f", pair->test_name, found, expected);
    assert_ok(metric->open(&env, &state, &err), &err);
    const gb_scores here = golden_measure(metric, state, &env, &pair->ref, &pair->test);
    metric->close(state);
    assert_true(same_scores(&here, &there)); /* the same features, added up by the processor */
    ++*(int *)checked;
}

static void test_lpips_is_golden(void **state)
{
    (void)state;
    int checked = 0;
    const standin s = standin_open();
    golden_for_each_pair(check_pair, &checked);
    assert_true(checked > 0);
    print_message("%d pairs\n", checked);
    assert_clean(&s, "after LPIPS");
}

int main(int argc, char **argv)
{
    (void)argc;
    with_standin(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lpips_is_golden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
