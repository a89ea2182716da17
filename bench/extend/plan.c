#include "extend/plan.h"

#include <libavutil/pixdesc.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/parallel.h"

#define NET_LINES 288   /* what the study's nets were trained on */
#define BOARD_LINES 360

static GB_PRINTF(2, 3) void say(gb_extend_plan *plan, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!plan->quiet) fprintf(stderr, "%s\n", text);
    gb_buffer_printf(&plan->notes, "%s\n", text);
}

static gb_status choose_form(gb_extend_plan *plan, gb_error *err)
{
    const char *extension = gb_path_extension(plan->out);
    const bool video = plan->info.kind == GB_FOOTAGE_VIDEO;
    plan->form = plan->stream ? GB_EXTEND_STREAM : GB_EXTEND_VIDEO;
    if (!strcmp(plan->in, plan->out))
        return gb_fail(err, GB_E_USAGE, "%s: expected another name to write to", plan->out);
    if (plan->stream) return GB_OK;
    if (gb_image_is_name(gb_path_base(plan->out))) {
        if (plan->info.kind != GB_FOOTAGE_IMAGE)
            return gb_fail(err, GB_E_USAGE, "%s: expected a video or a folder to write %s into, found a picture's name",
                           plan->out, video ? "a video" : "a folder of images");
        plan->form = GB_EXTEND_IMAGE;
    } else if (!strcasecmp(extension, ".gif")) {
        plan->form = GB_EXTEND_GIF;
    } else if (!*extension || plan->wants_folder) {
        plan->form = GB_EXTEND_FOLDER;
    }
    if (plan->form != GB_EXTEND_FOLDER || !gb_file_exists(plan->out)) return GB_OK;
    char **names = NULL;
    size_t count = 0;
    GB_TRY(gb_directory_list(plan->out, &names, &count, err));
    gb_directory_free(names, count);
    return count ? gb_fail(err, GB_E_USAGE, "%s: expected a new or empty folder, found %zu files", plan->out, count)
                 : GB_OK;
}

/* Between black bars, inwards to whole chroma samples: at a bar's edge colour has bled into it. */
static gb_status find_bars(gb_extend_plan *plan, int grain_x, int grain_y, gb_rect *picture, gb_error *err)
{
    gb_rect r;
    *picture = (gb_rect){0, 0, plan->info.width, plan->info.height};
    GB_TRY(gb_footage_picture(plan->footage, &r, err));
    if (r.width < picture->width) {
        picture->x = (r.x + grain_x - 1) / grain_x * grain_x;
        picture->width = (r.x + r.width) / grain_x * grain_x - picture->x;
    }
    if (r.height < picture->height) {
        picture->y = (r.y + grain_y - 1) / grain_y * grain_y;
        picture->height = (r.y + r.height) / grain_y * grain_y - picture->y;
    }
    if (picture->width < plan->info.width || picture->height < plan->info.height)
        say(plan, "%s: black bars: the picture is %dx%d at %d,%d (--crop none keeps them)", plan->in,
                       picture->width, picture->height, picture->x, picture->y);
    return GB_OK;
}

/* --crop: auto, none or W:H:X:Y. */
static gb_status find_picture(gb_extend_plan *plan, int grain_x, int grain_y, gb_rect *picture, gb_error *err)
{
    const char *crop = plan->options->crop;
    const gb_footage_info *info = &plan->info;
    gb_rect r = {0, 0, info->width, info->height};
    char rest;
    if (!strcmp(crop, "none")) {
        *picture = r;
        return GB_OK;
    }
    if (!strcmp(crop, "auto")) return find_bars(plan, grain_x, grain_y, picture, err);
    if (sscanf(crop, "%d:%d:%d:%d%c", &r.width, &r.height, &r.x, &r.y, &rest) != 4)
        return gb_fail(err, GB_E_USAGE, "--crop: expected auto, none or W:H:X:Y, found '%s'", crop);
    if (r.x < 0 || r.y < 0 || r.width < 1 || r.height < 1 || r.width > info->width - r.x ||
        r.height > info->height - r.y)
        return gb_fail(err, GB_E_USAGE, "--crop %s: expected to lie inside the picture of %dx%d", crop, info->width,
                       info->height);
    *picture = r;
    return GB_OK;
}

