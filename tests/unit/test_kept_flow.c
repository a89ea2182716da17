/* The truth's flow, estimated while a pack is built and kept in it, against what e_warp finds by itself: the same
 * pixels, motion to 1/64 px, and values that differ by no more than that can change. */
#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/random.h"
#include "core/sha256.h"
#include "datasets/dataset.h"
#include "flow/estimate.h"
#include "flow/follow.h"
#include "metrics/metric.h"
#include "support/support.h"

enum { WIDTH = 128, HEIGHT = 72, SIDE = 16, FRAMES = 14, PIXELS = WIDTH * HEIGHT };
static const gb_geometry geometry = {WIDTH, HEIGHT, SIDE};
static const int shot_first[] = {0, 9, 10, FRAMES}; /* of 9 frames, 1 and 4: more and less than are estimated at once */

static bool needs_opencv(void)
{
    gb_error err;
    if (gb_flow_library()) return true;
    assert_fails(gb_flow_ready(&err), GB_E_UNSUPPORTED, &err, "OpenCV");
    return false;
}

/* Scene `scene` at time t: a texture that pans, faster in the upper half, and a disc that goes over it; `noise`: of the
 * strips, as a generator invents them. */
static gb_image draw(int scene, int t, int noise)
{
    gb_error err = {0};
    gb_image image = {0};
    gb_random random = {(uint64_t)(100 * scene + t + 1)};
    assert_ok(gb_image_new(WIDTH, HEIGHT, &image, &err), &err);
    for (int i = 0; i < PIXELS; i++) {
        const int at_x = i % WIDTH, y = i / WIDTH;
        const double x = at_x + t * (y < HEIGHT / 2 ? 1.7 : 0.6), away = hypot(at_x - 8.0 * t - 20.0, y - 30.0);
        for (int c = 0; c < 3; c++) {
            const double wave = 40.0 * sin(0.21 * x + c + 2.0 * scene) * cos(0.19 * y);
            double value = 128.0 + wave + 30.0 * sin(0.07 * x - 0.3 * y);
            if (away < 12.0) value = 220.0 - 90.0 * (c == scene % 3);
            if (at_x < SIDE || at_x >= WIDTH - SIDE)
                value += (int)gb_random_below(&random, 2u * (unsigned)noise + 1) - noise;
            image.rgb[3 * i + c] = (uint8_t)fmin(fmax(value, 0.0), 255.0);
        }
    }
    return image;
}

static int scene_of(int frame)
{
    return frame < shot_first[1] ? 0 : frame < shot_first[2] ? 2 : 5;
}

static char folder[4096];

/* A clip a shot. */
static int set_up(void **state)
{
    (void)state;
    gb_error err = {0};
    snprintf(folder, sizeof folder, "%s", test_scratch("frames"));
    for (int f = 0; f < FRAMES; f++) {
        char path[4200];
        snprintf(path, sizeof path, "%s/clip%d", folder, scene_of(f));
        if (gb_directory_make(path, &err) != GB_OK) return -1;
        snprintf(path, sizeof path, "%s/clip%d/%03d.png", folder, scene_of(f), f);
        gb_image image = draw(scene_of(f), f, 0);
        const gb_status status = gb_image_write_png(path, &image, &err);
        gb_image_free(&image);
        if (status != GB_OK) return -1;
    }
    return 0;
}

static const gb_build_options flowing = {.geometry = {WIDTH, HEIGHT, SIDE}, .split = "test", .flow = true};

static gb_pack *build(const char *name, int threads)
{
    gb_error err = {0};
    gb_pack *pack = NULL;
    gb_build_options options = flowing;
    options.threads = threads;
    assert_ok(gb_dataset_build(folder, &options, test_scratch(name), &err), &err);
    assert_ok(gb_pack_open(test_scratch(name), &pack, &err), &err);
    return pack;
}

/* A pair of the pack's frames, its flow as kept and as estimated. */
typedef struct sample {
    gb_image frame[2], input;
    gb_flow kept, found;
} sample;

