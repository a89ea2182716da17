/* libFuzzer's entry for one target, TARGET; see `make fuzz`. */
#include "fuzz/repair.h"
#include "fuzz/targets.h"

#define JOIN(a, b) a##b
#define NAME(target) JOIN(fuzz_, target)
#define TEXT_OF(target) #target
#define TEXT(target) TEXT_OF(target)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return NAME(TARGET)(data, size);
}

/* Of eight changes one keeps the checksum that it broke. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    const size_t changed = LLVMFuzzerMutate(data, size, most);
    if (seed % 8) fuzz_repair(TEXT(TARGET), data, changed);
    return changed;
}
