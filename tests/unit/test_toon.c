/* The drawn shows: every frame is a function of its place in the show alone, drawings are held, shots and splits
 * differ, nothing is blank, and the default packs are what the API draws. */
#include "support/support.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sha256.h"
#include "datasets/toon/toon.h"

#define WIDTH 512
#define HEIGHT 288
#define SIDE 64

static const gb_toon_size many = {6, 6, 11};

static gb_toon_show *open_show(const char *id, const gb_toon_size *size)
{
    gb_error err = {0};
    gb_toon_show *show = NULL;
    assert_ok(gb_toon_open(id, size, &show, &err), &err);
    return show;
}

static void hash_frame(const gb_toon_show *show, int shot, int frame, char hex[GB_SHA256_HEX])
{
    gb_error err = {0};
    gb_image image = {0};
    assert_ok(gb_toon_draw(show, shot, frame, WIDTH, HEIGHT, &image, &err), &err);
    gb_sha256_memory(image.rgb, (size_t)image.width * (size_t)image.height * 3, hex);
    gb_image_free(&image);
}

/* Printed by a second process for test_same_in_every_process. */
static int print_hashes(void)
{
    gb_toon_show *show = open_show("toon", &many);
    char hex[GB_SHA256_HEX];
    for (int shot = 22; shot >= 0; shot -= 7) {
        hash_frame(show, shot, 5, hex);
        printf("%s\n", hex);
    }
    gb_toon_close(show);
    return 0;
}

static void test_same_in_any_order(void **state)
{
    (void)state;
    gb_toon_show *show = open_show("toon", &many), *fewer = open_show("toon", &(gb_toon_size){0, 2, 3});
    char first[3][GB_SHA256_HEX], again[GB_SHA256_HEX];
    for (int i = 0; i < 3; i++) hash_frame(show, 12 + i, 3 + i, first[i]);
    for (int i = 2; i >= 0; i--) {
        hash_frame(show, i, 0, again); /* something else in between */
        hash_frame(show, 12 + i, 3 + i, again);
        assert_string_equal(first[i], again);
        hash_frame(fewer, 2 + i, 3 + i, again); /* the number of shots does not matter */
        assert_string_equal(first[i], again);
    }
    hash_frame(show, 13, 3, again);
    assert_string_not_equal(first[0], again);
    gb_toon_close(fewer);
    gb_toon_close(show);
}

static const char *self;

static void test_same_in_every_process(void **state)
{
    (void)state;
    gb_toon_show *show = open_show("toon", &many);
    char printed[4096] = "", hex[GB_SHA256_HEX];
    assert_int_equal(test_command(printed, sizeof printed, "'%s' --hashes", self), 0);
    for (int shot = 22; shot >= 0; shot -= 7) {
        hash_frame(show, shot, 5, hex);
        assert_non_null(strstr(printed, hex));
    }
    gb_toon_close(show);
}

typedef struct drawing {
    const gb_toon_show *show;
    char hex[4][GB_SHA256_HEX];
} drawing;

static void *draw_four(void *argument)
{
    drawing *four = argument;
    for (int i = 0; i < 4; i++) hash_frame(four->show, 5 * i, 4, four->hex[i]);
    return NULL;
}

static void test_same_on_every_thread(void **state)
{
    (void)state;
    gb_toon_show *show = open_show("toon", &many);
    drawing four[3] = {{.show = show}, {.show = show}, {.show = show}};
    pthread_t thread[2];
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&thread[i], NULL, draw_four, &four[i]), 0);
    draw_four(&four[2]);
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_join(thread[i], NULL), 0);
    for (int i = 0; i < 2; i++) assert_memory_equal(four[i].hex, four[2].hex, sizeof four[2].hex);
    gb_toon_close(show);
}

static int same_frame(const gb_toon_show *show, int shot, int a, int b)
{
    char one[GB_SHA256_HEX], other[GB_SHA256_HEX];
    hash_frame(show, shot, a, one);
    hash_frame(show, shot, b, other);
    return !strcmp(one, other);
}

