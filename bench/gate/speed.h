/* Speed, apart from quality: only between timings of the same machine, round by round beside a yardstick
 * (run/rounds.h), and never on one timing alone. */
#ifndef GB_GATE_SPEED_H
#define GB_GATE_SPEED_H

#include "gate/gate.h"

/* Judges every generator that the baseline has times for. gate->speed_note says why there is nothing to judge. A row
 * that is slower stands as WORSE until gb_gate_confirm_speed. */
gb_status gb_gate_judge_speed(gb_gate *gate, const gb_limits *limits, gb_error *err) GB_MUST_CHECK;

/* How many rows are slower; their generators go into `names` (room for `room`). */
int gb_gate_slower(const gb_gate *gate, const char **names, int room);

/* Holds the slower rows against a second timing: what is not slower there too is UNCONFIRMED; so are all of them when
 * `again` is NULL. Then counts gate->speed_tally. */
gb_status gb_gate_confirm_speed(gb_gate *gate, const gb_sheet *again, const gb_limits *limits, gb_error *err)
    GB_MUST_CHECK;

#endif
