/* Commands under failing calls: tests/hardening/failing.c is preloaded and one call that would have worked fails. After
 * it the command must have ended in one of two ways: exit code 3 with one line, or exit code 0 with the very output
 * that it has without a failure. Either way no signal, no file under its own name that is not whole, nothing
 * temporary. */
#ifndef GB_TESTS_TORTURE_H
#define GB_TESTS_TORTURE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct torture {
    const char *name;
    const char *folder;  /* where it runs; scratch */
    const char *program; /* NULL: $BENCH */
    const char *before;  /* shell, ahead of every try: removes what the last one left */
    const char *command; /* the program's arguments */
    const char *whole;   /* files, a space between: as without a failure, or absent; "" or NULL: none */
    const char *after;   /* shell that must succeed after every try; NULL: nothing */
    bool any_stdout;     /* what it prints differs from run to run */
} torture;

typedef struct torture_place {
    char id[64];    /* kind:place */
    unsigned count; /* how often it was reached */
} torture_place;

/* Runs it without a failure, keeps its files and its output for comparison, and lists every place where a call could
 * fail, sorted. 0, or -1 with the reason in `complaint`. The caller frees `*places`. */
int torture_prepare(const torture *t, torture_place **places, size_t *count, char *complaint, size_t size);

/* One try; `settings` are the FAIL_ variables. 0, or -1 with what was wrong in `complaint`. */
int torture_try(const torture *t, const char *settings, char *complaint, size_t size);

#endif
