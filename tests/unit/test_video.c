/* Videos: frames, colours, crop and size; cut off or damaged files give their good frames and one clear line. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "image/video.h"
#include "support/video_file.h"

#define RED_601 {81, 90, 240}
#define RED_709 {63, 102, 240}

/* Frames until the end or an error; *status and err tell which. */
static int count_frames(const char *path, gb_status *status, gb_error *err)
{
    gb_video *video = NULL;
    gb_image frame = {0};
    bool end = false;
    int count = 0;
    *status = gb_video_open(path, NULL, &video, err);
    while (*status == GB_OK) {
        *status = gb_video_next(video, &frame, &end, err);
        if (*status != GB_OK || end) break;
        count++;
    }
    gb_image_free(&frame);
    gb_video_close(video);
    return count;
}

static void test_frames_in_order(void **state)
{
    (void)state;
    gb_error err = {0};
    const video_colour greys[4] = {{16, 128, 128}, {126, 128, 128}, {235, 128, 128}, {60, 128, 128}};
    const int expected[4] = {0, 128, 255, 51}; /* (y - 16) * 255 / 219 */
    const char *path = test_scratch("grey.y4m");
    assert_int_equal(write_y4m(path, 32, 18, greys, 4), 0);
    gb_video *video = NULL;
    assert_ok(gb_video_open(path, NULL, &video, &err), &err);
    const gb_video_info info = gb_video_get_info(video);
    assert_int_equal(info.width, 32);
    assert_int_equal(info.height, 18);
    assert_true(info.fps == 24);
    assert_string_equal(info.pixel_format, "yuv420p");
    gb_image frame = {0};
    bool end = false;
    for (int i = 0; i < 4; i++) {
        if (i == 2)
            assert_ok(gb_video_skip(video, &end, &err), &err);
        else
            assert_ok(gb_video_next(video, &frame, &end, &err), &err);
        assert_false(end);
        if (i != 2)
            for (int k = 0; k < 32 * 18 * 3; k++) assert_in_range(frame.rgb[k] + 1, expected[i], expected[i] + 2);
    }
    assert_ok(gb_video_next(video, &frame, &end, &err), &err);
    assert_true(end);
    assert_ok(gb_video_next(video, &frame, &end, &err), &err);
    assert_true(end);
    gb_image_free(&frame);
    gb_video_close(video);
}

static void expect_colour(const char *path, int r, int g, int b)
{
    gb_error err = {0};
    gb_video *video = NULL;
    gb_image frame = {0};
    bool end = false;
    assert_ok(gb_video_open(path, NULL, &video, &err), &err);
    assert_ok(gb_video_next(video, &frame, &end, &err), &err);
    const uint8_t *middle = frame.rgb + 3 * ((frame.height / 2) * frame.width + frame.width / 2);
    assert_true(abs(middle[0] - r) <= 2 && abs(middle[1] - g) <= 2 && abs(middle[2] - b) <= 2);
    gb_image_free(&frame);
    gb_video_close(video);
}

/* The same red is coded differently below and from 720 lines on; the other matrix would be off by 20 and more. */
static void test_matrix_follows_the_height(void **state)
{
    (void)state;
    const video_colour red_601 = RED_601, red_709 = RED_709;
    const char *low = test_scratch("low.y4m"), *high = test_scratch("high.y4m");
    assert_int_equal(write_y4m(low, 32, 32, &red_601, 1), 0);
    assert_int_equal(write_y4m(high, 32, 720, &red_709, 1), 0);
    expect_colour(low, 255, 0, 0);
    expect_colour(high, 255, 0, 0);
    assert_int_equal(write_y4m(low, 32, 32, &red_709, 1), 0);
    expect_colour(low, 234, 0, 2); /* 1.164 (63 - 16) + 1.596 * 112 and so on: BT.601 of a BT.709 red */
}

