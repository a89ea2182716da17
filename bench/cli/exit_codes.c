#include "cli/exit_codes.h"

#include <stddef.h>

const gb_exit_code gb_exit_codes[] = {
    {GB_OK, 0, "pass"},
    {GB_E_WORSE, 1, "worse than the baseline or a row missing"},
    {GB_E_USAGE, 2, "usage"},
    {GB_E_IO, 3, "something failed"},
    {GB_E_UNLIKE, 4, "not comparable"},
    {GB_E_NO_BASELINE, 5, "no baseline"},
    {GB_OK, 0, NULL},
};

int gb_exit_code_of(gb_status status)
{
    int other = 0;
    for (const gb_exit_code *one = gb_exit_codes; one->meaning; one++) {
        if (one->status == status) return one->code;
        if (one->status == GB_E_IO) other = one->code;
    }
    return other;
}
