#include "pictures/watch.h"

#include <stdlib.h>

#include "core/memory.h"
#include "pictures/distances.h"
#include "pictures/replay.h"
#include "pictures/slice.h"

struct gb_watch {
    const gb_evaluation *e;
    int contenders, count;
    int pick[GB_WATCH_SEQUENCES * GB_WATCH_FRAMES]; /* increasing */
    gb_distances **distances;                       /* [contender] */
    int *next;                                      /* [contender]: how many of the picks it has been shown */
    gb_slice *slice;                                /* NULL: there is none */
};

typedef struct sequence {
    int first, count;
} sequence;

static int by_place(const void *a, const void *b)
{
    const sequence *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static int by_length(const void *a, const void *b)
{
    const sequence *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count) - (x->count > y->count) : by_place(a, b);
}

static gb_status choose(gb_watch *w, gb_error *err)
{
    const gb_picks *picks = w->e->picks;
    size_t found = 0;
    sequence *all = gb_alloc((size_t)picks->count, sizeof *all);
    if (!all) return gb_fail_memory(err, "sequences", (size_t)picks->count);
    for (int p = 0; p < picks->count; p++) {
        if (!found || !picks->pick[p].follows) all[found++] = (sequence){.first = p};
        all[found - 1].count++;
    }
    for (size_t i = 0; i < found; i++)
        if (all[i].count > GB_WATCH_FRAMES) all[i].count = GB_WATCH_FRAMES;
    qsort(all, found, sizeof *all, by_length);
    if (found > GB_WATCH_SEQUENCES) found = GB_WATCH_SEQUENCES;
    qsort(all, found, sizeof *all, by_place);
    for (size_t i = 0; i < found; i++)
        for (int f = 0; f < all[i].count && all[i].count > 1; f++) w->pick[w->count++] = all[i].first + f;
    free(all);
    return GB_OK;
}

static gb_status renew(gb_watch *w, int c, gb_error *err)
{
    gb_distances_free(w->distances[c]);
    w->distances[c] = NULL;
    w->next[c] = 0;
    return gb_distances_new(1, w->e->env.geometry, &w->distances[c], err);
}

gb_status gb_watch_new(const gb_evaluation *evaluation, gb_watch **out, gb_error *err)
{
    gb_status status = GB_OK;
    gb_watch *w = gb_alloc(1, sizeof *w);
    if (!w) return gb_fail_memory(err, "watch", sizeof *w);
    w->e = evaluation;
    w->contenders = evaluation->contenders->count;
    w->distances = gb_alloc((size_t)w->contenders, sizeof(gb_distances *));
    w->next = gb_alloc((size_t)w->contenders, sizeof *w->next);
    if (!w->distances || !w->next) GB_GO(gb_fail_memory(err, "watch", (size_t)w->contenders));
    GB_GO(choose(w, err));
    for (int c = 0; c < w->contenders; c++)
        if (evaluation->contenders->item[c].state == GB_STATE_OK) GB_GO(renew(w, c, err));
    GB_GO(gb_slice_new(w->contenders, evaluation->pack, evaluation->picks, &w->slice, err));
    *out = w;
done:
    if (status != GB_OK) gb_watch_free(w);
    return status;
}

void gb_watch_free(gb_watch *watch)
{
    if (!watch) return;
    for (int c = 0; watch->distances && c < watch->contenders; c++) gb_distances_free(watch->distances[c]);
    free(watch->distances);
    free(watch->next);
    gb_slice_free(watch->slice);
    free(watch);
}

static void show(void *user, int pick, int contender, const gb_image *truth, const gb_image *frame)
{
    gb_watch *w = user;
    int *next = &w->next[contender];
    if (!w->distances[contender] || *next == w->count || w->pick[*next] != pick) return;
    const bool follows = *next > 0 && w->pick[*next - 1] == pick - 1 && w->e->picks->pick[pick].follows;
    gb_distances_add(w->distances[contender], follows, truth, &frame);
    gb_slice_add(w->slice, pick, contender, truth, frame);
    ++*next;
}

static bool wants(const void *user, int pick)
{
    const gb_watch *w = user;
    for (int i = 0; i < w->count; i++)
        if (w->pick[i] == pick) return true;
    return false;
}

gb_frame_viewer gb_watch_viewer(gb_watch *watch)
{
    return (gb_frame_viewer){.show = show, .wants = wants, .user = watch};
}

/* All watched frames of a contender of which some were not shown. */
static gb_status complete(gb_watch *w, int c, gb_error *err)
{
    gb_replay *replay = NULL;
    gb_image truth = {0}, input = {0};
    gb_error failed; /* the frame has its failed rows; after one that cannot be read no more are looked at */
    gb_status status = renew(w, c, err);
    if (status == GB_OK) status = gb_replay_new(w->e, c, &replay, err);
    for (int i = 0; i < w->count && status == GB_OK; i++) {
        const gb_image *frame = NULL;
        if (gb_pack_read(w->e->pack, w->e->picks->pick[w->pick[i]].frame, &truth, &input, &failed) != GB_OK) break;
        const gb_status again = gb_replay_frame(replay, w->pick[i], &frame, &failed);
        if (again == GB_E_NOMEM) status = gb_fail(err, again, "%s", failed.text);
        if (again != GB_OK) frame = NULL;
        if (status == GB_OK) show(w, w->pick[i], c, &truth, frame);
    }
    gb_replay_free(replay);
    gb_image_free(&truth);
    gb_image_free(&input);
    return status;
}

gb_status gb_watch_record(gb_watch *watch, gb_run *run, bool pictures, gb_error *err)
{
    gb_watch *w = watch;
    for (int c = 0; c < w->contenders; c++) {
        const gb_contender *contender = &w->e->contenders->item[c];
        if (!w->distances[c] || contender->state != GB_STATE_OK) continue;
        if (w->next[c] < w->count) GB_TRY(complete(w, c, err));
        GB_TRY(gb_distances_record(w->distances[c], run, w->e->dataset->id, contender, err));
        if (pictures) GB_TRY(gb_slice_write(w->slice, run, w->e->dataset->id, w->e->pack, contender, c, err));
    }
    return GB_OK;
}
