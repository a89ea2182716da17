/* Every target of tests/fuzz on its corpus, and on seeded changes of it: bytes replaced, inserted, removed, copied from
 * elsewhere, numbers made large, the end cut off. It needs no fuzzer; `make fuzz` is the thorough way. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"
#include "datasets/dataset.h"
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

/* What a fuzzer's change of a pack needs to be read at all. */
static void a_changed_pack_opens_once_repaired(void **state)
{
    const char *corpus = *state;
    char path[4400], *text = NULL, *place = NULL;
    size_t size = 0;
    gb_pack *pack = NULL;
    gb_error err;
    snprintf(path, sizeof path, "%s/pack/tags.h5", corpus);
    assert_ok(gb_file_read(path, FILE_MAX, &text, &size, &err), &err);
    uint8_t *data = (uint8_t *)text;
    fuzz_repair("pack", data, size);
    assert_ok(gb_pack_open(fuzz_file(data, size), &pack, &err), &err); /* what is sound stays so */
    gb_pack_close(pack);
    assert_non_null(place = memmem(text, size, "drawn by", 8));
    *place = 'D';
    assert_fails(gb_pack_open(fuzz_file(data, size), &pack, &err), GB_E_FORMAT, &err, "no attribute");
    fuzz_repair("pack", data, size);
    assert_ok(gb_pack_open(fuzz_file(data, size), &pack, &err), &err);
    assert_int_equal(gb_pack_get_info(pack)->source[0], 'D');
    gb_pack_close(pack);
    free(text);
}

/* A field of a file's metadata, after the first of such a signature; all of these HDF5 1.10 believes, and crashes, goes
 * round in circles or reads what is not the file's. */
typedef struct belief {
    const char *command, *file, *what, *signature;
    size_t offset;
    int bytes;
    uint64_t value;
    size_t also; /* another field of eight bytes, if not 0 */
    uint64_t also_value;
} belief;

#define NEWER "dataset verify", "pack/tags.h5"
#define OLDER "model info", "h5_weights/state.h5"

static const belief beliefs[] = {
    {NEWER, "a tree of another kind", "BTHD", 5, 1, 0, 0, 0},
    {NEWER, "nodes without room", "BTHD", 6, 4, 0, 0, 0},
    {NEWER, "records of no size", "BTHD", 10, 2, 0, 0, 0},
    {NEWER, "more records than a node has room for", "BTHD", 24, 2, 500, 0, 0},
    {NEWER, "an attribute that objects share", "BTLF", 14, 1, 2, 0, 0},
    {NEWER, "a heap of no width", "FRHP", 110, 2, 0, 0, 0},
    {NEWER, "a tree of large objects, which is none", "FRHP", 22, 8, 4096, 0, 0},
    {NEWER, "a heap for names, which is none", "OHDR", 14, 8, 4096, 0, 0},
    {NEWER, "an attribute's shape beyond its end", "FHDB", 29, 1, 0x18, 0, 0},
    {"model info", "pack/tags.h5", "a link of no version", "\1\0\4w", 0, 1, 9, 0, 0},
    {OLDER, "data of another driver", "\211HDF", 48, 8, 136, 0, 0},
    {OLDER, "a header that goes on for nine bytes", "\20\0\20\0", 16, 8, 9, 0, 0},
    {OLDER, "a tree that is below itself", "TREE", 5, 1, 1, 32, 136},
    {OLDER, "names beyond the file", "HEAP", 8, 8, 1 << 30, 0, 0},
    {OLDER, "a free piece of a heap that ends beyond it", "HEAP", 16, 8, 87, 0, 0},
    {OLDER, "free pieces of a heap in a circle", "HEAP", 104, 8, 72, 0, 0},
    {OLDER, "a number with more bits than bytes", "\21\40\37\0", 10, 2, 1 << 15, 0, 0},
    {OLDER, "a type that ends beyond its message", "\21\40\37\0", 0, 1, 0x16, 0, 0},
    {OLDER, "chunks of 33 dimensions in a message of 24 bytes", "\3\2\3\340", 2, 1, 33, 0, 0},
};

static void put_field(uint8_t *at, int bytes, uint64_t value)
{
    for (int i = 0; i < bytes; i++) at[i] = (uint8_t)(value >> (8 * i));
}

static void change_field(const belief *b, uint8_t *data, size_t size)
{
    uint8_t *at = memmem(data, size, b->signature, 4);
    assert_non_null(at);
    assert_true((size_t)(at - data) + b->offset + b->also + 8 <= size);
    put_field(at + b->offset, b->bytes, b->value);
    if (b->also) put_field(at + b->also, 8, b->also_value);
    fuzz_repair("pack", data, size);
}

static void metadata_that_cannot_be_is_one_line(void **state)
{
    const char *corpus = *state;
    char path[4400], output[4000], *text = NULL;
    size_t size = 0;
    int bad = 0;
    gb_error err;
    for (size_t i = 0; i < sizeof beliefs / sizeof *beliefs; i++) {
        snprintf(path, sizeof path, "%s/%s", corpus, beliefs[i].file);
        assert_ok(gb_file_read(path, FILE_MAX, &text, &size, &err), &err);
        change_field(&beliefs[i], (uint8_t *)text, size);
        assert_ok(gb_file_write(test_scratch("belief.h5"), text, size, &err), &err);
        free(text);
        const int code = test_command(output, sizeof output, "timeout 20 $BENCH %s '%s'", beliefs[i].command,
                                      test_scratch("belief.h5"));
        const char *newline = strchr(output, '\n');
        if (code == 3 && newline && !newline[1]) continue;
        print_error("%s: exit %d, expected 3 and one line: %s\n", beliefs[i].what, code, output);
        bad++;
    }
    assert_int_equal(bad, 0);
}

static int make_corpus(void **state)
{
    static char corpus[256];
    char output[4000];
    snprintf(corpus, sizeof corpus, "%s", test_scratch("corpus"));
    const int code = test_command(output, sizeof output, "tests/fuzz/corpus.sh $BENCH '%s'", corpus);
    if (code != 0) print_error("exit %d: %s\n", code, output);
    *state = corpus;
    return code;
}

static void parsers_outlive_any_bytes(void **state)
{
    const char *corpus = *state;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        print_message("%s\n", targets[i].name); /* the last one named is the one that crashed */
        try_target(&targets[i], corpus);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_changed_pack_opens_once_repaired),
                                       cmocka_unit_test(metadata_that_cannot_be_is_one_line),
                                       cmocka_unit_test(parsers_outlive_any_bytes)};
    return cmocka_run_group_tests(tests, make_corpus, NULL);
}
