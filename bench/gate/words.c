#include "gate/words.h"

#include <math.h>

const char *gb_gate_headline(const gb_gate *gate)
{
    const bool equal = gate->exact == gate->tally[GB_VERDICT_PASS], open = gb_gate_open_ends(gate) > 0;
    switch (gb_gate_verdict(gate)) {
    case GB_VERDICT_WORSE: return "worse than the baseline";
    case GB_VERDICT_MISSING: return "numbers are missing";
    case GB_VERDICT_UNDECIDED:
        return gate->tally[GB_VERDICT_UNDECIDED] ? "undecided: too few shots" : "undecided: speed";
    case GB_VERDICT_BETTER:
        return open ? "better than the baseline, but speed is undecided" : "better than the baseline";
    default:
        if (equal) return open ? "pass: exactly equal, but speed is undecided" : "pass: exactly equal";
        return open ? "pass, but speed is undecided" : "pass";
    }
}

static void count(gb_buffer *out, int number, const char *what)
{
    if (number) gb_buffer_printf(out, "%s%d %s", out->size ? ", " : "", number, what);
}

void gb_gate_counts(gb_buffer *out, const gb_gate *gate)
{
    gb_buffer text;
    gb_buffer_init(&text, 512);
    for (int v = GB_VERDICT_COUNT; v-- > 0;) {
        static const gb_verdict order[GB_VERDICT_COUNT] = {
            GB_VERDICT_INFORMATIVE, GB_VERDICT_PASS,    GB_VERDICT_BETTER, GB_VERDICT_UNCONFIRMED,
            GB_VERDICT_UNDECIDED,   GB_VERDICT_MISSING, GB_VERDICT_WORSE};
        count(&text, gate->tally[order[v]], gb_verdict_name(order[v]));
        if (order[v] == GB_VERDICT_PASS && gate->exact) gb_buffer_printf(&text, " (%d equal bit for bit)", gate->exact);
    }
    count(&text, gate->fresh, "new");
    count(&text, gate->speed_tally[GB_VERDICT_WORSE], "slower");
    count(&text, gb_gate_open_ends(gate), "of undecided speed");
    gb_buffer_text(out, text.data ? text.data : "no rows");
    gb_buffer_free(&text);
}

void gb_gate_verdict_words(gb_buffer *out, const gb_gate_row *row)
{
    const gb_decision *d = &row->decision;
    gb_buffer_text(out, gb_verdict_name(d->verdict));
    if (row->note[0]) gb_buffer_printf(out, ": %s", row->note);
    switch (d->verdict) {
    case GB_VERDICT_PASS:
        if (d->exact) gb_buffer_text(out, " (equal)");
        break;
    case GB_VERDICT_WORSE: gb_buffer_printf(out, " (p %.2g)", d->p_worse); break;
    case GB_VERDICT_BETTER: gb_buffer_printf(out, " (p %.2g)", d->p_better); break;
    case GB_VERDICT_UNDECIDED:
        if (d->shots_needed)
            gb_buffer_printf(out, ": %d shots, about %d would decide", d->shots, d->shots_needed);
        else
            gb_buffer_printf(out, ": %d shots, at least %d are needed", d->shots, GB_DECIDE_LEAST_SHOTS);
        break;
    default: break;
    }
}

void gb_gate_speed_words(gb_buffer *out, const gb_gate_speed *speed)
{
    gb_buffer_text(out, speed->decision.verdict == GB_VERDICT_WORSE ? "slower"
                        : speed->decision.verdict == GB_VERDICT_BETTER ? "faster"
                                                                        : gb_verdict_name(speed->decision.verdict));
    if (speed->note[0]) gb_buffer_printf(out, ": %s", speed->note);
}

void gb_gate_value(gb_buffer *out, const gb_gate_row *row, double value)
{
    if (isnan(value))
        gb_buffer_text(out, "-");
    else
        gb_buffer_printf(out, "%.*f", row->about ? row->about->digits : 4, value);
}

void gb_gate_difference(gb_buffer *out, const gb_gate_row *row)
{
    const gb_decision *d = &row->decision;
    const int digits = (row->about ? row->about->digits : 4) + 1;
    if (isnan(d->difference)) {
        gb_buffer_text(out, "-");
        return;
    }
    if (d->exact) {
        gb_buffer_text(out, "0");
        return;
    }
    gb_buffer_printf(out, "%+.*f", digits, d->difference);
    if (isfinite(d->lo)) gb_buffer_printf(out, " [%+.*f, %+.*f]", digits, d->lo, digits, d->hi);
}

void gb_gate_ms(gb_buffer *out, double ms)
{
    if (isnan(ms)) gb_buffer_text(out, "-");
    else gb_buffer_printf(out, "%.3f", ms);
}

void gb_gate_speed_difference(gb_buffer *out, const gb_gate_speed *speed)
{
    const gb_decision *d = &speed->decision;
    if (isnan(d->difference)) {
        gb_buffer_text(out, "-");
        return;
    }
    gb_buffer_printf(out, "%+.1f %%", 100.0 * d->difference);
    if (isfinite(d->lo)) gb_buffer_printf(out, " [%+.1f, %+.1f]", 100.0 * d->lo, 100.0 * d->hi);
}

void gb_gate_who(gb_buffer *out, const gb_gate_row *row)
{
    gb_buffer_text(out, row->generator);
    if (row->against) gb_buffer_printf(out, " against %s", row->against);
}

bool gb_gate_wants_attention(gb_verdict verdict)
{
    return verdict != GB_VERDICT_PASS && verdict != GB_VERDICT_INFORMATIVE;
}