static sample sample_of(gb_pack *pack, int frame, gb_follower *follower)
{
    gb_error err = {0};
    sample s = {0};
    for (int i = 0; i < 2; i++) assert_ok(gb_pack_read(pack, frame + i, &s.frame[i], &s.input, &err), &err);
    assert_ok(gb_pack_read_flow(pack, frame, &s.kept, &err), &err);
    assert_ok(gb_flow_reserve(&s.found, WIDTH, HEIGHT, &err), &err);
    const gb_image *const pair[2] = {&s.frame[0], &s.frame[1]};
    assert_ok(gb_follow(follower, pair, s.found.uv, s.found.valid, &err), &err);
    return s;
}

static void sample_free(sample *s)
{
    for (int i = 0; i < 2; i++) gb_image_free(&s->frame[i]);
    gb_image_free(&s->input);
    gb_flow_free(&s->kept);
    gb_flow_free(&s->found);
}

/* Pixels at which the two disagree: in what can be followed, or by more than half of what is kept of a pixel. */
static int count_apart(const gb_flow *kept, const gb_flow *found)
{
    int apart = 0;
    for (int i = 0; i < PIXELS; i++) {
        const double u = kept->uv[2 * i] - found->uv[2 * i], v = kept->uv[2 * i + 1] - found->uv[2 * i + 1];
        const bool near = fabs(u) <= 0.5 / GB_FLOW_UNIT && fabs(v) <= 0.5 / GB_FLOW_UNIT;
        apart += kept->valid[i] != found->valid[i] || (kept->valid[i] && !near);
    }
    return apart;
}

static void what_is_kept_is_what_e_warp_finds(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_follower *follower = NULL;
    if (!needs_opencv()) skip_because("built without OpenCV");
    gb_pack *pack = build("kept.h5", 2);
    assert_ok(gb_pack_verify(pack, &err), &err);
    assert_ok(gb_follower_new("test", WIDTH, HEIGHT, &follower, &err), &err);
    int followed = 0, pairs = 0;
    for (int f = 0; f + 1 < FRAMES; f++) {
        if (scene_of(f) != scene_of(f + 1)) continue;
        sample s = sample_of(pack, f, follower);
        assert_int_equal(count_apart(&s.kept, &s.found), 0);
        for (int i = 0; i < PIXELS; i++) followed += s.kept.valid[i];
        pairs++;
        /* Seeded: cut off instead of rounded, the mask left out, the flow of another pair. */
        gb_flow bent = s.kept;
        bent.uv = malloc(2 * PIXELS * sizeof *bent.uv);
        for (int i = 0; i < 2 * PIXELS; i++) bent.uv[i] = truncf(s.found.uv[i] * GB_FLOW_UNIT) / GB_FLOW_UNIT;
        assert_true(count_apart(&bent, &s.found) > 100);
        free(bent.uv);
        bent = s.kept;
        bent.valid = malloc(PIXELS);
        memset(bent.valid, 1, PIXELS);
        assert_true(count_apart(&bent, &s.found) > 100);
        free(bent.valid);
        sample_free(&s);
    }
    assert_int_equal(pairs, 11);
    assert_true(followed > pairs * PIXELS / 4 && followed < pairs * PIXELS); /* some, not all */
    gb_follower_free(follower);
    gb_pack_close(pack);
}

/* ---- e_warp by what is kept ---- */

static gb_scores e_warp(const sample *s, const gb_flow *flow, const gb_image test[2])
{
    gb_error err = {0};
    const gb_metric *const metric = gb_metric_find("e_warp");
    const gb_metric_env env = {.geometry = geometry};
    const gb_frame_pair truth = {.frame = {&s->frame[0], &s->frame[1]}, .flow = flow};
    const gb_frame_pair pair = {.frame = {&test[0], &test[1]}};
    void *worker = NULL;
    gb_scores scores = {0};
    assert_ok(metric->worker_open(NULL, &env, &worker, &err), &err);
    assert_ok(metric->pair_reference(worker, &truth, &err), &err);
    assert_ok(metric->pair(worker, &pair, &scores, &err), &err);
    metric->worker_close(worker);
    return scores;
}

