/* Datasets: folders, pairs, videos and manifests become packs with the right frames, shots and splits, or say why not
 * in one line. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/sha256.h"
#include "datasets/dataset.h"
#include "datasets/manifest.h"
#include "image/video.h"
#include "support/video_file.h"

static char built[256]; /* where packs go; test_scratch reuses its own */
static const gb_build_options small = {.geometry = {64, 36, 8}};

/* Scene `scene` at time `t`: a bar that moves over a backdrop of the scene's own. */
static gb_image draw(int width, int height, int scene, int t)
{
    gb_error err = {0};
    gb_image image = {0};
    assert_ok(gb_image_new(width, height, &image, &err), &err);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const int u = 16 * x / width, v = 9 * y / height, bar = 16 * (x - t) / width == 8;
            uint8_t *p = image.rgb + 3 * (y * width + x);
            p[0] = (uint8_t)(bar ? 250 : (u * 37 * (scene + 1) + v * 11) % 240);
            p[1] = (uint8_t)(bar ? 250 : (v * 53 * (scene + 2) + u * 29 * scene) % 240);
            p[2] = (uint8_t)(bar ? 250 : (u * v * (scene + 3) * 7) % 240);
        }
    return image;
}

static void make_folder(const char *path)
{
    gb_error err = {0};
    assert_ok(gb_directory_make(path, &err), &err);
}

static void save(const char *folder, const char *name, int width, int height, int scene, int t)
{
    gb_error err = {0};
    char path[4400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    gb_image image = draw(width, height, scene, t);
    assert_ok(gb_image_write_png(path, &image, &err), &err);
    gb_image_free(&image);
}

static void save_frames(const char *folder, int scene, int count)
{
    make_folder(folder);
    for (int i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "%04d.png", i);
        save(folder, name, 64, 36, scene, i);
    }
}

static void write_text(const char *path, const char *text)
{
    gb_error err = {0};
    assert_ok(gb_file_write(path, text, strlen(text), &err), &err);
}

static gb_pack *build(const char *source, const gb_build_options *options)
{
    gb_error err = {0};
    gb_pack *pack = NULL;
    assert_ok(gb_dataset_build(source, options, built, &err), &err);
    assert_ok(gb_pack_open(built, &pack, &err), &err);
    assert_ok(gb_pack_verify(pack, &err), &err);
    return pack;
}

static void expect_shot(const gb_pack *pack, int index, const char *clip, const char *split, int first, int count,
                        int source_first)
{
    assert_in_range(index, 0, gb_pack_get_info(pack)->shots - 1);
    const gb_shot *shot = &gb_pack_shots(pack)[index];
    assert_string_equal(shot->clip, clip);
    assert_string_equal(shot->split, split);
    assert_int_equal(shot->first, first);
    assert_int_equal(shot->count, count);
    assert_int_equal(shot->source_first, source_first);
}

static void expect_failure(const char *source, const gb_build_options *options, gb_status expected, const char *part)
{
    gb_error err = {0};
    char never[sizeof built + 8];
    snprintf(never, sizeof never, "%s.never", built);
    assert_fails(gb_dataset_build(source, options, never, &err), expected, &err, part);
    assert_false(gb_file_exists(never));
}

static void test_cuts(void **state)
{
    (void)state;
    for (int scene = 0; scene < 4; scene++) {
        gb_image a = draw(128, 72, scene, 0), b = draw(128, 72, scene, 9), c = draw(128, 72, scene + 1, 0);
        gb_image flash = draw(128, 72, scene, 0), other = draw(64, 36, scene, 0);
        for (int i = 0; i < 128 * 72 * 3; i++) flash.rgb[i] = (uint8_t)(flash.rgb[i] / 3);
        assert_false(gb_is_cut(&a, &a));
        assert_false(gb_is_cut(&a, &b)); /* motion */
        assert_false(gb_is_cut(&a, &flash));
        assert_true(gb_is_cut(&a, &c));
        assert_true(gb_is_cut(&a, &other));
        gb_image_free(&a);
        gb_image_free(&b);
        gb_image_free(&c);
        gb_image_free(&flash);
        gb_image_free(&other);
    }
}

