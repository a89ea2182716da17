#include "run/places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "backend/backend.h"
#include "core/json.h"

#define MOST_CARDS 64

const char *gb_place_choose(const gb_rank *rank, const char *device, char name[GB_PLACE_NAME])
{
    const gb_backend *card[MOST_CARDS];
    if (strcmp(device, "cuda") != 0 && strcmp(device, "auto") != 0) return device;
    const int cards = gb_backend_usable("cuda", card, MOST_CARDS);
    if (!cards) return device;
    snprintf(name, GB_PLACE_NAME, "cuda:%d", card[rank->local % cards]->ordinal);
    return name;
}

/* As `--device` names it: its number is said where there may be several. */
static void name_device(const gb_backend *backend, char name[GB_PLACE_NAME])
{
    snprintf(name, GB_PLACE_NAME, backend->next || backend->ordinal ? "%s:%d" : "%s", backend->id, backend->ordinal);
}

gb_status gb_place_tell(gb_team *team, const gb_rank *rank, const gb_options *options, gb_error *err)
{
    char name[GB_PLACE_NAME], *text = NULL;
    struct utsname host = {.nodename = "?"};
    const gb_backend *backend = NULL;
    gb_device_info info;
    GB_TRY(gb_backend_select(options->device, &backend, &info, err));
    uname(&host);
    name_device(backend, name);
    if (!options->quiet && !options->json)
        fprintf(stderr, "rank %d of %d on %s: device %s (%s)\n", rank->rank, rank->size, host.nodename, name,
                info.name);
    cJSON *const place = cJSON_CreateObject();
    cJSON_AddNumberToObject(place, "rank", rank->rank);
    cJSON_AddStringToObject(place, "host", host.nodename);
    cJSON_AddStringToObject(place, "device", name);
    cJSON_AddStringToObject(place, "device_name", info.name);
    gb_status status = gb_json_text(place, false, "a rank's place", &text, err);
    if (status == GB_OK) status = gb_team_tell(team, text, err);
    cJSON_free(text);
    cJSON_Delete(place);
    return status;
}

gb_status gb_places_record(const gb_team *team, cJSON *environment, gb_error *err)
{
    cJSON *const ranks = cJSON_AddArrayToObject(environment, "ranks");
    if (!ranks) return gb_fail_memory(err, "ranks", (size_t)gb_team_size(team));
    for (int rank = 0; rank < gb_team_size(team); rank++) {
        char *const text = gb_team_told(team, rank);
        cJSON *const place = text ? cJSON_Parse(text) : NULL;
        free(text);
        if (place) gb_json_append(ranks, place); /* one that died before it said anything computed nothing */
    }
    return GB_OK;
}
