#include "pictures/replay.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

struct gb_replay {
    const gb_evaluation *e;
    const gb_contender *contender;
    bool open;
    gb_contender_worker worker;
    gb_stabiliser *stabiliser; /* of one that holds */
    int filtered;              /* the pick that went through it last; -1: none, or it failed */
    int batch;                 /* frames that share statistics */
    int first, count;          /* picks that `output` are of; count 0: none */
    int *pick;
    gb_image *input, *output, truth, frame;
};

gb_status gb_replay_new(const gb_evaluation *evaluation, int contender, gb_replay **out, gb_error *err)
{
    gb_replay *r = gb_alloc(1, sizeof *r);
    if (!r) return gb_fail_memory(err, "pictures", sizeof *r);
    r->e = evaluation;
    r->contender = &evaluation->contenders->item[contender];
    r->filtered = -1;
    r->batch = r->contender->batch_stats ? evaluation->protocol->stat_batch : 1;
    *out = r;
    return GB_OK;
}

void gb_replay_free(gb_replay *replay)
{
    if (!replay) return;
    gb_contender_worker_close(&replay->worker);
    gb_stabiliser_free(replay->stabiliser);
    for (int i = 0; i < replay->batch; i++) {
        if (replay->input) gb_image_free(&replay->input[i]);
        if (replay->output) gb_image_free(&replay->output[i]);
    }
    gb_image_free(&replay->truth);
    gb_image_free(&replay->frame);
    free(replay->pick);
    free(replay->input);
    free(replay->output);
    free(replay);
}

static gb_status start(gb_replay *r, gb_error *err)
{
    const gb_geometry g = r->e->env.geometry;
    if (r->open) return GB_OK;
    r->pick = gb_alloc((size_t)r->batch, sizeof *r->pick);
    r->input = gb_alloc((size_t)r->batch, sizeof *r->input);
    r->output = gb_alloc((size_t)r->batch, sizeof *r->output);
    if (!r->pick || !r->input || !r->output) return gb_fail_memory(err, "pictures", (size_t)r->batch);
    for (int i = 0; i < r->batch; i++) GB_TRY(gb_image_new(g.width, g.height, &r->output[i], err));
    GB_TRY(gb_image_new(g.width, g.height, &r->frame, err));
    GB_TRY(gb_contender_stabiliser(r->contender, g, &r->stabiliser, err));
    GB_TRY(gb_contender_worker_open(r->contender, &r->worker, err));
    r->open = true;
    return GB_OK;
}

/* The frames that share the pick's batch statistics, or the pick alone, as the contender makes them. */
static gb_status generate(gb_replay *r, int pick, gb_error *err)
{
    const gb_picks *picks = r->e->picks;
    const int first = pick / r->batch * r->batch;
    if (r->count && first == r->first) return GB_OK;
    const int count = picks->count - first < r->batch ? picks->count - first : r->batch;
    r->count = 0;
    for (int i = 0; i < count; i++) {
        r->pick[i] = first + i;
        GB_TRY(gb_pack_read(r->e->pack, picks->pick[first + i].frame, &r->truth, &r->input[i], err));
    }
    GB_TRY(gb_contender_generate(&r->worker, r->input, r->pick, count, r->e->env.geometry.side,
                                 r->e->protocol->rounding, r->output, err));
    r->first = first;
    r->count = count;
    return GB_OK;
}

/* Into r->frame, stabilised where the contender is. */
static gb_status step(gb_replay *r, int pick, gb_error *err)
{
    const gb_image *made = NULL;
    const bool follows = r->e->picks->pick[pick].follows && r->filtered == pick - 1;
    r->filtered = -1;
    GB_TRY(generate(r, pick, err));
    made = &r->output[pick - r->first];
    memcpy(r->frame.rgb, made->rgb, (size_t)made->width * (size_t)made->height * 3);
    if (r->stabiliser) gb_stabiliser_step(r->stabiliser, follows, &r->frame);
    r->filtered = pick;
    return GB_OK;
}

/* The first pick that has to go through the filter before this one. */
static int first_needed(const gb_replay *r, int pick)
{
    if (!r->stabiliser) return pick;
    int first = pick;
    while (r->e->picks->pick[first].follows && r->filtered != first - 1) first--;
    return first;
}

gb_status gb_replay_frame(gb_replay *replay, int pick, const gb_image **out, gb_error *err)
{
    gb_replay *r = replay;
    gb_error passed_over; /* a frame that failed breaks the sequence, as it did when it was scored */
    GB_TRY(start(r, err));
    for (int p = first_needed(r, pick); p < pick; p++)
        if (step(r, p, &passed_over) != GB_OK) r->filtered = -1;
    GB_TRY(step(r, pick, err));
    GB_TRY(gb_protocol_finish(r->e->protocol, &r->frame, err));
    *out = &r->frame;
    return GB_OK;
}
