/* What the program's exit codes mean: main, the help and the manual go by this one table. */
#ifndef GB_CLI_EXIT_CODES_H
#define GB_CLI_EXIT_CODES_H

#include "core/status.h"

typedef struct gb_exit_code {
    gb_status status;
    int code;
    const char *meaning;
} gb_exit_code;

extern const gb_exit_code gb_exit_codes[]; /* by rising code; ends with a NULL meaning */

/* Every failure that has no code of its own has that of GB_E_IO. */
int gb_exit_code_of(gb_status status);

#endif
