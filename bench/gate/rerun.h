/* Running what a baseline was made from once more. */
#ifndef GB_GATE_RERUN_H
#define GB_GATE_RERUN_H

#include "cli/cli.h"
#include "report/sheet.h"

/* `options` with the baseline's generators, metrics, datasets, split, number of frames, frame size and protocol where
 * the user said nothing else. Borrows from both. */
gb_options gb_gate_rerun_options(const gb_options *options, const gb_sheet *baseline);

/* GB_E_USAGE when the baseline has a generator of --external or --exec that the options do not give. */
gb_status gb_gate_check_rerun(const gb_options *options, const gb_sheet *baseline, gb_error *err) GB_MUST_CHECK;

#endif