static void test_crop_and_size(void **state)
{
    (void)state;
    gb_error err = {0};
    const char *path = test_scratch("crop.mp4");
    assert_int_equal(write_mp4(path, 96, 64, 2, 0), 0);
    gb_video *video = NULL;
    gb_image whole = {0}, part = {0};
    bool end = false;
    assert_ok(gb_video_open(path, NULL, &video, &err), &err);
    assert_ok(gb_video_next(video, &whole, &end, &err), &err);
    gb_video_close(video);
    const gb_video_options crop = {.crop_w = 48, .crop_h = 20, .crop_x = 16, .crop_y = 9}; /* 9 becomes 8 */
    assert_ok(gb_video_open(path, &crop, &video, &err), &err);
    assert_ok(gb_video_next(video, &part, &end, &err), &err);
    gb_video_close(video);
    assert_int_equal(part.width, 48);
    assert_int_equal(part.height, 20);
    for (int y = 0; y < 20; y++)
        for (int x = 0; x < 48; x++)
            assert_in_range(part.rgb[3 * (y * 48 + x)] + 1, whole.rgb[3 * ((y + 8) * 96 + x + 16)],
                            whole.rgb[3 * ((y + 8) * 96 + x + 16)] + 2);
    const gb_video_options sized = {.width = 50, .height = 31};
    assert_ok(gb_video_open(path, &sized, &video, &err), &err);
    assert_ok(gb_video_next(video, &part, &end, &err), &err);
    gb_video_close(video);
    assert_int_equal(part.width, 50);
    assert_int_equal(part.height, 31);
    const gb_video_options outside = {.crop_w = 90, .crop_h = 20, .crop_x = 16};
    assert_fails(gb_video_open(path, &outside, &video, &err), GB_E_MISMATCH, &err, "90:20:16:0");
    gb_image_free(&whole);
    gb_image_free(&part);
}

static void write_prefix(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Cut at every `step` bytes: never more frames than fit, an error unless the cut is between frames. */
static void cut_everywhere(const char *whole, const char *cut, size_t step, bool boundary_is_fine)
{
    gb_error err = {0};
    char *bytes = NULL;
    size_t size = 0;
    gb_status status;
    assert_ok(gb_file_read(whole, 1 << 24, &bytes, &size, &err), &err);
    const int all = count_frames(whole, &status, &err);
    assert_int_equal(status, GB_OK);
    int before = 0, errors = 0, tries = 0;
    for (size_t keep = 0; keep < size; keep += step, tries++) {
        write_prefix(cut, bytes, keep);
        err = (gb_error){0};
        const int count = count_frames(cut, &status, &err);
        assert_true(count >= before && count <= all);
        before = count;
        if (status == GB_OK) continue;
        assert_non_null(strstr(err.text, cut));
        errors++;
    }
    assert_true(errors >= tries - (boundary_is_fine ? all : 0));
    assert_true(before >= all - 1);
    free(bytes);
}

static void test_cut_off_files(void **state)
{
    (void)state;
    const video_colour colours[3] = {{16, 128, 128}, RED_601, {90, 20, 30}};
    const char *raw = test_scratch("whole.y4m"), *mp4 = test_scratch("whole.mp4"), *cut = test_scratch("cut.video");
    assert_int_equal(write_y4m(raw, 16, 10, colours, 3), 0);
    cut_everywhere(raw, cut, 1, true);
    assert_int_equal(write_mp4(mp4, 64, 48, 9, 0), 0);
    cut_everywhere(mp4, cut, 23, false);
}

static void test_bent_bytes_do_no_harm(void **state)
{
    (void)state;
    gb_error err = {0};
    char *bytes = NULL;
    size_t size = 0;
    const char *mp4 = test_scratch("straight.mp4"), *bent = test_scratch("bent.mp4");
    assert_int_equal(write_mp4(mp4, 64, 48, 6, 0), 0);
    assert_ok(gb_file_read(mp4, 1 << 24, &bytes, &size, &err), &err);
    for (size_t at = 0; at < size; at += 37) {
        gb_status status;
        bytes[at] = (char)~bytes[at];
        write_prefix(bent, bytes, size);
        assert_in_range(count_frames(bent, &status, &err), 0, 64);
        bytes[at] = (char)~bytes[at];
    }
    free(bytes);
}

static void test_refusals(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_video *video = NULL;
    const char *text = test_scratch("text.mp4"), *tilted = test_scratch("tilted.mp4");
    write_prefix(text, "not a video, only a few words", 29);
    assert_fails(gb_video_open(text, NULL, &video, &err), GB_E_FORMAT, &err, "text.mp4: expected a video");
    assert_fails(gb_video_open(test_scratch("absent.mp4"), NULL, &video, &err), GB_E_NOT_FOUND, &err, "No such file");
    assert_fails(gb_video_open(test_scratch(""), NULL, &video, &err), GB_E_IO, &err, "found a directory");
    assert_int_equal(write_mp4(tilted, 64, 48, 2, 30), 0);
    assert_fails(gb_video_open(tilted, NULL, &video, &err), GB_E_UNSUPPORTED, &err, "found another angle");
    gb_video_close(NULL);
}

/* What is shown is what is stored, turned by the angle. */
static void same_pixels(const gb_image *shown, const gb_image *stored, int angle)
{
    const int w = shown->width, h = shown->height;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const int sx = angle == 90 ? y : angle == 180 ? w - 1 - x : h - 1 - y;
            const int sy = angle == 90 ? w - 1 - x : angle == 180 ? h - 1 - y : x;
            for (int c = 0; c < 3; c++)
                assert_int_equal(shown->rgb[3 * (y * w + x) + c], stored->rgb[3 * (sy * stored->width + sx) + c]);
        }
}