/* Twos and threes both begin anew every six frames: 6 and 7 show the same drawings when the camera stands and nobody
 * talks. */
static void test_drawings_are_held(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_toon_show *show = open_show("toon", &(gb_toon_size){0, 0, 40});
    int still = 0, moving = 0;
    for (int shot = 0; shot < gb_toon_shot_count(show); shot++) {
        gb_toon_shot about;
        assert_ok(gb_toon_shot_get(show, shot, &about, &err), &err);
        assert_true(about.hold == 2 || about.hold == 3);
        if (about.still && still < 3) {
            if (!about.talk) assert_true(same_frame(show, shot, 6, 7));
            assert_false(same_frame(show, shot, 7, 7 + 4 * about.hold));
            still += !about.talk;
        } else if (!about.still && moving < 3) {
            assert_false(same_frame(show, shot, 6, 7));
            moving++;
        }
    }
    assert_int_equal(still, 3);
    assert_int_equal(moving, 3);
    gb_toon_close(show);
}

/* Mean absolute difference of two frames, in grey levels. */
static double difference(const gb_image *a, const gb_image *b)
{
    const size_t size = (size_t)a->width * (size_t)a->height * 3;
    double sum = 0;
    for (size_t i = 0; i < size; i++) sum += abs(a->rgb[i] - b->rgb[i]);
    return sum / (double)size;
}

/* Shots of talk have many pairs of frames where next to nothing moves: a mouth, an eyelid. */
static void test_talk_moves_little(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_toon_show *show = open_show("toon", &(gb_toon_size){0, 0, 16});
    gb_image frame[2] = {0};
    int slight = 0;
    for (int shot = 0; shot < 16; shot++) {
        gb_toon_shot about;
        assert_ok(gb_toon_shot_get(show, shot, &about, &err), &err);
        if (!about.talk) continue;
        for (int i = 0; i < about.frames; i++) {
            assert_ok(gb_toon_draw(show, shot, i, 128, 72, &frame[i & 1], &err), &err);
            const double change = i ? difference(&frame[0], &frame[1]) : 0;
            slight += change > 0 && change < 1;
        }
    }
    if (slight < 50) fail_msg("%d pairs", slight);
    gb_image_free(&frame[0]);
    gb_image_free(&frame[1]);
    gb_toon_close(show);
}

static void check_shots_differ(const char *id, const gb_toon_size *size)
{
    gb_error err = {0};
    gb_toon_show *show = open_show(id, size);
    enum { MOST = 32 };
    gb_image frame[MOST] = {0};
    gb_toon_shot about[MOST];
    const int shots = gb_toon_shot_count(show);
    assert_true(shots <= MOST);
    for (int i = 0; i < shots; i++) {
        assert_ok(gb_toon_shot_get(show, i, &about[i], &err), &err);
        assert_ok(gb_toon_draw(show, i, 0, 128, 72, &frame[i], &err), &err);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(about[i].clip, about[k].clip);
            if (difference(&frame[i], &frame[k]) < 12)
                fail_msg("%s and %s look alike: %.1f", about[i].clip, about[k].clip, difference(&frame[i], &frame[k]));
        }
    }
    for (int i = 0; i < shots; i++) gb_image_free(&frame[i]);
    gb_toon_close(show);
}

/* Of one split or of two: no shot returns. */
static void test_shots_and_splits_differ(void **state)
{
    (void)state;
    check_shots_differ("toon", &(gb_toon_size){10, 8, 14});
    check_shots_differ("toon_b", &(gb_toon_size){5, 5, 15});
}

/* Variance of luma over a strip. */
static double strip_variance(const gb_image *image, int from, int to)
{
    double sum = 0, squares = 0;
    for (int y = 0; y < image->height; y++)
        for (int x = from; x < to; x++) {
            const uint8_t *p = image->rgb + 3 * ((size_t)y * (size_t)image->width + (size_t)x);
            const double luma = 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
            sum += luma;
            squares += luma * luma;
        }
    const double n = (double)image->height * (to - from);
    return squares / n - sum / n * (sum / n);
}

