/* The members of run.json's records, said once: the writer, the reader and the release of a run all follow these. */
#ifndef GB_REPORT_RUN_FIELDS_H
#define GB_REPORT_RUN_FIELDS_H

#include "report/run.h"

typedef enum gb_field_kind {
    GB_FIELD_TEXT,         /* char *, never null */
    GB_FIELD_TEXT_OR_NULL, /* char *, NULL is null */
    GB_FIELD_TEXT_OR_NONE, /* likewise; a file of an older program may lack it */
    GB_FIELD_NUMBER,       /* double, finite */
    GB_FIELD_NUMBER_OR_NULL, /* double, NaN is null */
    GB_FIELD_ESTIMATE,     /* double: null unless the record's state is ok */
    GB_FIELD_COUNT,        /* int from 0 */
    GB_FIELD_COUNT_OR_NULL, /* int from 0, -1 is null */
    GB_FIELD_BOOL,
    GB_FIELD_STATE,
    GB_FIELD_REGION,
} gb_field_kind;

typedef struct gb_field {
    const char *key;
    gb_field_kind kind;
    size_t offset; /* in the record's struct */
} gb_field;

/* One of gb_run's lists. */
typedef struct gb_record {
    const char *key;            /* "summary" */
    size_t size;                /* of one element */
    size_t array, count;        /* offsets in gb_run of the pointer and its size_t */
    const gb_field *fields;
    size_t field_count;
    bool optional;              /* runs of an earlier version do not have it: read as empty */
} gb_record;

enum { GB_RECORD_COUNT = 13 };
extern const gb_record gb_run_records[GB_RECORD_COUNT];
const gb_record *gb_run_record_find(const char *key);

/* What a panel's pictures are made of; they and a throughput row's samples are lists inside records. */
extern const gb_record gb_run_picture_record;

/* run.json as one value; the caller deletes. */
gb_status gb_run_json(const gb_run *run, cJSON **out, gb_error *err) GB_MUST_CHECK;

/* Releases what the record's fields own, not the record itself. */
void gb_run_record_free(const gb_record *record, void *element);

#endif
