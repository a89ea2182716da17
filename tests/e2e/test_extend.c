/* `ganime-bench extend` from the outside, on clips made here. */
#include <libavutil/pixdesc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/sha256.h"
#include "image/image.h"
#include "image/media.h"
#include "image/video_native.h"
#include "support/clip_file.h"
#include "support/support.h"
#include "support/tiny.h"
#include "support/video_file.h"
#include "support/wide_clip.h"
#include "video/converter.h"
#include "video/layout.h"
#include "video/pixels.h"

static void the_centre_is_kept_bit_for_bit(void **state)
{
    (void)state;
    const struct {
        clip_spec clip;
        expectation expect;
        const char *options;
    } cases[] = {
        {{.width = 96, .height = 72, .frames = 7}, {{0, 0, 96, 72}, 16, 128, 72, 7}, ""},
        {{.width = 96, .height = 72, .frames = 7, .bt709 = true, .full_range = true}, {{0, 0, 96, 72}, 16, 128, 72, 7},
         "--work-height 36"},
        {{.width = 96, .height = 72, .frames = 4, .format = AV_PIX_FMT_YUV422P10LE}, {{0, 0, 96, 72}, 16, 128, 72, 4},
         ""},
        {{.width = 96, .height = 72, .frames = 4, .format = AV_PIX_FMT_0RGB32}, {{0, 0, 96, 72}, 16, 128, 72, 4}, ""},
        {{.width = 97, .height = 73, .frames = 4}, {{0, 0, 96, 72}, 16, 128, 72, 4}, ""},
        {{.width = 97, .height = 73, .frames = 4, .format = AV_PIX_FMT_YUV444P}, {{0, 0, 97, 73}, 16, 129, 73, 4}, ""},
        {{.width = 128, .height = 72, .frames = 4}, {{16, 0, 96, 72}, 16, 128, 72, 4}, "--crop none"},
        {{.width = 128, .height = 72, .frames = 9, .bars = 16}, {{16, 0, 96, 72}, 16, 128, 72, 9}, ""},
        {{.width = 96, .height = 72, .frames = 9, .varying = true}, {{0, 0, 96, 72}, 16, 128, 72, 9}, "--segment 4"},
        {{.width = 96, .height = 72, .frames = 1}, {{0, 0, 96, 72}, 16, 128, 72, 1}, ""},
        {{.width = 144, .height = 96, .frames = 3, .sar_num = 8, .sar_den = 9}, {{0, 0, 144, 96}, 24, 192, 96, 3}, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *in = scratch("centre_in.mkv"), *out = scratch("centre_out.mkv"), options[64];
        assert_int_equal(write_clip(in, &cases[i].clip), 0);
        snprintf(options, sizeof options, "--codec ffv1 --quiet %s", cases[i].options);
        must_run(in, out, options);
        check_centre(in, out, &cases[i].expect);
    }
}

/* Hash over all packets of one kind, with their times in milliseconds; `count` of them. */
static void hash_packets(const char *path, enum AVMediaType type, char hex[GB_SHA256_HEX], int *count)
{
    gb_error err = {0};
    AVFormatContext *format = NULL;
    gb_sha256 *sha = NULL;
    AVPacket *packet = av_packet_alloc();
    *count = 0;
    assert_ok(gb_media_open(path, &format, &err), &err);
    assert_ok(gb_sha256_new(&sha, &err), &err);
    while (av_read_frame(format, packet) >= 0) {
        const AVStream *stream = format->streams[packet->stream_index];
        const int64_t ms = av_rescale_q(packet->pts, stream->time_base, (AVRational){1, 1000});
        if (stream->codecpar->codec_type == type) {
            gb_sha256_update(sha, &ms, sizeof ms);
            gb_sha256_update(sha, packet->data, (size_t)packet->size);
            ++*count;
        }
        av_packet_unref(packet);
    }
    gb_sha256_finish(sha, hex);
    av_packet_free(&packet);
    avformat_close_input(&format);
}

static void everything_else_is_carried_over(void **state)
{
    (void)state;
    char *in = scratch("carry_in.mkv"), *out = scratch("carry_out.mkv");
    const clip_spec clip = {.width = 96, .height = 72, .frames = 30, .sound = true, .extras = true, .varying = true};
    assert_int_equal(write_clip(in, &clip), 0);
    must_run(in, out, "--segment 8 --quiet");
    const enum AVMediaType kinds[] = {AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_SUBTITLE};
    for (int k = 0; k < 2; k++) {
        char a[GB_SHA256_HEX], b[GB_SHA256_HEX];
        int count_a, count_b;
        hash_packets(in, kinds[k], a, &count_a);
        hash_packets(out, kinds[k], b, &count_b);
        assert_true(count_a > 0);
        assert_int_equal(count_a, count_b);
        assert_string_equal(a, b);
    }
    gb_error err = {0};
    AVFormatContext *format = NULL;
    assert_ok(gb_media_open(out, &format, &err), &err);
    assert_int_equal(format->nb_chapters, 2);
    assert_string_equal(av_dict_get(format->chapters[1]->metadata, "title", NULL, 0)->value, "second");
    assert_string_equal(av_dict_get(format->metadata, "title", NULL, 0)->value, "A clip");
    assert_string_equal(av_dict_get(format->streams[2]->metadata, "language", NULL, 0)->value, "eng");
    avformat_close_input(&format);
    must_fail(in, scratch("carry_out.mp4"), "--quiet", 3, "not fit into mp4: write .mkv, or leave ");
    must_run(in, scratch("carry_out2.mp4"), "--quiet --codec h264 --drop subtitle,audio");
}

static void no_byte_depends_on_threads_or_batch(void **state)
{
    (void)state;
    char *in = scratch("same_in.mkv"), *a = scratch("same_a.mp4"), *b = scratch("same_b.mp4");
    const clip_spec clip = {.width = 96, .height = 72, .frames = 40};
    assert_int_equal(write_clip(in, &clip), 0);
    must_run(in, a, "--quiet --segment 16 --threads 1");
    must_run(in, b, "--quiet --segment 16 --threads 3 --batch 5");
    assert_true(same_file(a, b));
}

/* A tiny LaMa with weights by formula, at half the picture's lines: two workers share its plan. */
static void nets_work_at_their_own_size(void **state)
{
    (void)state;
    char *in = scratch("net_in.mkv"), *a = scratch("net_a.mkv"), *b = scratch("net_b.mkv"), text[4096];
    char *file = scratch("tiny.safetensors");
    gb_error err = {0};
    assert_ok(tiny_write("tiny/lama", NULL, file, &err), &err);
    const clip_spec clip = {.width = 96, .height = 72, .frames = 9};
    assert_int_equal(write_clip(in, &clip), 0);
    for (int i = 0; i < 2; i++) {
        const int code = test_command(text, sizeof text, "$BENCH extend '%s' '%s' --generator lama-fourier "
                                      "--weights '%s' --work-height 36 --codec ffv1 --quiet %s", in, i ? b : a, file,
                                      i ? "--threads 2 --batch 4" : "--threads 1");
        if (code != 0) fail_msg("%s", text);
        check_centre(in, i ? b : a, &(expectation){{0, 0, 96, 72}, 16, 128, 72, 9});
    }
    assert_true(same_file(a, b));
    const int code = test_command(text, sizeof text, "$BENCH extend '%s' '%s' --generator big-lama --quiet", in, b);
    if (code == 0 || !strstr(text, "no trained weights")) fail_msg("exit %d: %s", code, text);
}

/* One flat colour, continued by `edge`: whatever the matrix, the range and the depth, a strip that went through RGB is
 * the centre's colour again, but for rounding. A wrong matrix is 8 levels off, a wrong range 7. */
static void strips_are_of_the_colour_of_the_centre(void **state)
{
    (void)state;
    const clip_spec cases[] = {
        {.width = 96, .height = 72, .frames = 1},
        {.width = 96, .height = 72, .frames = 1, .bt709 = true},
        {.width = 96, .height = 72, .frames = 1, .full_range = true},
        {.width = 96, .height = 72, .frames = 1, .bt709 = true, .full_range = true},
        {.width = 960, .height = 720, .frames = 1},
        {.width = 96, .height = 72, .frames = 1, .format = AV_PIX_FMT_YUV420P10LE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        clip_spec clip = cases[i];
        gb_error err = {0};
        gb_video *video = NULL;
        const AVFrame *frame;
        bool end = false;
        char *in = scratch("flat.mkv"), *out = scratch("flat_out.mkv"), text[4096];
        clip.flat = true;
        assert_int_equal(write_clip(in, &clip), 0);
        const int code = test_command(text, sizeof text, "$BENCH extend '%s' '%s' --generator edge --codec ffv1 "
                                      "--quiet", in, out);
        if (code != 0) fail_msg("%s", text);
        assert_ok(gb_video_open(out, NULL, &video, &err), &err);
        assert_ok(gb_video_next_native(video, &frame, &end, &err), &err);
        const int deep = clip.format == AV_PIX_FMT_YUV420P10LE, middle = frame->width / 2;
        for (int p = 0; p < 3; p++) {
            const uint8_t *row = frame->data[p] + (ptrdiff_t)10 * frame->linesize[p];
            const int c = p ? middle / 2 : middle;
            const int strip = deep ? ((const uint16_t *)(const void *)row)[4] / 4 : row[4];
            const int centre = deep ? ((const uint16_t *)(const void *)row)[c] / 4 : row[c];
            if (abs(strip - centre) > 2) fail_msg("case %zu, plane %d: %d beside %d", i, p, strip, centre);
        }
        gb_video_close(video);
    }
}

/* `options` end in a space, or are empty. */
static void cut_off_and_go_on(const char *options)
{
    char *in = scratch("kill_in.mkv"), *whole = scratch("kill_whole.mp4"), *out = scratch("kill_out.mp4"), text[4096];
    const clip_spec clip = {.width = 96, .height = 72, .frames = 400, .sound = false};
    snprintf(text, sizeof text, "%s--quiet --segment 10", options);
    unlink(out);
    unlink(whole);
    assert_int_equal(write_clip(in, &clip), 0);
    must_run(in, whole, text);
    bool compared = false;
    for (int i = 1; i < 8 && !gb_file_exists(out); i++) {
        test_command(NULL, 0, "timeout -s KILL 0.%d " EXTEND "%s--quiet --segment 10", i, in, out, options);
        snprintf(text, sizeof text, "%s.parts/job.json", out);
        if (compared || gb_file_exists(out) || !gb_file_exists(text)) continue;
        const int code = test_command(text, sizeof text, EXTEND "%s--quiet --segment 11", in, out, options);
        if (code != 3 || !strstr(text, "another segment (10, not 11)")) fail_msg("exit %d: %s", code, text);
        compared = true;
    }
    snprintf(text, sizeof text, "%s--quiet --segment 10", options);
    must_run(in, out, text);
    assert_true(same_file(whole, out));
    snprintf(text, sizeof text, "%s.parts", out);
    assert_false(gb_file_exists(text));
}

static void cut_off_and_taken_up_again(void **state)
{
    (void)state;
    cut_off_and_go_on("");
    cut_off_and_go_on("--stabilise ");
}

static void odd_inputs_are_refused_in_one_line(void **state)
{
    (void)state;
    char *in = scratch("odd.mkv"), *mp4 = scratch("odd.mp4"), *out = scratch("odd_out.mkv");
    clip_spec clip = {.encoder = "mpeg2video", .width = 96, .height = 72, .frames = 6, .interlaced = true};
    assert_int_equal(write_clip(in, &clip), 0);
    must_fail(in, out, "", 3, "found interlaced");
    clip = (clip_spec){.width = 200, .height = 72, .frames = 3};
    assert_int_equal(write_clip(in, &clip), 0);
    must_fail(in, out, "", 3, "expected a 4:3 or 16:9 picture, found 2.78:1");
    clip = (clip_spec){.width = 96, .height = 72, .frames = 0};
    assert_int_equal(write_clip(in, &clip), 0);
    must_fail(in, out, "", 3, "End of file");
    char *y4m = scratch("odd.y4m");
    assert_int_equal(write_y4m(y4m, 96, 72, NULL, 0), 0);
    must_fail(y4m, out, "", 3, "expected at least one frame, found none");
    assert_int_equal(write_mp4(mp4, 96, 72, 3, 30), 0);
    must_fail(mp4, out, "", 3, "another angle");
    must_fail(in, out, "--format nut", 2, "only for standard output");
    clip = (clip_spec){.encoder = "mpeg4", .width = 96, .height = 72, .frames = 30};
    assert_int_equal(write_clip(in, &clip), 0);
    test_command(NULL, 0, "head -c 40000 '%s' > '%s'.cut", in, in);
    char *cut = scratch("odd.mkv.cut");
    must_fail(cut, out, "", 3, "--end");
    must_fail(scratch("nothing.mkv"), out, "", 3, "nothing that can be read");
    test_command(NULL, 0, ": > '%s'", mp4);
    must_fail(mp4, out, "", 3, "empty file");
    clip = (clip_spec){.width = 96, .height = 72, .frames = 3};
    assert_int_equal(write_clip(in, &clip), 0);
    must_run(in, mp4, "--quiet --codec h264");
    test_command(NULL, 0, "head -c 400 '%s' > '%s.cut'", mp4, mp4); /* its index is at its end */
    must_fail(scratch("odd.mp4.cut"), out, "", 3, "expected an MP4 with its index (moov), found none");
    must_fail(in, scratch("odd_out.xyz"), "", 2, "expected an output .mp4");
    must_fail(in, out, "--crop 10:10:90:0", 2, "inside the picture");
}

static void the_part_before_a_cut_is_widened(void **state)
{
    (void)state;
    char *in = scratch("cut.mkv"), *out = scratch("cut_out.mkv"), *cut = scratch("cut_cut.mkv");
    const clip_spec clip = {.width = 96, .height = 72, .frames = 30};
    assert_int_equal(write_clip(in, &clip), 0);
    test_command(NULL, 0, "head -c $(($(stat -c %%s '%s') / 2)) '%s' > '%s'", in, in, cut);
    must_fail(cut, out, "", 3, "--end");
    must_run(cut, out, "--end 10 --codec ffv1 --quiet");
    check_centre(cut, out, &(expectation){{0, 0, 96, 72}, 16, 128, 72, 10});
}

/* Distance of two 8-bit RGB pictures, mean over samples. */
static double distance(const gb_image *a, const gb_image *b)
{
    double sum = 0;
    const size_t size = (size_t)a->width * (size_t)a->height * 3;
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    for (size_t i = 0; i < size; i++) sum += abs(a->rgb[i] - b->rgb[i]);
    return sum / (double)size;
}

static void gifs_look_like_their_source(void **state)
{
    (void)state;
    char *in = scratch("gif_in.mkv"), *gif = scratch("gif.gif"), *whole = scratch("gif_whole.mkv");
    const clip_spec clip = {.width = 96, .height = 72, .frames = 12, .varying = true};
    gb_error err = {0};
    gb_video *a = NULL, *b = NULL;
    gb_image x = {0}, y = {0};
    assert_int_equal(write_clip(in, &clip), 0);
    must_run(in, gif, "--quiet --segment 5");
    must_run(in, whole, "--quiet --codec ffv1");
    assert_ok(gb_video_open(gif, NULL, &a, &err), &err);
    assert_ok(gb_video_open(whole, NULL, &b, &err), &err);
    for (int i = 0; i < 12; i++) {
        bool end = false;
        assert_ok(gb_video_next(a, &x, &end, &err), &err);
        assert_false(end);
        assert_ok(gb_video_next(b, &y, &end, &err), &err);
        assert_false(end);
        if (distance(&x, &y) > 12) fail_msg("frame %d of the gif is %.1f away", i, distance(&x, &y));
    }
    gb_image_free(&x);
    gb_image_free(&y);
    gb_video_close(a);
    gb_video_close(b);
}

static void pictures_and_folders(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_image image = {0}, wide = {0};
    char *folder = scratch("pictures"), *out = scratch("pictures_wide");
    assert_ok(gb_directory_make(folder, &err), &err);
    assert_ok(gb_image_new(96, 72, &image, &err), &err);
    for (int f = 0; f < 3; f++) {
        char path[600];
        for (int i = 0; i < 96 * 72 * 3; i++) image.rgb[i] = (uint8_t)(100 + (i * 7 + f * 31) % 150);
        snprintf(path, sizeof path, "%s/shot_%c.png", folder, 'c' - f);
        assert_ok(gb_image_write_png(path, &image, &err), &err);
    }
    must_run(folder, out, "--quiet");
    char path[600];
    snprintf(path, sizeof path, "%s/shot_a.png", out);
    assert_ok(gb_image_read(path, &wide, &err), &err);
    assert_int_equal(wide.width, 128);
    for (int y = 0; y < 72; y++) {
        assert_memory_equal(wide.rgb + (y * 128 + 16) * 3, image.rgb + y * 96 * 3, 96 * 3);
        assert_memory_equal(wide.rgb + (y * 128 + 15) * 3, image.rgb + y * 96 * 3, 3); /* mirror, at the seam */
    }
    must_run(path, scratch("again.png"), "--quiet");
    must_run(folder, scratch("pictures.mp4"), "--quiet --fps 12");
    gb_image_free(&image);
    gb_image_free(&wide);
}

static void comparisons_hold_every_panel(void **state)
{
    (void)state;
    char *in = scratch("board_in.mkv"), *out = scratch("board.mkv"), text[4096];
    const clip_spec clip = {.width = 128, .height = 72, .frames = 3};
    gb_error err = {0};
    gb_video *video = NULL;
    gb_image board = {0};
    bool end = false;
    assert_int_equal(write_clip(in, &clip), 0);
    const int code = test_command(text, sizeof text, "$BENCH extend '%s' '%s' --compare black,edge --codec ffv1 "
                                  "--quiet --crop none", in, out);
    if (code != 0) fail_msg("%s", text);
    assert_ok(gb_video_open(out, NULL, &video, &err), &err);
    assert_ok(gb_video_next(video, &board, &end, &err), &err);
    /* original, input, black, edge: two by two */
    assert_int_equal(board.width, 2 * 128 + 12);
    assert_int_equal(board.height, 2 * (72 + 14 + 4) + 4);
    const int top[2] = {4 + 14, 4 + 14 + 72 + 4 + 14}, left[2] = {4, 4 + 128 + 4};
    const uint8_t *original = board.rgb + (top[0] * board.width + left[0]) * 3;
    const uint8_t *input = board.rgb + (top[0] * board.width + left[1]) * 3;
    const uint8_t *black = board.rgb + (top[1] * board.width + left[0]) * 3;
    const uint8_t *edge = board.rgb + (top[1] * board.width + left[1]) * 3;
    for (int i = 18 * 3; i < 110 * 3; i++) /* next to a strip colour is interpolated from other neighbours */
        if (abs(original[i] - input[i]) > 2 || abs(original[i] - edge[i]) > 2) fail_msg("sample %d differs", i);
    assert_memory_equal(input, black, 128 * 3);
    assert_true(original[0] > 40 && input[0] < 8 && edge[0] > 40);
    gb_image_free(&board);
    gb_video_close(video);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_centre_is_kept_bit_for_bit),
        cmocka_unit_test(everything_else_is_carried_over),
        cmocka_unit_test(no_byte_depends_on_threads_or_batch),
        cmocka_unit_test(nets_work_at_their_own_size),
        cmocka_unit_test(strips_are_of_the_colour_of_the_centre),
        cmocka_unit_test(cut_off_and_taken_up_again),
        cmocka_unit_test(odd_inputs_are_refused_in_one_line),
        cmocka_unit_test(the_part_before_a_cut_is_widened),
        cmocka_unit_test(gifs_look_like_their_source),
        cmocka_unit_test(pictures_and_folders),
        cmocka_unit_test(comparisons_hold_every_panel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
