#include "selftest/trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "selftest/chance.h"

const gb_judge gb_judge_of_gate = {.decide = gb_decide, .decide_family = gb_decide_family};

/* ---- What is true of the pool ---- */

typedef struct means {
    double base, run, den;
} means;

static means means_of(const gb_series *series)
{
    double base_num = 0.0, base_den = 0.0, run_num = 0.0, run_den = 0.0;
    for (size_t i = 0; i < series->first[series->units]; i++) {
        base_num += series->pair[i].base_num;
        base_den += series->pair[i].base_den;
        run_num += series->pair[i].run_num;
        run_den += series->pair[i].run_den;
    }
    return (means){base_den > 0.0 ? base_num / base_den : NAN, run_den > 0.0 ? run_num / run_den : NAN, run_den};
}

/* By how many least effects a run of mean `run` is worse; NaN where no direction or no value is. */
static double loss_of(const gb_series *series, double base, double run)
{
    const gb_effect *const e = &series->effect;
    if (e->better == GB_BETTER_UNSAID) return NAN;
    const double loss = e->better == GB_BETTER_LOWER    ? run - base
                        : e->better == GB_BETTER_HIGHER ? base - run
                                                        : fabs(run - e->target) - fabs(base - e->target);
    return e->least > 0.0 ? loss / e->least : loss == 0.0 ? 0.0 : copysign(INFINITY, loss);
}

/* The greatest loss when the run's difference is `times` as large as it is. */
static double greatest_loss(const gb_case *one, double times, const gb_series **worst)
{
    double greatest = -INFINITY;
    *worst = NULL;
    for (int i = 0; i < one->series_count; i++) {
        const means m = means_of(&one->series[i]);
        const double loss = loss_of(&one->series[i], m.base, m.base + times * (m.run - m.base));
        if (isnan(loss) || loss <= greatest) continue;
        greatest = loss;
        *worst = &one->series[i];
    }
    return greatest;
}

/* ---- Cases made from cases ---- */

static void scale(gb_case *one, double times)
{
    for (int i = 0; i < one->series_count; i++) {
        const gb_series *const s = &one->series[i];
        for (size_t k = 0; k < s->first[s->units]; k++)
            s->pair[k].run_num = s->pair[k].base_num + times * (s->pair[k].run_num - s->pair[k].base_num);
    }
}

static void centre(gb_case *one)
{
    for (int i = 0; i < one->series_count; i++) {
        const gb_series *const s = &one->series[i];
        const means m = means_of(s);
        if (isnan(m.base) || isnan(m.run)) continue;
        for (size_t k = 0; k < s->first[s->units]; k++) s->pair[k].run_num -= (m.run - m.base) * s->pair[k].run_den;
    }
}

/* The greatest loss becomes one least effect exactly (as near as doubles come, from above). */
static void scale_to_limit(gb_case *one)
{
    const gb_series *worst;
    double low = 0.0, high = 1.0;
    while (greatest_loss(one, high, &worst) < 1.0 && high < 1e9) high *= 2.0;
    one->harmless = !(greatest_loss(one, high, &worst) >= 1.0);
    for (int i = 0; i < 100; i++) {
        const double middle = 0.5 * (low + high);
        if (greatest_loss(one, middle, &worst) < 1.0) low = middle;
        else high = middle;
    }
    scale(one, high);
}

void gb_case_prepare(gb_case *one)
{
    if (one->kind == GB_CASE_AT_LIMIT) scale_to_limit(one);
    if (one->kind == GB_CASE_CENTRED) centre(one);
}

void gb_case_free(gb_case *one)
{
    for (int i = 0; i < one->series_count; i++) {
        free(one->series[i].first);
        free(one->series[i].pair);
    }
    free(one->series);
    *one = (gb_case){0};
}

/* ---- Samples ---- */

typedef struct sampler {
    const gb_case *of;
    int units;
    int *unit;      /* the sample */
    bool *swapped;
    gb_pair *pair;  /* room for the largest sample of any row */
    gb_decision *decision, **row;
} sampler;

