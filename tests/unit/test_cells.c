/* Pieces of runs on disk: what is read is what was written, or nothing; keys change with everything that counts. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cells/cell.h"
#include "cells/store.h"
#include "core/file.h"
#include "core/random.h"
#include "numerics.h"
#include "support/support.h"

enum { CONTENDERS = 2, METRICS = 3, FRAMES = 4 };

static gb_cell make_cell(void)
{
    gb_error err = {0};
    gb_cell cell;
    assert_ok(gb_cell_new(CONTENDERS, METRICS, FRAMES + 1, &cell, &err), &err);
    cell.frames = FRAMES;
    for (int c = 0; c < CONTENDERS; c++)
        for (int f = 0; f < FRAMES; f++) {
            gb_frame_outcome *outcome = gb_cell_at(&cell, c, f);
            outcome->centre_maxabs = c + f;
            outcome->delivered_centre = -1;
            if (f == 1) snprintf(outcome->sha256, sizeof outcome->sha256, "%064d", c);
            for (int m = 0; m < METRICS; m++)
                for (int r = 0; r < GB_REGION_COUNT; r++)
                    outcome->scores[m].region[r] =
                        (gb_score){.present = r != 2, .num = 0.1 * (c + f) + m, .den = 1.0 / 3};
        }
    gb_cell_at(&cell, 1, 2)->scores[0].region[0] =
        (gb_score){.present = true, .undefined = "identical", .num = INFINITY};
    gb_cell_at(&cell, 1, 3)->pair_status = GB_E_NUMERIC;
    snprintf(gb_cell_at(&cell, 1, 3)->pair_why, 256, "a pair went wrong");
    for (int f = 0; f < FRAMES; f++) cell.truth_change[f] = cell.truth_hold[f] = f ? 1.0 / f : NAN;
    return cell;
}

static void assert_same_outcome(const gb_frame_outcome *a, const gb_frame_outcome *b)
{
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->pair_status, b->pair_status);
    assert_string_equal(a->pair_why, b->pair_why);
    assert_string_equal(a->sha256, b->sha256);
    assert_int_equal(a->centre_maxabs, b->centre_maxabs);
    assert_int_equal(a->delivered_centre, b->delivered_centre);
    for (int m = 0; m < METRICS; m++)
        for (int r = 0; r < GB_REGION_COUNT; r++) {
            const gb_score *x = &a->scores[m].region[r], *y = &b->scores[m].region[r];
            assert_int_equal(x->present, y->present);
            assert_memory_equal(&x->num, &y->num, sizeof x->num);
            assert_memory_equal(&x->den, &y->den, sizeof x->den);
            assert_int_equal(x->undefined != NULL, y->undefined != NULL);
            if (x->undefined) assert_string_equal(x->undefined, y->undefined);
        }
}

static void cells_read_back_as_they_were(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_cell cell = make_cell(), back;
    assert_ok(gb_cell_new(CONTENDERS, METRICS, FRAMES + 1, &back, &err), &err);
    for (int c = 0; c <= CONTENDERS; c++) {
        gb_buffer bytes;
        gb_buffer_init(&bytes, 1 << 20);
        assert_ok(gb_cell_encode(&cell, c, &bytes, &err), &err);
        for (size_t cut = 0; cut < bytes.size; cut++) {
            gb_cell_clear(&back);
            assert_fails(gb_cell_decode(&back, c, bytes.data, cut, "cut", &err), GB_E_FORMAT, &err, "cut: expected");
        }
        gb_cell_clear(&back);
        assert_ok(gb_cell_decode(&back, c, bytes.data, bytes.size, "whole", &err), &err);
        assert_int_equal(back.frames, FRAMES);
        for (int f = 0; f < FRAMES && c < CONTENDERS; f++)
            assert_same_outcome(gb_cell_at(&cell, c, f), gb_cell_at(&back, c, f));
        gb_buffer_free(&bytes);
    }
    assert_memory_equal(cell.truth_hold, back.truth_hold, FRAMES * sizeof(double));
    assert_false(gb_cell_failed(&cell, 0));
    assert_true(gb_cell_failed(&cell, 1));
    gb_cell_free(&cell);
    gb_cell_free(&back);
}

static gb_block make_block(int number, const char *bytes)
{
    gb_error err = {0};
    gb_block block = {.bytes = bytes, .size = strlen(bytes)};
    char text[32];
    snprintf(text, sizeof text, "%d", number);
    const gb_key_parts parts = {"code", "protocol", text, "frames", "engine"};
    assert_ok(gb_cell_key_make(&parts, &block.key, &err), &err);
    gb_sha256_memory("f", 1, block.frames);
    return block;
}

static int count_whole(const char *data, size_t size, size_t *at)
{
    gb_block block;
    int count = 0;
    for (*at = 0; gb_block_next(data, size, at, &block);) count++;
    return count;
}

static void no_damaged_block_is_taken(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_buffer file;
    size_t at, third = 0;
    gb_buffer_init(&file, 1 << 20);
    for (int i = 0; i < 3; i++) {
        const gb_block block = make_block(i, "some scores");
        third = file.size;
        assert_ok(gb_block_append(&file, &block, &err), &err);
    }
    assert_int_equal(count_whole(file.data, file.size, &at), 3);
    assert_int_equal(at, file.size);
    for (size_t i = 0; i < file.size; i++) {
        file.data[i] = (char)(file.data[i] ^ 4);
        const int whole = count_whole(file.data, file.size, &at);
        if (whole != (int)(i * 3 / file.size) || at == file.size) fail_msg("byte %zu: %d blocks", i, whole);
        file.data[i] = (char)(file.data[i] ^ 4);
    }
    for (size_t cut = third + 1; cut < file.size; cut++) {
        assert_int_equal(count_whole(file.data, cut, &at), 2);
        assert_int_equal(at, third);
    }
    gb_buffer_free(&file);
}

/* Each part alone makes another key, also where texts only move from one part to the next. */
static void every_part_is_in_the_key(void **state)
{
    (void)state;
    gb_error err = {0};
    const gb_key_parts same = {"a", "b", "c", "d", "e"};
    const gb_key_parts other[] = {{"A", "b", "c", "d", "e"}, {"a", "B", "c", "d", "e"},  {"a", "b", "C", "d", "e"},
                                  {"a", "b", "c", "D", "e"}, {"a", "b", "c", "d", "E"},  {"ab", "", "c", "d", "e"},
                                  {"a", "bc", "", "d", "e"}, {"a", "b", "c1:d", "", "e"}};
    gb_cell_key key, again, changed;
    assert_ok(gb_cell_key_make(&same, &key, &err), &err);
    assert_ok(gb_cell_key_make(&same, &again, &err), &err);
    assert_memory_equal(&key, &again, sizeof key);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        assert_ok(gb_cell_key_make(&other[i], &changed, &err), &err);
        if (!strcmp(key.what, changed.what) && !strcmp(key.engine, changed.engine))
            fail_msg("change %zu is not seen", i);
    }
}

