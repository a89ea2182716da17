#include "findings/tally.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

typedef struct cell {
    gb_cluster *shot;   /* sums of each shot of the pack */
    int *frames;        /* values in each shot */
    int defined, undefined, failed;
    char why[200];      /* of the first that is not defined */
} cell;

struct gb_tally {
    int generators, metrics, shots;
    cell *cells;
};

static cell *at(const gb_tally *tally, int generator, int metric, int region)
{
    return &tally->cells[(generator * tally->metrics + metric) * GB_REGION_COUNT + region];
}

gb_status gb_tally_new(int generators, int metrics, int shots, gb_tally **out, gb_error *err)
{
    const size_t cells = (size_t)generators * (size_t)metrics * GB_REGION_COUNT;
    gb_tally *tally = gb_alloc(1, sizeof *tally);
    if (!tally) return gb_fail_memory(err, "tally", sizeof *tally);
    *tally = (gb_tally){.generators = generators, .metrics = metrics, .shots = shots};
    tally->cells = gb_alloc(cells, sizeof *tally->cells);
    bool whole = tally->cells != NULL;
    for (size_t i = 0; whole && i < cells; i++) {
        tally->cells[i].shot = gb_alloc((size_t)shots, sizeof(gb_cluster));
        tally->cells[i].frames = gb_alloc((size_t)shots, sizeof(int));
        whole = tally->cells[i].shot && tally->cells[i].frames;
    }
    if (!whole) {
        gb_tally_free(tally);
        return gb_fail_memory(err, "tally", cells * (size_t)shots * sizeof(gb_cluster));
    }
    *out = tally;
    return GB_OK;
}

void gb_tally_free(gb_tally *tally)
{
    if (!tally) return;
    const size_t cells = (size_t)tally->generators * (size_t)tally->metrics * GB_REGION_COUNT;
    for (size_t i = 0; tally->cells && i < cells; i++) {
        free(tally->cells[i].shot);
        free(tally->cells[i].frames);
    }
    free(tally->cells);
    free(tally);
}

void gb_tally_add(gb_tally *tally, int generator, int metric, int region, int shot, const gb_score *score)
{
    cell *c = at(tally, generator, metric, region);
    if (score->undefined) {
        if (!c->undefined++ && !c->failed) snprintf(c->why, sizeof c->why, "%s", score->undefined);
        if (score->den == 0.0) c->shot[shot].num += score->num;
        return;
    }
    c->shot[shot].num += score->num;
    c->shot[shot].den += score->den;
    c->frames[shot]++;
    c->defined++;
}

void gb_tally_fail(gb_tally *tally, int generator, int metric, int region, const char *why)
{
    cell *c = at(tally, generator, metric, region);
    if (!c->failed++) snprintf(c->why, sizeof c->why, "%s", why);
}

/* The shots that have values, packed. */
static int gather(const gb_tally *tally, const cell *c, gb_cluster *out)
{
    int count = 0;
    for (int s = 0; s < tally->shots; s++)
        if (c->frames[s] || c->shot[s].num != 0.0) out[count++] = c->shot[s];
    return count;
}

gb_tally_shots gb_tally_get(const gb_tally *tally, int generator, int metric, int region)
{
    const cell *c = at(tally, generator, metric, region);
    return (gb_tally_shots){c->shot, c->frames, tally->shots};
}

double gb_tally_mean(const gb_tally *tally, int generator, int metric, int region)
{
    const cell *c = at(tally, generator, metric, region);
    double num = 0.0, den = 0.0;
    for (int s = 0; s < tally->shots; s++) {
        num += c->shot[s].num;
        den += c->shot[s].den;
    }
    return den > 0.0 ? num / den : NAN;
}

static gb_status summarise_values(const gb_tally *tally, const cell *c, gb_run_summary *out, gb_error *err)
{
    gb_cluster *clusters = gb_alloc((size_t)tally->shots, sizeof *clusters);
    if (!clusters) return gb_fail_memory(err, "shots", (size_t)tally->shots * sizeof *clusters);
    gb_interval interval = {NAN, NAN, NAN};
    out->shots = gather(tally, c, clusters);
    const gb_status status =
        gb_stats_bootstrap(clusters, (size_t)out->shots, GB_BOOTSTRAP_DRAWS, GB_BOOTSTRAP_SEED, &interval, err);
    free(clusters);
    out->mean = interval.mean;
    out->lo = interval.lo;
    out->hi = interval.hi;
    return status;
}

gb_status gb_tally_summarise(const gb_tally *tally, int generator, int metric, int region, gb_run_summary *out,
                             gb_error *err)
{
    const cell *c = at(tally, generator, metric, region);
    out->mean = out->lo = out->hi = NAN;
    out->frames = c->defined;
    out->state = c->failed ? GB_STATE_FAILED : c->defined ? GB_STATE_OK : GB_STATE_UNDEFINED;
    if (c->defined) GB_TRY(summarise_values(tally, c, out, err));
    if (out->state == GB_STATE_OK && !isfinite(out->mean)) out->state = GB_STATE_UNDEFINED;
    if (out->state == GB_STATE_FAILED)
        out->why = gb_format("%d of %d frames failed: %s", c->failed, c->failed + c->defined + c->undefined, c->why);
    else if (out->state == GB_STATE_UNDEFINED)
        out->why = gb_strdup(c->why[0] ? c->why : "no frame or pair that it is defined on");
    else if (c->undefined)
        out->why = gb_format("%d frames without a value of their own: %s", c->undefined, c->why);
    return GB_OK;
}
