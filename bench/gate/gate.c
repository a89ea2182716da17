#include "gate/gate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static const gb_run_metric *find_metric(const gb_run *run, const char *id)
{
    for (size_t i = 0; i < run->metric_count; i++)
        if (!strcmp(run->metrics[i].id, id)) return &run->metrics[i];
    return NULL;
}

static gb_gate_row *append(gb_gate *gate, const gb_run_summary *names, const gb_run_metric *about, gb_error *err)
{
    if (gb_grow(&gate->row, &gate->capacity, gate->count + 1, sizeof *gate->row) != 0) {
        gb_fail_memory(err, "rows", (gate->count + 1) * sizeof *gate->row);
        return NULL;
    }
    gb_gate_row *row = &gate->row[gate->count++];
    *row = (gb_gate_row){.generator = names->generator, .dataset = names->dataset, .metric = names->metric,
                         .region = names->region, .about = about};
    row->decision = (gb_decision){.base = NAN, .run = NAN, .difference = NAN, .lo = NAN, .hi = NAN, .error = NAN,
                                  .p_worse = 1.0, .p_better = 1.0, .verdict = GB_VERDICT_MISSING};
    return row;
}

static void explain(gb_gate_row *row, const char *what, const char *why)
{
    snprintf(row->note, sizeof row->note, "%s%s%.300s", what, why && *why ? ": " : "", why ? why : "");
}

/* Both have a number. */
static gb_status decide(gb_gate *gate, const gb_run_summary *base, const gb_run_summary *run, const gb_limits *limits,
                        gb_gate_row *row, gb_error *err)
{
    const gb_effect effect = gb_limits_effect(limits, row->metric, row->about->direction, row->region);
    gb_error own = {0};
    const gb_status status = gb_sheet_decide(gb_sheet_sums(gate->base, base), gb_sheet_sums(gate->run, run), &effect,
                                             &row->decision, &own);
    if (status == GB_E_MISMATCH) {
        row->decision.base = base->mean;
        row->decision.run = run->mean;
        explain(row, "not the same frames", own.text);
        return GB_OK;
    }
    if (status != GB_OK) {
        if (err) *err = own;
        return status;
    }
    if (effect.better == GB_BETTER_UNSAID && strcmp(row->about->direction, "informative") != 0)
        explain(row, "not judged: no limit is set for it", NULL);
    return GB_OK;
}

/* One row of the baseline and the run's of the same names (or, within a run, of another generator), NULL when there is
 * none. */
static gb_status judge(gb_gate *gate, const gb_run_summary *base, const gb_run_summary *run, const gb_limits *limits,
                       gb_error *err)
{
    const bool had = base->state == GB_STATE_OK, has = run && run->state == GB_STATE_OK;
    const bool failed = run && run->state == GB_STATE_FAILED;
    const bool appeared = base->state == GB_STATE_UNDEFINED && has; /* were all frames identical to the truth? */
    if (!had && !failed && !appeared) {
        gate->fresh += has;
        return GB_OK;
    }
    gb_gate_row *row = append(gate, run ? run : base, find_metric(gate->base->run, base->metric), err);
    if (!row) return GB_E_NOMEM;
    if (strcmp(row->generator, base->generator) != 0) row->against = base->generator;
    if (had && has) return decide(gate, base, run, limits, row, err);
    if (had) row->decision.base = base->mean;
    if (has) row->decision.run = run->mean;
    if (appeared)
        explain(row, "the baseline has no value", base->why);
    else if (run)
        explain(row, gb_state_name(run->state), run->why);
    else
        explain(row, "the run has no such row", NULL);
    return GB_OK;
}

static gb_status finish(gb_gate *gate, gb_error *err)
{
    gb_decision **decisions = gb_alloc(gate->count, sizeof *decisions);
    if (!decisions) return gb_fail_memory(err, "decisions", gate->count * sizeof *decisions);
    for (size_t i = 0; i < gate->count; i++) decisions[i] = &gate->row[i].decision;
    const gb_status status = gb_decide_family(decisions, gate->count, err);
    free(decisions);
    for (size_t i = 0; i < gate->count; i++) {
        const gb_decision *d = &gate->row[i].decision;
        gate->tally[d->verdict]++;
        gate->exact += d->exact && d->verdict == GB_VERDICT_PASS;
    }
    return status;
}

