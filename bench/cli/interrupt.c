#include "cli/interrupt.h"

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int signals[] = {SIGINT, SIGTERM};
enum { SIGNALS = sizeof signals / sizeof *signals };

/* A handler is given nothing but the signal's number: what it says has to lie at a place of its own. */
static struct {
    char text[8192];
    size_t size;
} last_words;

static void say_and_die(int number)
{
    if (write(STDERR_FILENO, last_words.text, last_words.size) >= 0) raise(number); /* as if nobody had listened */
    else _exit(128 + number);
}

static bool can_redraw(void)
{
    const char *const kind = getenv("TERM");
    return isatty(STDERR_FILENO) && !(kind && !strcmp(kind, "dumb"));
}

void gb_interrupt_arm(const char *format, ...)
{
    const size_t room = sizeof last_words.text - 2;
    size_t used = (size_t)snprintf(last_words.text, room, "%sganime-bench: ", can_redraw() ? "\r\033[K" : "");
    va_list arguments;
    va_start(arguments, format);
    const int more = vsnprintf(last_words.text + used, room - used, format, arguments);
    va_end(arguments);
    if (more < 0) return;
    used = used + (size_t)more < room ? used + (size_t)more : room - 1;
    last_words.text[used++] = '\n';
    last_words.size = used;
    for (int s = 0; s < SIGNALS; s++) {
        struct sigaction before;
        struct sigaction now = {.sa_handler = say_and_die, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};
        if (sigaction(signals[s], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(signals[s], &now, NULL);
    }
}

void gb_interrupt_disarm(void)
{
    for (int s = 0; s < SIGNALS; s++) {
        struct sigaction before;
        if (sigaction(signals[s], NULL, &before) == 0 && before.sa_handler == say_and_die)
            signal(signals[s], SIG_DFL);
    }
}