/* At the usual size and at another; the variance below which a strip counts as blank is that of one grey step of 16
 * between halves, 64. */
static void test_no_strip_is_blank(void **state)
{
    (void)state;
    gb_error err = {0};
    static const char *const id[2] = {"toon", "toon_b"};
    for (int which = 0; which < 2; which++) {
        gb_toon_show *show = open_show(id[which], NULL);
        gb_image image = {0};
        for (int shot = 0; shot < gb_toon_shot_count(show); shot++)
            for (int frame = 0; frame < 12; frame += 11) {
                const int small = frame > 0, width = small ? 320 : WIDTH, height = small ? 240 : HEIGHT;
                assert_ok(gb_toon_draw(show, shot, frame, width, height, &image, &err), &err);
                assert_int_equal(image.width, width);
                assert_int_equal(image.height, height);
                assert_true(strip_variance(&image, 0, SIDE) > 64);
                assert_true(strip_variance(&image, width - SIDE, width) > 64);
            }
        gb_image_free(&image);
        gb_toon_close(show);
    }
}

/* The check above can fail. */
static void test_a_blank_strip_is_told(void **state)
{
    (void)state;
    uint8_t grey[64 * 8 * 3];
    for (size_t i = 0; i < sizeof grey; i++) grey[i] = (uint8_t)(100 + i % 7);
    const gb_image image = {.width = 64, .height = 8, .rgb = grey};
    assert_true(strip_variance(&image, 0, 64) < 64);
}

static void test_refusals(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_toon_show *show = NULL;
    gb_toon_shot about;
    gb_image image = {0};
    assert_fails(gb_toon_open("toons", NULL, &show, &err), GB_E_NOT_FOUND, &err, "toons: expected a drawn show");
    assert_fails(gb_toon_open("toon", &(gb_toon_size){-1, 0, 0}, &show, &err), GB_E_ARG, &err, "-1 + 0 + 0");
    assert_fails(gb_toon_open("toon", &(gb_toon_size){2147483647, 2147483647, 1}, &show, &err), GB_E_ARG, &err,
                 "0..1000000 shots");
    assert_null(show);
    show = open_show("toon", &(gb_toon_size){1, 1, 1});
    assert_fails(gb_toon_shot_get(show, 3, &about, &err), GB_E_ARG, &err, "expected a shot below 3, found 3");
    assert_fails(gb_toon_shot_get(show, -1, &about, &err), GB_E_ARG, &err, "found -1");
    assert_fails(gb_toon_draw(show, 0, 12, 64, 36, &image, &err), GB_E_ARG, &err, "frame below 12 of shot 0");
    assert_fails(gb_toon_draw(show, 0, -1, 64, 36, &image, &err), GB_E_ARG, &err, "found -1");
    assert_fails(gb_toon_draw(show, 0, 0, 15, 36, &image, &err), GB_E_ARG, &err, "found 15x36");
    assert_fails(gb_toon_draw(show, 0, 0, 64, 5000, &image, &err), GB_E_ARG, &err, "found 64x5000");
    assert_null(image.rgb);
    gb_toon_close(show);
    gb_toon_close(NULL);
    const gb_build_options small = {.geometry = {64, 36, 8}}, odd = {.geometry = {64, 36, 32}};
    const gb_build_options footage = {.geometry = {64, 36, 8}, .split = "train"};
    const gb_build_options none = {.geometry = {64, 36, 8}, .shots_given = true};
    assert_fails(gb_toon_build("toon", &odd, test_scratch("bad.h5"), &err), GB_E_ARG, &err, "");
    assert_fails(gb_toon_build("toon", &footage, test_scratch("bad.h5"), &err), GB_E_USAGE, &err, "--shots");
    assert_fails(gb_toon_build("toon", &none, test_scratch("bad.h5"), &err), GB_E_FORMAT, &err, "at least one frame");
    assert_fails(gb_toon_build("nobody", &small, test_scratch("bad.h5"), &err), GB_E_NOT_FOUND, &err, "nobody");
    assert_fails(gb_toon_build("toon", &small, test_scratch("no/such/folder.h5"), &err), GB_E_IO, &err, "folder.h5");
}

