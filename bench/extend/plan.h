/* All that is decided before the first frame is made: shapes, pixels, generators, container. */
#ifndef GB_EXTEND_PLAN_H
#define GB_EXTEND_PLAN_H

#include <cjson/cJSON.h>

#include "cli/cli.h"
#include "contenders/contender.h"
#include "core/buffer.h"
#include "extend/board.h"
#include "extend/footage.h"
#include "video/join.h"
#include "video/layout.h"
#include "video/stream.h"

typedef enum gb_extend_form {
    GB_EXTEND_VIDEO,
    GB_EXTEND_GIF,
    GB_EXTEND_IMAGE,
    GB_EXTEND_FOLDER,
    GB_EXTEND_STREAM /* in one go: to standard output, and y4m files */
} gb_extend_form;

/* Panels of a comparison that are no generator's. */
typedef enum gb_panel { GB_PANEL_ORIGINAL /* 16:9 inputs: the uncut frame */, GB_PANEL_INPUT } gb_panel;

typedef struct gb_extend_plan {
    const gb_options *options;
    const char *in;
    char *out;                /* without slashes at its end; what messages call standard output */
    const gb_stream_format *stream; /* what a stream is; else NULL */
    bool to_stdout;
    bool wants_folder;        /* there were some */
    gb_extend_form form;
    gb_footage *footage;
    gb_footage_info info;
    gb_layout layout;
    gb_pixels source, wide;   /* of decoded frames and of the widened ones (RGB24 on boards and for pictures) */
    gb_contenders contenders; /* all open; one unless on a board */
    bool on_board;
    gb_board_spec board;
    gb_panel panel[2];        /* those before the generators' */
    int panels;
    gb_encoder_spec encoder;  /* videos, gifs and streams */
    gb_join_spec join;        /* videos and gifs; but for folder and segments */
    int threads, batch;
    long segment;             /* frames */
    gb_buffer notes;          /* lines for the user, also printed to stderr as they come */
    bool quiet;
} gb_extend_plan;

gb_status gb_extend_plan_make(const gb_options *options, gb_extend_plan *plan, gb_error *err) GB_MUST_CHECK;
void gb_extend_plan_clear(gb_extend_plan *plan);

/* What the output's bytes depend on, for the journal; the caller deletes it. */
gb_status gb_extend_plan_describe(const gb_extend_plan *plan, cJSON **job, gb_error *err) GB_MUST_CHECK;

#endif
