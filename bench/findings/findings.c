#include "findings/findings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "findings/record.h"
#include "report/view.h"
#include "stats/contrast.h"
#include "stats/decide.h"

typedef struct findings {
    gb_run *run;
    const gb_scored_list *scored;
    int metrics;
    gb_cluster **room; /* [dataset]: as many clusters as it has shots, twice */
    gb_pair *pairs;
    gb_stratum *strata;
} findings;

gb_status gb_scored_add(gb_scored_list *list, size_t dataset, gb_tally *tally, const gb_pack *pack, gb_error *err)
{
    const int shots = gb_pack_get_info(pack)->shots;
    gb_scored scored = {.dataset = dataset, .tally = tally, .shots = shots};
    scored.tags = gb_alloc((size_t)shots, sizeof *scored.tags);
    if (!scored.tags || gb_grow(&list->item, &list->capacity, list->count + 1, sizeof *list->item) != 0) {
        free(scored.tags);
        gb_tally_free(tally);
        return gb_fail_memory(err, "shots", (size_t)shots * sizeof *scored.tags);
    }
    for (int s = 0; s < shots; s++) memcpy(scored.tags[s], gb_pack_shots(pack)[s].tags, sizeof *scored.tags);
    list->item[list->count++] = scored;
    return GB_OK;
}

void gb_scored_free(gb_scored_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        gb_tally_free(list->item[i].tally);
        free(list->item[i].tags);
    }
    free(list->item);
    *list = (gb_scored_list){0};
}

static const char *dataset_id(const findings *f, const gb_scored *scored)
{
    return f->run->datasets[scored->dataset].id;
}

static bool has_number(const findings *f, const gb_scored *scored, int generator, int metric, gb_region region)
{
    const gb_run_summary *row = gb_view_find(f->run, dataset_id(f, scored), f->run->generators[generator].id,
                                             f->run->metrics[metric].id, region);
    return row && row->state == GB_STATE_OK;
}

/* Whether a shot counts: as gb_tally_summarise has it. */
static bool counts(const gb_tally_shots *shots, int s)
{
    return shots->frames[s] > 0 || shots->sums[s].num != 0.0;
}

/* Shots of two generators side by side; false when they do not have values for the same number of frames. */
static bool pair_up(const gb_tally_shots *a, const gb_tally_shots *b, gb_pair *pairs, size_t *count, int *frames)
{
    *count = 0;
    *frames = 0;
    for (int s = 0; s < a->count; s++) {
        if (a->frames[s] != b->frames[s]) return false;
        if (!counts(a, s) && !counts(b, s)) continue;
        pairs[(*count)++] = (gb_pair){.shot = s, .base_num = b->sums[s].num, .base_den = b->sums[s].den,
                                      .run_num = a->sums[s].num, .run_den = a->sums[s].den};
        *frames += a->frames[s];
    }
    return true;
}

/* Generator a less generator b. */
static gb_status add_difference(findings *f, const gb_scored *scored, int a, int b, int m, gb_region region,
                                gb_error *err)
{
    if (!has_number(f, scored, a, m, region) || !has_number(f, scored, b, m, region)) return GB_OK;
    const gb_tally_shots one = gb_tally_get(scored->tally, a, m, region);
    const gb_tally_shots other = gb_tally_get(scored->tally, b, m, region);
    const gb_effect effect = {.better = GB_BETTER_UNSAID};
    gb_decision decision;
    size_t count = 0;
    int frames = 0;
    if (!pair_up(&one, &other, f->pairs, &count, &frames) || !count) return GB_OK;
    GB_TRY(gb_decide(f->pairs, count, &effect, &decision, err));
    gb_run_difference *row = gb_record_append(&f->run->differences, &f->run->difference_count, sizeof *row);
    if (!row) return gb_fail_memory(err, "differences", sizeof *row);
    *row = (gb_run_difference){.generator = gb_strdup(f->run->generators[a].id),
                               .other = gb_strdup(f->run->generators[b].id),
                               .dataset = gb_strdup(dataset_id(f, scored)),
                               .metric = gb_strdup(f->run->metrics[m].id),
                               .region = region,
                               .mean = decision.difference,
                               .lo = decision.lo,
                               .hi = decision.hi,
                               .frames = frames,
                               .shots = (int)count};
    return gb_text_was_lost() ? gb_fail_memory(err, "differences", 0) : GB_OK;
}