static void count_progress(void *user, const char *what, long done, long total)
{
    (void)what;
    long *last = user;
    last[0]++;
    last[1] = done;
    last[2] = total;
}

static int count_words(const char *tags, const char *words)
{
    int count = 0;
    char copy[64], *rest = copy;
    snprintf(copy, sizeof copy, "%s", tags);
    for (char *one; (one = strsep(&rest, " "));) {
        const char *at = strstr(words, one);
        count += at && (at == words || at[-1] == ' ') && strchr(" ", at[strlen(one)]);
    }
    return count;
}

/* One of each kind; what can be known from the shot agrees. */
static void check_tags(const char *tags, const gb_toon_shot *about)
{
    assert_int_equal(count_words(tags, "indoors outdoors card"), 1);
    assert_int_equal(count_words(tags, "pattern scenery"), 1);
    assert_int_equal(count_words(tags, "figures empty"), 1);
    assert_int_equal(count_words(tags, "still pan zoom follow"), 1);
    assert_int_equal(count_words(tags, "still"), about->still);
    if (strstr(about->clip, "kitchen")) assert_int_equal(count_words(tags, "indoors pattern"), 2);
    if (strstr(about->clip, "meadow")) assert_int_equal(count_words(tags, "outdoors scenery"), 2);
}

/* Known by eye: nobody is near the borders of the first, there are people at both borders of the second. */
static void test_figures_are_told(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_toon_show *show = open_show("toon", &(gb_toon_size){0, 0, 18});
    char tags[64];
    assert_ok(gb_toon_tags(show, 15, (gb_geometry){512, 288, 64}, tags, sizeof tags, &err), &err);
    assert_int_equal(count_words(tags, "empty"), 1);
    assert_ok(gb_toon_tags(show, 17, (gb_geometry){512, 288, 64}, tags, sizeof tags, &err), &err);
    assert_int_equal(count_words(tags, "figures"), 1);
    assert_fails(gb_toon_tags(show, 17, (gb_geometry){512, 288, 64}, tags, 8, &err), GB_E_ARG, &err, "bytes for tags");
    gb_toon_close(show);
}

static void check_pack(const char *id, const char *domain, const int shots_of[3])
{
    gb_error err = {0};
    gb_pack *pack = NULL;
    gb_toon_show *show = open_show(id, NULL);
    long told[3] = {0};
    const char *path = test_scratch(id);
    const gb_build_options options = {.geometry = {64, 36, 8}, .progress = count_progress, .user = told};
    assert_ok(gb_toon_build(id, &options, path, &err), &err);
    assert_int_equal(told[1], told[2]);
    assert_int_equal(told[0], told[2] + 1);
    assert_ok(gb_pack_open(path, &pack, &err), &err);
    const gb_pack_info *info = gb_pack_get_info(pack);
    assert_string_equal(info->id, id);
    assert_string_equal(info->domain, domain);
    assert_int_equal(info->shots, gb_toon_shot_count(show));
    int seen[3] = {0};
    gb_image truth = {0}, input = {0}, drawn = {0};
    for (int i = 0; i < info->shots; i++) {
        const gb_shot *shot = &gb_pack_shots(pack)[i];
        gb_toon_shot about;
        assert_ok(gb_toon_shot_get(show, i, &about, &err), &err);
        assert_string_equal(shot->clip, about.clip);
        assert_string_equal(shot->split, about.split);
        assert_int_equal(shot->count, about.frames);
        check_tags(shot->tags, &about);
        seen[!strcmp(shot->split, "val") ? 1 : !strcmp(shot->split, "test") ? 2 : 0]++;
        if (i % 4) continue;
        assert_ok(gb_pack_read(pack, shot->first + 2, &truth, &input, &err), &err);
        assert_ok(gb_toon_draw(show, i, 2, 64, 36, &drawn, &err), &err);
        assert_memory_equal(truth.rgb, drawn.rgb, (size_t)64 * 36 * 3);
    }
    for (int i = 0; i < 3; i++) assert_int_equal(seen[i], shots_of[i]);
    gb_image_free(&truth);
    gb_image_free(&input);
    gb_image_free(&drawn);
    gb_pack_close(pack);
    gb_toon_close(show);
}

