/* May two runs be compared at all? */
#ifndef GB_GATE_ALIKE_H
#define GB_GATE_ALIKE_H

#include "report/sheet.h"

/* GB_E_UNLIKE, naming every field of the protocol that differs, unless both have the same fingerprint. */
gb_status gb_gate_check_alike(const gb_sheet *base, const gb_sheet *run, gb_error *err) GB_MUST_CHECK;

/* What makes two timings comparable: the machine's name, processor, cores, device, engine, precision, threads. Writes
 * the first field that differs with both values, "host: a and b", or "" when all agree. */
void gb_gate_host_difference(const gb_sheet *base, const gb_sheet *run, char *text, size_t size);

#endif
