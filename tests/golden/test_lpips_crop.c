/* LPIPS with only the strips' columns computed where the centre is the truth's: the same bits as whole, checked by the
 * metric itself on a sample, and not done where the centre differs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "metrics/lpips_trunk.h"
#include "metrics/metric.h"
#include "support/lpips_folder.h"
#include "support/support.h"

static const gb_metric *metric(void)
{
    return gb_metric_find("lpips_alex_v0.1");
}

/* The best backend, watched: how often it ran and reran, and what a broken one would do. */
static const gb_backend *best;
static int runs, reruns;
static bool broken;

static gb_status counted_run(void *session, gb_error *err)
{
    runs++;
    return best->session_run(session, err);
}

static gb_status counted_rerun(void *session, gb_error *err)
{
    reruns++;
    return broken ? GB_OK : best->session_rerun(session, err);
}

static gb_backend watched(bool with_reruns)
{
    gb_error err;
    assert_ok(gb_backend_select("auto", &best, NULL, &err), &err);
    if (!best->session_rerun) skip_because("%s always runs whole", best->id);
    gb_backend backend = *best;
    backend.session_run = counted_run;
    backend.session_rerun = with_reruns ? counted_rerun : NULL;
    runs = reruns = 0;
    broken = false;
    return backend;
}

static gb_metric_env env_of(gb_geometry geometry, const gb_backend *backend)
{
    return (gb_metric_env){.geometry = geometry, .backend = backend, .weights_dir = lpips_folder()};
}

/* A worker with its metric open. */
typedef struct subject {
    void *state, *worker;
} subject;

static subject open_subject(const gb_metric_env *env)
{
    gb_error err;
    subject s = {NULL};
    assert_ok(metric()->open(env, &s.state, &err), &err);
    assert_ok(metric()->worker_open(s.state, env, &s.worker, &err), &err);
    return s;
}

static void close_subject(subject s)
{
    metric()->worker_close(s.worker);
    metric()->close(s.state);
}

/* A centre by one seed, strips by another. */
static gb_image picture(gb_geometry g, uint64_t centre, uint64_t strips)
{
    gb_error err;
    gb_image image = {0};
    assert_ok(gb_image_new(g.width, g.height, &image, &err), &err);
    for (int i = 0; i < g.width * g.height * 3; i++) {
        const int column = i / 3 % g.width;
        const bool strip = column < g.side || column >= g.width - g.side;
        const uint64_t noise = gb_random_mix((strip ? strips : centre) * 1000003u + (uint64_t)i) >> 58;
        image.rgb[i] = (uint8_t)((column * 3 + i / 3 / g.width * 2 + (int)noise + (strip ? (int)strips * 7 : 0)) & 255);
    }
    return image;
}

static gb_scores compare(subject s, const gb_image *image)
{
    gb_error err;
    gb_scores scores;
    assert_ok(metric()->compare(s.worker, image, &scores, &err), &err);
    return scores;
}

static void hold_equal(gb_geometry g, subject some, subject all, const gb_image *image)
{
    enum { CELLS = 12 };
    gb_error err;
    float map[2][CELLS];
    const size_t size = metric()->kept_size(some.state);
    char *const kept = gb_alloc_aligned(2 * size, 1);
    assert_non_null(kept);
    const gb_scores a = compare(some, image), b = compare(all, image);
    if (memcmp(&a.layer, &b.layer, sizeof a.layer)) fail_msg("%dx%d: a layer has another value", g.width, g.height);
    for (int r = 0; r < GB_REGION_COUNT; r++)
        if (a.region[r].num != b.region[r].num || a.region[r].undefined != b.region[r].undefined)
            fail_msg("%dx%d, %s: %.17g, expected %.17g", g.width, g.height, gb_region_name((gb_region)r),
                     a.region[r].num, b.region[r].num);
    metric()->keep(some.worker, kept);
    metric()->keep(all.worker, kept + size);
    assert_int_equal(memcmp(kept, kept + size, size), 0);
    assert_ok(metric()->map(some.worker, 4, 3, map[0], &err), &err);
    assert_ok(metric()->map(all.worker, 4, 3, map[1], &err), &err);
    assert_int_equal(memcmp(map[0], map[1], sizeof map[0]), 0);
    free(kept);
}

