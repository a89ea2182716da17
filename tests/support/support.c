#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/json.h"

void test_note_skip(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("SKIP: ", stdout);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
    fflush(stdout);
}

const char *test_shared(const char *relative)
{
    static char path[4096];
    const char *base = getenv("GANIME_SHARED");
    snprintf(path, sizeof path, "%s/%s", base && *base ? base : "../shared", relative);
    return access(path, R_OK) == 0 ? path : NULL;
}

static char scratch[64];

static void remove_scratch(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", scratch);
    FILE *pipe = popen(command, "r");
    if (pipe) pclose(pipe);
}

const char *test_scratch(const char *relative)
{
    static char path[4][4096];
    static unsigned turn;
    if (!scratch[0]) {
        snprintf(scratch, sizeof scratch, "/tmp/ganime-test-XXXXXX");
        if (!mkdtemp(scratch)) return NULL;
        atexit(remove_scratch);
    }
    char *slot = path[turn++ % 4];
    snprintf(slot, sizeof path[0], "%s/%s", scratch, relative);
    return slot;
}

int test_command(char *output, size_t size, const char *format, ...)
{
    char command[8192];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    const char *binary = getenv("GANIME_BENCH");
    setenv("BENCH", binary && *binary ? binary : "build/ganime-bench", 1);
    char line[8400];
    snprintf(line, sizeof line, "{ %s ; } 2>&1 </dev/null", command);
    FILE *pipe = popen(line, "r");
    if (!pipe) return -1;
    size_t used = 0;
    for (int c; (c = getc(pipe)) != EOF;)
        if (output && used + 1 < size) output[used++] = (char)c;
    if (output && size) output[used] = '\0';
    const int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Whether the metric is ready; else `why` tells. */
static bool is_ready(const cJSON *list, const char *id, const char **why)
{
    const cJSON *metric;
    cJSON_ArrayForEach(metric, cJSON_GetObjectItem(list, "metrics"))
    {
        if (strcmp(gb_json_string_or(metric, "id", ""), id)) continue;
        *why = gb_json_string_or(metric, "why", "");
        return !strcmp(gb_json_string_or(metric, "state", ""), "ready");
    }
    *why = "no such metric";
    return false;
}

const char *test_metrics_here(const char *ids)
{
    static char here[1024], text[65536];
    char rest[sizeof here];
    const char *why;
    here[0] = '\0';
    snprintf(rest, sizeof rest, "%s", ids);
    test_command(text, sizeof text, "$BENCH list metrics --json");
    cJSON *list = cJSON_Parse(text);
    for (char *more, *id = strtok_r(rest, ",", &more); id; id = strtok_r(NULL, ",", &more)) {
        const size_t used = strlen(here);
        if (is_ready(list, id, &why)) snprintf(here + used, sizeof here - used, "%s%s", used ? "," : "", id);
        else test_note_skip("%s is left out: %s", id, why);
    }
    cJSON_Delete(list);
    return here;
}
