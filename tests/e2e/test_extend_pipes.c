/* `ganime-bench extend` with pipes at either end, and with video that is turned or interlaced. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "image/libav.h"
#include "support/clip_file.h"
#include "support/support.h"
#include "support/video_file.h"
#include "support/wide_clip.h"

/* Marked as turned clockwise: what is shown at (x, y) is stored at (y, height - 1 - x), and so for the others. */
static void turned_video_is_turned_upright(void **state)
{
    (void)state;
    gb_error err = {0};
    char *in = scratch("turned.mp4"), *out = scratch("turned.mkv");
    for (int angle = 90; angle <= 270; angle += 90) {
        const int across = angle == 180 ? 96 : 72, down = angle == 180 ? 72 : 96;
        const AVFrame *stored, *shown;
        gb_video *a = NULL, *b = NULL;
        assert_int_equal(write_mp4(in, across, down, 3, angle), 0);
        must_run(in, out, "--codec ffv1 2>&1 | grep -c flip");
        assert_ok(gb_video_open(in, &(gb_video_options){.as_stored = true}, &a, &err), &err);
        assert_ok(gb_video_open(out, NULL, &b, &err), &err); /* which is not marked any more */
        for (int f = 0; f < 3; f++) {
            assert_true(next_luma(a, &stored) && next_luma(b, &shown));
            assert_int_equal(shown->width, 128);
            assert_int_equal(shown->height, 72);
            for (int y = 0; y < 72; y++)
                for (int x = 0; x < 96; x++) {
                    const int sx = angle == 90 ? y : angle == 180 ? 95 - x : 71 - y;
                    const int sy = angle == 90 ? 95 - x : angle == 180 ? 71 - y : x;
                    assert_int_equal(shown->data[0][y * shown->linesize[0] + 16 + x],
                                     stored->data[0][sy * stored->linesize[0] + sx]);
                }
        }
        assert_false(next_luma(b, &shown));
        gb_video_close(a);
        gb_video_close(b);
        unlink(out);
    }
}

static int count_frames(const char *path, double *last)
{
    gb_error err = {0};
    gb_video *video = NULL;
    const AVFrame *frame;
    int frames = 0;
    assert_ok(gb_video_open(path, NULL, &video, &err), &err);
    for (; next_luma(video, &frame); frames++) {
        assert_false(gb_libav_is_interlaced(frame));
        *last = seconds(frame, gb_video_stream(video));
    }
    gb_video_close(video);
    return frames;
}

static void interlaced_video_is_made_whole_when_asked(void **state)
{
    (void)state;
    double last = 0.0;
    char *in = scratch("fields.mkv"), *out = scratch("fields_out.mkv");
    const clip_spec clip = {.encoder = "mpeg2video", .width = 96, .height = 72, .frames = 20, .interlaced = true};
    assert_int_equal(write_clip(in, &clip), 0);
    must_run(in, out, "--deinterlace yes --segment 7");
    assert_int_equal(count_frames(out, &last), 20);
    assert_true(last > 19 / 25.0 - 0.002 && last < 19 / 25.0 + 0.002);
    unlink(out);
    must_run(in, out, "--deinterlace film --end 15");
    assert_int_equal(count_frames(out, &last), 12); /* of 15 */
    unlink(out);
}

static void both_ends_may_be_pipes(void **state)
{
    (void)state;
    char text[2048], *in = scratch("piped.mkv"), *file = scratch("piped_file.mkv"), *out = scratch("piped_out");
    const clip_spec clip = {.width = 96, .height = 72, .frames = 30, .sound = true, .bt709 = true};
    assert_int_equal(write_clip(in, &clip), 0);
    must_run(in, file, "--codec ffv1 --segment 7");
    const expectation expect = {{0, 0, 96, 72}, 16, 128, 72, 30};
    check_centre(in, file, &expect);
    /* y4m has no tags of its matrix: pixels alone. The same strips and centre, whatever way it went. */
    const char *const ways[] = {"--format nut", "--format mkv --codec ffv1", "--format y4m --threads 2 --batch 3"};
    for (int i = 0; i < 3; i++) {
        const int code = test_command(
            text, sizeof text, "cat '%s' | $BENCH extend - - --generator mirror --quiet %s >'%s'", in, ways[i], out);
        if (code || *text) fail_msg("%s: exit %d: %s", ways[i], code, text);
        gb_error err = {0};
        gb_video *a = NULL, *b = NULL;
        const AVFrame *x, *y;
        assert_ok(gb_video_open(file, NULL, &a, &err), &err);
        assert_ok(gb_video_open(out, NULL, &b, &err), &err);
        int frames = 0;
        for (; next_luma(a, &x); frames++) {
            assert_true(next_luma(b, &y));
            assert_true(same_samples(x, (gb_rect){0, 0, 128, 72}, y, 0, 0));
            const double late = seconds(y, gb_video_stream(b)) - seconds(x, gb_video_stream(a));
            assert_true(late > -0.002 && late < 0.002);
        }
        assert_int_equal(frames, 30);
        assert_false(next_luma(b, &y));
        gb_video_close(a);
        gb_video_close(b);
    }
    /* A y4m file is the same bytes, and is not there before it is whole. */
    char *raw = scratch("piped.y4m");
    must_run(in, raw, "");
    const int same = test_command(text, sizeof text, "cmp '%s' '%s' && ! test -e '%s.tmp' && $BENCH extend '%s' '%s/' "
                                  "--generator mirror --quiet && test $(ls '%s' | wc -l) = 30", raw, out, raw, raw,
                                  scratch("piped_again"), scratch("piped_again"));
    if (same != 0) fail_msg("%s", text);
    test_command(text, sizeof text, "cat '%s' | $BENCH extend - - --generator mirror 2>&1 >'%s'", in, out);
    if (!strstr(text, "sound and subtitles are not carried over")) fail_msg("%s", text);
}

static void pipes_that_break_are_one_line(void **state)
{
    (void)state;
    char text[2048], *in = scratch("broken.mkv"), *code = scratch("broken.code"), *cut = scratch("broken.y4m");
    const clip_spec clip = {.width = 96, .height = 72, .frames = 60};
    assert_int_equal(write_clip(in, &clip), 0);
    test_command(text, sizeof text,
                 "{ $BENCH extend '%s' - --generator mirror --quiet 2>'%s'; echo \"exit $?\" >>'%s'; } | "
                 "head -c 20000 >/dev/null; sleep 0.2; cat '%s'", in, code, code, code);
    const char *line = strstr(text, "standard output: whoever reads it has gone after");
    if (!line || !strstr(text, "exit 3") || strchr(line, '\n')[1] != 'e') fail_msg("%s", text);
    test_command(NULL, 0, "$BENCH extend '%s' - --generator mirror --quiet | head -c 300000 >'%s'", in, cut);
    test_command(text, sizeof text, "$BENCH extend - - --generator mirror --quiet --crop none <'%s' 2>&1 >/dev/null",
                 cut);
    if (!strstr(text, "standard input: frame 21: the file ends inside a frame")) fail_msg("%s", text);
    test_command(text, sizeof text, "$BENCH extend - - --generator mirror --json </dev/null");
    if (!strstr(text, "--json")) fail_msg("%s", text);
    test_command(text, sizeof text, "$BENCH extend - - --generator mirror </dev/null 2>&1");
    if (!strstr(text, "standard input: expected a video")) fail_msg("%s", text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turned_video_is_turned_upright),
        cmocka_unit_test(interlaced_video_is_made_whole_when_asked),
        cmocka_unit_test(both_ends_may_be_pipes),
        cmocka_unit_test(pipes_that_break_are_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