/* As in `run --generator`, a base name stands for its sized variants, too: glcic for glcic@ngf32, glcic+hold for
 * glcic@ngf32+hold. */
static bool is_called(const char *id, const char *name)
{
    if (!strcmp(id, name)) return true;
    const size_t base = strcspn(name, "@+");
    const char *const held = strchr(id, '+');
    return name[base] != '@' && !strncmp(id, name, base) && id[base] == '@' && !strcmp(held ? held : "", name + base);
}

static bool is_wanted(const char *id, const char *const *generators, int count)
{
    for (int i = 0; i < count; i++)
        if (is_called(id, generators[i])) return true;
    return count == 0;
}

/* The generator of a run that a name means: the one of that very name, else the only one that is called so; NULL: none,
 * or *many. */
static const char *find_called(const gb_run *run, const char *name, bool *many)
{
    const char *found = NULL;
    *many = false;
    for (size_t i = 0; i < run->generator_count; i++) {
        const char *const id = run->generators[i].id;
        if (!strcmp(id, name)) return id;
        if (!is_called(id, name)) continue;
        *many = *many || found;
        found = id;
    }
    return *many ? NULL : found;
}

static gb_status check_names(const gb_gate *gate, const char *const *generators, int count, gb_error *err)
{
    for (int i = 0; i < count; i++) {
        bool many_here, many_there;
        const char *const here = find_called(gate->base->run, generators[i], &many_here);
        const char *const there = find_called(gate->run->run, generators[i], &many_there);
        if (!here && !there && !many_here && !many_there)
            return gb_fail(err, GB_E_NOT_FOUND, "%s and %s: expected a generator '%s' in one of them, found none",
                           gate->base->path, gate->run->path, generators[i]);
    }
    return GB_OK;
}

static gb_status judge_all(gb_gate *gate, const gb_limits *limits, const char *const *generators, int count,
                           gb_error *err)
{
    const gb_sheet *base = gate->base, *run = gate->run;
    for (size_t i = 0; i < base->run->summary_count; i++) {
        const gb_run_summary *row = &base->run->summary[i];
        if (!is_wanted(row->generator, generators, count)) continue;
        GB_TRY(judge(gate, row, gb_sheet_find(run, row->generator, row->dataset, row->metric, row->region), limits,
                     err));
    }
    for (size_t i = 0; i < run->run->summary_count; i++) {
        const gb_run_summary *row = &run->run->summary[i];
        if (!is_wanted(row->generator, generators, count) ||
            gb_sheet_find(base, row->generator, row->dataset, row->metric, row->region))
            continue;
        const gb_run_metric *about = find_metric(run->run, row->metric);
        gate->fresh += row->state == GB_STATE_OK;
        if (row->state != GB_STATE_FAILED) continue;
        gb_gate_row *added = append(gate, row, about, err);
        if (!added) return GB_E_NOMEM;
        explain(added, gb_state_name(row->state), row->why);
    }
    return finish(gate, err);
}

gb_status gb_gate_judge(const gb_sheet *base, const gb_sheet *run, const gb_limits *limits,
                        const char *const *generators, int generator_count, gb_gate **out, gb_error *err)
{
    gb_gate *gate = gb_alloc(1, sizeof *gate);
    if (!gate) return gb_fail_memory(err, "gate", sizeof *gate);
    gate->base = base;
    gate->run = run;
    gb_status status = check_names(gate, generators, generator_count, err);
    if (status == GB_OK) status = judge_all(gate, limits, generators, generator_count, err);
    if (status == GB_OK)
        *out = gate;
    else
        gb_gate_free(gate);
    return status;
}

static gb_status find_present(const gb_sheet *run, const char *name, const char **id, gb_error *err)
{
    bool many;
    *id = find_called(run->run, name, &many);
    if (*id) return GB_OK;
    return gb_fail(err, GB_E_NOT_FOUND, "%s: expected %s generator '%s' in this run, found %s", run->path,
                   many ? "one" : "a", name, many ? "several: name one of them in full" : "none");
}

