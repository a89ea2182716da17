#include "evaluate/state.h"

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
    const int place = f == 0 ? 0 : 1 + (f - 1) % (KEPT_PLACES - 1);
    return &slot->kept[(m * (s->contenders + 1) + contender) * KEPT_PLACES + place];
}