static void test_flat_folder(void **state)
{
    (void)state;
    gb_error err = {0};
    const char *folder = test_scratch("flat");
    make_folder(folder);
    for (int i = 0; i < 7; i++) {
        char name[32];
        snprintf(name, sizeof name, "f%d.png", i);
        /* Twice the size: resized. Frames 4 and on belong to another scene. */
        save(folder, name, i == 2 ? 128 : 64, i == 2 ? 72 : 36, i < 4 ? 0 : 1, i);
    }
    char path[4200];
    snprintf(path, sizeof path, "%s/notes.txt", folder);
    write_text(path, "passed over");
    gb_pack *pack = build(folder, &small);
    assert_int_equal(gb_pack_get_info(pack)->shots, 2);
    assert_string_equal(gb_pack_get_info(pack)->id, "flat");
    assert_string_equal(gb_pack_get_info(pack)->licence, "not stated");
    expect_shot(pack, 0, "flat", "test", 0, 4, 0);
    expect_shot(pack, 1, "flat", "test", 4, 3, 4);
    gb_image truth = {0}, input = {0}, expected = draw(64, 36, 1, 5);
    assert_ok(gb_pack_read(pack, 5, &truth, &input, &err), &err);
    assert_memory_equal(truth.rgb, expected.rgb, 64 * 36 * 3);
    gb_pack_close(pack);
    gb_build_options some = small;
    some.first = 1;
    some.end = 6;
    some.stride = 2;
    some.split = "val";
    some.id = "mine";
    pack = build(folder, &some);
    assert_string_equal(gb_pack_get_info(pack)->id, "mine");
    expect_shot(pack, 0, "flat", "val", 0, 2, 1); /* source frames 1, 3 */
    expect_shot(pack, 1, "flat", "val", 2, 1, 4);
    assert_int_equal(gb_pack_shots(pack)[0].stride, 2);
    gb_pack_close(pack);
    gb_image_free(&truth);
    gb_image_free(&input);
    gb_image_free(&expected);
}

static void test_few_frames(void **state)
{
    (void)state;
    const char *folder = test_scratch("few");
    make_folder(folder);
    expect_failure(folder, &small, GB_E_NOT_FOUND, "expected PNG or JPEG images, found none");
    for (int count = 1; count <= 2; count++) {
        save_frames(folder, 0, count);
        gb_pack *pack = build(folder, &small);
        expect_shot(pack, 0, "few", "test", 0, count, 0);
        gb_pack_close(pack);
    }
    gb_build_options beyond = small;
    beyond.first = 5;
    expect_failure(folder, &beyond, GB_E_FORMAT, "at least one frame, found 0");
}

static void test_clip_folders_and_splits(void **state)
{
    (void)state;
    const char *root = test_scratch("clips");
    for (int i = 0; i < 12; i++) {
        char folder[4200];
        snprintf(folder, sizeof folder, "%s/clip%02d", root, i);
        save_frames(folder, 0, 2); /* the same picture: the folder alone makes the shot */
    }
    gb_pack *pack = build(root, &small);
    assert_int_equal(gb_pack_get_info(pack)->shots, 12);
    expect_shot(pack, 0, "clip00", "train", 0, 2, 0);
    expect_shot(pack, 8, "clip08", "train", 16, 2, 0);
    expect_shot(pack, 9, "clip09", "val", 18, 2, 0);
    expect_shot(pack, 10, "clip10", "val", 20, 2, 0);
    expect_shot(pack, 11, "clip11", "test", 22, 2, 0);
    gb_pack_close(pack);
    save(root, "stray.png", 64, 36, 0, 0);
    expect_failure(root, &small, GB_E_FORMAT, "found both");
}

static void test_pairs(void **state)
{
    (void)state;
    gb_error err = {0};
    const char *root = test_scratch("pairs");
    char wide[4200], narrow[4200];
    snprintf(wide, sizeof wide, "%s/wide", root);
    snprintf(narrow, sizeof narrow, "%s/narrow", root);
    make_folder(narrow);
    save(narrow, "a.png", 48, 36, 3, 0);
    save(narrow, "b.png", 48, 36, 3, 1);
    expect_failure(root, &small, GB_E_NOT_FOUND, "4:3 frames alone");
    make_folder(wide);
    save(wide, "a.png", 64, 36, 0, 0);
    save(wide, "b.png", 64, 36, 0, 1);
    gb_pack *pack = build(root, &small);
    assert_true(gb_pack_get_info(pack)->paired);
    gb_image truth = {0}, input = {0}, expected = draw(48, 36, 3, 1);
    assert_ok(gb_pack_read(pack, 1, &truth, &input, &err), &err);
    for (int y = 0; y < 36; y++)
        assert_memory_equal(input.rgb + 3 * (y * 64 + 8), expected.rgb + 3 * y * 48, 3 * 48);
    gb_pack_close(pack);
    save(wide, "c.png", 64, 36, 0, 2);
    expect_failure(root, &small, GB_E_MISMATCH, "wide/c.png");
    save(narrow, "bb.png", 48, 36, 0, 2);
    expect_failure(root, &small, GB_E_MISMATCH, "narrow/bb.png");
    char stray[4300];
    snprintf(stray, sizeof stray, "%s/bb.png", narrow);
    assert_int_equal(unlink(stray), 0);
    save(narrow, "c.png", 40, 36, 0, 2);
    expect_failure(root, &small, GB_E_MISMATCH, "found 40x36");
    gb_image_free(&truth);
    gb_image_free(&input);
    gb_image_free(&expected);
}