static int clamp(int value, int most)
{
    return value < 0 ? 0 : value > most ? most : value;
}

static double channel(const gb_image *image, int x, int y, int c)
{
    return image->rgb[3 * (clamp(y, HEIGHT - 1) * WIDTH + clamp(x, WIDTH - 1)) + c];
}

/* How far bilinear interpolation at (x, y) can move when x and y do by `by`, less than a pixel: along each axis by no
 * more than that times the steepest step between neighbours, of the cell and those beside it. */
static double slide(const gb_image *image, int c, double x, double y, double by)
{
    double across = 0.0, down = 0.0;
    const int x0 = (int)floor(x), y0 = (int)floor(y);
    for (int j = y0 - 1; j <= y0 + 2; j++)
        for (int i = x0 - 1; i <= x0 + 2; i++) {
            const double here = channel(image, i, j, c);
            across = fmax(across, fabs(channel(image, i + 1, j, c) - here));
            down = fmax(down, fabs(channel(image, i, j + 1, c) - here));
        }
    return by * (across + down);
}

static double between(const gb_image *image, int c, double x, double y)
{
    const int x0 = (int)floor(x), y0 = (int)floor(y);
    const double right = x - x0, below = y - y0;
    return (1 - below) * ((1 - right) * channel(image, x0, y0, c) + right * channel(image, x0 + 1, y0, c)) +
           below * ((1 - right) * channel(image, x0, y0 + 1, c) + right * channel(image, x0 + 1, y0 + 1, c));
}

/* The most by which a region's value can change when every motion is rounded by half a unit on either axis: each
 * error (a - w)^2 by 2 |a - w| s + s^2 where w slides by s, and pixels that end so near the region's border that they
 * may come or go by all of theirs. */
static double bound_of(const sample *s, const gb_image test[2], gb_region region)
{
    const double by = 0.5 / GB_FLOW_UNIT;
    double sum = 0.0, change = 0.0, used = 0.0, loose = 0.0;
    for (int i = 0; i < PIXELS; i++) {
        const int x = i % WIDTH, y = i / WIDTH;
        const double to_x = x + (double)s->found.uv[2 * i], to_y = y + (double)s->found.uv[2 * i + 1];
        if (!s->found.valid[i]) continue;
        const bool starts = gb_region_has(geometry, region, x + 0.5);
        const bool low = starts || gb_region_has(geometry, region, floor(to_x + 0.5 - by) + 0.5);
        const bool high = starts || gb_region_has(geometry, region, floor(to_x + 0.5 + by) + 0.5);
        if (!low && !high) continue;
        double error = 0.0, most = 1e-3; /* of float32: three squares of 255 at most, to 2^-22 each */
        for (int c = 0; c < 3; c++) {
            const double apart = fabs(test[0].rgb[3 * i + c] - between(&test[1], c, to_x, to_y));
            const double moved = slide(&test[1], c, to_x, to_y, by);
            error += apart * apart;
            most += 2.0 * apart * moved + moved * moved;
        }
        used += 1.0;
        sum += error;
        change += low == high ? most : error + most;
        loose += low != high;
    }
    assert_true(used > loose);
    return (change + sum / used * loose) / (used - loose) / (255.0 * 255.0);
}

static double apart(gb_scores a, gb_scores b, int region)
{
    return fabs(a.region[region].num / a.region[region].den - b.region[region].num / b.region[region].den);
}