static gb_status judge_chain(gb_gate *gate, const gb_limits *limits, const char *const *generators, int count,
                             gb_error *err)
{
    const gb_sheet *run = gate->run;
    const char *before = NULL, *now;
    for (int g = 0; g < count; g++) GB_TRY(find_present(run, generators[g], &now, err));
    for (int g = 0; g < count; g++, before = now) {
        GB_TRY(find_present(run, generators[g], &now, err));
        for (size_t i = 0; before && i < run->run->summary_count; i++) {
            const gb_run_summary *row = &run->run->summary[i];
            if (strcmp(row->generator, before) != 0) continue;
            GB_TRY(judge(gate, row, gb_sheet_find(run, now, row->dataset, row->metric, row->region), limits, err));
        }
    }
    return finish(gate, err);
}

gb_status gb_gate_judge_within(const gb_sheet *run, const gb_limits *limits, const char *const *generators,
                               int generator_count, gb_gate **out, gb_error *err)
{
    gb_gate *gate = gb_alloc(1, sizeof *gate);
    if (!gate) return gb_fail_memory(err, "gate", sizeof *gate);
    gate->base = gate->run = run;
    snprintf(gate->speed_note, sizeof gate->speed_note, "not compared within one run");
    const gb_status status = judge_chain(gate, limits, generators, generator_count, err);
    if (status == GB_OK)
        *out = gate;
    else
        gb_gate_free(gate);
    return status;
}

void gb_gate_free(gb_gate *gate)
{
    if (!gate) return;
    free(gate->row);
    free(gate->speed);
    free(gate);
}

static bool judged_nothing(const gb_gate *gate)
{
    return gate->tally[GB_VERDICT_INFORMATIVE] == (int)gate->count;
}

int gb_gate_open_ends(const gb_gate *gate)
{
    return gate->speed_tally[GB_VERDICT_UNDECIDED] + gate->speed_tally[GB_VERDICT_UNCONFIRMED];
}

gb_verdict gb_gate_verdict(const gb_gate *gate)
{
    if (gate->tally[GB_VERDICT_WORSE] || gate->speed_tally[GB_VERDICT_WORSE]) return GB_VERDICT_WORSE;
    if (gate->tally[GB_VERDICT_MISSING] || gate->speed_tally[GB_VERDICT_MISSING] || judged_nothing(gate))
        return GB_VERDICT_MISSING;
    if (gate->tally[GB_VERDICT_UNDECIDED] || (gate->strict_speed && gb_gate_open_ends(gate)))
        return GB_VERDICT_UNDECIDED;
    return gate->tally[GB_VERDICT_BETTER] ? GB_VERDICT_BETTER : GB_VERDICT_PASS;
}

static void name_first(const gb_gate *gate, gb_verdict verdict, char *text, size_t size)
{
    for (size_t i = 0; i < gate->count; i++) {
        const gb_gate_row *row = &gate->row[i];
        if (row->decision.verdict != verdict) continue;
        snprintf(text, size, "; first: %s on %s, %s %s%s%s", row->generator, row->dataset, row->metric,
                 gb_region_name(row->region), row->note[0] ? ": " : "", row->note);
        return;
    }
    for (size_t i = 0; i < gate->speed_count; i++) {
        const gb_verdict one = gate->speed[i].decision.verdict;
        if (one != verdict && (one != GB_VERDICT_UNCONFIRMED || verdict != GB_VERDICT_UNDECIDED)) continue;
        snprintf(text, size, "; first: speed of %s%s%s", gate->speed[i].generator,
                 gate->speed[i].note[0] ? ": " : "", gate->speed[i].note);
        return;
    }
}

gb_status gb_gate_status(const gb_gate *gate, gb_error *err)
{
    const gb_verdict verdict = gb_gate_verdict(gate);
    char first[700] = "";
    if (verdict == GB_VERDICT_PASS || verdict == GB_VERDICT_BETTER) return GB_OK;
    if (judged_nothing(gate))
        return gb_fail(err, GB_E_WORSE, "missing: no row of the baseline could be judged (%zu rows, none with a limit)",
                       gate->count);
    name_first(gate, verdict, first, sizeof first);
    return gb_fail(err, GB_E_WORSE, "%s: %d worse, %d missing, %d undecided, %d slower, %d of undecided speed%s",
                   gb_verdict_name(verdict), gate->tally[GB_VERDICT_WORSE],
                   gate->tally[GB_VERDICT_MISSING] + gate->speed_tally[GB_VERDICT_MISSING],
                   gate->tally[GB_VERDICT_UNDECIDED], gate->speed_tally[GB_VERDICT_WORSE], gb_gate_open_ends(gate),
                   first);
}
