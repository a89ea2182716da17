/* The folder OUT.parts in which a long job's finished pieces lie until all are there. It says what job it belongs
 * to, so that one cut off at any moment is taken up again, and another one is not mixed with it. */
#ifndef GB_EXTEND_JOURNAL_H
#define GB_EXTEND_JOURNAL_H

#include <cjson/cJSON.h>

#include "core/status.h"

typedef struct gb_journal gb_journal;

/* Makes the folder, or takes up the one that is there: it must be of the same `job` (GB_E_MISMATCH names the first
 * difference) and no other process may work in it. */
gb_status gb_journal_open(const char *out, const cJSON *job, gb_journal **journal, gb_error *err) GB_MUST_CHECK;
const char *gb_journal_folder(const gb_journal *journal);
/* Removes the folder's files and the folder itself, once the output stands. */
gb_status gb_journal_clear(gb_journal *journal, gb_error *err) GB_MUST_CHECK;
void gb_journal_close(gb_journal *journal);

#endif