static void e_warp_differs_by_no_more_than_rounding_can(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_follower *follower = NULL;
    int tripped = 0;
    if (!needs_opencv()) skip_because("built without OpenCV");
    gb_pack *pack = build("bound.h5", 1);
    assert_ok(gb_follower_new("test", WIDTH, HEIGHT, &follower, &err), &err);
    for (int f = 0; f + 1 < FRAMES; f++) {
        if (scene_of(f) != scene_of(f + 1)) continue;
        sample s = sample_of(pack, f, follower);
        gb_image test[2] = {draw(scene_of(f), f, 3), draw(scene_of(f), f + 1, 3)};
        const gb_scores found = e_warp(&s, NULL, test), kept = e_warp(&s, &s.kept, test);
        for (int i = 0; i < 2 * PIXELS; i++)
            if (s.kept.valid[i / 2]) s.kept.uv[i] += 0.5f; /* seeded: half a pixel off */
        const gb_scores bent = e_warp(&s, &s.kept, test);
        bool noticed = false;
        for (int r = 0; r < GB_REGION_COUNT; r++) {
            const double bound = bound_of(&s, test, (gb_region)r);
            if (apart(found, kept, r) > bound)
                fail_msg("frame %d, %s: %.3g apart, expected at most %.3g", f, gb_region_name((gb_region)r),
                         apart(found, kept, r), bound);
            noticed |= apart(found, bent, r) > bound;
        }
        tripped += noticed;
        for (int i = 0; i < 2; i++) gb_image_free(&test[i]);
        sample_free(&s);
    }
    assert_int_equal(tripped, 11);
    gb_follower_free(follower);
    gb_pack_close(pack);
}

/* ---- Packs ---- */

static void threads_and_a_detour_change_no_byte(void **state)
{
    (void)state;
    gb_error err = {0};
    if (!needs_opencv()) skip_because("built without OpenCV");
    gb_pack *pack = build("one.h5", 1);
    const gb_pack_info info = *gb_pack_get_info(pack);
    gb_pack_close(pack);
    assert_true(info.has_flow && strstr(info.flow_from, "estimated") && strstr(info.flow_from, gb_flow_library()));
    gb_pack_close(build("five.h5", 5));
    gb_build_options plain = flowing;
    plain.flow = false;
    assert_ok(gb_dataset_build(folder, &plain, test_scratch("plain.h5"), &err), &err);
    plain = (gb_build_options){.geometry = geometry, .flow = true, .threads = 3};
    assert_ok(gb_dataset_build(test_scratch("plain.h5"), &plain, test_scratch("added.h5"), &err), &err);
    assert_int_equal(test_command(NULL, 0, "cmp '%s' '%s'", test_scratch("one.h5"), test_scratch("five.h5")), 0);
    assert_int_equal(test_command(NULL, 0, "cmp '%s' '%s'", test_scratch("one.h5"), test_scratch("added.h5")), 0);
    assert_fails(gb_dataset_build(test_scratch("one.h5"), &plain, test_scratch("twice.h5"), &err), GB_E_USAGE, &err,
                 "expected a pack without flow, found flow (estimated");
    assert_int_equal(test_command(NULL, 0, "test ! -e '%s'", test_scratch("twice.h5")), 0);
}

/* A pack of pairs keeps its 4:3 frames, a pack takes its flow in place. */
static void pairs_stay_pairs(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_pack *pack = NULL;
    gb_pack_writer *writer = NULL;
    const gb_pack_info info = {.id = "two", .title = "t", .domain = "own", .geometry = geometry, .paired = true};
    const gb_shot shot = {.clip = "one", .split = "val", .stride = 3, .fps = 24, .tags = "pan"};
    gb_image truth = {0}, input = {0}, narrow = {0};
    if (!needs_opencv()) skip_because("built without OpenCV");
    assert_ok(gb_pack_create(test_scratch("pairs.h5"), &info, &writer, &err), &err);
    assert_ok(gb_pack_begin_shot(writer, &shot, &err), &err);
    assert_ok(gb_image_new(WIDTH - 2 * SIDE, HEIGHT, &narrow, &err), &err);
    for (int t = 0; t < 3; t++) {
        gb_image wide = draw(1, t, 0);
        memset(narrow.rgb, 7 + t, (size_t)narrow.width * HEIGHT * 3);
        assert_ok(gb_pack_append(writer, &wide, &narrow, &err), &err);
        gb_image_free(&wide);
    }
    assert_ok(gb_pack_finish(writer, &err), &err);
    const gb_build_options options = {.geometry = geometry, .flow = true, .id = "three", .domain = "out"};
    assert_ok(gb_dataset_build(test_scratch("pairs.h5"), &options, test_scratch("pairs.h5"), &err), &err);
    assert_ok(gb_pack_open(test_scratch("pairs.h5"), &pack, &err), &err);
    assert_ok(gb_pack_verify(pack, &err), &err);
    assert_string_equal(gb_pack_get_info(pack)->id, "three");
    assert_string_equal(gb_pack_get_info(pack)->domain, "out");
    assert_true(gb_pack_get_info(pack)->paired && gb_pack_get_info(pack)->has_flow);
    assert_string_equal(gb_pack_shots(pack)[0].tags, "pan");
    assert_int_equal(gb_pack_shots(pack)[0].stride, 3);
    assert_ok(gb_pack_read(pack, 2, &truth, &input, &err), &err);
    assert_int_equal(input.rgb[3 * (5 * WIDTH + SIDE)], 9);
    gb_pack_close(pack);
    gb_image_free(&truth);
    gb_image_free(&input);
    gb_image_free(&narrow);
}