/* What runs it counts: each part of the engine's text makes another one. */
static void the_engine_says_what_runs_it(void **state)
{
    (void)state;
    static const gb_backend cpu = {.id = "cpu"}, cuda = {.id = "cuda"};
    const gb_device_info info = {"a processor", "a library 1", "fp32"}, name = {"another", "a library 1", "fp32"},
                         library = {"a processor", "a library 2", "fp32"},
                         scores = {"a processor", "a library 1", "fp64"};
    char *text[] = {gb_numerics_engine(&cpu, &info, "fp32"), gb_numerics_engine(&cuda, &info, "fp32"),
                    gb_numerics_engine(&cpu, &name, "fp32"), gb_numerics_engine(&cpu, &library, "fp32"),
                    gb_numerics_engine(&cpu, &scores, "fp32"), gb_numerics_engine(&cpu, &info, "bf16")};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        for (size_t k = 0; k < i; k++) assert_string_not_equal(text[i], text[k]);
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) free(text[i]);
    assert_int_equal(strlen(gb_numerics_code()), 64);
}

static gb_cell_cache *open_cache(unsigned long long max)
{
    gb_error err = {0};
    gb_cell_cache *cache = NULL;
    setenv("GANIME_CACHE", test_scratch("cache"), 1);
    assert_ok(gb_cell_cache_open(max, &cache, &err), &err);
    return cache;
}

/* Whether it has the block, which must be right then. */
static bool has(const gb_cell_cache *cache, int number, const char *bytes, bool *damaged)
{
    const gb_block wanted = make_block(number, bytes);
    gb_block found;
    char *data = NULL;
    *damaged = false;
    if (!gb_cell_cache_get(cache, &wanted.key, &data, &found, damaged)) return false;
    assert_int_equal(found.size, wanted.size);
    assert_memory_equal(found.bytes, bytes, wanted.size);
    free(data);
    return true;
}

static void put(const gb_cell_cache *cache, int number, const char *bytes)
{
    gb_error err = {0};
    const gb_block block = make_block(number, bytes);
    assert_ok(gb_cell_cache_put(cache, &block, &err), &err);
}