/* Every frame, whole and cut, in the sizes that are said. */
static void test_turned_video_is_upright(void **state)
{
    (void)state;
    const char *path = test_scratch("turned.mp4");
    for (int angle = 90; angle <= 270; angle += 90) {
        gb_error err = {0};
        gb_video *turned = NULL, *plain = NULL, *cut = NULL;
        gb_image shown = {0}, stored = {0}, part = {0};
        bool end[3] = {false};
        const gb_video_options crop = {.crop_w = 16, .crop_h = 24, .crop_x = 4, .crop_y = 6};
        assert_int_equal(write_mp4(path, 64, 48, 3, angle), 0);
        assert_ok(gb_video_open(path, NULL, &turned, &err), &err);
        assert_ok(gb_video_open(path, &(gb_video_options){.as_stored = true}, &plain, &err), &err);
        assert_ok(gb_video_open(path, &crop, &cut, &err), &err);
        const gb_video_info info = gb_video_get_info(turned);
        for (int f = 0; f < 4; f++) {
            assert_ok(gb_video_next(turned, &shown, &end[0], &err), &err);
            assert_ok(gb_video_next(plain, &stored, &end[1], &err), &err);
            assert_ok(gb_video_next(cut, &part, &end[2], &err), &err);
            assert_true(end[0] == (f == 3) && end[1] == end[0] && end[2] == end[0]);
            if (end[0]) break;
            assert_true(shown.width == (angle == 180 ? 64 : 48) && shown.height == (angle == 180 ? 48 : 64));
            assert_true(info.width == shown.width && info.height == shown.height);
            assert_true(stored.width == 64 && part.width == 16 && part.height == 24);
            same_pixels(&shown, &stored, angle);
            for (int y = 0; y < 24; y++)
                assert_memory_equal(part.rgb + 3 * 16 * y, shown.rgb + 3 * (shown.width * (y + 6) + 4), 3 * 16);
        }
        gb_video_close(turned);
        gb_video_close(plain);
        gb_video_close(cut);
        gb_image_free(&shown);
        gb_image_free(&stored);
        gb_image_free(&part);
    }
}

static void test_the_damaged_film(void **state)
{
    (void)state;
    const char *path = test_shared("data/other_shows/copying_is_not_theft.mp4");
    if (!path) skip_because("the shared films are not here");
    gb_error err = {0};
    gb_status status;
    assert_int_equal(count_frames(path, &status, &err), 787);
    assert_int_equal(status, GB_E_FORMAT);
    assert_non_null(strstr(err.text, "copying_is_not_theft.mp4: frame 787: damaged"));
}

/* Matroska says how long it is only as a whole, so a cut anywhere is an error after the frames before it. */
static void test_cut_off_matroska(void **state)
{
    (void)state;
    const char *path = test_shared("data/other_shows/popeye_2.mkv");
    if (!path) skip_because("the shared films are not here");
    gb_error err = {0};
    gb_status status;
    char *bytes = NULL;
    size_t size = 0;
    const char *cut = test_scratch("cut.mkv");
    assert_ok(gb_file_read(path, 1 << 24, &bytes, &size, &err), &err);
    write_prefix(cut, bytes, 40000);
    const int count = count_frames(cut, &status, &err);
    assert_in_range(count, 1, 300);
    assert_int_equal(status, GB_E_FORMAT);
    assert_non_null(strstr(err.text, "the file ends after 40000"));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_in_order),
        cmocka_unit_test(test_matrix_follows_the_height),
        cmocka_unit_test(test_crop_and_size),
        cmocka_unit_test(test_cut_off_files),
        cmocka_unit_test(test_bent_bytes_do_no_harm),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_turned_video_is_upright),
        cmocka_unit_test(test_the_damaged_film),
        cmocka_unit_test(test_cut_off_matroska),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