/* Two frames with flow of no motion, found as `flow_from` says. */
static void write_still(const char *path, const char *flow_from)
{
    gb_error err = {0};
    gb_pack_writer *writer = NULL;
    gb_pack_info info = {.id = "s", .title = "t", .domain = "own", .geometry = geometry, .has_flow = *flow_from != '-'};
    const gb_shot shot = {.clip = "one", .split = "test", .stride = 1, .fps = 0};
    gb_flow flow = {0};
    if (info.has_flow) snprintf(info.flow_from, sizeof info.flow_from, "%s", flow_from);
    assert_ok(gb_flow_reserve(&flow, WIDTH, HEIGHT, &err), &err);
    memset(flow.uv, 0, 2 * PIXELS * sizeof *flow.uv);
    memset(flow.valid, 1, PIXELS);
    assert_ok(gb_pack_create(path, &info, &writer, &err), &err);
    assert_ok(gb_pack_begin_shot(writer, &shot, &err), &err);
    for (int t = 0; t < 2; t++) {
        gb_image frame = draw(0, 0, 0);
        assert_ok(gb_pack_append(writer, &frame, NULL, &err), &err);
        gb_image_free(&frame);
        if (info.has_flow && t == 0) assert_ok(gb_pack_append_flow(writer, &flow, &err), &err);
    }
    assert_ok(gb_pack_finish(writer, &err), &err);
    gb_flow_free(&flow);
}

/* The content as datasets/README.md has it; `line` comes after the first. */
static void still_content(const char *line, char hex[GB_SHA256_HEX])
{
    gb_error err = {0};
    gb_sha256 *sha = NULL;
    static const int16_t flow[2 * PIXELS];
    const char *const head = "ganime-pack/1 128 72 16 0\n", *const shot = "one\ttest\t0\t2\t0\t1\t0000000000000000\n";
    gb_image frame = draw(0, 0, 0);
    assert_ok(gb_sha256_new(&sha, &err), &err);
    gb_sha256_update(sha, head, strlen(head));
    gb_sha256_update(sha, line, strlen(line));
    gb_sha256_update(sha, frame.rgb, 3 * PIXELS);
    gb_sha256_update(sha, flow, sizeof flow);
    gb_sha256_update(sha, frame.rgb, 3 * PIXELS);
    gb_sha256_update(sha, shot, strlen(shot));
    gb_sha256_finish(sha, hex);
    gb_image_free(&frame);
}

static void expect_from(const char *path, const char *flow_from, const char *line)
{
    gb_error err = {0};
    gb_pack *pack = NULL;
    char content[GB_SHA256_HEX];
    still_content(line, content);
    assert_ok(gb_pack_open(path, &pack, &err), &err);
    assert_string_equal(gb_pack_get_info(pack)->flow_from, flow_from);
    assert_string_equal(gb_pack_get_info(pack)->content, content);
    assert_ok(gb_pack_verify(pack, &err), &err);
    gb_pack_close(pack);
}

static void put_flow_from(const char *path, size_t size, const char *text)
{
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), space = H5Screate(H5S_SCALAR);
    const hid_t type = size ? H5Tcopy(H5T_C_S1) : H5Tcopy(H5T_NATIVE_INT);
    if (size) H5Tset_size(type, size);
    if (H5Aexists(file, "flow_from") > 0) H5Adelete(file, "flow_from");
    const hid_t attribute = H5Acreate2(file, "flow_from", type, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, type, text) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
    H5Fclose(file);
}