/* Each generator against the next one of the table, in every metric and region. */
static gb_status add_differences(findings *f, const gb_scored *scored, gb_error *err)
{
    const gb_run *run = f->run;
    const gb_run_metric *leading = gb_view_leading(run);
    if (!leading) return GB_OK;
    size_t *order = gb_view_order(run, dataset_id(f, scored), leading, GB_REGION_FULL);
    if (!order) return gb_fail_memory(err, "order", run->generator_count);
    gb_status status = GB_OK;
    for (size_t i = 0; i + 1 < run->generator_count; i++)
        for (int m = 0; m < f->metrics; m++)
            for (int r = 0; r < GB_REGION_COUNT && status == GB_OK; r++)
                status = add_difference(f, scored, (int)order[i], (int)order[i + 1], m, (gb_region)r, err);
    free(order);
    return status;
}

static bool has_tag(const char *tags, const char *tag)
{
    const size_t length = strlen(tag);
    for (const char *at = tags; (at = strstr(at, tag)); at += length)
        if ((at == tags || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' ')) return true;
    return false;
}

/* Shots that count, of those with the tag (or without it; all when `tag` is NULL). */
static size_t gather(const gb_scored *scored, int generator, int metric, gb_region region, const char *tag, bool with,
                     gb_cluster *out, int *frames)
{
    const gb_tally_shots shots = gb_tally_get(scored->tally, generator, metric, region);
    size_t count = 0;
    *frames = 0;
    for (int s = 0; s < shots.count; s++) {
        if (!counts(&shots, s) || (tag && has_tag(scored->tags[s], tag) != with)) continue;
        out[count++] = shots.sums[s];
        *frames += shots.frames[s];
    }
    return count;
}

static bool is_of(const findings *f, const gb_scored *scored, const char *domain)
{
    const gb_run_dataset *dataset = &f->run->datasets[scored->dataset];
    return dataset->state == GB_STATE_OK && dataset->domain && !strcmp(dataset->domain, domain);
}

static size_t count_of(const findings *f, const char *domain)
{
    size_t count = 0;
    for (size_t d = 0; d < f->scored->count; d++) count += is_of(f, &f->scored->item[d], domain);
    return count;
}

/* One generator's mean over the datasets of each domain (each dataset counts once) and the difference. */
static gb_status add_gap(findings *f, int generator, int metric, gb_region region, gb_error *err)
{
    const double share[2] = {1.0 / (double)count_of(f, "in"), 1.0 / (double)count_of(f, "out")};
    gb_run_gap gap = {.region = region};
    size_t strata = 0;
    for (size_t d = 0; d < f->scored->count; d++) {
        const gb_scored *scored = &f->scored->item[d];
        const bool in = is_of(f, scored, "in");
        int frames;
        if (!in && !is_of(f, scored, "out")) continue;
        if (!has_number(f, scored, generator, metric, region)) return GB_OK;
        const size_t count = gather(scored, generator, metric, region, NULL, true, f->room[d], &frames);
        const double mean = gb_tally_mean(scored->tally, generator, metric, region);
        if (in) gap.inside += share[0] * mean;
        if (!in) gap.outside += share[1] * mean;
        *(in ? &gap.inside_shots : &gap.outside_shots) += (int)count;
        f->strata[strata++] = (gb_stratum){f->room[d], count, in ? -share[0] : share[1]};
    }
    gb_interval interval;
    GB_TRY(gb_stats_contrast(f->strata, strata, GB_BOOTSTRAP_DRAWS, GB_BOOTSTRAP_SEED, &interval, err));
    gb_run_gap *row = gb_record_append(&f->run->gaps, &f->run->gap_count, sizeof *row);
    if (!row) return gb_fail_memory(err, "gaps", sizeof *row);
    *row = gap;
    row->generator = gb_strdup(f->run->generators[generator].id);
    row->metric = gb_strdup(f->run->metrics[metric].id);
    row->mean = interval.mean;
    row->lo = interval.lo;
    row->hi = interval.hi;
    return gb_text_was_lost() ? gb_fail_memory(err, "gaps", 0) : GB_OK;
}

static gb_status add_gaps(findings *f, gb_error *err)
{
    if (!count_of(f, "in") || !count_of(f, "out")) return GB_OK;
    for (size_t g = 0; g < f->run->generator_count; g++)
        for (int m = 0; m < f->metrics; m++)
            for (int r = 0; r < GB_REGION_COUNT; r++) GB_TRY(add_gap(f, (int)g, m, (gb_region)r, err));
    return GB_OK;
}

