/* What tests share: cmocka's includes in its order, scratch folders, the shared facts beside the checkout, commands. */
#ifndef GB_TESTS_SUPPORT_H
#define GB_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/status.h"

/* Fails the test with the error's text unless the status is GB_OK. */
#define assert_ok(expression, err)                                                              \
    do {                                                                                        \
        const gb_status assert_status = (expression);                                           \
        if (assert_status != GB_OK) fail_msg("%s: %s (%s)", #expression, (err)->text, gb_status_name(assert_status)); \
    } while (0)

/* Fails the test unless the status is `code` and the error text contains `part`. */
#define assert_fails(expression, expected, err, part)                                           \
    do {                                                                                        \
        const gb_status assert_status = (expression);                                           \
        if (assert_status != (expected) || !strstr((err)->text, (part)))                        \
            fail_msg("%s: got %s \"%s\", expected %s with \"%s\"", #expression, gb_status_name(assert_status), \
                     (err)->text, gb_status_name(expected), (part));                            \
    } while (0)

/* Skips visibly: tests/run.sh prints the reason. */
#define skip_because(...)                    \
    do {                                     \
        test_note_skip(__VA_ARGS__);         \
        skip();                              \
    } while (0)
void test_note_skip(const char *format, ...) GB_PRINTF(1, 2);

/* A file under the folder of shared facts ($GANIME_SHARED, else ../shared), or NULL when it is not there.
 * Valid until the next call. */
const char *test_shared(const char *relative);

/* A path inside this test program's own scratch folder, which is made on first use and removed at exit.
 * Valid until the fourth call after it. */
const char *test_scratch(const char *relative);

/* Runs a shell command ($BENCH is the ganime-bench binary); stdout and stderr go into `output` (may be NULL) together,
 * cut at `size`. Returns the exit code, or -1 when it died of a signal. */
int test_command(char *output, size_t size, const char *format, ...) GB_PRINTF(3, 4);

/* Of metrics' ids, separated by commas, those that $BENCH can compute; what is left out is said as what is skipped is
 * (weights that are not here, a build without OpenCV). Valid until the next call. */
const char *test_metrics_here(const char *ids);

#endif
