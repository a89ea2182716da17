/* Whether two runs' folders hold the same results. */
#ifndef GB_TESTS_SAME_RUN_H
#define GB_TESTS_SAME_RUN_H

/* frames.jsonl, summary.csv and the pictures byte for byte; run.json but for when, how and where it was made. Scratch
 * folders by name. */
void assert_same_run(const char *a, const char *b);

#endif