static void test_packs(void **state)
{
    (void)state;
    check_pack("toon", "in", (const int[3]){8, 4, 16});
    check_pack("toon_b", "out", (const int[3]){0, 0, 10});
}

static void build_chosen(const char *path, int threads, int stride, gb_pack **pack)
{
    gb_error err = {0};
    const gb_build_options options = {.geometry = {64, 36, 8}, .shots_given = true, .shots = {5, 1, 2},
                                      .stride = stride, .threads = threads, .id = "more"};
    assert_ok(gb_toon_build("toon", &options, path, &err), &err);
    assert_ok(gb_pack_open(path, pack, &err), &err);
}

/* As many shots as asked for, every third frame, the same from one thread as from several. */
static void test_chosen_shots(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_pack *pack[3] = {0};
    char first[256], second[256];
    snprintf(first, sizeof first, "%s", test_scratch("one.h5"));
    snprintf(second, sizeof second, "%s", test_scratch("seven.h5"));
    build_chosen(first, 1, 3, &pack[0]);
    build_chosen(second, 7, 3, &pack[1]);
    build_chosen(test_scratch("all.h5"), 2, 1, &pack[2]);
    assert_int_equal(test_command(NULL, 0, "cmp '%s' '%s'", first, second), 0);
    const gb_pack_info *some = gb_pack_get_info(pack[1]), *all = gb_pack_get_info(pack[2]);
    assert_string_equal(some->id, "more");
    assert_int_equal(some->shots, 8);
    assert_int_equal(some->frames, 6 * 4 + 2 * 7);
    assert_int_equal(all->frames, 6 * 12 + 2 * 20);
    gb_image truth = {0}, input = {0}, other = {0};
    for (int s = 0; s < 8; s++) {
        const gb_shot *few = &gb_pack_shots(pack[1])[s], *many_frames = &gb_pack_shots(pack[2])[s];
        assert_int_equal(few->stride, 3);
        assert_string_equal(few->clip, many_frames->clip);
        assert_ok(gb_pack_read(pack[1], few->first + 2, &truth, &input, &err), &err);
        assert_ok(gb_pack_read(pack[2], many_frames->first + 6, &other, &input, &err), &err);
        assert_memory_equal(truth.rgb, other.rgb, (size_t)64 * 36 * 3);
    }
    gb_image_free(&truth);
    gb_image_free(&input);
    gb_image_free(&other);
    for (int i = 0; i < 3; i++) gb_pack_close(pack[i]);
}

int main(int argc, char **argv)
{
    self = argv[0];
    if (argc > 1 && !strcmp(argv[1], "--hashes")) return print_hashes();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_in_any_order),       cmocka_unit_test(test_same_in_every_process),
        cmocka_unit_test(test_same_on_every_thread),
        cmocka_unit_test(test_drawings_are_held),       cmocka_unit_test(test_talk_moves_little),
        cmocka_unit_test(test_shots_and_splits_differ),
        cmocka_unit_test(test_no_strip_is_blank),       cmocka_unit_test(test_a_blank_strip_is_told),
        cmocka_unit_test(test_refusals),                cmocka_unit_test(test_packs),
        cmocka_unit_test(test_chosen_shots),            cmocka_unit_test(test_figures_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
