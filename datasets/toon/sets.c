#include "datasets/toon/sets.h"

#include <stddef.h>

#include "datasets/toon/flat.h"
#include "datasets/toon/indoors.h"
#include "datasets/toon/outdoors.h"

#define MOOD(name) (1u << GB_MOOD_##name)
#define WEATHER(name) (1u << GB_WEATHER_##name)

#define ANY_MOOD ((1u << GB_MOOD_COUNT) - 1)
#define DAYLIGHT (MOOD(DAY) | MOOD(MORNING) | MOOD(DUSK) | MOOD(OVERCAST))
#define CLEAR WEATHER(NONE)

const gb_set *gb_sets(int *count)
{
    static const gb_set sets[] = {
        {"kitchen", gb_kitchen_back, gb_kitchen_front, 100, 116, ANY_MOOD, CLEAR, GB_SET_INDOORS, true},
        {"street", gb_street_back, gb_street_front, 100, 120, ANY_MOOD, CLEAR | WEATHER(RAIN) | WEATHER(LEAVES),
         GB_SET_OUTDOORS, false},
        {"meadow", gb_meadow_back, gb_meadow_front, 104, 124, DAYLIGHT, CLEAR | WEATHER(PETALS) | WEATHER(LEAVES),
         GB_SET_OUTDOORS, false},
        {"parlour", gb_parlour_back, gb_parlour_front, 102, 118, ANY_MOOD, CLEAR, GB_SET_INDOORS, true},
        {"seaside", gb_seaside_back, gb_seaside_front, 104, 122, MOOD(DAY) | MOOD(MORNING) | MOOD(DUSK), CLEAR,
         GB_SET_OUTDOORS, false},
        {"alley", gb_alley_back, gb_alley_front, 102, 120, ANY_MOOD, CLEAR | WEATHER(RAIN), GB_SET_OUTDOORS, true},
        {"alps", gb_alps_back, gb_alps_front, 104, 120, ANY_MOOD, CLEAR | WEATHER(SNOW), GB_SET_OUTDOORS, false},
        {"library", gb_library_back, gb_library_front, 100, 116, ANY_MOOD, CLEAR | WEATHER(SPARKS),
         GB_SET_INDOORS, true},
        {"rooftops", gb_rooftops_back, gb_rooftops_front, 96, 110, MOOD(NIGHT) | MOOD(DUSK),
         CLEAR | WEATHER(SPARKS) | WEATHER(SNOW), GB_SET_OUTDOORS, false},
        {"forest", gb_forest_back, gb_forest_front, 104, 122, DAYLIGHT, CLEAR | WEATHER(LEAVES) | WEATHER(SPARKS),
         GB_SET_OUTDOORS, false},
        {"title", gb_title_back, gb_title_front, 96, 102, MOOD(DAY), CLEAR | WEATHER(SPARKS), GB_SET_CARD, true},
    };
    *count = (int)(sizeof sets / sizeof sets[0]);
    return sets;
}

const gb_set *gb_flat_sets(int *count)
{
    static const gb_set sets[] = {
        {"city", gb_flat_city_back, NULL, 104, 122, MOOD(DAY), CLEAR | WEATHER(SNOW), GB_SET_OUTDOORS, true},
        {"grove", gb_flat_grove_back, gb_flat_grove_front, 104, 124, MOOD(DAY) | MOOD(OVERCAST), CLEAR,
         GB_SET_OUTDOORS, false},
        {"lounge", gb_flat_lounge_back, NULL, 102, 122, MOOD(DAY), CLEAR, GB_SET_INDOORS, true},
        {"harbour", gb_flat_harbour_back, NULL, 108, 124, MOOD(DAY) | MOOD(MORNING), CLEAR, GB_SET_OUTDOORS, true},
        {"fair", gb_flat_fair_back, gb_flat_fair_front, 104, 124, MOOD(DAY) | MOOD(DUSK), CLEAR,
         GB_SET_OUTDOORS, false},
    };
    *count = (int)(sizeof sets / sizeof sets[0]);
    return sets;
}
