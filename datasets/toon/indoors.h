/* The rooms of the first show. */
#ifndef GB_TOON_INDOORS_H
#define GB_TOON_INDOORS_H

#include "datasets/toon/scenery.h"
#include "datasets/toon/sets.h"

void gb_kitchen_back(gb_stage *stage);
void gb_kitchen_front(gb_stage *stage);
void gb_parlour_back(gb_stage *stage);
void gb_parlour_front(gb_stage *stage);
void gb_library_back(gb_stage *stage);
void gb_library_front(gb_stage *stage);

#endif
