#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/file.h"
#include "core/json.h"
#include "core/parallel.h"
#include "core/random.h"
#include "core/sha256.h"
#include "core/suggest.h"
#include "core/utf8.h"
#include "support/support.h"

static void error_is_one_line(void **state)
{
    (void)state;
    gb_error err = {0};
    assert_int_equal(gb_fail(&err, GB_E_IO, "bad\nname: %d", 7), GB_E_IO);
    assert_string_equal(err.text, "bad?name: 7");
    assert_int_equal(gb_fail_in(&err, "file %s", "x"), GB_E_IO);
    assert_string_equal(err.text, "file x: bad?name: 7");
}

static void sha256_known_answers(void **state)
{
    (void)state;
    gb_error err;
    char hex[GB_SHA256_HEX];
    gb_sha256_memory("abc", 3, hex); /* FIPS 180-4 example */
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_fails(gb_sha256_file(test_scratch("none"), hex, &err), GB_E_NOT_FOUND, &err, "No such file");
}

static void random_known_answers(void **state)
{
    (void)state;
    gb_random random = {.state = 1234567};
    assert_true(gb_random_next(&random) == 6457827717110365317ull); /* splitmix64 reference, seed 1234567 */
    assert_true(gb_random_hash("a") == 0xaf63dc4c8601ec8cull);       /* FNV-1a 64 reference */
    for (int i = 0; i < 1000; i++) assert_true(gb_random_below(&random, 7) < 7);
    assert_true(fabs(gb_random_weight(42, 0, 0.5, 1.0) - 1.0) <= 0.5);
}

static void buffer_keeps_its_maximum(void **state)
{
    (void)state;
    gb_error err;
    gb_buffer buffer;
    gb_buffer_init(&buffer, 8);
    gb_buffer_printf(&buffer, "%s", "12345678");
    assert_ok(gb_buffer_status(&buffer, &err), &err);
    gb_buffer_text(&buffer, "9");
    assert_int_equal(gb_buffer_status(&buffer, &err), GB_E_NOMEM);
    assert_string_equal(buffer.data, "12345678");
    gb_buffer_free(&buffer);
}

static void suggestions_are_near(void **state)
{
    (void)state;
    const char *const names[] = {"mirror", "lama-fourier", "edge"};
    assert_string_equal(gb_suggest("miror", names, 3), "mirror");
    assert_string_equal(gb_suggest("lama", names, 3), "lama-fourier");
    assert_null(gb_suggest("zzzzzz", names, 3));
}

static void bytes_that_are_no_utf8_are_mended(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"plain", "plain"},
        {"\xc3\xa9 \xe6\x97\xa5", "\xc3\xa9 \xe6\x97\xa5"},           /* two and three bytes */
        {"\xf0\x9f\x8e\xac", "\xf0\x9f\x8e\xac"}, /* four */
        {"d\xff-\xfe", "d?-?"},
        {"cut \xe6\x97", "cut ??"},                /* as a name that did not fit */
        {"\xc0\xaf \xed\xa0\x80", "?? ???"},    /* overlong; a surrogate */
        {"\xf4\x90\x80\x80\xc3\xa9", "????\xc3\xa9"}, /* beyond Unicode */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[32];
        snprintf(text, sizeof text, "%s", cases[i][0]);
        gb_utf8_mend(text);
        assert_string_equal(text, cases[i][1]);
    }
}

static void files_and_json_round_trip(void **state)
{
    (void)state;
    gb_error err;
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", test_scratch("a/b/c"));
    assert_ok(gb_directory_make(folder, &err), &err);
    char *path = gb_path_join(folder, "x.json");
    cJSON *object = cJSON_CreateObject();
    gb_json_add_number(object, "third", 1.0 / 3.0);
    gb_json_add_number(object, "nan", NAN);
    assert_ok(gb_json_write(path, object, &err), &err);
    cJSON_Delete(object);
    assert_ok(gb_json_read(path, 1000, &object, &err), &err);
    assert_true(gb_json_number_or(object, "third", 0) == 1.0 / 3.0);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(object, "nan")));
    cJSON_Delete(object);
    assert_fails(gb_json_read(path, 3, &object, &err), GB_E_FORMAT, &err, "at most 3 bytes");
    assert_fails(gb_json_parse("{} x", 4, "text", &object, &err), GB_E_FORMAT, &err, "more after byte 3");
    assert_fails(gb_file_write("/nonexistent/x", "", 0, &err), GB_E_IO, &err, "/nonexistent/x: cannot write");
    free(path);
}