static void test_bad_pictures_are_named(void **state)
{
    (void)state;
    gb_error err = {0};
    const char *folder = test_scratch("bad");
    make_folder(folder);
    save(folder, "0.png", 64, 36, 0, 0);
    save(folder, "1.png", 48, 36, 0, 0);
    expect_failure(folder, &small, GB_E_MISMATCH, "bad/1.png: expected a picture of the shape of 64x36, found "
                   "48x36; a 4:3");
    save(folder, "1.png", 100, 36, 0, 0);
    expect_failure(folder, &small, GB_E_MISMATCH, "found 100x36");
    char path[4200], *bytes = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/0.png", folder);
    assert_ok(gb_file_read(path, 1 << 20, &bytes, &size, &err), &err);
    snprintf(path, sizeof path, "%s/1.png", folder);
    assert_ok(gb_file_write(path, bytes, size / 2, &err), &err);
    free(bytes);
    expect_failure(folder, &small, GB_E_FORMAT, "bad/1.png: damaged PNG");
}

/* Grey, red and grey again, `each` frames of each. */
static void write_film(const char *path, int each)
{
    video_colour colours[64];
    assert_in_range(each, 1, 21);
    for (int i = 0; i < 3 * each; i++)
        colours[i] = i / each == 1 ? (video_colour){81, 90, 240} : (video_colour){200, 128, 128};
    assert_int_equal(write_y4m(path, 64, 36, colours, 3 * each), 0);
}

static void test_video(void **state)
{
    (void)state;
    const char *path = test_scratch("film.y4m");
    write_film(path, 5);
    gb_pack *pack = build(path, &small);
    assert_int_equal(gb_pack_get_info(pack)->shots, 3);
    expect_shot(pack, 1, "film", "test", 5, 5, 5);
    assert_true(gb_pack_shots(pack)[1].fps == 24);
    gb_pack_close(pack);
    gb_build_options some = small;
    some.first = 4;
    some.end = 15;
    some.stride = 3;
    pack = build(path, &some);
    expect_shot(pack, 0, "film", "test", 0, 1, 4);
    expect_shot(pack, 1, "film", "test", 1, 2, 5);
    expect_shot(pack, 2, "film", "test", 3, 2, 10);
    gb_pack_close(pack);
    some.end = 16;
    expect_failure(path, &some, GB_E_MISMATCH, "film.y4m: expected at least 16 frames, found 15");
    some = (gb_build_options){.geometry = {64, 48, 0}};
    expect_failure(path, &some, GB_E_MISMATCH, "expected a picture of the shape of 64x48, found 64x36");
    some = (gb_build_options){.geometry = small.geometry, .stride = -1};
    expect_failure(path, &some, GB_E_USAGE, "stride -1");
    some = small;
    some.split = "tset";
    expect_failure(path, &some, GB_E_USAGE, "found tset");
}

/* The pack has what is shown. */
static void test_turned_video(void **state)
{
    (void)state;
    const char *path = test_scratch("turned.mp4");
    gb_error err = {0};
    gb_video *video = NULL;
    assert_int_equal(write_mp4(path, 36, 64, 3, 90), 0);
    assert_ok(gb_video_open(path, NULL, &video, &err), &err);
    gb_pack *pack = build(path, &small);
    gb_image image[3] = {{0}}; /* shown, wide, narrow */
    for (int f = 0; f < 3; f++) {
        assert_ok(gb_video_next(video, &image[0], &(bool){false}, &err), &err);
        assert_ok(gb_pack_read(pack, f, &image[1], &image[2], &err), &err);
        assert_memory_equal(image[1].rgb, image[0].rgb, 3 * 64 * 36);
    }
    for (int i = 0; i < 3; i++) gb_image_free(&image[i]);
    gb_video_close(video);
    gb_pack_close(pack);
    assert_int_equal(write_mp4(path, 64, 36, 3, 270), 0);
    expect_failure(path, &small, GB_E_MISMATCH, "expected a picture of the shape of 64x36, found 36x64");
}