/* The grain of both: the centre moves in whole chroma samples at either end. */
static void find_grain(const gb_extend_plan *plan, enum AVPixelFormat coded, int *x, int *y)
{
    int a, b, c, d;
    gb_pixels_grain(plan->source.format, &a, &b);
    gb_pixels_grain(coded, &c, &d);
    *x = a > c ? a : c;
    *y = b > d ? b : d;
}

static bool has_net(const gb_extend_plan *plan)
{
    for (int i = 0; i < plan->contenders.count; i++)
        if (plan->contenders.item[i].generator->net) return true;
    return false;
}

static gb_status plan_layout(gb_extend_plan *plan, enum AVPixelFormat coded, gb_error *err)
{
    gb_layout_ask ask = {.sar_num = plan->info.sar.num, .sar_den = plan->info.sar.den,
                         .work_height = (int)plan->options->work_height};
    if (ask.work_height == 0 && has_net(plan)) ask.work_height = NET_LINES;
    find_grain(plan, coded, &ask.grain_x, &ask.grain_y);
    GB_TRY(find_picture(plan, ask.grain_x, ask.grain_y, &ask.picture, err));
    GB_TRY(gb_layout_plan(&ask, plan->in, &plan->layout, err));
    const gb_layout *l = &plan->layout;
    if (l->trimmed)
        say(plan, "%s: an odd column or line is left out: colour is stored for %dx%d pixels at a time",
                       plan->in, ask.grain_x, ask.grain_y);
    if (l->was_wide)
        say(plan, "%s is 16:9: %d columns at either side are cut and invented again", plan->in, l->side);
    if (l->work.height != l->height)
        say(plan, "strips are invented at %dx%d and enlarged to %d lines; the centre stays as it is",
                       l->work.width, l->work.height, l->height);
    return GB_OK;
}

static gb_status select_contenders(gb_extend_plan *plan, gb_error *err)
{
    const gb_options *o = plan->options;
    const gb_list *list = o->compare.count ? &o->compare : &o->generator;
    if (list->count == 0)
        return gb_fail(err, GB_E_USAGE, "extend: expected --generator G (see `ganime-bench list generators`)");
    gb_options selected = *o;
    selected.generator = *list;
    GB_TRY(gb_contenders_select(&selected, &plan->contenders, err));
    if (!o->compare.count && list->count == 1) gb_contenders_keep_named(&plan->contenders, list->item[0]);
    const gb_contenders *c = &plan->contenders;
    plan->on_board = o->compare.count > 0 || o->side_by_side;
    if (!o->compare.count && c->count != 1)
        return gb_fail(err, GB_E_USAGE, "extend: expected one generator, found %d (%s, %s%s): name one, or show them "
                       "with --compare", c->count, c->item[0].id, c->item[1].id, c->count > 2 ? ", ..." : "");
    if (c->count > GB_BOARD_MAX - 2)
        return gb_fail(err, GB_E_USAGE, "--compare: expected at most %d generators, found %d", GB_BOARD_MAX - 2,
                       c->count);
    for (int i = 0; i < c->count; i++)
        if (c->item[i].state != GB_STATE_OK)
            return gb_fail(err, GB_E_NOT_FOUND, "%s: %s", c->item[i].id, c->item[i].why);
    return GB_OK;
}

static gb_status open_contenders(gb_extend_plan *plan, gb_error *err)
{
    gb_contender_env env = {.geometry = plan->layout.work, .batch = 1, .frames = plan->batch};
    gb_device_info device;
    GB_TRY(gb_backend_select(plan->options->device, &env.backend, &device, err));
    GB_TRY(gb_precision_read(plan->options->precision, &env.precision, err));
    GB_TRY(gb_backend_accepts(env.backend, env.precision, err));
    for (int i = 0; i < plan->contenders.count; i++) {
        gb_contender *contender = &plan->contenders.item[i];
        gb_contender_open(contender, &env);
        if (contender->state != GB_STATE_OK)
            return gb_fail(err, GB_E_FORMAT, "%s: %s", contender->id, contender->why);
    }
    return GB_OK;
}

