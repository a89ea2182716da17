#include "datasets/manifests.h"

/* The assembler reads the file where the compiler runs: the root of the repository. The Makefile knows that this object
 * depends on the files. */
#define EMBED(name)                                                       \
    __asm__(".section .rodata\n"                                          \
            ".global gb_manifest_" #name "\n"                             \
            "gb_manifest_" #name ":\n"                                    \
            ".incbin \"datasets/manifests/" #name ".json\"\n"             \
            ".byte 0\n"                                                   \
            ".previous\n")

EMBED(penny_and_chip);
EMBED(big_buck_bunny);
EMBED(copying_is_not_theft);
EMBED(live_action);
EMBED(popeye);
