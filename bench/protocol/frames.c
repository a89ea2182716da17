#include "protocol/frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static bool in_split(const gb_shot *shot, const char *split)
{
    return !strcmp(split, "all") || !strcmp(shot->split, split);
}

static gb_status no_frames(const gb_pack *pack, const char *split, gb_error *err)
{
    const gb_pack_info *info = gb_pack_get_info(pack);
    char have[128] = "";
    for (int s = 0; s < info->shots; s++) {
        const char *name = gb_pack_shots(pack)[s].split;
        const size_t used = strlen(have);
        if (!strstr(have, name)) snprintf(have + used, sizeof have - used, "%s%s", used ? ", " : "", name);
    }
    return gb_fail(err, GB_E_NOT_FOUND, "%s: expected frames in split '%s', found only: %s", info->id, split, have);
}

/* How many frames each candidate shot gives. `quota` has room for all; shots are spread evenly when there are more of
 * them than runs. */
static void share_out(const gb_shot *const *shot, int shots, long limit, int *quota)
{
    int runs = (int)(limit / 2 < shots ? limit / 2 : shots);
    if (runs < 1) runs = 1;
    memset(quota, 0, (size_t)shots * sizeof *quota);
    long left = limit;
    for (int r = 0; r < runs; r++) {
        const int s = (int)(((2L * r + 1) * shots) / (2L * runs));
        const long fair = limit / runs + (r < limit % runs ? 1 : 0);
        quota[s] = (int)(fair < shot[s]->count ? fair : shot[s]->count);
        left -= quota[s];
    }
    for (int s = 0; s < shots && left > 0; s++) { /* what short shots could not give */
        const long room = shot[s]->count - quota[s];
        const long more = quota[s] && room > 0 ? (room < left ? room : left) : 0;
        quota[s] += (int)more;
        left -= more;
    }
    for (int s = 0; s < shots && left > 0; s++) {
        const long room = shot[s]->count - quota[s];
        const long more = room < left ? room : left;
        quota[s] += (int)more;
        left -= more;
    }
}

static void take_first(const gb_shot *const *shot, int shots, long limit, int *quota)
{
    for (int s = 0; s < shots; s++) {
        quota[s] = (int)(shot[s]->count < limit ? shot[s]->count : limit);
        limit -= quota[s];
    }
}

static void append_run(gb_picks *picks, const gb_shot *shot, int index, int count, bool middle)
{
    const int first = shot->first + (middle ? (shot->count - count) / 2 : 0);
    for (int i = 0; i < count; i++)
        picks->pick[picks->count++] = (gb_pick){.frame = first + i, .shot = index, .follows = i > 0};
    if (count) picks->shots++;
}

static gb_status pick(const gb_pack *pack, const char *split, long limit, bool spread, gb_picks *out, gb_error *err)
{
    const gb_pack_info *info = gb_pack_get_info(pack);
    const gb_shot *all = gb_pack_shots(pack);
    const size_t room = (size_t)info->shots;
    gb_picks picks = {0};
    long total = 0;
    int shots = 0;
    gb_status status = GB_OK;
    const gb_shot **chosen = gb_alloc(room, sizeof *chosen);
    int *quota = gb_alloc(room, sizeof *quota);
    if (!chosen || !quota) {
        status = gb_fail_memory(err, "shots", room);
        goto done;
    }
    for (int s = 0; s < info->shots; s++)
        if (in_split(&all[s], split)) {
            chosen[shots] = &all[s];
            quota[shots++] = all[s].count;
            total += all[s].count;
        }
    if (!total) {
        status = no_frames(pack, split, err);
        goto done;
    }
    if (limit > 0 && limit < total) (spread ? share_out : take_first)(chosen, shots, limit, quota);
    picks.pick = gb_alloc((size_t)total, sizeof *picks.pick);
    if (!picks.pick) {
        status = gb_fail_memory(err, "picks", (size_t)total);
        goto done;
    }
    for (int s = 0; s < shots; s++) append_run(&picks, chosen[s], (int)(chosen[s] - all), quota[s], spread);
    for (int i = 1; i < picks.count; i++)
        if (picks.pick[i].frame == picks.pick[i - 1].frame + 1 && !picks.pick[i].follows) picks.cut_pairs++;
    *out = picks;
done:
    free(chosen);
    free(quota);
    return status;
}

gb_status gb_frames_pick(const gb_pack *pack, const char *split, long limit, gb_picks *out, gb_error *err)
{
    return pick(pack, split, limit, true, out, err);
}

gb_status gb_frames_pick_first(const gb_pack *pack, const char *split, long limit, gb_picks *out, gb_error *err)
{
    return pick(pack, split, limit, false, out, err);
}

void gb_picks_free(gb_picks *picks)
{
    free(picks->pick);
    *picks = (gb_picks){0};
}

void gb_frame_name(const char *dataset, int frame, char name[GB_FRAME_NAME])
{
    snprintf(name, GB_FRAME_NAME, "%.64s-%06d", dataset, frame);
    for (char *at = name; *at; at++)
        if ((unsigned char)*at <= ' ' || *at == '/' || *at == 0x7f) *at = '_';
}