static void a_crop_has_the_bits_of_the_whole(void **state)
{
    (void)state;
    static const gb_geometry sizes[] = {{512, 288, 64}, {513, 97, 65}, {420, 128, 1}, {331, 61, 41}, {95, 40, 47}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        gb_error err;
        const gb_backend cropping = watched(true);
        const gb_metric_env env = env_of(sizes[i], &cropping);
        const subject some = open_subject(&env);
        gb_backend plain = cropping;
        plain.session_rerun = NULL;
        const gb_metric_env whole_env = env_of(sizes[i], &plain);
        const subject all = open_subject(&whole_env);
        for (uint64_t frame = 1; frame <= 2; frame++) {
            gb_image truth = picture(sizes[i], frame, frame);
            assert_ok(metric()->reference(some.worker, &truth, &err), &err);
            assert_ok(metric()->reference(all.worker, &truth, &err), &err);
            hold_equal(sizes[i], some, all, &truth);
            for (uint64_t generator = 11; generator <= 13; generator++) {
                gb_image made = picture(sizes[i], generator == 12 ? 99 : frame, generator);
                hold_equal(sizes[i], some, all, &made);
                gb_image_free(&made);
            }
            gb_image_free(&truth);
        }
        assert_true(reruns >= 4);
        close_subject(some);
        close_subject(all);
    }
}

/* Truth, then pictures with its centre: reruns, and a few whole runs that check them; the same ones every time. */
static void a_sample_is_checked(void **state)
{
    (void)state;
    enum { PICTURES = 150 };
    const gb_geometry g = {96, 32, 12};
    int checks[2];
    for (int turn = 0; turn < 2; turn++) {
        gb_error err;
        const gb_backend backend = watched(true);
        const gb_metric_env env = env_of(g, &backend);
        const subject s = open_subject(&env);
        gb_image truth = picture(g, 1, 1);
        assert_ok(metric()->reference(s.worker, &truth, &err), &err);
        for (uint64_t k = 0; k < PICTURES; k++) {
            gb_image made = picture(g, 1, 100 + k);
            compare(s, &made);
            gb_image_free(&made);
        }
        assert_int_equal(reruns, PICTURES);
        checks[turn] = runs - 1;
        gb_image_free(&truth);
        close_subject(s);
    }
    assert_int_equal(checks[0], checks[1]);
    assert_in_range(checks[0], 2, 4 * PICTURES / GB_LPIPS_CHECKED);
}

static void a_wrong_crop_is_an_error(void **state)
{
    (void)state;
    const gb_geometry g = {96, 32, 12};
    gb_error err;
    gb_scores scores;
    const gb_backend backend = watched(true);
    const gb_metric_env env = env_of(g, &backend);
    const subject s = open_subject(&env);
    gb_image truth = picture(g, 1, 1), made = picture(g, 1, 2);
    assert_ok(metric()->reference(s.worker, &truth, &err), &err);
    broken = true;
    assert_fails(metric()->compare(s.worker, &made, &scores, &err), GB_E_NUMERIC, &err, "for the strips alone");
    gb_image_free(&truth);
    gb_image_free(&made);
    close_subject(s);
}

static void another_centre_is_computed_whole(void **state)
{
    (void)state;
    const gb_geometry g = {96, 32, 12};
    gb_error err;
    const gb_backend backend = watched(true);
    const gb_metric_env env = env_of(g, &backend);
    const subject s = open_subject(&env);
    gb_image truth = picture(g, 1, 1), made = picture(g, 2, 1), again = picture(g, 2, 3);
    assert_ok(metric()->reference(s.worker, &truth, &err), &err);
    compare(s, &made);
    assert_true(runs == 2 && reruns == 0);
    compare(s, &again);
    assert_true(reruns == 1);
    gb_image_free(&truth);
    gb_image_free(&made);
    gb_image_free(&again);
    close_subject(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crop_has_the_bits_of_the_whole),
        cmocka_unit_test(a_sample_is_checked),
        cmocka_unit_test(a_wrong_crop_is_an_error),
        cmocka_unit_test(another_centre_is_computed_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
