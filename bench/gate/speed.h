/* Speed, apart from quality: only between timings of the same machine, round by round beside a yardstick
 * (timing/rounds.h), and never on one timing alone. */
#ifndef GB_GATE_SPEED_H
#define GB_GATE_SPEED_H

#include "gate/gate.h"

/* A first look at every generator that the baseline has times for. gate->speed_note says why there is nothing to
 * judge. */
gb_status gb_gate_judge_speed(gb_gate *gate, const gb_limits *limits, gb_error *err) GB_MUST_CHECK;

/* How many rows another timing may decide; their generators go into `names` (room for `room`). */
int gb_gate_open_speed(const gb_gate *gate, const char **names, int room);

/* Looks at those again, with one more timing, which has to outlive the gate. */
gb_status gb_gate_time_again(gb_gate *gate, const gb_sheet *again, const gb_limits *limits, gb_error *err)
    GB_MUST_CHECK;

/* At the end: states and counts the verdicts. What is slower, but was so only once, is UNCONFIRMED. */
void gb_gate_conclude_speed(gb_gate *gate);

#endif
