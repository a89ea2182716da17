/* Which frames a limit takes, from a pack with shots of several lengths. */
#include <stdio.h>
#include <string.h>

#include "protocol/frames.h"
#include "support/support.h"

static const int lengths[] = {10, 3, 20, 1, 8};
enum { SHOTS = sizeof lengths / sizeof *lengths, TEST_FRAMES = 10 + 3 + 20 + 1 };

static gb_status write_pack(const char *path, gb_error *err)
{
    const gb_pack_info info = {.id = "lengths", .title = "t", .domain = "in", .geometry = {32, 16, 4}};
    gb_pack_writer *writer = NULL;
    gb_image image = {0};
    GB_TRY(gb_image_new(32, 16, &image, err));
    memset(image.rgb, 9, 32 * 16 * 3);
    gb_status status = gb_pack_create(path, &info, &writer, err);
    for (int s = 0; s < SHOTS && status == GB_OK; s++) {
        gb_shot shot = {.stride = 1, .fps = 24.0};
        snprintf(shot.clip, sizeof shot.clip, "clip%d", s);
        snprintf(shot.split, sizeof shot.split, "%s", s == 4 ? "val" : "test");
        status = gb_pack_begin_shot(writer, &shot, err);
        for (int f = 0; f < lengths[s] && status == GB_OK; f++) status = gb_pack_append(writer, &image, NULL, err);
    }
    gb_image_free(&image);
    return status == GB_OK ? gb_pack_finish(writer, err) : status;
}

static gb_pack *open_pack(void)
{
    gb_error err = {0};
    gb_pack *pack = NULL;
    assert_ok(write_pack(test_scratch("p.h5"), &err), &err);
    assert_ok(gb_pack_open(test_scratch("p.h5"), &pack, &err), &err);
    return pack;
}

static void limits_are_kept(void **state)
{
    (void)state;
    gb_pack *pack = open_pack();
    for (int limit = 0; limit <= TEST_FRAMES + 5; limit++) {
        gb_error err = {0};
        gb_picks picks;
        assert_ok(gb_frames_pick(pack, "test", limit, &picks, &err), &err);
        assert_int_equal(picks.count, limit == 0 || limit > TEST_FRAMES ? TEST_FRAMES : limit);
        for (int i = 1; i < picks.count; i++) {
            assert_true(picks.pick[i].frame > picks.pick[i - 1].frame);
            const bool same = picks.pick[i].shot == picks.pick[i - 1].shot;
            assert_int_equal(picks.pick[i].follows, same); /* one run a shot */
            if (same) assert_int_equal(picks.pick[i].frame, picks.pick[i - 1].frame + 1);
        }
        gb_picks_free(&picks);
    }
    gb_pack_close(pack);
}

static void all_frames_count_their_cuts(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_pack *pack = open_pack();
    gb_picks picks;
    assert_ok(gb_frames_pick(pack, "all", 0, &picks, &err), &err);
    assert_int_equal(picks.shots, SHOTS);
    assert_int_equal(picks.cut_pairs, SHOTS - 1);
    gb_picks_free(&picks);
    assert_fails(gb_frames_pick(pack, "train", 0, &picks, &err), GB_E_NOT_FOUND, &err,
                 "lengths: expected frames in split 'train', found only: test, val");
    gb_pack_close(pack);
}

static void names_are_fit_for_files(void **state)
{
    (void)state;
    char name[GB_FRAME_NAME];
    gb_frame_name("toon", 173, name);
    assert_string_equal(name, "toon-000173");
    gb_frame_name("a/b c\n", 12345678, name);
    assert_string_equal(name, "a_b_c_-12345678");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(limits_are_kept),
                                       cmocka_unit_test(all_frames_count_their_cuts),
                                       cmocka_unit_test(names_are_fit_for_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
