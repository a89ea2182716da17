#include "selftest/rerun.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "datasets/toon/toon.h"
#include "evaluate/evaluate.h"

#define WAYS 5
#define MOST_CONTENDERS 64 /* files of weights found for one net */
static const gb_rerun_way ways[WAYS] = {
    {"one thread, one frame at a time", 1, 1, false}, {"batches of 5 frames", 1, 5, false},
    {"3 threads", 3, 1, false},                       {"the shots in reverse order", 1, 1, true},
    {"all three at once", 3, 5, true},
};

/* A baseline and a net; as options that select them. */
static const gb_options selected = {.generator = {.item = {"mirror", "fourier-lite"}, .count = 2}};

typedef struct rerun {
    const gb_pool_plan *plan;
    int shots;
    gb_contenders contenders;
    char folder[256];
    const gb_rerun_way *way;
    gb_rerun_rows rows;
    size_t room;
} rerun;

const gb_rerun_way *gb_rerun_ways(size_t *count)
{
    *count = WAYS;
    return ways;
}

static int by_name(const void *at, const void *bt)
{
    const gb_rerun_row *a = at, *b = bt;
    if (a->generator != b->generator) return a->generator - b->generator;
    if (a->shot != b->shot) return a->shot - b->shot;
    if (a->frame != b->frame) return a->frame - b->frame;
    if (a->metric != b->metric) return a->metric - b->metric;
    return (int)a->region - (int)b->region;
}

/* ---- The pack ---- */

static gb_status put_shot(const rerun *r, const gb_toon_show *show, int shot, gb_pack_writer *writer, gb_error *err)
{
    const gb_geometry g = r->plan->geometry;
    gb_toon_shot drawn;
    gb_image frame = {0};
    GB_TRY(gb_toon_shot_get(show, shot, &drawn, err));
    gb_shot head = {.stride = 1, .fps = drawn.fps};
    memcpy(head.clip, drawn.clip, sizeof head.clip);
    memcpy(head.split, drawn.split, sizeof head.split);
    gb_status status = gb_pack_begin_shot(writer, &head, err);
    for (int f = 0; status == GB_OK && f < r->plan->frames; f++) {
        status = gb_toon_draw(show, shot, f, g.width, g.height, &frame, err);
        if (status == GB_OK) status = gb_pack_append(writer, &frame, NULL, err);
    }
    gb_image_free(&frame);
    return status;
}

static gb_status make_pack(const rerun *r, const char *path, bool reversed, gb_error *err)
{
    const gb_toon_size size = {.test = r->plan->shots};
    const gb_pack_info info = {.id = "self-test", .title = "self-test", .domain = "own", .licence = "",
                               .source = "drawn", .geometry = r->plan->geometry};
    gb_toon_show *show = NULL;
    gb_pack_writer *writer = NULL;
    gb_status status = GB_OK;
    GB_GO(gb_toon_open(r->plan->show, &size, &show, err));
    GB_GO(gb_pack_create(path, &info, &writer, err));
    for (int i = 0; i < r->shots; i++) GB_GO(put_shot(r, show, reversed ? r->shots - 1 - i : i, writer, err));
    gb_pack_writer *const complete = writer;
    writer = NULL;
    status = gb_pack_finish(complete, err);
done:
    gb_pack_abandon(writer);
    gb_toon_close(show);
    return status;
}

/* ---- The run ---- */

static gb_status open_contenders(rerun *r, gb_error *err)
{
    const gb_contender_env env = {.backend = r->plan->backend, .geometry = r->plan->geometry, .batch = 1};
    GB_TRY(gb_contenders_select(&selected, &r->contenders, err));
    for (int i = 0; i < r->contenders.count; i++) {
        gb_contender *const contender = &r->contenders.item[i];
        if (contender->state == GB_STATE_NO_WEIGHTS) {
            GB_TRY(gb_contender_open_random(contender, &env, err));
            contender->state = GB_STATE_OK;
        } else {
            gb_contender_open(contender, &env);
        }
        if (contender->state != GB_STATE_OK)
            return gb_fail(err, GB_E_FORMAT, "%s: %s", contender->id, contender->why);
    }
    return GB_OK;
}

static gb_status evaluate(const rerun *r, gb_pack *pack, const gb_picks *picks, gb_tally *tally, gb_row_writer *rows,
                          gb_error *err)
{
    const gb_protocol protocol = gb_protocol_named("strict", NULL);
    gb_progress progress;
    char id[] = "self-test";
    gb_run_dataset dataset = {.id = id};
    int centre[MOST_CONTENDERS] = {0};
    if (r->contenders.count > MOST_CONTENDERS)
        return gb_fail(err, GB_E_ARG, "expected at most %d generators, found %d", MOST_CONTENDERS, r->contenders.count);
    gb_progress_start(&progress, true, "self-test", "frames", picks->count);
    gb_metric_states states = {.metrics = r->plan->metrics, .count = r->plan->metric_count};
    gb_evaluation e = {.contenders = &r->contenders, .metrics = r->plan->metrics,
                       .metric_count = r->plan->metric_count, .states = &states,
                       .env = {.geometry = r->plan->geometry, .backend = r->plan->backend}, .protocol = &protocol,
                       .workers = r->way->workers, .batch = r->way->batch, .pack = pack, .picks = picks,
                       .rows = rows, .tally = tally, .progress = &progress, .dataset = &dataset,
                       .centre_maxabs = centre, .headline = -1};
    const gb_status status = gb_evaluate(&e, err);
    gb_metric_states_close(&states);
    return status;
}

