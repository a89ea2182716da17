#include "image/retouch.h"

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/mathematics.h>
#include <libavutil/pixdesc.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"

struct gb_retouch {
    gb_retouch_spec spec;
    AVFilterGraph *graph;
    AVFilterContext *in, *out;
};

static int make_ends(gb_retouch *r, const AVFrame *first)
{
    char arguments[256];
    const gb_retouch_spec *s = &r->spec;
    int used = snprintf(arguments, sizeof arguments, "video_size=%dx%d:pix_fmt=%d:time_base=%d/%d", first->width,
                        first->height, first->format, s->time_base.num, s->time_base.den);
    if (s->sar.num > 0 && s->sar.den > 0)
        used += snprintf(arguments + used, sizeof arguments - (size_t)used, ":pixel_aspect=%d/%d", s->sar.num,
                         s->sar.den);
    if (s->rate.num > 0 && s->rate.den > 0)
        snprintf(arguments + used, sizeof arguments - (size_t)used, ":frame_rate=%d/%d", s->rate.num, s->rate.den);
    const int code =
        avfilter_graph_create_filter(&r->in, avfilter_get_by_name("buffer"), "in", arguments, NULL, r->graph);
    if (code < 0) return code;
    return avfilter_graph_create_filter(&r->out, avfilter_get_by_name("buffersink"), "out", NULL, NULL, r->graph);
}

/* The chain goes between the ends: its input is what comes out of `in`, its output what goes into `out`. */
static int build(gb_retouch *r, const AVFrame *first)
{
    AVFilterInOut *before = avfilter_inout_alloc(), *after = avfilter_inout_alloc();
    r->graph = avfilter_graph_alloc();
    int code = before && after && r->graph ? 0 : AVERROR(ENOMEM);
    if (code >= 0) {
        r->graph->nb_threads = 1;
        avfilter_graph_set_auto_convert(r->graph, AVFILTER_AUTO_CONVERT_NONE);
        code = make_ends(r, first);
    }
    if (code >= 0) {
        *before = (AVFilterInOut){.name = av_strdup("in"), .filter_ctx = r->in};
        *after = (AVFilterInOut){.name = av_strdup("out"), .filter_ctx = r->out};
        code = before->name && after->name
                   ? avfilter_graph_parse_ptr(r->graph, r->spec.chain, &after, &before, NULL)
                   : AVERROR(ENOMEM);
    }
    avfilter_inout_free(&before);
    avfilter_inout_free(&after);
    return code >= 0 ? avfilter_graph_config(r->graph, NULL) : code;
}

static gb_status fail_code(const gb_retouch *r, int code, gb_error *err)
{
    char text[AV_ERROR_MAX_STRING_SIZE];
    if (code == AVERROR(ENOMEM)) return gb_fail_memory(err, r->spec.chain, 0);
    return gb_fail(err, GB_E_UNSUPPORTED, "filter %s: %s", r->spec.chain,
                   av_make_error_string(text, sizeof text, code));
}

gb_status gb_retouch_new(const gb_retouch_spec *spec, const AVFrame *first, gb_retouch **out, gb_error *err)
{
    gb_retouch *r = gb_alloc(1, sizeof *r);
    if (!r) return gb_fail_memory(err, spec->chain, sizeof *r);
    r->spec = *spec;
    const int code = build(r, first);
    if (code >= 0) {
        *out = r;
        return GB_OK;
    }
    const gb_status status = fail_code(r, code, err);
    gb_fail_in(err, "pixels %s", av_get_pix_fmt_name((enum AVPixelFormat)first->format));
    gb_retouch_free(r);
    return status;
}

void gb_retouch_free(gb_retouch *retouch)
{
    if (!retouch) return;
    avfilter_graph_free(&retouch->graph);
    free(retouch);
}

AVRational gb_retouch_sar(const gb_retouch *retouch)
{
    return av_buffersink_get_sample_aspect_ratio(retouch->out);
}

AVRational gb_retouch_rate(const gb_retouch *retouch)
{
    return av_buffersink_get_frame_rate(retouch->out);
}

gb_status gb_retouch_send(gb_retouch *retouch, const AVFrame *frame, gb_error *err)
{
    const int code = av_buffersrc_write_frame(retouch->in, frame);
    return code < 0 ? fail_code(retouch, code, err) : GB_OK;
}

gb_status gb_retouch_receive(gb_retouch *retouch, AVFrame *out, bool *got, gb_error *err)
{
    const int code = av_buffersink_get_frame(retouch->out, out);
    *got = code >= 0;
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return GB_OK;
    if (code < 0) return fail_code(retouch, code, err);
    out->pts = av_rescale_q(out->pts, av_buffersink_get_time_base(retouch->out), retouch->spec.time_base);
    return GB_OK;
}
