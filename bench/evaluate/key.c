#include "evaluate/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "evaluate/cut.h"
#include "numerics.h"

static void hash_image(gb_sha256 *sha, const gb_image *image)
{
    gb_sha256_update(sha, image->rgb, (size_t)image->width * (size_t)image->height * 3);
}

gb_status gb_evaluate_hash(const evaluation_state *s, const gb_image *truth, const gb_image *input, const gb_flow *flow,
                           char hex[GB_SHA256_HEX], gb_error *err)
{
    gb_sha256 *sha = NULL;
    GB_TRY(gb_sha256_new(&sha, err));
    hash_image(sha, truth);
    /* An input that is cut from the truth says nothing new. */
    if (gb_pack_get_info(s->e->pack)->paired) hash_image(sha, input);
    if (flow) {
        const size_t pixels = (size_t)truth->width * (size_t)truth->height;
        gb_sha256_update(sha, flow->uv, pixels * 2 * sizeof *flow->uv);
        gb_sha256_update(sha, flow->valid, pixels * sizeof *flow->valid);
    }
    gb_sha256_finish(sha, hex);
    return GB_OK;
}

void gb_evaluate_hash_add(const evaluation_state *s, gb_sha256 *sha, int pick, const char hex[GB_SHA256_HEX])
{
    gb_sha256_update(sha, hex, GB_SHA256_HEX - 1);
    gb_sha256_update(sha, s->e->picks->pick[pick].follows ? "+" : "|", 1);
}

/* Reads a cell's frames, and those before them that count, for their hash alone. */
gb_status gb_evaluate_hash_cell(evaluation_state *s, cell_place *cell, gb_error *err)
{
    const bool flows = s->uses_flow && gb_pack_get_info(s->e->pack)->has_flow;
    gb_sha256 *sha = NULL;
    char hex[GB_SHA256_HEX];
    gb_status status = GB_OK;
    GB_TRY(gb_sha256_new(&sha, err));
    for (int p = cell->first - gb_evaluate_run_up(s, cell->first); p < cell->first + cell->count; p++) {
        const gb_pick *pick = &s->e->picks->pick[p];
        const bool flow = flows && pick->follows;
        GB_GO(gb_pack_read(s->e->pack, pick->frame, &s->feed.truth, &s->feed.input, err));
        if (flow) GB_GO(gb_pack_read_flow(s->e->pack, pick->frame - 1, &s->feed.flow, err));
        GB_GO(gb_evaluate_hash(s, &s->feed.truth, &s->feed.input, flow ? &s->feed.flow : NULL, hex, err));
        gb_evaluate_hash_add(s, sha, p, hex);
    }
    gb_sha256_finish(sha, cell->frames);
    sha = NULL;
done:
    gb_sha256_free(sha);
    return status;
}

/* What filters have seen before each cell: the frames of those before it, back to the beginning of its sequence. Frames
 * that cannot be read are said as such. */
gb_status gb_evaluate_learn_history(evaluation_state *s, gb_error *err)
{
    bool holds = false;
    for (int c = 0; c < s->contenders; c++) holds = holds || s->e->contenders->item[c].holds;
    if (!holds || !s->e->store) return GB_OK;
    s->history = gb_alloc((size_t)s->cells + 1, sizeof *s->history);
    if (!s->history) return gb_fail_memory(err, "cells", (size_t)s->cells);
    for (int index = 1; index < s->cells; index++) {
        cell_place before = s->cell[index - 1];
        char text[2 * GB_SHA256_HEX + 8];
        gb_error unread;
        if (!s->e->picks->pick[s->cell[index].first].follows) continue;
        if (gb_evaluate_hash_cell(s, &before, &unread) != GB_OK)
            snprintf(before.frames, sizeof before.frames, "unread");
        snprintf(text, sizeof text, "%s %s", s->history[index - 1], before.frames);
        gb_sha256_memory(text, strlen(text), s->history[index]);
    }
    return GB_OK;
}

