/* Status codes and the one-line error that travels with them.
 *
 * Every function that can fail returns gb_status, takes a gb_error * as its last argument (NULL is allowed) and sets
 * its outputs only on success. The error text is one line: the file or thing, what was expected, what was found. */
#ifndef GB_CORE_STATUS_H
#define GB_CORE_STATUS_H

typedef enum gb_status {
    GB_OK = 0,
    GB_E_ARG,         /* the caller's argument is out of its documented range */
    GB_E_USAGE,       /* the user's command line is wrong */
    GB_E_NOMEM,       /* out of memory, or over a stated size limit */
    GB_E_IO,          /* a file could not be opened, read, written */
    GB_E_NOT_FOUND,   /* a named thing (file, tensor, id) does not exist */
    GB_E_FORMAT,      /* bytes are not what their format promises */
    GB_E_UNSUPPORTED, /* valid, but not handled here */
    GB_E_DEVICE,      /* a device is missing or failed */
    GB_E_NUMERIC,     /* NaN or infinity where a number must be */
    GB_E_MISMATCH,    /* two things that must agree do not (shape, size, checksum) */
    GB_E_WORSE,       /* a comparison's verdict: worse than the baseline, a row missing, or undecided */
    GB_E_UNLIKE,      /* two runs that cannot be compared: their fingerprints differ */
    GB_E_NO_BASELINE, /* nothing to compare with */
} gb_status;

typedef struct gb_error {
    gb_status code;
    char text[1024];
} gb_error;

#define GB_MUST_CHECK __attribute__((warn_unused_result))
#define GB_PRINTF(format_index, first) __attribute__((format(printf, format_index, first)))

/* A short name such as "format" for messages and JSON; never NULL. */
const char *gb_status_name(gb_status code);

/* Writes the line into *err (if any) and returns `code`, so that callers can `return gb_fail(...)`. */
gb_status gb_fail(gb_error *err, gb_status code, const char *format, ...) GB_PRINTF(3, 4);

/* Puts "<prefix>: " before the text of an error that is already set; returns its code. */
gb_status gb_fail_in(gb_error *err, const char *format, ...) GB_PRINTF(2, 3);

/* Out-of-memory in the one wording used everywhere. */
gb_status gb_fail_memory(gb_error *err, const char *what, unsigned long long bytes);

/* Returns from the caller on failure; for functions that hold nothing to release. */
#define GB_TRY(expression)                                  \
    do {                                                    \
        const gb_status gb_try_status = (expression);       \
        if (gb_try_status != GB_OK) return gb_try_status;   \
    } while (0)

/* Jumps to the caller's one clean-up label `done`, leaving the code in its local `status`. */
#define GB_GO(expression)                                   \
    do {                                                    \
        status = (expression);                              \
        if (status != GB_OK) goto done;                     \
    } while (0)

#endif
