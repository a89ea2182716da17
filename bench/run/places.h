/* Where each process of a shared run computes: which card of its machine, said on the terminal, kept in the record. */
#ifndef GB_RUN_PLACES_H
#define GB_RUN_PLACES_H

#include "cells/team.h"
#include "cli/cli.h"
#include "core/json.h"

#define GB_PLACE_NAME 32

/* The device of this process. Under `--device cuda`, and `auto` where there are cards, the processes of one machine
 * take its usable cards in turn: the L-th takes card L modulo their number. "cuda:N" and all other names stay what they
 * are. Returns `device` or `name`. */
const char *gb_place_choose(const gb_rank *rank, const char *device, char name[GB_PLACE_NAME]);

/* Tells the team where this process computes; one line on stderr, but when the options want quiet. */
gb_status gb_place_tell(gb_team *team, const gb_rank *rank, const gb_options *options, gb_error *err) GB_MUST_CHECK;

/* environment.ranks: what every process told: rank, host, device, device_name. */
gb_status gb_places_record(const gb_team *team, cJSON *environment, gb_error *err) GB_MUST_CHECK;

#endif