static void plan_board(gb_extend_plan *plan)
{
    gb_board_spec *b = &plan->board;
    const gb_layout *l = &plan->layout;
    const AVRational sar = plan->info.sar;
    const double stretch = sar.num > 0 && sar.den > 0 ? av_q2d(sar) : 1.0;
    long lines = plan->options->panel ? plan->options->panel : l->height < BOARD_LINES ? l->height : BOARD_LINES;
    b->panel_height = (int)(lines + 1) & ~1;
    b->panel_width = ((int)lround(l->width * stretch * b->panel_height / l->height) + 1) & ~1;
    b->frame_width = l->width;
    b->frame_height = l->height;
    if (l->was_wide) {
        plan->panel[plan->panels++] = GB_PANEL_ORIGINAL;
        b->label[b->count++] = "original";
    }
    plan->panel[plan->panels++] = GB_PANEL_INPUT;
    b->label[b->count++] = "input";
    for (int i = 0; i < plan->contenders.count; i++) b->label[b->count++] = plan->contenders.item[i].id;
    gb_board_size(b, &plan->encoder.width, &plan->encoder.height);
}

/* Pixels of what is encoded (coded) and of the wide frames: on boards and in pictures these are RGB. */
static gb_status plan_pixels(gb_extend_plan *plan, gb_pixels *coded, gb_error *err)
{
    const gb_options *o = plan->options;
    const int height = gb_footage_first(plan->footage)->height;
    gb_pixels rgb = gb_pixels_in(&plan->source, AV_PIX_FMT_RGB24, height);
    plan->wide = *coded = rgb;
    if (plan->form == GB_EXTEND_IMAGE || plan->form == GB_EXTEND_FOLDER) return GB_OK;
    const char *codec = plan->form == GB_EXTEND_GIF ? NULL : o->codec;
    if (plan->stream && plan->stream->constant_rate && codec)
        return gb_fail(err, GB_E_USAGE, "--codec: y4m holds raw pictures%s",
                       plan->to_stdout ? ": give --format mkv or nut, too" : "");
    if (plan->stream && !codec) codec = plan->stream->codec;
    GB_TRY(gb_codec_find(codec, plan->out, &plan->encoder.codec, err));
    const bool from_rgb = plan->on_board || plan->form == GB_EXTEND_GIF;
    GB_TRY(gb_codec_pixels(plan->encoder.codec, from_rgb ? &rgb : &plan->source, height, coded, err));
    if (!plan->on_board) plan->wide = *coded;
    if (!from_rgb && coded->format != plan->source.format && !gb_pixels_is_rgb(plan->source.format))
        say(plan, "%s: pixels %s become %s, which is what %s takes", plan->in,
                       av_get_pix_fmt_name(plan->source.format), av_get_pix_fmt_name(coded->format),
                       plan->encoder.codec->title);
    return GB_OK;
}

static gb_status plan_container(gb_extend_plan *plan, const gb_pixels *coded, gb_error *err)
{
    const gb_options *o = plan->options;
    gb_encoder_spec *e = &plan->encoder;
    char note[512] = "";
    e->pixels = *coded;
    e->sar = plan->on_board ? (AVRational){0, 1} : plan->info.sar;
    e->rate = plan->info.rate;
    e->quality = o->quality >= 0 ? (int)o->quality : e->codec->quality;
    e->key_interval = (int)plan->segment;
    if (o->quality >= 0 && e->codec->quality < 0)
        return gb_fail(err, GB_E_USAGE, "--quality: %s is lossless, it has none", e->codec->title);
    if (!plan->on_board) {
        e->width = plan->layout.width;
        e->height = plan->layout.height;
    }
    if (plan->stream) return GB_OK;
    plan->join = (gb_join_spec){.encoder = e, .time_base = plan->info.time_base, .drop = o->drop.item,
                                .drop_count = o->drop.count, .ends_early = o->end > 0};
    if (plan->form == GB_EXTEND_GIF) return GB_OK;
    if (plan->info.kind == GB_FOOTAGE_VIDEO && !plan->info.piped) plan->join.source = plan->in;
    GB_TRY(gb_join_check(&plan->join, plan->out, note, sizeof note, err));
    if (*note) say(plan, "%s: not carried over: %s", plan->in, note);
    return GB_OK;
}

static gb_status note_losses(gb_extend_plan *plan)
{
    const bool stream = plan->form == GB_EXTEND_STREAM, piped_out = stream && plan->to_stdout;
    const bool pictures = plan->form != GB_EXTEND_VIDEO && !piped_out;
    const AVRational sar = plan->info.sar;
    if ((piped_out || plan->info.piped) && plan->info.streams > 1)
        say(plan, "%s: pictures alone pass through a pipe: sound and subtitles are not carried over",
                       plan->in);
    if (plan->info.piped && !stream)
        say(plan, "%s: it cannot be read twice: if this is cut off, remove %s.parts and begin again",
                       plan->in, plan->out);
    if (*plan->info.retouch)
        say(plan, "%s: before anything else its frames go through %s", plan->in, plan->info.retouch);
    if (pictures && plan->info.kind == GB_FOOTAGE_VIDEO && !plan->info.piped && plan->info.streams > 1)
        say(plan, "%s takes pictures alone: sound and subtitles are not carried over", plan->out);
    if (pictures && !stream && !plan->on_board && sar.num > 0 && sar.num != sar.den)
        say(plan, "%s: pixels keep their shape of %d:%d, which such files cannot say", plan->out, sar.num,
                       sar.den);
    return GB_OK;
}

