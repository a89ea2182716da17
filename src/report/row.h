/* One measured value: the single record that every output is made from. */
#ifndef GB_REPORT_ROW_H
#define GB_REPORT_ROW_H

#include "image/region.h"

typedef enum gb_state {
    GB_STATE_OK,
    GB_STATE_UNDEFINED,  /* the formula has no value here (PSNR of identical frames) */
    GB_STATE_FAILED,     /* it was tried and went wrong */
    GB_STATE_SKIPPED,    /* it was not tried, for a stated reason */
    GB_STATE_NO_WEIGHTS, /* the generator has no weights: never a quality number */
    GB_STATE_COUNT
} gb_state;

const char *gb_state_name(gb_state state); /* "ok", "undefined", "failed", "skipped", "no weights" */
bool gb_state_parse(const char *name, gb_state *out);

typedef struct gb_row {
    const char *generator, *dataset, *clip, *metric;
    int shot, frame;      /* indices in the pack */
    gb_region region;
    gb_state state;
    double num, den;      /* value = num / den when OK. An UNDEFINED row whose den is 0 (the truth stands still) has no
                           * value, but its num counts in a summary's sum(num) / sum(den). Else meaningless. */
    const char *why;      /* one line unless OK */
} gb_row;

#endif
