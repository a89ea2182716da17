/* Every target of tests/fuzz on its corpus, and on seeded changes of it: bytes replaced, inserted, removed, copied from
 * elsewhere, numbers made large, the end cut off. It needs no fuzzer; `make fuzz` is the thorough way. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"
#include "fuzz/repair.h"
#include "fuzz/targets.h"

#define FILE_MAX ((size_t)1 << 20)
#define CHANGED 400 /* inputs a target beside its corpus */
#define ROOM 64     /* bytes that an input may grow by */

typedef struct target {
    const char *name;
    int (*run)(const uint8_t *data, size_t size);
} target;

#define FUZZ_ROW(name) {#name, fuzz_##name},
static const target targets[] = {FUZZ_TARGETS(FUZZ_ROW)};

static size_t below(gb_random *random, size_t limit)
{
    return limit ? (size_t)gb_random_below(random, (uint32_t)limit) : 0;
}

/* One small change; the new size. */
static size_t change(gb_random *random, uint8_t *data, size_t size, size_t most)
{
    static const uint8_t striking[] = {0, 1, 0x7f, 0x80, 0xff, '"', '{', '9', '-', '\n'};
    const size_t at = below(random, size), count = 1 + below(random, 8);
    switch (below(random, 6)) {
    case 0: data[at] ^= (uint8_t)(1u << below(random, 8)); return size;
    case 1: data[at] = striking[below(random, sizeof striking)]; return size;
    case 2: /* a number */
        for (size_t i = at; i < size && i < at + 4; i++) data[i] = 0xff;
        return size;
    case 3: /* removed */
        if (at + count >= size) return at + 1;
        memmove(data + at, data + at + count, size - at - count);
        return size - count;
    case 4: /* from elsewhere */
        for (size_t i = 0, from = below(random, size); i < count && at + i < size && from + i < size; i++)
            data[at + i] = data[from + i];
        return size;
    default: /* doubled */
        if (size + count > most || at + count > size) return size;
        memmove(data + at + count, data + at, size - at);
        return size + count;
    }
}

static void try_file(const target *t, const char *path, int times, gb_random *random)
{
    char *text = NULL;
    size_t size = 0;
    gb_error err;
    assert_ok(gb_file_read(path, FILE_MAX, &text, &size, &err), &err);
    uint8_t *data = gb_alloc(size + ROOM, 1);
    assert_non_null(data);
    t->run((const uint8_t *)text, size);
    for (int i = 0; i < times && size; i++) {
        memcpy(data, text, size);
        size_t now = size;
        for (size_t k = 1 + below(random, 4); k && now; k--) now = change(random, data, now, size + ROOM);
        if (i % 2) fuzz_repair(t->name, data, now);
        uint8_t *exact = malloc(now + !now); /* where a sanitizer sees its end */
        assert_non_null(exact);
        memcpy(exact, data, now);
        t->run(exact, now);
        free(exact);
    }
    free(data);
    free(text);
}

static void try_target(const target *t, const char *corpus)
{
    char folder[4096], path[4400];
    char **names = NULL;
    size_t count = 0;
    gb_error err;
    gb_random random = {.state = gb_random_hash(t->name)};
    snprintf(folder, sizeof folder, "%s/%s", corpus, t->name);
    assert_ok(gb_directory_list(folder, &names, &count, &err), &err);
    if (!count) fail_msg("%s: expected files to begin with, found none", folder);
    t->run((const uint8_t *)"", 0);
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        try_file(t, path, (int)(CHANGED / count), &random);
    }
    gb_directory_free(names, count);
}

static void parsers_outlive_any_bytes(void **state)
{
    (void)state;
    char output[4000], corpus[256];
    snprintf(corpus, sizeof corpus, "%s", test_scratch("corpus"));
    const int code = test_command(output, sizeof output, "tests/fuzz/corpus.sh $BENCH '%s'", corpus);
    if (code != 0) fail_msg("exit %d: %s", code, output);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        print_message("%s\n", targets[i].name); /* the last one named is the one that crashed */
        try_target(&targets[i], corpus);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parsers_outlive_any_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
