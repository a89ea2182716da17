/* Small constant matrices times wide data. */
#ifndef GB_BACKEND_CPU_MATRIX_H
#define GB_BACKEND_CPU_MATRIX_H

#include <stddef.h>

#define GB_MATRIX_PANEL 64 /* columns made at once */

typedef struct gb_matrix {
    const float *data; /* packed by gb_matrix_pack */
    size_t rows, columns;
} gb_matrix;

/* Floats of a packed matrix. */
size_t gb_matrix_size(size_t rows, size_t columns);
/* From row-major doubles. */
void gb_matrix_pack(const double *plain, size_t rows, size_t columns, float *packed);

/* y = matrix times x, for `width` columns of x; rows of x and y are x_step and y_step floats apart. Each number is a
 * sum in the order of x's rows. `scratch` holds gb_matrix_scratch floats. */
void gb_matrix_times(const gb_matrix *matrix, const float *x, size_t x_step, size_t width, float *y, size_t y_step,
                     float *scratch);
size_t gb_matrix_scratch(size_t rows, size_t columns);

#endif
