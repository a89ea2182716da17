#include "support/torture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "support/support.h"

#define FILE_MAX ((size_t)64 << 20)
#define SECONDS "120"

/* The program, the preloaded object and the folder, as paths that hold anywhere. */
static const char *prologue(const torture *t)
{
    static char text[8192];
    const char *binary = getenv("GANIME_BENCH"), *shim = getenv("GANIME_FAILING");
    snprintf(text, sizeof text, "BENCH=$(readlink -f '%s'); FAILING=$(readlink -f '%s'); cd '%s' && ",
             t->program ? t->program : binary && *binary ? binary : "build/ganime-bench",
             shim && *shim ? shim : "build/tests/hardening/failing.so", t->folder);
    return text;
}

static int run(const torture *t, const char *settings, char *output, size_t size)
{
    return test_command(output, size, "%s { %s ; } && env LD_PRELOAD=$FAILING FAIL_PROGRAM=$(basename $BENCH) %s "
                        "timeout -k 1 " SECONDS " $BENCH %s >stdout 2>stderr", prologue(t), t->before, settings,
                        t->command);
}

static char *read_beside(const torture *t, const char *folder, const char *name, size_t *size)
{
    char path[4096], *data = NULL;
    gb_error err;
    snprintf(path, sizeof path, "%s/%s%s", t->folder, folder, name);
    return gb_file_read(path, FILE_MAX, &data, size, &err) == GB_OK ? data : NULL;
}

/* 0: as without a failure; 1: not there; -1: other bytes. */
static int compare(const torture *t, const char *name)
{
    size_t found_size = 0, wanted_size = 0;
    char *found = read_beside(t, "", name, &found_size), *wanted = read_beside(t, "reference/", name, &wanted_size);
    const bool same = found && wanted && found_size == wanted_size && !memcmp(found, wanted, found_size);
    const int result = !found ? 1 : same ? 0 : -1;
    free(found);
    free(wanted);
    return result;
}

/* What is wrong with the files, or NULL. */
static const char *check_files(const torture *t, bool all)
{
    static char why[300];
    char names[2048], *rest = names;
    snprintf(names, sizeof names, "%s", t->whole ? t->whole : "");
    for (char *name; (name = strsep(&rest, " "));) {
        const int result = *name ? compare(t, name) : 0;
        snprintf(why, sizeof why, "%s is %s", name, result < 0 ? "not whole" : "missing, and the exit code 0");
        if (result < 0 || (result && all)) return why;
    }
    if (all && !t->any_stdout && compare(t, "stdout") != 0)
        return "exit code 0, and other output than without a failure";
    return NULL;
}

static const char *check_line(const char *text, const char *program)
{
    const char *name = program ? gb_path_base(program) : "ganime-bench";
    const size_t length = strlen(text), size = strlen(name);
    const bool one = length && strchr(text, '\n') == text + length - 1;
    return one && !strncmp(text, name, size) && text[size] == ':' ? NULL : "exit code 3, but not one line";
}

static const char *judge(const torture *t, int code, const char *errors)
{
    const char *why = NULL;
    if (code != 0 && code != 3) return code == 124 || code == 137 ? "it hung" : "another exit code than 0 and 3";
    if (code == 3) why = check_line(errors, t->program);
    if (code == 0 && *errors) why = "exit code 0, but a message";
    if (!why) why = check_files(t, code == 0);
    if (!why && test_command(NULL, 0, "%s test -z \"$(find . -name '*.tmp' | head -1)\"", prologue(t)) != 0)
        why = "a temporary file is left";
    if (!why && t->after && test_command(NULL, 0, "%s { %s ; } >/dev/null 2>&1", prologue(t), t->after) != 0)
        why = "what it left is not right";
    return why;
}

int torture_try(const torture *t, const char *settings, char *complaint, size_t size)
{
    const int code = run(t, settings, NULL, 0);
    size_t length = 0;
    char *errors = read_beside(t, "", "stderr", &length);
    const char *why = judge(t, code, errors ? errors : "");
    if (why) snprintf(complaint, size, "%s, %s: exit code %d: %s: %.600s", t->name, settings, code, why,
                      errors ? errors : "");
    free(errors);
    return why ? -1 : 0;
}

static int compare_places(const void *a, const void *b)
{
    return strcmp(((const torture_place *)a)->id, ((const torture_place *)b)->id);
}

static size_t read_places(char *text, torture_place *places, size_t most)
{
    size_t count = 0;
    for (char *line, *rest = text; count < most && (line = strsep(&rest, "\n"));) {
        torture_place *place = &places[count];
        char kind[16], id[20];
        if (sscanf(line, "%15s %19s %u", kind, id, &place->count) != 3) continue;
        snprintf(place->id, sizeof place->id, "%s:%s", kind, id);
        count++;
    }
    qsort(places, count, sizeof *places, compare_places);
    return count;
}

int torture_prepare(const torture *t, torture_place **places, size_t *count, char *complaint, size_t size)
{
    char output[2000];
    size_t length = 0;
    test_command(NULL, 0, "rm -f '%s/places'", t->folder);
    const int code = run(t, "FAIL_LIST=places", output, sizeof output);
    char *text = read_beside(t, "", "places", &length);
    const int kept = test_command(NULL, 0, "%s rm -rf reference && mkdir reference && cp --parents stdout %s reference",
                                  prologue(t), t->whole ? t->whole : "");
    if (code != 0 || kept != 0 || !text) {
        snprintf(complaint, size, "%s: without a failure: exit code %d%s: %.400s", t->name, code,
                 kept ? ", files missing" : text ? "" : ", nothing was preloaded", output);
        free(text);
        return -1;
    }
    const size_t most = length / 20 + 1;
    *places = calloc(most, sizeof **places);
    *count = *places ? read_places(text, *places, most) : 0;
    free(text);
    return *places ? 0 : -1;
}
