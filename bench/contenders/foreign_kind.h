/* What the kinds of foreign generators share; for foreign.c, external.c and exec.c alone. */
#ifndef GB_CONTENDERS_FOREIGN_KIND_H
#define GB_CONTENDERS_FOREIGN_KIND_H

#include <pthread.h>

#include "contenders/foreign.h"

struct gb_foreign_kind {
    const char *id, *option, *expected, *summary; /* "exec", "--exec", what PLACE is, a line about it */
    bool timed;
    gb_status (*check)(const char *place, gb_error *err);        /* NULL: any */
    gb_status (*open)(gb_foreign *foreign, gb_error *err);       /* fills foreign->opened; NULL: nothing to open */
    void (*close)(void *opened);
    gb_status (*worker_open)(gb_foreign *foreign, void **worker, gb_error *err); /* NULL: workers have no state */
    void (*worker_close)(gb_foreign *foreign, void *worker);
    /* Fills `output`, whose size is the dataset's. Errors begin with the file, or with the frame's name. */
    gb_status (*frame)(gb_foreign *foreign, void *worker, int pick, const gb_image *input, gb_image *output,
                       gb_error *err);
    /* Takes what lies behind the frames of picks [first, first + count) into `sha`. NULL: nobody can say. */
    gb_status (*stamp)(gb_foreign *foreign, int first, int count, gb_sha256 *sha, gb_error *err);
};

struct gb_foreign {
    const gb_foreign_kind *kind;
    gb_generator generator;
    char *id, *place;
    double timeout_s;
    bool composite;
    gb_foreign_env env;       /* while open */
    void *opened;
    gb_sha256 *sha;           /* NULL until the first frame */
    int delivered_centre;     /* -1 until the first frame */
    pthread_mutex_t lock;     /* of what follows */
    int timeouts;
    char complaint[512];
};

/* Keeps the first complaint. */
void gb_foreign_complain(gb_foreign *foreign, const char *text);

#endif
