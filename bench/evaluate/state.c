#include "evaluate/state.h"

#include <stdio.h>
#include <string.h>

bool gb_evaluate_takes_part(const evaluation_state *s, int contender)
{
    const gb_contender *item = &s->e->contenders->item[contender];
    return item->state == GB_STATE_OK && !(s->e->leave_out_foreign && item->foreign);
}

int gb_evaluate_base(const evaluation_state *s, int contender)
{
    const gb_contender *base = s->e->contenders->item[contender].base;
    return base ? (int)(base - s->e->contenders->item) : -1;
}

static bool is_wanted(const evaluation_state *s, const unit_slot *slot, int contender)
{
    return slot->need[contender] && (!slot->far || s->e->contenders->item[contender].holds);
}

bool gb_evaluate_makes(const evaluation_state *s, const unit_slot *slot, int contender)
{
    bool makes = is_wanted(s, slot, contender);
    for (int c = contender + 1; c < s->contenders && !makes; c++)
        makes = gb_evaluate_base(s, c) == contender && is_wanted(s, slot, c);
    return makes;
}

void **gb_evaluate_kept(const evaluation_state *s, const unit_slot *slot, int m, int contender, int f)
{
    const int place = s->on_device[m] || f == 0 ? f : 1 + (f - 1) % (KEPT_PLACES - 1);
    return &slot->kept[(m * (s->contenders + 1) + contender) * s->kept_places + place];
}

void gb_evaluate_note_failure(gb_frame_outcome *outcome, gb_status status, const char *why)
{
    outcome->status = status;
    snprintf(outcome->why, sizeof outcome->why, "%.*s", (int)sizeof outcome->why - 1, why);
}

void gb_evaluate_fail_pairs(const evaluation_state *s, const pair_place *p, gb_status status, const char *why)
{
    for (int c = 0; c < s->contenders; c++) {
        gb_frame_outcome *outcome = &p->slot->outcome[c * s->batch + p->f];
        if (!p->slot->need[c] || outcome->pair_status != GB_OK) continue;
        outcome->pair_status = status;
        snprintf(outcome->pair_why, sizeof outcome->pair_why, "%.255s", why);
    }
}

bool gb_evaluate_is_scored(const unit_slot *slot, int f)
{
    return !slot->unread[f][0] && !slot->far && !(slot->run_up && f < slot->count - 1);
}

gb_frame_pair gb_evaluate_truth_pair(const pair_place *p)
{
    return (gb_frame_pair){.frame = {&p->before->truth[p->g], &p->slot->truth[p->f]},
                           .flow = p->slot->has_flow[p->f] ? &p->slot->flow[p->f] : NULL};
}

double *gb_evaluate_truth_place(const evaluation_state *s, const pair_place *p, int m)
{
    const char *id = s->e->metrics[m]->id;
    if (!strcmp(id, "flicker_excess")) return &p->slot->truth_change[p->f];
    return strcmp(id, "flicker_hold") ? NULL : &p->slot->truth_hold[p->f];
}
