/* A clip that moves, and a small net to widen it, for tests of the whole program. */
#ifndef GB_TESTS_MOVING_CASE_H
#define GB_TESTS_MOVING_CASE_H

/* Sets $DIR to the test's scratch folder and makes there: frames/ and, as $PACK, the pack small.h5 of them (id "small",
 * split "test"). 0 on success, as a group's set-up gives it. */
int moving_pack_set_up(int width, int height, int frames);

/* The same, and glcic.safetensors. */
int moving_case_set_up(int width, int height, int frames);

#endif