/* How flow was estimated belongs to the content; of exact flow it is what it was before anything said so. */
static void where_flow_comes_from_counts(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_pack *pack = NULL;
    static char longest[512];
    const char *const path = test_scratch("still.h5");
    write_still(path, "");
    expect_from(path, "exact", "");
    write_still(path, "exact");
    expect_from(path, "exact", "");
    write_still(path, "by some program");
    expect_from(path, "by some program", "by some program\n");
    put_flow_from(path, 6, "exact");
    assert_ok(gb_pack_open(path, &pack, &err), &err);
    assert_fails(gb_pack_verify(pack, &err), GB_E_MISMATCH, &err, "content");
    gb_pack_close(pack);
    put_flow_from(path, 1, "");
    assert_fails(gb_pack_open(path, &pack, &err), GB_E_FORMAT, &err, "to say how flow was estimated, found nothing");
    put_flow_from(path, 0, "0123");
    assert_fails(gb_pack_open(path, &pack, &err), GB_E_FORMAT, &err, "\"flow_from\" to be a fixed-length string");
    memset(longest, 'x', sizeof longest - 1);
    put_flow_from(path, sizeof longest, longest);
    assert_fails(gb_pack_open(path, &pack, &err), GB_E_FORMAT, &err, "below 160 bytes");
    write_still(path, "-");
    put_flow_from(path, 6, "exact");
    assert_fails(gb_pack_open(path, &pack, &err), GB_E_FORMAT, &err, "found no flow");
}

/* A show's flow is exact: it is taken along, and nothing is estimated. */
static void a_drawn_show_keeps_its_own(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_pack *pack = NULL;
    const gb_build_options options = {.geometry = {64, 36, 8}, .flow = true, .shots_given = true, .shots = {0, 0, 1},
                                      .stride = 8};
    assert_ok(gb_dataset_build("toon", &options, test_scratch("toon.h5"), &err), &err);
    assert_ok(gb_pack_open(test_scratch("toon.h5"), &pack, &err), &err);
    assert_string_equal(gb_pack_get_info(pack)->flow_from, GB_FLOW_EXACT);
    gb_pack_close(pack);
}

static void what_cannot_be_is_refused_before_anything_is_made(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_build_options options = flowing;
    const char *const never = test_scratch("never.h5");
    if (!gb_flow_library()) {
        assert_fails(gb_dataset_build(folder, &options, never, &err), GB_E_UNSUPPORTED, &err, "built without OpenCV");
    } else {
        options.geometry = (gb_geometry){24, 12, 3};
        assert_fails(gb_dataset_build(folder, &options, never, &err), GB_E_UNSUPPORTED, &err, "16x16 or more");
        options = flowing;
        options.split = NULL;
        assert_fails(gb_dataset_build("penny_and_chip", &options, never, &err), GB_E_NOT_FOUND, &err,
                     "ganime-bench dataset fetch penny_and_chip");
        options.first = 2;
        assert_fails(gb_dataset_build("penny_and_chip", &options, never, &err), GB_E_USAGE, &err, "no --first");
    }
    options = (gb_build_options){.geometry = geometry};
    assert_fails(gb_dataset_build("penny_and_chip", &options, never, &err), GB_E_USAGE, &err, "dataset fetch");
    assert_false(gb_file_exists(never));
}

int main(void)
{
    setenv("GANIME_CACHE", test_scratch("cache"), 1); /* empty: nothing is fetched */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_is_what_e_warp_finds),
        cmocka_unit_test(e_warp_differs_by_no_more_than_rounding_can),
        cmocka_unit_test(threads_and_a_detour_change_no_byte),
        cmocka_unit_test(pairs_stay_pairs),
        cmocka_unit_test(where_flow_comes_from_counts),
        cmocka_unit_test(a_drawn_show_keeps_its_own),
        cmocka_unit_test(what_cannot_be_is_refused_before_anything_is_made),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
