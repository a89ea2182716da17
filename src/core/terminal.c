#include "core/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>

enum { LEAST = 20, MOST = 1000 };

int gb_terminal_columns(int fd)
{
    struct winsize window = {0};
    const char *const said = getenv("COLUMNS");
    char *end = NULL;
    const long number = said ? strtol(said, &end, 10) : 0;
    if (number >= LEAST && number <= MOST && !*end) return (int)number;
    if (fd < 0 || ioctl(fd, TIOCGWINSZ, &window) != 0) return 0;
    return window.ws_col >= LEAST && window.ws_col <= MOST ? window.ws_col : 0;
}
