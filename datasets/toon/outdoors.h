/* The places outdoors of the first show. */
#ifndef GB_TOON_OUTDOORS_H
#define GB_TOON_OUTDOORS_H

#include "datasets/toon/scenery.h"
#include "datasets/toon/sets.h"

void gb_meadow_back(gb_stage *stage);
void gb_meadow_front(gb_stage *stage);
void gb_alps_back(gb_stage *stage);
void gb_alps_front(gb_stage *stage);
void gb_forest_back(gb_stage *stage);
void gb_forest_front(gb_stage *stage);
void gb_seaside_back(gb_stage *stage);
void gb_seaside_front(gb_stage *stage);
void gb_street_back(gb_stage *stage);
void gb_street_front(gb_stage *stage);
void gb_alley_back(gb_stage *stage);
void gb_alley_front(gb_stage *stage);
void gb_rooftops_back(gb_stage *stage);
void gb_rooftops_front(gb_stage *stage);
void gb_title_back(gb_stage *stage);
void gb_title_front(gb_stage *stage);

#endif
