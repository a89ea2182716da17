/* A program with the faults that tests/support/torture.c has to notice when its one allocation fails; `careless good`
 * has none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (file) fputs(text, file);
    if (file) fclose(file);
}

static int complain(const char *text, int code)
{
    fprintf(stderr, "careless: %s\n", text);
    return code;
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    volatile char *volatile memory = malloc(16);
    if (memory || !strcmp(how, "crash")) {
        memory[0] = '\0';
        put("out", "whole\n");
        puts("done");
        free((void *)memory);
        return 0;
    }
    if (!strcmp(how, "torn")) put("out", "who");
    if (!strcmp(how, "temporary")) put("out.tmp", "who");
    if (!strcmp(how, "lines")) complain("first", 0);
    if (!strcmp(how, "after")) put("after", "");
    if (!strcmp(how, "missing")) return puts("done") < 0;
    if (!strcmp(how, "silent")) put("out", "whole\n");
    if (!strcmp(how, "silent")) return 0;
    return complain("out of memory", !strcmp(how, "code") ? 1 : 3);
}
