/* A command on a terminal of its own (a pseudo-terminal), as a user at the keyboard has it. */
#ifndef GB_TESTS_TERMINAL_H
#define GB_TESTS_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

typedef struct terminal_case {
    const char *command; /* for a shell; `exec` makes the program itself the one that is waited for */
    int columns;
    const char *press;   /* typed when the file `when` is there; NULL: nothing is typed */
    const char *when;
} terminal_case;

typedef struct terminal_end {
    int code;        /* exit code; -1: it died of `signal` */
    int signal;
    bool same_state; /* the terminal's settings are those from before */
} terminal_end;

/* Everything that the terminal was sent goes into `output`, cut at `size`. Fails the test when it takes two minutes,
 * skips it where there is no pseudo-terminal. */
terminal_end terminal_run(const terminal_case *one, char *output, size_t size);

#endif
