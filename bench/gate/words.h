/* What all outputs of a comparison say alike. */
#ifndef GB_GATE_WORDS_H
#define GB_GATE_WORDS_H

#include "core/buffer.h"
#include "gate/gate.h"

/* "worse than the baseline", ... : the verdict on all in one phrase. */
const char *gb_gate_headline(const gb_gate *gate);

/* "3 worse, 1 missing, 2 undecided, 40 pass (30 equal), 6 informative"; verdicts without rows are left out. */
void gb_gate_counts(gb_buffer *out, const gb_gate *gate);

/* A row's verdict with what belongs to it: "undecided: 10 shots, about 34 would decide", "missing: failed: ...". */
void gb_gate_verdict_words(gb_buffer *out, const gb_gate_row *row);
void gb_gate_speed_words(gb_buffer *out, const gb_gate_speed *speed);

/* A mean, or a signed difference with one more digit, in the metric's digits; "-" for NaN. */
void gb_gate_value(gb_buffer *out, const gb_gate_row *row, double value);
void gb_gate_difference(gb_buffer *out, const gb_gate_row *row); /* "+0.0100 [+0.0080, +0.0120]" */
void gb_gate_ms(gb_buffer *out, double ms);
void gb_gate_speed_difference(gb_buffer *out, const gb_gate_speed *speed); /* "+3.1 % [+1.0, +5.2]" */

/* "mirror", or "mirror against edge". */
void gb_gate_who(gb_buffer *out, const gb_gate_row *row);

/* Does a reader have to look at this row? Not when it passes or is informative. */
bool gb_gate_wants_attention(gb_verdict verdict);

#endif