static gb_status add_tag(findings *f, const gb_scored *scored, const char *tag, int generator, int metric,
                         gb_region region, gb_error *err)
{
    gb_cluster *with = f->room[scored - f->scored->item], *without = with + scored->shots;
    gb_run_tag row = {.region = region, .rest = NAN};
    int rest_frames;
    row.shots = (int)gather(scored, generator, metric, region, tag, true, with, &row.frames);
    row.rest_shots = (int)gather(scored, generator, metric, region, tag, false, without, &rest_frames);
    if (!row.shots) return GB_OK;
    const gb_stratum strata[2] = {{with, (size_t)row.shots, 1.0}, {without, (size_t)row.rest_shots, -1.0}};
    gb_interval mean, difference = {NAN, NAN, NAN};
    GB_TRY(gb_stats_bootstrap(with, (size_t)row.shots, GB_BOOTSTRAP_DRAWS, GB_BOOTSTRAP_SEED, &mean, err));
    if (!isfinite(mean.mean)) return GB_OK;
    if (row.rest_shots)
        GB_TRY(gb_stats_contrast(strata, 2, GB_BOOTSTRAP_DRAWS, GB_BOOTSTRAP_SEED, &difference, err));
    gb_run_tag *out = gb_record_append(&f->run->by_tag, &f->run->tag_count, sizeof *out);
    if (!out) return gb_fail_memory(err, "tags", sizeof *out);
    *out = row;
    out->generator = gb_strdup(f->run->generators[generator].id);
    out->dataset = gb_strdup(dataset_id(f, scored));
    out->tag = gb_strdup(tag);
    out->metric = gb_strdup(f->run->metrics[metric].id);
    out->mean = mean.mean;
    out->lo = mean.lo;
    out->hi = mean.hi;
    out->difference = difference.mean;
    out->difference_lo = difference.lo;
    out->difference_hi = difference.hi;
    out->rest = mean.mean - difference.mean;
    return gb_text_was_lost() ? gb_fail_memory(err, "tags", 0) : GB_OK;
}

/* Of the strips (of the frame where nothing was invented). */
static gb_status add_tag_rows(findings *f, const gb_scored *scored, const char *tag, gb_error *err)
{
    const bool sides = f->run->datasets[scored->dataset].geometry.side > 0;
    const gb_region region = sides ? GB_REGION_SIDES : GB_REGION_FULL;
    for (size_t g = 0; g < f->run->generator_count; g++)
        for (int m = 0; m < f->metrics; m++)
            if (has_number(f, scored, (int)g, m, region)) GB_TRY(add_tag(f, scored, tag, (int)g, m, region, err));
    return GB_OK;
}

/* Each tag once, in the order in which shots have them. */
static gb_status add_tags(findings *f, const gb_scored *scored, gb_error *err)
{
    char seen[1024] = "";
    for (int s = 0; s < scored->shots; s++) {
        char own[sizeof *scored->tags], *rest = own;
        snprintf(own, sizeof own, "%s", scored->tags[s]);
        for (char *tag; (tag = strsep(&rest, " "));) {
            const size_t used = strlen(seen);
            if (!*tag || has_tag(seen, tag) || used + strlen(tag) + 2 > sizeof seen) continue;
            snprintf(seen + used, sizeof seen - used, "%s%s", used ? " " : "", tag);
            GB_TRY(add_tag_rows(f, scored, tag, err));
        }
    }
    return GB_OK;
}

static gb_status make_room(findings *f, gb_error *err)
{
    size_t most = 1;
    f->room = gb_alloc(f->scored->count, sizeof *f->room);
    f->strata = gb_alloc(f->scored->count, sizeof *f->strata);
    if (!f->room || !f->strata) return gb_fail_memory(err, "shots", f->scored->count);
    for (size_t d = 0; d < f->scored->count; d++) {
        const size_t shots = (size_t)f->scored->item[d].shots;
        if (shots > most) most = shots;
        f->room[d] = gb_alloc(2 * shots, sizeof **f->room);
        if (!f->room[d]) return gb_fail_memory(err, "shots", 2 * shots * sizeof **f->room);
    }
    f->pairs = gb_alloc(most, sizeof *f->pairs);
    return f->pairs ? GB_OK : gb_fail_memory(err, "shots", most * sizeof *f->pairs);
}

gb_status gb_findings_record(gb_run *run, const gb_scored_list *scored, int metrics, gb_error *err)
{
    findings f = {.run = run, .scored = scored, .metrics = metrics};
    gb_status status = GB_OK;
    GB_GO(make_room(&f, err));
    for (size_t d = 0; d < scored->count; d++) {
        GB_GO(add_differences(&f, &scored->item[d], err));
        GB_GO(add_tags(&f, &scored->item[d], err));
    }
    status = add_gaps(&f, err);
done:
    for (size_t d = 0; f.room && d < scored->count; d++) free(f.room[d]);
    free(f.room);
    free(f.strata);
    free(f.pairs);
    return status;
}
