/* Cells as bytes: fixed fields in order, texts as a length and so many bytes. Only the machine that wrote them reads
 * them, or one of its kind: the key of a cell says which. */
#include <stdlib.h>
#include <string.h>

#include "cells/cell.h"
#include "core/memory.h"

enum { LAYOUT = 1, SCORE_PRESENT = 1, SCORE_UNDEFINED = 2 };

static void put_int(gb_buffer *out, int value)
{
    const int32_t stored = value;
    gb_buffer_append(out, &stored, sizeof stored);
}

static void put_double(gb_buffer *out, double value)
{
    gb_buffer_append(out, &value, sizeof value);
}

static void put_text(gb_buffer *out, const char *text)
{
    put_int(out, (int)strlen(text));
    gb_buffer_text(out, text);
}

static void put_score(gb_buffer *out, const gb_score *score)
{
    put_int(out, (score->present ? SCORE_PRESENT : 0) | (score->undefined ? SCORE_UNDEFINED : 0));
    put_double(out, score->num);
    put_double(out, score->den);
    if (score->undefined) put_text(out, score->undefined);
}

static void put_outcome(gb_buffer *out, const gb_frame_outcome *outcome, int metrics)
{
    put_int(out, (int)outcome->status);
    put_text(out, outcome->status != GB_OK ? outcome->why : "");
    put_int(out, (int)outcome->pair_status);
    put_text(out, outcome->pair_status != GB_OK ? outcome->pair_why : "");
    put_int(out, outcome->centre_maxabs);
    put_int(out, outcome->delivered_centre);
    put_text(out, outcome->sha256);
    for (int m = 0; m < metrics; m++)
        for (int r = 0; r < GB_REGION_COUNT; r++) put_score(out, &outcome->scores[m].region[r]);
}

gb_status gb_cell_encode(const gb_cell *cell, int contender, gb_buffer *out, gb_error *err)
{
    put_int(out, LAYOUT);
    put_int(out, cell->frames);
    put_int(out, contender < cell->contenders ? cell->metrics : -1);
    for (int f = 0; f < cell->frames; f++) {
        if (contender < cell->contenders) {
            put_outcome(out, gb_cell_at(cell, contender, f), cell->metrics);
        } else {
            put_double(out, cell->truth_change[f]);
            put_double(out, cell->truth_hold[f]);
        }
    }
    return gb_buffer_status(out, err);
}

typedef struct reader {
    const char *at;
    size_t left;
    bool bad; /* something was asked for that is not there */
} reader;

static void get(reader *r, void *to, size_t size)
{
    if (r->bad || r->left < size) {
        r->bad = true;
        memset(to, 0, size);
        return;
    }
    memcpy(to, r->at, size);
    r->at += size;
    r->left -= size;
}

static int get_int(reader *r)
{
    int32_t value;
    get(r, &value, sizeof value);
    return value;
}

static double get_double(reader *r)
{
    double value;
    get(r, &value, sizeof value);
    return value;
}

static void get_text(reader *r, char *to, size_t room)
{
    const int length = get_int(r);
    to[0] = '\0';
    if (length < 0 || (size_t)length >= room) r->bad = true;
    if (r->bad) return;
    get(r, to, (size_t)length);
    to[length] = '\0';
    if (strlen(to) != (size_t)length) r->bad = true;
}

/* The one copy of a text in the cell; NULL when memory is short. */
static const char *keep_text(gb_cell *cell, const char *text)
{
    for (size_t i = 0; i < cell->texts; i++)
        if (!strcmp(cell->text[i], text)) return cell->text[i];
    if (gb_grow(&cell->text, &cell->text_capacity, cell->texts + 1, sizeof *cell->text) != 0) return NULL;
    char *copy = gb_strdup(text);
    if (copy) cell->text[cell->texts++] = copy;
    return copy;
}

static bool get_score(gb_cell *cell, reader *r, gb_score *score)
{
    char text[256];
    const int flags = get_int(r);
    *score = (gb_score){.present = flags & SCORE_PRESENT};
    score->num = get_double(r);
    score->den = get_double(r);
    if (flags & ~(SCORE_PRESENT | SCORE_UNDEFINED)) r->bad = true;
    if (!(flags & SCORE_UNDEFINED)) return true;
    get_text(r, text, sizeof text);
    score->undefined = keep_text(cell, text);
    return score->undefined != NULL;
}

static gb_status get_status(reader *r)
{
    const int code = get_int(r);
    if (code < GB_OK || code > GB_E_NO_BASELINE) r->bad = true;
    return (gb_status)code;
}

static bool get_outcome(gb_cell *cell, reader *r, gb_frame_outcome *outcome)
{
    bool memory = true;
    outcome->status = get_status(r);
    get_text(r, outcome->why, sizeof outcome->why);
    outcome->pair_status = get_status(r);
    get_text(r, outcome->pair_why, sizeof outcome->pair_why);
    outcome->centre_maxabs = get_int(r);
    outcome->delivered_centre = get_int(r);
    get_text(r, outcome->sha256, sizeof outcome->sha256);
    for (int m = 0; m < cell->metrics; m++)
        for (int k = 0; k < GB_REGION_COUNT; k++)
            memory = get_score(cell, r, &outcome->scores[m].region[k]) && memory;
    return memory;
}

gb_status gb_cell_decode(gb_cell *cell, int contender, const void *bytes, size_t size, const char *what, gb_error *err)
{
    reader r = {.at = bytes, .left = size};
    const bool truth = contender == cell->contenders;
    const int layout = get_int(&r), frames = get_int(&r), metrics = get_int(&r);
    bool memory = true;
    if (r.bad || layout != LAYOUT || metrics != (truth ? -1 : cell->metrics) || frames < 1 || frames > cell->room ||
        (cell->frames && frames != cell->frames))
        return gb_fail(err, GB_E_FORMAT, "%s: expected scores of %d metrics for at most %d frames, found other bytes",
                       what, cell->metrics, cell->room);
    for (int f = 0; f < frames && !r.bad; f++) {
        if (truth) {
            cell->truth_change[f] = get_double(&r);
            cell->truth_hold[f] = get_double(&r);
        } else {
            memory = get_outcome(cell, &r, gb_cell_at(cell, contender, f)) && memory;
        }
    }
    if (r.bad || r.left) return gb_fail(err, GB_E_FORMAT, "%s: expected whole scores, found %s", what,
                                        r.bad ? "them cut off" : "more bytes");
    if (!memory) return gb_fail_memory(err, what, size);
    cell->frames = frames;
    return GB_OK;
}