static int count_packs(void)
{
    gb_error err = {0};
    char **names = NULL;
    size_t count = 0;
    int packs = 0;
    if (gb_directory_list(test_scratch("cache/datasets"), &names, &count, &err) != GB_OK) return 0;
    for (size_t i = 0; i < count; i++) packs += strstr(names[i], ".h5") != NULL;
    gb_directory_free(names, count);
    return packs;
}

static void test_open_builds_once(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_pack *pack = NULL;
    const char *path = test_scratch("once.y4m");
    write_film(path, 2);
    const int before = count_packs();
    for (int i = 0; i < 2; i++) {
        assert_ok(gb_dataset_open(path, &small, &pack, &err), &err);
        assert_int_equal(gb_pack_get_info(pack)->frames, 6);
        gb_pack_close(pack);
        assert_int_equal(count_packs(), before + 1);
    }
    write_film(path, 3); /* other content, same name */
    assert_ok(gb_dataset_open(path, &small, &pack, &err), &err);
    assert_int_equal(gb_pack_get_info(pack)->frames, 9);
    gb_pack_close(pack);
    gb_build_options other = small;
    other.stride = 3;
    assert_ok(gb_dataset_open(path, &other, &pack, &err), &err);
    assert_int_equal(gb_pack_get_info(pack)->frames, 3);
    gb_pack_close(pack);
    assert_int_equal(count_packs(), before + 3);
}

static void test_open_refusals(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_pack *pack = NULL;
    assert_fails(gb_dataset_open("peny_and_chip", NULL, &pack, &err), GB_E_NOT_FOUND, &err,
                 "did you mean penny_and_chip?");
    assert_fails(gb_dataset_open("penny_and_chip", NULL, &pack, &err), GB_E_NOT_FOUND, &err,
                 "ganime-bench dataset fetch penny_and_chip");
    const char *broken = test_scratch("broken.h5");
    write_text(broken, "not HDF5");
    assert_fails(gb_dataset_open(broken, NULL, &pack, &err), GB_E_FORMAT, &err, "broken.h5: expected an HDF5 pack");
    assert_fails(gb_dataset_build(broken, NULL, test_scratch("no.h5"), &err), GB_E_ARG, &err, "found a pack");
    assert_fails(gb_dataset_build("absent.mp4", NULL, test_scratch("no.h5"), &err), GB_E_NOT_FOUND, &err, "absent.mp4");
    const gb_build_options wide_sides = {.geometry = {64, 36, 32}};
    assert_fails(gb_dataset_open(broken, &wide_sides, &pack, &err), GB_E_ARG, &err, "found 32");
}

static void write_manifest(const char *path, const char *sha, const char *rest)
{
    char text[2048];
    snprintf(text, sizeof text,
             "{\"format\":\"ganime-manifest/1\",\"id\":\"own\",\"title\":\"T\",\"domain\":\"in\",\"summary\":\"S\","
             "\"licence\":\"CC0\",\"files\":[{\"name\":\"part.y4m\",\"clip\":\"part\",\"split\":\"val\","
             "\"sha256\":\"%s\",\"repo\":\"a/b\",%s}]}", sha, rest);
    write_text(path, text);
}