/* What is put is there at once, in place of what was; a folder may hold folders and links that lead nowhere. */
static void a_new_directory_was_not_there(void **state)
{
    (void)state;
    gb_error err;
    char *made[3], wanted[4096];
    snprintf(wanted, sizeof wanted, "%s", test_scratch("new/deep/run"));
    for (int i = 0; i < 3; i++) assert_ok(gb_directory_make_new(wanted, &made[i], &err), &err);
    assert_string_equal(made[0], wanted);
    assert_string_equal(made[2] + strlen(wanted), "-3");
    for (int i = 0; i < 3; i++) {
        assert_true(gb_file_is_directory(made[i]));
        free(made[i]);
    }
    assert_fails(gb_directory_make_new("/proc/nowhere", &made[0], &err), GB_E_IO, &err, "/proc/nowhere");
}

static void files_are_synced_together(void **state)
{
    (void)state;
    gb_error err;
    char *text = NULL;
    size_t size = 0;
    const char *const name[] = {"put/one", "put/two", "put/one"};
    assert_ok(gb_directory_make(test_scratch("put/folder"), &err), &err);
    assert_int_equal(symlink("nowhere", test_scratch("put/link")), 0);
    for (size_t i = 0; i < 3; i++) assert_ok(gb_file_put(test_scratch(name[i]), &"abc"[i], 1, &err), &err);
    assert_ok(gb_directory_sync(test_scratch("put"), &err), &err);
    assert_ok(gb_file_read(test_scratch("put/one"), 9, &text, &size, &err), &err);
    assert_string_equal(text, "c");
    free(text);
    assert_false(gb_file_exists(test_scratch("put/one.tmp")));
    assert_fails(gb_file_put("/nonexistent/x", "", 0, &err), GB_E_IO, &err, "/nonexistent/x: cannot write");
    assert_fails(gb_directory_sync(test_scratch("absent"), &err), GB_E_NOT_FOUND, &err, "absent");
}

enum { LANES = 3, TURNS = 200 };

typedef struct loop {
    int done[TURNS], busy[LANES];
    bool overlapped;
    size_t bad; /* this turn and those after it fail */
} loop;

static gb_status turn(void *user, int lane, size_t i, gb_error *err)
{
    loop *const l = user;
    l->overlapped = l->overlapped || l->busy[lane]++ != 0;
    l->done[i]++;
    l->busy[lane]--;
    return i < l->bad ? GB_OK : gb_fail(err, GB_E_NUMERIC, "turn %zu", i);
}

static void parallel_takes_every_turn_once(void **state)
{
    (void)state;
    gb_error err;
    for (int lanes = 1; lanes <= LANES; lanes++) {
        loop l = {.bad = TURNS};
        assert_ok(gb_parallel(lanes, TURNS, turn, &l, &err), &err);
        for (int i = 0; i < TURNS; i++) assert_int_equal(l.done[i], 1);
        assert_false(l.overlapped);
        l = (loop){.bad = 70};
        assert_fails(gb_parallel(lanes, TURNS, turn, &l, &err), GB_E_NUMERIC, &err, "turn 70");
        for (int i = 0; i <= 70; i++) assert_int_equal(l.done[i], 1);
        assert_int_equal(l.done[TURNS - 1], 0);
        assert_ok(gb_parallel(lanes, 0, turn, &l, &err), &err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_is_one_line),        cmocka_unit_test(sha256_known_answers),
        cmocka_unit_test(random_known_answers),     cmocka_unit_test(buffer_keeps_its_maximum),
        cmocka_unit_test(suggestions_are_near),     cmocka_unit_test(files_and_json_round_trip),
        cmocka_unit_test(bytes_that_are_no_utf8_are_mended), cmocka_unit_test(files_are_synced_together),
        cmocka_unit_test(a_new_directory_was_not_there),
        cmocka_unit_test(parallel_takes_every_turn_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
