/* How kernels of plain C are made for more than one instruction set: the widest one that the processor has is chosen
 * when the program is loaded. Sums may round differently from one instruction set to another, never on one machine. */
#ifndef GB_BACKEND_CPU_ISA_H
#define GB_BACKEND_CPU_ISA_H

#if defined(__x86_64__) && !defined(__clang__) /* whose clones cannot be called from another file */
#define GB_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GB_CLONES
#endif

#endif