static void test_manifest(void **state)
{
    (void)state;
    gb_error err = {0};
    const char *root = test_scratch("manifest");
    char film[4200], manifest[4200], sha[GB_SHA256_HEX];
    snprintf(film, sizeof film, "%s/below/part.y4m", root);
    snprintf(manifest, sizeof manifest, "%s/own.json", root);
    *strrchr(film, '/') = '\0';
    make_folder(film);
    film[strlen(film)] = '/';
    write_film(film, 4);
    assert_ok(gb_sha256_file(film, sha, &err), &err);
    write_manifest(manifest, sha, "\"first\":1,\"end\":10,\"crop\":\"48:27:4:0\"");
    gb_pack *pack = build(manifest, &small);
    assert_string_equal(gb_pack_get_info(pack)->title, "T");
    assert_string_equal(gb_pack_get_info(pack)->source, "a/b");
    expect_shot(pack, 0, "part", "val", 0, 3, 1);
    expect_shot(pack, 2, "part", "val", 7, 2, 8);
    gb_pack_close(pack);
    gb_build_options outside = small;
    outside.domain = "out";
    pack = build(manifest, &outside);
    assert_string_equal(gb_pack_get_info(pack)->domain, "out"); /* what the user says stands before what it says */
    gb_pack_close(pack);
    outside.domain = "sideways";
    expect_failure(manifest, &outside, GB_E_USAGE, "expected domain in or out, found sideways");
    const gb_build_options other[] = {{.id = "mine"}, {.split = "test"}, {.first = 2}, {.end = 5}};
    for (int i = 0; i < 4; i++) expect_failure(manifest, &other[i], GB_E_USAGE, "which says itself what it holds");
    write_manifest(manifest, sha, "\"first\":1,\"end\":13,\"crop\":null");
    expect_failure(manifest, &small, GB_E_MISMATCH, "part.y4m: expected at least 13 frames, found 12");
    write_manifest(manifest, sha, "\"first\":1,\"end\":1");
    expect_failure(manifest, &small, GB_E_FORMAT, "expected 0 <= first < end");
    write_manifest(manifest, sha, "\"first\":0,\"end\":2,\"crop\":\"48x27\"");
    expect_failure(manifest, &small, GB_E_FORMAT, "found \"48x27\"");
    write_manifest(manifest, sha, "\"first\":0,\"end\":2,\"crop\":\"480:270:0:0\"");
    expect_failure(manifest, &small, GB_E_MISMATCH, "480:270:0:0");
    write_manifest(manifest, "12", "\"first\":0,\"end\":2");
    expect_failure(manifest, &small, GB_E_FORMAT, "sha256 of 64");
    sha[0] = sha[0] == '0' ? '1' : '0';
    write_manifest(manifest, sha, "\"first\":0,\"end\":2");
    expect_failure(manifest, &small, GB_E_MISMATCH, "below/part.y4m: expected sha256");
    assert_int_equal(unlink(film), 0);
    expect_failure(manifest, &small, GB_E_NOT_FOUND, "expected part.y4m in it");
    write_text(manifest, "{\"format\": 3");
    expect_failure(manifest, &small, GB_E_FORMAT, "own.json: expected JSON");
}

/* Two real files, one with a cut, at a small size to be quick. */
static void test_fetch(void **state)
{
    (void)state;
    if (!test_shared("data/other_shows/flower.mp4")) skip_because("the shared films are not here");
    gb_error err = {0};
    gb_pack *pack = NULL;
    const gb_dataset *dataset = gb_dataset_find("live_action");
    assert_fails(gb_dataset_fetch(dataset, test_scratch("cache"), &small, &err), GB_E_NOT_FOUND, &err, "flower.mp4");
    char from[4096];
    snprintf(from, sizeof from, "%s", test_shared("data"));
    assert_ok(gb_dataset_fetch(dataset, from, &small, &err), &err);
    assert_ok(gb_dataset_open("live_action", &small, &pack, &err), &err);
    assert_int_equal(gb_pack_get_info(pack)->frames, 300);
    expect_shot(pack, 0, "flower", "test", 0, 150, 0);
    expect_shot(pack, 1, "city", "test", 150, 116, 0);
    expect_shot(pack, 2, "city", "test", 266, 34, 116);
    assert_ok(gb_pack_verify(pack, &err), &err);
    gb_pack_close(pack);
    gb_build_options strided = small;
    strided.stride = 2;
    assert_fails(gb_dataset_fetch(dataset, from, &strided, &err), GB_E_USAGE, &err, "own material");
}

int main(void)
{
    setenv("GANIME_CACHE", test_scratch("cache"), 1);
    snprintf(built, sizeof built, "%s", test_scratch("built.h5"));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_flat_folder),
        cmocka_unit_test(test_few_frames),
        cmocka_unit_test(test_clip_folders_and_splits),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_bad_pictures_are_named),
        cmocka_unit_test(test_video),
        cmocka_unit_test(test_turned_video),
        cmocka_unit_test(test_open_builds_once),
        cmocka_unit_test(test_open_refusals),
        cmocka_unit_test(test_manifest),
        cmocka_unit_test(test_fetch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
