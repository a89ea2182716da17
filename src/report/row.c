#include "report/row.h"

#include <string.h>

static const char *const names[GB_STATE_COUNT] = {[GB_STATE_OK] = "ok",
                                                  [GB_STATE_UNDEFINED] = "undefined",
                                                  [GB_STATE_FAILED] = "failed",
                                                  [GB_STATE_SKIPPED] = "skipped",
                                                  [GB_STATE_NO_WEIGHTS] = "no weights"};

const char *gb_state_name(gb_state state)
{
    return (unsigned)state < GB_STATE_COUNT ? names[state] : "unknown";
}

bool gb_state_parse(const char *name, gb_state *out)
{
    for (int s = 0; s < GB_STATE_COUNT; s++) {
        if (strcmp(name, names[s]) != 0) continue;
        *out = (gb_state)s;
        return true;
    }
    return false;
}
