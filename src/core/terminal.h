/* How wide the screen is that somebody reads on. */
#ifndef GB_CORE_TERMINAL_H
#define GB_CORE_TERMINAL_H

/* $COLUMNS where it is a number of 20 to 1000, else what the terminal that `fd` is says; 0: it is none, or says
 * nothing. */
int gb_terminal_columns(int fd);

#endif