static void the_cache_gives_what_it_got_or_nothing(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_cell_cache *cache = open_cache(1 << 20);
    gb_cell_cache_size size;
    bool damaged;
    assert_ok(gb_cell_cache_clear(cache, &size, &err), &err);
    assert_false(has(cache, 1, "one", &damaged));
    put(cache, 1, "one");
    put(cache, 2, "two");
    assert_true(has(cache, 1, "one", &damaged));
    assert_false(has(cache, 3, "", &damaged));
    assert_int_equal(test_command(NULL, 0, "for f in %s/*/*.cell; do printf X | dd of=$f bs=1 seek=220 conv=notrunc "
                                  "2>/dev/null; done", gb_cell_cache_path(cache)), 0);
    assert_false(has(cache, 1, "one", &damaged));
    assert_true(damaged);
    assert_false(has(cache, 1, "one", &damaged)); /* it was removed */
    assert_false(damaged);
    assert_ok(gb_cell_cache_clear(cache, &size, &err), &err);
    assert_int_equal(size.files, 1);
    assert_ok(gb_cell_cache_measure(cache, &size, &err), &err);
    assert_int_equal(size.files, 0);
    gb_cell_cache_close(cache);
}

/* What was used longest ago goes; a use counts, not the making. */
static void the_cache_stays_within_its_bound(void **state)
{
    (void)state;
    enum { COUNT = 20, KEPT = 10 };
    gb_error err = {0};
    gb_cell_cache *cache = open_cache(1 << 20);
    gb_cell_cache_size size;
    bool damaged;
    assert_ok(gb_cell_cache_clear(cache, &size, &err), &err);
    for (int i = 0; i < COUNT; i++) {
        put(cache, i, "scores");
        usleep(2000);
    }
    assert_true(has(cache, 0, "scores", &damaged));
    assert_ok(gb_cell_cache_measure(cache, &size, &err), &err);
    gb_cell_cache_close(cache);
    const unsigned long long one = size.bytes / COUNT;
    cache = open_cache(KEPT * one);
    assert_ok(gb_cell_cache_trim(cache, &err), &err);
    assert_ok(gb_cell_cache_measure(cache, &size, &err), &err);
    assert_true(size.bytes <= KEPT * one && size.files == KEPT - 1);
    assert_true(has(cache, 0, "scores", &damaged));
    assert_true(has(cache, COUNT - 1, "scores", &damaged));
    assert_false(has(cache, 1, "scores", &damaged));
    gb_cell_cache_close(cache);
}

/* Several processes put, get and trim the same few entries: each answer is right or none. */
static void processes_share_the_cache(void **state)
{
    (void)state;
    enum { PROCESSES = 4, ROUNDS = 60, ENTRIES = 8 };
    char scores[ENTRIES][4000];
    for (int i = 0; i < ENTRIES; i++) {
        memset(scores[i], 'a' + i, sizeof scores[i] - 1);
        scores[i][sizeof scores[i] - 1] = '\0';
    }
    for (int p = 0; p < PROCESSES; p++) {
        if (fork() != 0) continue;
        gb_error err = {0};
        gb_cell_cache *cache = open_cache(16000);
        gb_random random = {.state = (uint64_t)p};
        bool damaged = false, good = true;
        for (int i = 0; i < ROUNDS && good; i++) {
            const int number = (int)gb_random_below(&random, ENTRIES), other = (number + 3) % ENTRIES;
            put(cache, 100 + number, scores[number]);
            has(cache, 100 + other, scores[other], &damaged);
            good = !damaged && gb_cell_cache_trim(cache, &err) == GB_OK;
        }
        gb_cell_cache_close(cache);
        _exit(good ? 0 : 1);
    }
    for (int p = 0; p < PROCESSES; p++) {
        int status;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
}

static void a_run_has_one_process(void **state)
{
    (void)state;
    gb_error err = {0};
    char run[4096], job[64];
    gb_cell_folder *one = NULL, *two = NULL;
    cJSON *value = NULL;
    snprintf(run, sizeof run, "%s", test_scratch("run"));
    assert_ok(gb_cell_folder_open(run, GB_CELLS_ALONE, &one, &err), &err);
    assert_fails(gb_cell_folder_open(run, GB_CELLS_ALONE, &two, &err), GB_E_IO, &err, "another process is working");
    assert_ok(gb_cell_folder_write(one, "a", "x", 1, &err), &err);
    assert_int_equal(gb_cell_folder_read_job(run, &value, &err), GB_E_NOT_FOUND);
    assert_ok(gb_cell_folder_clear(one, &err), &err);
    snprintf(job, sizeof job, "run/cells");
    assert_false(gb_file_exists(test_scratch(job)));
    gb_cell_folder_close(one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cells_read_back_as_they_were),
                                       cmocka_unit_test(no_damaged_block_is_taken),
                                       cmocka_unit_test(every_part_is_in_the_key),
                                       cmocka_unit_test(the_engine_says_what_runs_it),
                                       cmocka_unit_test(the_cache_gives_what_it_got_or_nothing),
                                       cmocka_unit_test(the_cache_stays_within_its_bound),
                                       cmocka_unit_test(processes_share_the_cache),
                                       cmocka_unit_test(a_run_has_one_process)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