static size_t most_pairs(const gb_case *one)
{
    size_t most = 0;
    for (int i = 0; i < one->series_count; i++)
        for (int u = 0; u < one->series[i].units; u++) {
            const size_t pairs = one->series[i].first[u + 1] - one->series[i].first[u];
            if (pairs > most) most = pairs;
        }
    return most;
}

static gb_status sampler_open(sampler *s, gb_error *err)
{
    const size_t units = (size_t)s->units, rows = (size_t)s->of->series_count;
    s->unit = gb_alloc(units, sizeof *s->unit);
    s->swapped = gb_alloc(units, sizeof *s->swapped);
    s->pair = gb_alloc(units * most_pairs(s->of), sizeof *s->pair);
    s->decision = gb_alloc(rows, sizeof *s->decision);
    s->row = gb_alloc(rows, sizeof *s->row);
    if (s->unit && s->swapped && s->pair && s->decision && s->row) return GB_OK;
    return gb_fail_memory(err, "samples", units * most_pairs(s->of) * sizeof *s->pair);
}

static void sampler_close(sampler *s)
{
    free(s->unit);
    free(s->swapped);
    free(s->pair);
    free(s->decision);
    free(s->row);
}

static void draw(sampler *s, gb_random *random)
{
    const bool tossed = s->of->kind == GB_CASE_SWAPPED || s->of->kind == GB_CASE_TWINS;
    const int pool = s->of->series[0].units;
    for (int i = 0; i < s->units; i++) {
        s->unit[i] = (int)gb_random_below(random, (uint64_t)pool);
        s->swapped[i] = tossed && gb_random_below(random, 2);
    }
}

static gb_pair swap(const gb_pair *p)
{
    return (gb_pair){p->shot, p->run_num, p->run_den, p->base_num, p->base_den};
}

/* The pairs of one row for the drawn units; a unit drawn twice is two units. */
static size_t fill(const sampler *s, const gb_series *series)
{
    size_t count = 0;
    for (int i = 0; i < s->units; i++)
        for (size_t k = series->first[s->unit[i]]; k < series->first[s->unit[i] + 1]; k++) {
            s->pair[count] = s->swapped[i] ? swap(&series->pair[k]) : series->pair[k];
            s->pair[count++].shot = i;
        }
    return count;
}

static gb_status judge_one(sampler *s, const gb_judge *judge, gb_verdict *out, gb_error *err)
{
    size_t rows = 0;
    for (int r = 0; r < s->of->series_count; r++) {
        const gb_series *const series = &s->of->series[r];
        const size_t pairs = fill(s, series);
        if (!pairs) continue;
        GB_TRY(judge->decide(s->pair, pairs, &series->effect, &s->decision[rows], err));
        s->row[rows] = &s->decision[rows];
        rows++;
    }
    GB_TRY(judge->decide_family(s->row, rows, err));
    *out = GB_VERDICT_PASS;
    for (size_t r = 0; r < rows; r++) {
        const gb_verdict one = s->decision[r].verdict;
        if (one == GB_VERDICT_WORSE || (one == GB_VERDICT_UNDECIDED && *out != GB_VERDICT_WORSE)) *out = one;
    }
    return GB_OK;
}

gb_status gb_case_try(const gb_case *one, int units, int resamples, const gb_judge *judge, gb_outcome *out,
                      gb_error *err)
{
    sampler s = {.of = one, .units = units};
    gb_outcome outcome = {.units = units};
    gb_status status = GB_OK;
    outcome.loss = greatest_loss(one, 1.0, &outcome.worst);
    GB_GO(sampler_open(&s, err));
    uint64_t size = 0;
    memcpy(&size, &one->size, sizeof size);
    for (int i = 0; i < resamples; i++) {
        gb_random random = {.state = gb_chance_seed(one->id, size + (uint64_t)one->kind + gb_random_hash(one->base),
                                                    (uint64_t)units << 32 | (uint64_t)i)};
        gb_verdict verdict;
        draw(&s, &random);
        GB_GO(judge_one(&s, judge, &verdict, err));
        if (verdict == GB_VERDICT_WORSE) outcome.worse++;
        else if (verdict == GB_VERDICT_UNDECIDED) outcome.undecided++;
        else outcome.passed++;
    }
    *out = outcome;
done:
    sampler_close(&s);
    return status;
}
