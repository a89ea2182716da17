#include "support/wide_clip.h"

#include <libavutil/pixdesc.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/sha256.h"
#include "support/support.h"
#include "video/converter.h"

/* A scratch path that stays valid. */
char *scratch(const char *name)
{
    static char ring[12][512];
    static int next;
    char *path = ring[next++ % 12];
    snprintf(path, 512, "%s", test_scratch(name));
    return path;
}

void must_run(const char *in, const char *out, const char *options)
{
    char output[4096];
    if (test_command(output, sizeof output, EXTEND "%s", in, out, options) != 0) fail_msg("%s", output);
}

void must_fail(const char *in, const char *out, const char *options, int code, const char *part)
{
    char output[4096];
    const int got = test_command(output, sizeof output, EXTEND "%s", in, out, options);
    if (got != code || !strstr(output, part)) fail_msg("exit %d, \"%s\"; expected %d, \"%s\"", got, output, code, part);
    const char *line = strchr(output, '\n');
    if (line && line[1] && strstr(line + 1, "ganime-bench:")) fail_msg("more than one line of error: %s", output);
    assert_false(gb_file_exists(out));
}

bool same_file(const char *a, const char *b)
{
    char x[GB_SHA256_HEX], y[GB_SHA256_HEX];
    gb_error err = {0};
    assert_ok(gb_sha256_file(a, x, &err), &err);
    assert_ok(gb_sha256_file(b, y, &err), &err);
    return !strcmp(x, y);
}

/* Whether rectangle `from` of a and the one at (x, y) of b hold the same samples. */
bool same_samples(const AVFrame *a, gb_rect from, const AVFrame *b, int x, int y)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get((enum AVPixelFormat)a->format);
    uint8_t *pa[4], *pb[4];
    if (a->format != b->format) return false;
    gb_converter_at(a, from.x, from.y, pa);
    gb_converter_at(b, x, y, pb);
    for (int c = 0; c < d->nb_components; c++) {
        const int p = d->comp[c].plane, chroma = c == 1 || c == 2;
        const int w = AV_CEIL_RSHIFT(from.width, chroma ? d->log2_chroma_w : 0);
        const int h = AV_CEIL_RSHIFT(from.height, chroma ? d->log2_chroma_h : 0);
        for (int row = 0; row < h; row++)
            for (int i = 0; i < w; i++) {
                const ptrdiff_t at = d->comp[c].offset + (ptrdiff_t)i * d->comp[c].step;
                if (memcmp(pa[p] + (ptrdiff_t)row * a->linesize[p] + at, pb[p] + (ptrdiff_t)row * b->linesize[p] + at,
                           d->comp[c].depth > 8 ? 2 : 1) != 0)
                    return false;
            }
    }
    return true;
}

double seconds(const AVFrame *frame, const AVStream *stream)
{
    return (double)frame->best_effort_timestamp * av_q2d(stream->time_base);
}

void check_centre(const char *in, const char *out, const expectation *e)
{
    gb_error err = {0};
    gb_video *a = NULL, *b = NULL;
    int frames = 0;
    assert_ok(gb_video_open(in, NULL, &a, &err), &err);
    assert_ok(gb_video_open(out, NULL, &b, &err), &err);
    for (;; frames++) {
        const AVFrame *fa, *fb;
        bool end_a = false, end_b = false;
        assert_ok(gb_video_next_native(b, &fb, &end_b, &err), &err);
        if (end_b) break;
        assert_ok(gb_video_next_native(a, &fa, &end_a, &err), &err);
        assert_false(end_a);
        assert_int_equal(fb->width, e->width);
        assert_int_equal(fb->height, e->height);
        if (!same_samples(fa, e->kept, fb, e->side, 0)) fail_msg("%s: frame %d: the centre differs", out, frames);
        const double late = seconds(fb, gb_video_stream(b)) - seconds(fa, gb_video_stream(a));
        if (late < -0.001 || late > 0.001) fail_msg("%s: frame %d is %.4f s late", out, frames, late);
        assert_int_equal(fb->colorspace, fa->colorspace);
        assert_int_equal(fb->color_range, fa->color_range);
    }
    assert_int_equal(frames, e->frames);
    gb_video_close(a);
    gb_video_close(b);
}

/* Luma of the next frame, and its size; false at the end. The frame is the video's own. */
bool next_luma(gb_video *video, const AVFrame **frame)
{
    gb_error err = {0};
    bool end = false;
    assert_ok(gb_video_next_native(video, frame, &end, &err), &err);
    return !end;
}