/* "-": nothing but pictures goes there. */
static gb_status read_stdout(gb_extend_plan *plan, gb_error *err)
{
    const gb_options *o = plan->options;
    if (o->json) return gb_fail(err, GB_E_USAGE, "--json: standard output is for the pictures");
    if (isatty(STDOUT_FILENO))
        return gb_fail(err, GB_E_USAGE, "standard output: expected a pipe or a file, found a terminal");
    GB_TRY(gb_stream_format_find(o->format.count ? o->format.item[0] : NULL, &plan->stream, err));
    plan->to_stdout = true;
    plan->out = gb_strdup("standard output");
    return plan->out ? GB_OK : gb_fail_memory(err, "out", 0);
}

static gb_status read_out(gb_extend_plan *plan, gb_error *err)
{
    if (!strcmp(plan->options->argument[1], "-")) return read_stdout(plan, err);
    if (plan->options->format.count)
        return gb_fail(err, GB_E_USAGE, "--format: only for standard output (-): a file's name says what it is");
    plan->out = gb_strdup(plan->options->argument[1]);
    if (!plan->out) return gb_fail_memory(err, "out", 0);
    for (size_t n = strlen(plan->out); n > 1 && plan->out[n - 1] == '/'; n--) {
        plan->out[n - 1] = '\0';
        plan->wants_folder = true;
    }
    if (!plan->wants_folder && !strcasecmp(gb_path_extension(plan->out), ".y4m"))
        GB_TRY(gb_stream_format_find("y4m", &plan->stream, err));
    return *plan->out ? GB_OK : gb_fail(err, GB_E_USAGE, "extend: expected a name to write to, found none");
}

static gb_deinterlace read_deinterlace(const gb_options *o)
{
    if (!strcmp(o->deinterlace, "yes")) return GB_DEINTERLACE_YES;
    return strcmp(o->deinterlace, "film") ? GB_DEINTERLACE_NO : GB_DEINTERLACE_FILM;
}

gb_status gb_extend_plan_make(const gb_options *options, gb_extend_plan *plan, gb_error *err)
{
    gb_status status;
    gb_pixels coded;
    *plan = (gb_extend_plan){.options = options, .in = options->argument[0],
                             .threads = options->threads ? (int)options->threads : gb_parallel_cores(),
                             .batch = (int)options->batch, .segment = options->segment,
                             .quiet = options->quiet || options->json};
    gb_buffer_init(&plan->notes, 1 << 16);
    GB_GO(read_out(plan, err));
    const gb_footage_options footage = {.end = options->end, .rate = (int)options->fps,
                                        .deinterlace = read_deinterlace(options)};
    GB_GO(select_contenders(plan, err));
    GB_GO(gb_footage_open(plan->in, &footage, &plan->footage, err));
    plan->info = gb_footage_get_info(plan->footage);
    if (plan->info.piped) plan->in = "standard input";
    plan->source = gb_pixels_of(gb_footage_first(plan->footage));
    GB_GO(choose_form(plan, err));
    GB_GO(plan_pixels(plan, &coded, err));
    GB_GO(plan_layout(plan, coded.format, err));
    if (plan->on_board) plan_board(plan);
    plan->board.pixels = coded;
    if (plan->encoder.codec) GB_GO(plan_container(plan, &coded, err));
    GB_GO(note_losses(plan));
    GB_GO(open_contenders(plan, err));
done:
    if (status != GB_OK) gb_extend_plan_clear(plan);
    return status;
}

void gb_extend_plan_clear(gb_extend_plan *plan)
{
    for (int i = 0; i < plan->contenders.count; i++) gb_contender_close(&plan->contenders.item[i]);
    gb_contenders_free(&plan->contenders);
    gb_footage_close(plan->footage);
    gb_buffer_free(&plan->notes);
    free(plan->out);
    *plan = (gb_extend_plan){0};
}
