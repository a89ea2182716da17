/* Where LPIPS finds the difference: its map is 0 where nothing differs, and its mean is about the score. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/metric.h"
#include "support/lpips_folder.h"
#include "support/support.h"

enum { WIDTH = 320, HEIGHT = 180, SIDE = 40, CELLS_X = 160, CELLS_Y = 90 };

/* Rings about the middle; with `changed`, other ones in the strips. */
static void draw(gb_image *image, bool changed)
{
    gb_error err;
    assert_ok(gb_image_new(WIDTH, HEIGHT, image, &err), &err);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            for (int c = 0; c < 3; c++) {
                const bool strip = x < SIDE || x >= WIDTH - SIDE;
                const double r = hypot(x - WIDTH / 2, y - HEIGHT / 2), period = strip && changed ? 3.0 : 9.0 + c;
                image->rgb[(y * WIDTH + x) * 3 + c] = (uint8_t)(128.0 + 100.0 * sin(r / period));
            }
}

static double mean_of(const float *map, int from, int to)
{
    double sum = 0.0;
    for (int y = 0; y < CELLS_Y; y++)
        for (int x = from; x < to; x++) sum += map[y * CELLS_X + x];
    return sum / (CELLS_Y * (to - from));
}

static void the_map_shows_where(void **state)
{
    (void)state;
    static float map[CELLS_X * CELLS_Y];
    const gb_metric *const metric = gb_metric_find("lpips_alex_v0.1");
    gb_metric_env env = {.geometry = {WIDTH, HEIGHT, SIDE}, .weights_dir = lpips_folder()};
    gb_error err;
    gb_device_info info;
    gb_image truth = {0}, test = {0};
    void *shared = NULL, *worker = NULL;
    gb_scores scores;
    assert_ok(gb_backend_select("auto", &env.backend, &info, &err), &err);
    assert_ok(metric->open(&env, &shared, &err), &err);
    assert_ok(metric->worker_open(shared, &env, &worker, &err), &err);
    draw(&truth, false);
    draw(&test, true);
    assert_ok(metric->reference(worker, &truth, &err), &err);
    assert_ok(metric->compare(worker, &truth, &scores, &err), &err);
    assert_ok(metric->map(worker, CELLS_X, CELLS_Y, map, &err), &err);
    for (int i = 0; i < CELLS_X * CELLS_Y; i++) assert_true(map[i] == 0.0f);
    assert_ok(metric->compare(worker, &test, &scores, &err), &err);
    assert_ok(metric->map(worker, CELLS_X, CELLS_Y, map, &err), &err);
    const double all = mean_of(map, 0, CELLS_X), full = scores.region[GB_REGION_FULL].num;
    const double strip = mean_of(map, 0, SIDE / 2), right = mean_of(map, CELLS_X - SIDE / 2, CELLS_X);
    const double middle = mean_of(map, CELLS_X / 2 - 10, CELLS_X / 2 + 10);
    printf("mean of the map %.4f, score %.4f; strips %.4f and %.4f, middle %.5f\n", all, full, strip, right, middle);
    assert_true(full > 0.05 && fabs(all - full) < 0.1 * full);
    assert_true(strip > 20.0 * middle && right > 20.0 * middle);
    assert_true(fabs(strip - right) < 0.1 * strip); /* the picture is the same from either side */
    metric->worker_close(worker);
    metric->close(shared);
    gb_image_free(&truth);
    gb_image_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_map_shows_where)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