static int index_of_generator(const rerun *r, const char *id)
{
    for (int i = 0; i < r->contenders.count; i++)
        if (!strcmp(r->contenders.item[i].id, id)) return i;
    return -1;
}

static int index_of_metric(const rerun *r, const char *id)
{
    for (int m = 0; m < r->plan->metric_count; m++)
        if (!strcmp(r->plan->metrics[m]->id, id)) return m;
    return -1;
}

static gb_status keep_row(void *user, const gb_row *row, gb_error *err)
{
    rerun *r = user;
    if (gb_grow(&r->rows.row, &r->room, r->rows.count + 1, sizeof *r->rows.row) != 0)
        return gb_fail_memory(err, "rows", r->rows.count * sizeof *r->rows.row);
    r->rows.row[r->rows.count++] = (gb_rerun_row){
        .generator = index_of_generator(r, row->generator),
        .shot = r->way->reversed ? r->shots - 1 - row->shot : row->shot,
        .frame = row->frame % r->plan->frames,
        .metric = index_of_metric(r, row->metric),
        .region = row->region,
        .state = row->state,
        .num = row->num,
        .den = row->den,
    };
    return GB_OK;
}

static gb_status run_one(rerun *r, gb_pack *pack, gb_error *err)
{
    gb_picks picks = {0};
    gb_tally *tally = NULL;
    gb_row_writer *writer = NULL;
    gb_status status = GB_OK;
    char *path = gb_path_join(r->folder, "frames.jsonl");
    if (!path) GB_GO(gb_fail_memory(err, "a path", sizeof r->folder));
    GB_GO(gb_frames_pick(pack, "all", 0, &picks, err));
    GB_GO(gb_tally_new(r->contenders.count, r->plan->metric_count, r->shots, &tally, err));
    GB_GO(gb_row_writer_open(path, &writer, err));
    GB_GO(evaluate(r, pack, &picks, tally, writer, err));
    gb_row_writer *const complete = writer;
    writer = NULL;
    GB_GO(gb_row_writer_close(complete, err));
    GB_GO(gb_run_read_rows(r->folder, keep_row, r, err));
    qsort(r->rows.row, r->rows.count, sizeof *r->rows.row, by_name);
done:
    if (writer && gb_row_writer_close(writer, NULL) != GB_OK && status == GB_OK) status = GB_E_IO;
    if (path) unlink(path);
    free(path);
    gb_tally_free(tally);
    gb_picks_free(&picks);
    return status;
}

static gb_status run_way(rerun *r, const gb_rerun_way *way, gb_rerun_rows *out, gb_error *err)
{
    gb_pack *pack = NULL;
    gb_status status = GB_OK;
    char *path = gb_path_join(r->folder, "shots.h5");
    if (!path) return gb_fail_memory(err, "a path", sizeof r->folder);
    r->way = way;
    r->rows = (gb_rerun_rows){0};
    r->room = 0;
    GB_GO(make_pack(r, path, way->reversed, err));
    GB_GO(gb_pack_open(path, &pack, err));
    GB_GO(run_one(r, pack, err));
    *out = r->rows;
    r->rows = (gb_rerun_rows){0};
done:
    free(r->rows.row);
    gb_pack_close(pack);
    unlink(path);
    free(path);
    return status;
}

static gb_status make_folder(rerun *r, gb_error *err)
{
    const char *base = getenv("TMPDIR");
    if (!base || !*base) base = "/tmp";
    const int length = snprintf(r->folder, sizeof r->folder, "%s/ganime-self-test-XXXXXX", base);
    if (length < 0 || (size_t)length >= sizeof r->folder || !mkdtemp(r->folder)) {
        r->folder[0] = '\0';
        return gb_fail(err, GB_E_IO, "%s: cannot make a folder there", base);
    }
    return GB_OK;
}

gb_status gb_rerun(const gb_pool_plan *plan, int shots, gb_rerun_rows *out, gb_error *err)
{
    rerun r = {.plan = plan, .shots = shots < plan->shots ? shots : plan->shots};
    gb_status status = GB_OK;
    int made = 0;
    GB_GO(make_folder(&r, err));
    GB_GO(open_contenders(&r, err));
    for (; made < WAYS; made++) GB_GO(run_way(&r, &ways[made], &out[made], err));
done:
    for (int i = 0; status != GB_OK && i < made; i++) {
        free(out[i].row);
        out[i] = (gb_rerun_rows){0};
    }
    gb_contenders_free(&r.contenders);
    if (r.folder[0]) rmdir(r.folder);
    return status;
}

bool gb_rerun_same(const gb_rerun_rows *a, const gb_rerun_rows *b, char *difference, size_t size)
{
    if (a->count != b->count) {
        if (difference) snprintf(difference, size, "%zu rows and %zu", a->count, b->count);
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        const gb_rerun_row *x = &a->row[i], *y = &b->row[i];
        if (by_name(x, y) == 0 && x->state == y->state && !memcmp(&x->num, &y->num, sizeof x->num) &&
            !memcmp(&x->den, &y->den, sizeof x->den))
            continue;
        if (difference)
            snprintf(difference, size, "shot %d, frame %d, %s: %.17g / %.17g and %.17g / %.17g", x->shot, x->frame,
                     gb_region_name(x->region), x->num, x->den, y->num, y->den);
        return false;
    }
    return true;
}
