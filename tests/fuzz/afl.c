/* AFL++'s entry for one target, TARGET: one process tries many inputs; see `make fuzz-afl`. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/repair.h"
#include "fuzz/targets.h"

#define JOIN(a, b) a##b
#define NAME(target) JOIN(fuzz_, target)
#define TEXT_OF(target) #target
#define TEXT(target) TEXT_OF(target)
#define INPUTS 10000 /* a process */

__AFL_FUZZ_INIT();

/* In a copy of just its size, where a sanitizer sees the end. */
static void try_input(const unsigned char *data, size_t size)
{
    unsigned char *copy = malloc(size + !size);
    if (!copy) return;
    memcpy(copy, data, size);
    if (size % 8) fuzz_repair(TEXT(TARGET), copy, size);
    NAME(TARGET)(copy, size);
    free(copy);
}

int main(void)
{
    const unsigned char *data = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(INPUTS)) try_input(data, (size_t)__AFL_FUZZ_TESTCASE_LEN);
    return 0;
}
