#include "datasets/shot_writer.h"

#include <stdlib.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "datasets/pack_format.h"
#include "flow/follow.h"

#define MOST_LANES 8 /* writing, which one of them does, takes as long as flow does by two */
#define PAIRS_A_LANE 2

/* Frames of a shot in order, and of each but the last its flow to the next. */
typedef struct batch {
    gb_image *wide, *narrow; /* [pairs + 1] */
    gb_flow *flow;           /* [pairs] */
    int held;                /* frames in it */
} batch;

/* One batch is estimated while the one before it is written: two threads take two thirds of one's time. */
struct gb_shot_writer {
    gb_pack_writer *pack;
    bool paired;
    int lanes, pairs;        /* 0: no flow is wanted; pairs: of a batch, at most */
    gb_follower **follower;  /* [lane] */
    batch of[2], *now, *before;
};

static void free_batch(batch *b, int pairs)
{
    for (int i = 0; i <= pairs; i++) {
        if (b->wide) gb_image_free(&b->wide[i]);
        if (b->narrow) gb_image_free(&b->narrow[i]);
        if (b->flow && i < pairs) gb_flow_free(&b->flow[i]);
    }
    free(b->wide);
    free(b->narrow);
    free(b->flow);
}

static void free_writer(gb_shot_writer *writer)
{
    for (int i = 0; writer->follower && i < writer->lanes; i++) gb_follower_free(writer->follower[i]);
    for (int i = 0; i < 2; i++) free_batch(&writer->of[i], writer->pairs);
    free(writer->follower);
    free(writer);
}

static gb_status open_batch(const char *path, gb_geometry geometry, int pairs, batch *b, gb_error *err)
{
    b->wide = gb_alloc((size_t)pairs + 1, sizeof *b->wide);
    b->narrow = gb_alloc((size_t)pairs + 1, sizeof *b->narrow);
    b->flow = gb_alloc((size_t)pairs, sizeof *b->flow);
    if (!b->wide || !b->narrow || !b->flow) return gb_fail_memory(err, path, (size_t)pairs * sizeof *b->flow);
    for (int i = 0; i < pairs; i++) GB_TRY(gb_flow_reserve(&b->flow[i], geometry.width, geometry.height, err));
    return GB_OK;
}

static gb_status open_estimates(gb_shot_writer *writer, const char *path, gb_geometry geometry, int threads,
                                gb_error *err)
{
    writer->lanes = threads > 0 ? threads : gb_parallel_cores();
    if (writer->lanes > MOST_LANES) writer->lanes = MOST_LANES;
    writer->pairs = PAIRS_A_LANE * writer->lanes;
    writer->follower = gb_alloc((size_t)writer->lanes, sizeof(gb_follower *));
    if (!writer->follower) return gb_fail_memory(err, path, (size_t)writer->lanes * sizeof(gb_follower *));
    for (int i = 0; i < 2; i++) GB_TRY(open_batch(path, geometry, writer->pairs, &writer->of[i], err));
    for (int i = 0; i < writer->lanes; i++)
        if (gb_follower_new("the dataset's flow", geometry.width, geometry.height, &writer->follower[i], err) != GB_OK)
            return gb_fail_in(err, "%s", path);
    return GB_OK;
}

gb_status gb_shot_writer_open(const char *path, const gb_pack_info *info, const gb_build_options *options,
                              gb_shot_writer **out, gb_error *err)
{
    gb_status status = GB_OK;
    gb_pack_info own = *info;
    gb_shot_writer *writer = gb_alloc(1, sizeof *writer);
    if (!writer) return gb_fail_memory(err, path, sizeof *writer);
    writer->paired = info->paired;
    writer->now = &writer->of[0];
    writer->before = &writer->of[1];
    if (options->flow) {
        own.has_flow = true;
        gb_follow_describe(own.flow_from, sizeof own.flow_from);
        GB_GO(open_estimates(writer, path, own.geometry, options->threads, err));
    }
    GB_GO(gb_pack_create(path, &own, &writer->pack, err));
    *out = writer;
    writer = NULL;
done:
    if (writer) free_writer(writer);
    return status;
}

static gb_status write_frame(const gb_shot_writer *writer, const batch *b, int i, gb_error *err)
{
    return gb_pack_append(writer->pack, &b->wide[i], writer->paired ? &b->narrow[i] : NULL, err);
}

/* All frames but the last, which the next batch begins with. */
static gb_status write_batch(const gb_shot_writer *writer, batch *b, gb_error *err)
{
    gb_pack_quiet(); /* HDF5 keeps that by thread */
    for (int i = 0; i + 1 < b->held; i++) {
        GB_TRY(write_frame(writer, b, i, err));
        GB_TRY(gb_pack_append_flow(writer->pack, &b->flow[i], err));
    }
    b->held = 0;
    return GB_OK;
}

/* Turn 0 writes, which takes longest; each other one estimates a pair. */
static gb_status take_turn(void *user, int lane, size_t i, gb_error *err)
{
    const gb_shot_writer *const writer = user;
    if (i == 0) return write_batch(writer, writer->before, err);
    const batch *const b = writer->now;
    const gb_image *const frame[2] = {&b->wide[i - 1], &b->wide[i]};
    return gb_follow(writer->follower[lane], frame, b->flow[i - 1].uv, b->flow[i - 1].valid, err);
}

/* Estimates what has come, writes what was estimated before. */
static gb_status advance(gb_shot_writer *writer, gb_error *err)
{
    batch *const estimated = writer->now;
    GB_TRY(gb_parallel(writer->lanes, (size_t)estimated->held, take_turn, writer, err));
    const int last = estimated->held - 1;
    writer->now = writer->before;
    writer->before = estimated;
    GB_TRY(gb_image_copy(&estimated->wide[last], &writer->now->wide[0], err));
    if (writer->paired) GB_TRY(gb_image_copy(&estimated->narrow[last], &writer->now->narrow[0], err));
    writer->now->held = 1;
    return GB_OK;
}

static gb_status end_shot(gb_shot_writer *writer, gb_error *err)
{
    if (!writer->now->held) return GB_OK;
    GB_TRY(advance(writer, err));
    GB_TRY(write_batch(writer, writer->before, err));
    writer->now->held = 0;
    return write_frame(writer, writer->now, 0, err);
}

gb_status gb_shot_writer_begin(gb_shot_writer *writer, const gb_shot *shot, gb_error *err)
{
    GB_TRY(end_shot(writer, err));
    return gb_pack_begin_shot(writer->pack, shot, err);
}

gb_status gb_shot_writer_append(gb_shot_writer *writer, const gb_image *wide, const gb_image *narrow, gb_error *err)
{
    if (!writer->lanes) return gb_pack_append(writer->pack, wide, narrow, err);
    if (writer->now->held > writer->pairs) GB_TRY(advance(writer, err));
    batch *const b = writer->now;
    GB_TRY(gb_image_copy(wide, &b->wide[b->held], err));
    if (narrow) GB_TRY(gb_image_copy(narrow, &b->narrow[b->held], err));
    b->held++;
    return GB_OK;
}

gb_status gb_shot_writer_close(gb_shot_writer *writer, gb_status status, bool by_order, gb_error *err)
{
    if (status == GB_OK) status = end_shot(writer, err);
    if (status == GB_OK) {
        if (by_order) gb_pack_split_shots(writer->pack);
        status = gb_pack_finish(writer->pack, err);
    } else {
        gb_pack_abandon(writer->pack);
    }
    free_writer(writer);
    return status;
}
