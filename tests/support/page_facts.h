/* What a run's page says beside what its other files say, to be held against each other. */
#ifndef GB_TESTS_PAGE_FACTS_H
#define GB_TESTS_PAGE_FACTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "report/run.h"

enum { PAGE_CSV_FIELDS = 13, MEAN = 5, LO = 6, HI = 7, COUNT = 8, SHOTS = 9 }; /* columns of summary.csv */

typedef struct page_facts {
    gb_run *run;
    char *csv, *page;  /* as on disk; the CSV is taken apart in place */
    char **field;      /* PAGE_CSV_FIELDS for each row of the summary, in its order */
    cJSON *json;       /* run.json */
    int compared;      /* numbers that were held against another file's */
    int wrong;
    char first[256];   /* what is wrong first */
} page_facts;

/* Writes the reports of a run, which is taken over, and reads them back; the CSV is not yet taken apart. */
void page_facts_write(const char *directory, gb_run *run, page_facts *out);
void page_facts_read_csv(page_facts *f);
/* Frees all but what was found. */
void page_facts_free(page_facts *f);

void page_expect(page_facts *f, bool holds, const char *what, const char *found, const char *wanted);

/* The next cell before `end`: its data-v (or ""), and its text without tags. False: there is none. */
bool page_next_cell(const char **at, const char *end, char *value, char *text, size_t size);

/* A cell with a number of the CSV, "none" where that is empty; the exact one in data-v. */
void page_expect_number(page_facts *f, const char *csv, int digits, const char *value, const char *text,
                        const char *what);

/* Item `i` of a list in run.json, which is in the record's order. */
const cJSON *page_item(const page_facts *f, const char *list, size_t i);

/* A number of run.json, rounded to `digits` after the point (-1: as many as it shows, of which two must count), and the
 * exact one in data-v (NULL: not there). Null in the file is a word or "none" on the page. */
void page_expect_shown(page_facts *f, const cJSON *item, const char *key, int digits, const char *value,
                       const char *text, const char *what);
void page_expect_count(page_facts *f, const cJSON *item, const char *key, const char *text, const char *what);

#endif