/* Which generator, with what. Foreign ones go by the frames' names too. The caller frees; NULL: no memory. */
static char *describe_plain(const evaluation_state *s, int c, const cell_place *cell)
{
    if (c == s->contenders) return gb_strdup("truth");
    const gb_contender *contender = &s->e->contenders->item[c];
    const gb_pick *pick = s->e->picks->pick;
    if (contender->foreign)
        return gb_format("%s\n%s\n%s\n%d\n%s %d %d", gb_foreign_kind_id(contender->foreign), contender->id,
                         gb_foreign_place(contender->foreign), gb_foreign_composites(contender->foreign),
                         s->e->dataset->id, pick[cell->first].frame, pick[cell->first + cell->count - 1].frame);
    return gb_format("%s\n%s\n%s", contender->generator->net ? "net" : "baseline", contender->generator->id,
                     contender->generator->net ? contender->weights_sha256 : "");
}

static char *describe_generator(const evaluation_state *s, int c, const cell_place *cell)
{
    char *plain = describe_plain(s, c, cell);
    if (!plain || c == s->contenders || !s->e->contenders->item[c].holds) return plain;
    char *text = gb_format("%s\n%s\n%s", plain, gb_stabiliser_recipe, s->history[cell - s->cell]);
    free(plain);
    return text;
}

static char *describe_protocol(const evaluation_state *s)
{
    const gb_evaluation *e = s->e;
    const gb_geometry g = e->env.geometry;
    cJSON *protocol = gb_protocol_describe(e->protocol, e->store->precision, e->store->score_precision, e->metrics,
                                           e->metric_count);
    if (protocol) {
        cJSON_AddNumberToObject(protocol, "width", g.width);
        cJSON_AddNumberToObject(protocol, "height", g.height);
        cJSON_AddNumberToObject(protocol, "side", g.side);
        cJSON_AddNumberToObject(protocol, "jpeg", e->protocol->jpeg_quality);
        cJSON_AddNumberToObject(protocol, "batch", e->protocol->stat_batch);
    }
    char *text = protocol ? cJSON_PrintUnformatted(protocol) : NULL;
    cJSON_Delete(protocol);
    return text;
}

/* The engine; of what comes from outside the program, that: frames, while merging, are those of their part. */
static char *describe_engine(const evaluation_state *s, int c, const cell_place *cell, gb_error *err)
{
    gb_foreign *foreign = c < s->contenders ? s->e->contenders->item[c].foreign : NULL;
    char stamp[GB_SHA256_HEX] = "";
    if (foreign && gb_foreign_stamp(foreign, cell->first, cell->count, stamp, err) != GB_OK) return NULL;
    char *engine = gb_format("%s\n%s", s->e->store->engine, stamp);
    if (!engine) gb_fail_memory(err, "key", GB_SHA256_HEX);
    return engine;
}

gb_status gb_evaluate_key(evaluation_state *s, int c, const cell_place *cell, gb_cell_key *out, gb_error *err)
{
    gb_error own = {0};
    if (!s->protocol) s->protocol = describe_protocol(s);
    char *generator = describe_generator(s, c, cell), *engine = describe_engine(s, c, cell, &own);
    const gb_key_parts parts = {.numerics = gb_numerics_code(), .protocol = s->protocol, .generator = generator,
                                .frames = cell->frames, .engine = engine};
    gb_status status = own.code;
    if (own.code != GB_OK && err) *err = own;
    if (status == GB_OK && (!generator || !s->protocol)) status = gb_fail_memory(err, "key", sizeof *out);
    if (status == GB_OK) status = gb_cell_key_make(&parts, out, err);
    free(generator);
    free(engine);
    return status;
}

bool gb_evaluate_is_known(const evaluation_state *s, int c)
{
    return c == s->contenders || !s->e->contenders->item[c].foreign ||
           !gb_foreign_is_timed(s->e->contenders->item[c].foreign);
}

void gb_evaluate_take_frames(const gb_kept *kept, cell_place *cell)
{
    size_t at = 0;
    gb_block block;
    if (gb_block_next(kept->data, kept->size, &at, &block)) memcpy(cell->frames, block.frames, sizeof cell->frames);
}
