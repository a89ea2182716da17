/* How loops of plain C are made for more than one instruction set: the widest one that the processor has is chosen when
 * the program is loaded. C11 as it is compiled here never contracts a product and a sum into one rounding, so that what
 * is added up element by element has the same bits in each of them. */
#ifndef GB_CORE_CLONES_H
#define GB_CORE_CLONES_H

/* Clang: its clones cannot be called from another file. ThreadSanitizer is not up yet when one is chosen. */
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define GB_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GB_CLONES
#endif

#endif
