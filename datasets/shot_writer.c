#include "datasets/shot_writer.h"

#include <stdlib.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "datasets/pack_format.h"
#include "flow/follow.h"

#define MOST_LANES 8 /* writing, which is one thread's work, takes as long as flow does by two */
#define PAIRS_A_LANE 2

typedef struct estimates {
    int lanes, pairs;       /* 0: no flow is wanted; pairs: that are estimated together, at most */
    gb_follower **follower; /* [lane] */
    gb_image *wide, *narrow; /* [pairs + 1]: frames of the shot that are not written yet */
    gb_flow *flow;          /* [pairs]: of a frame to the next */
} estimates;

struct gb_shot_writer {
    gb_pack_writer *pack;
    bool paired;
    int held; /* frames that are kept back */
    estimates of;
};

static void free_writer(gb_shot_writer *writer)
{
    estimates *const of = &writer->of;
    for (int i = 0; of->follower && i < of->lanes; i++) gb_follower_free(of->follower[i]);
    for (int i = 0; i <= of->pairs; i++) {
        if (of->wide) gb_image_free(&of->wide[i]);
        if (of->narrow) gb_image_free(&of->narrow[i]);
        if (of->flow && i < of->pairs) gb_flow_free(&of->flow[i]);
    }
    free(of->follower);
    free(of->wide);
    free(of->narrow);
    free(of->flow);
    free(writer);
}

static gb_status open_estimates(const char *path, gb_geometry geometry, int threads, estimates *of, gb_error *err)
{
    of->lanes = threads > 0 ? threads : gb_parallel_cores();
    if (of->lanes > MOST_LANES) of->lanes = MOST_LANES;
    of->pairs = PAIRS_A_LANE * of->lanes;
    const size_t pairs = (size_t)of->pairs;
    of->follower = gb_alloc((size_t)of->lanes, sizeof(gb_follower *));
    of->wide = gb_alloc(pairs + 1, sizeof *of->wide);
    of->narrow = gb_alloc(pairs + 1, sizeof *of->narrow);
    of->flow = gb_alloc(pairs, sizeof *of->flow);
    if (!of->follower || !of->wide || !of->narrow || !of->flow)
        return gb_fail_memory(err, path, pairs * sizeof *of->flow);
    for (int i = 0; i < of->pairs; i++) GB_TRY(gb_flow_reserve(&of->flow[i], geometry.width, geometry.height, err));
    for (int i = 0; i < of->lanes; i++)
        if (gb_follower_new("flow of the dataset", geometry.width, geometry.height, &of->follower[i], err) != GB_OK)
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
    if (options->flow) {
        own.has_flow = true;
        gb_follow_describe(own.flow_from, sizeof own.flow_from);
        GB_GO(open_estimates(path, own.geometry, options->threads, &writer->of, err));
    }
    GB_GO(gb_pack_create(path, &own, &writer->pack, err));
    *out = writer;
    writer = NULL;
done:
    if (writer) free_writer(writer);
    return status;
}

static gb_status estimate(void *user, int lane, size_t i, gb_error *err)
{
    const estimates *const of = user;
    const gb_image *const frame[2] = {&of->wide[i], &of->wide[i + 1]};
    return gb_follow(of->follower[lane], frame, of->flow[i].uv, of->flow[i].valid, err);
}

static gb_status write_frame(const gb_shot_writer *writer, int i, gb_error *err)
{
    return gb_pack_append(writer->pack, &writer->of.wide[i], writer->paired ? &writer->of.narrow[i] : NULL, err);
}

/* Writes all frames that were kept back but the last, each with its flow. */
static gb_status write_held(gb_shot_writer *writer, gb_error *err)
{
    estimates *const of = &writer->of;
    const int last = writer->held - 1;
    GB_TRY(gb_parallel(of->lanes, (size_t)last, estimate, of, err));
    for (int i = 0; i < last; i++) {
        GB_TRY(write_frame(writer, i, err));
        GB_TRY(gb_pack_append_flow(writer->pack, &of->flow[i], err));
    }
    const gb_image wide = of->wide[0], narrow = of->narrow[0];
    of->wide[0] = of->wide[last];
    of->narrow[0] = of->narrow[last];
    of->wide[last] = wide;
    of->narrow[last] = narrow;
    writer->held = 1;
    return GB_OK;
}

static gb_status end_shot(gb_shot_writer *writer, gb_error *err)
{
    if (!writer->held) return GB_OK;
    GB_TRY(write_held(writer, err));
    writer->held = 0;
    return write_frame(writer, 0, err);
}

gb_status gb_shot_writer_begin(gb_shot_writer *writer, const gb_shot *shot, gb_error *err)
{
    GB_TRY(end_shot(writer, err));
    return gb_pack_begin_shot(writer->pack, shot, err);
}

gb_status gb_shot_writer_append(gb_shot_writer *writer, const gb_image *wide, const gb_image *narrow, gb_error *err)
{
    estimates *const of = &writer->of;
    if (!of->lanes) return gb_pack_append(writer->pack, wide, narrow, err);
    if (writer->held > of->pairs) GB_TRY(write_held(writer, err));
    GB_TRY(gb_image_copy(wide, &of->wide[writer->held], err));
    if (narrow) GB_TRY(gb_image_copy(narrow, &of->narrow[writer->held], err));
    writer->held++;
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
