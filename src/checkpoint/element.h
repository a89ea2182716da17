/* Element types of stored tensors, and their conversion to float32. */
#ifndef GB_CHECKPOINT_ELEMENT_H
#define GB_CHECKPOINT_ELEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum gb_element_kind {
    GB_ELEMENT_OTHER, /* integers, booleans, complex numbers: kept by name only */
    GB_ELEMENT_F16,   /* IEEE 754 binary16 */
    GB_ELEMENT_BF16,  /* the upper half of a binary32 */
    GB_ELEMENT_F32,
    GB_ELEMENT_F64,
} gb_element_kind;

typedef struct gb_element {
    gb_element_kind kind;
    size_t size;  /* bytes; 0 for "none given" */
    bool swapped; /* stored in the other byte order than this machine's */
} gb_element;

/* Converts `count` elements. Rounds float64 to nearest; beyond float32's range it gives infinity. Neither pointer needs
 * to be aligned; `kind` is not GB_ELEMENT_OTHER. */
void gb_element_to_float(void *out, const void *in, size_t count, gb_element element);

/* binary16, rounded to nearest even; infinity beyond its range. */
uint16_t gb_element_half(float value);

#endif
