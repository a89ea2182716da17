/* What a long command says when it is interrupted (Ctrl-C, or asked to end by SIGTERM) before it dies of the signal:
 * one line on how to go on, in the place of the progress line. A signal that is ignored stays so. */
#ifndef GB_CLI_INTERRUPT_H
#define GB_CLI_INTERRUPT_H

#include "core/status.h"

/* From now on. The line is kept here; one of more than 8000 bytes is cut. */
void gb_interrupt_arm(const char *format, ...) GB_PRINTF(1, 2);
void gb_interrupt_disarm(void);

#endif
