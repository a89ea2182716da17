#include <stdbool.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/pipeline.h"
#include "support/support.h"

enum { UNITS = 200, SLOTS = 5 };

typedef struct record {
    long collected[UNITS];
    int count;
    bool linked; /* units are linked to the one before */
    bool chained; /* the sum of all units so far goes through them, and comes off again afterwards */
    long sum, chained_units;
    long decode_fails_at, work_fails_at, chain_fails_at, after_fails_at, link_fails_at, collect_fails_at;
} record;

static gb_status decode(void *user, long unit, void *slot, gb_error *err)
{
    const record *r = user;
    if (unit == r->decode_fails_at) return gb_fail(err, GB_E_IO, "decode %ld", unit);
    *(long *)slot = unit;
    return GB_OK;
}

static gb_status work(void *user, int worker, long unit, void *slot, gb_error *err)
{
    const record *r = user;
    (void)worker;
    if (unit == r->work_fails_at) return gb_fail(err, GB_E_NUMERIC, "work %ld", unit);
    if (unit % 7 == 0) usleep(300); /* so that units finish out of order */
    *(long *)slot = unit * unit;
    return GB_OK;
}

/* In order, and one at a time: the sum is nobody else's meanwhile. */
static gb_status chain(void *user, long unit, void *slot, gb_error *err)
{
    record *r = user;
    if (unit == r->chain_fails_at) return gb_fail(err, GB_E_NUMERIC, "chain %ld", unit);
    if (r->chained_units++ != unit) return gb_fail(err, GB_E_FORMAT, "chain out of order at %ld", unit);
    const long sum = r->sum;
    if (unit % 11 == 0) usleep(300);
    r->sum = sum + unit;
    *(long *)slot += 1000 * r->sum;
    return GB_OK;
}

static gb_status after(void *user, int worker, long unit, void *slot, gb_error *err)
{
    const record *r = user;
    (void)worker;
    if (unit == r->after_fails_at) return gb_fail(err, GB_E_NUMERIC, "after %ld", unit);
    if (unit % 3 == 0) usleep(300);
    *(long *)slot -= 1000 * (unit * (unit + 1) / 2);
    return GB_OK;
}

/* Both units hold what work made of them. */
static gb_status link_to(void *user, int worker, long unit, void *slot, const void *before, gb_error *err)
{
    const record *r = user;
    (void)worker;
    if (unit == r->link_fails_at) return gb_fail(err, GB_E_NUMERIC, "link %ld", unit);
    if (unit % 5 == 0) usleep(300);
    /* The unit before may be linked to its own predecessor at the same time. */
    const long last = unit - 1, found = __atomic_load_n((const long *)before, __ATOMIC_RELAXED);
    if (found != last * last && found != -last * last) return gb_fail(err, GB_E_FORMAT, "not the unit before");
    __atomic_store_n((long *)slot, *(long *)slot == unit * unit ? -unit * unit : 0, __ATOMIC_RELAXED);
    return GB_OK;
}

static gb_status collect(void *user, long unit, void *slot, gb_error *err)
{
    record *r = user;
    if (unit == r->collect_fails_at) return gb_fail(err, GB_E_IO, "collect %ld", unit);
    const long expected = r->linked ? -unit * unit : unit * unit;
    if (*(long *)slot != expected) return gb_fail(err, GB_E_FORMAT, "slot of another unit");
    r->collected[r->count++] = unit;
    return GB_OK;
}

/* The source's end, by what decoding left in the slot. */
static bool is_past_50(void *user, void *slot)
{
    (void)user;
    return *(long *)slot >= 50;
}

static gb_status run(record *r, int workers, gb_error *err)
{
    long storage[SLOTS];
    void *slots[SLOTS];
    for (int i = 0; i < SLOTS; i++) slots[i] = &storage[i];
    const gb_pipeline pipeline = {.units = UNITS, .workers = workers, .slots = SLOTS, .slot = slots, .user = r,
                                  .decode = decode, .work = work, .chain = r->chained ? chain : NULL,
                                  .after = r->chained ? after : NULL, .link = r->linked ? link_to : NULL,
                                  .collect = collect};
    return gb_pipeline_run(&pipeline, err);
}

static record fresh(void)
{
    return (record){.decode_fails_at = -1, .work_fails_at = -1, .chain_fails_at = -1, .after_fails_at = -1,
                    .link_fails_at = -1, .collect_fails_at = -1};
}

static void collects_all_in_order(void **state)
{
    (void)state;
    for (int turn = 4; turn < 20; turn++) {
        const int workers = turn / 4;
        gb_error err = {0};
        record r = fresh();
        r.linked = turn % 2;
        r.chained = turn / 2 % 2;
        assert_ok(run(&r, workers, &err), &err);
        assert_int_equal(r.count, UNITS);
        for (int i = 0; i < UNITS; i++) assert_int_equal(r.collected[i], i);
    }
}

/* Whatever stage fails, exactly the units before it have been collected, for any number of workers. */
static void failure_keeps_what_came_before(void **state)
{
    (void)state;
    for (int stage = 0; stage < 6; stage++)
        for (int workers = 1; workers <= 4; workers++) {
            gb_error err = {0};
            record r = fresh();
            if (stage == 0) r.decode_fails_at = 77;
            if (stage == 1) r.work_fails_at = 77;
            if (stage == 2) r.collect_fails_at = 77;
            if (stage == 3) r.link_fails_at = 77;
            if (stage == 4) r.chain_fails_at = 77;
            if (stage == 5) r.after_fails_at = 77;
            r.linked = stage == 3 || workers > 2;
            r.chained = stage >= 4 || workers % 2;
            const gb_status expected = stage == 0 || stage == 2 ? GB_E_IO : GB_E_NUMERIC;
            assert_fails(run(&r, workers, &err), expected, &err, " 77");
            assert_int_equal(r.count, 77);
        }
}

/* A source whose length nobody knew. */
static void ends_where_the_source_does(void **state)
{
    (void)state;
    for (int workers = 1; workers <= 4; workers++) {
        gb_error err = {0};
        record r = fresh();
        long storage[SLOTS];
        void *slots[SLOTS];
        for (int i = 0; i < SLOTS; i++) slots[i] = &storage[i];
        const gb_pipeline pipeline = {.units = LONG_MAX, .workers = workers, .slots = SLOTS, .slot = slots, .user = &r,
                                      .decode = decode, .at_end = is_past_50, .work = work, .collect = collect};
        assert_ok(gb_pipeline_run(&pipeline, &err), &err);
        assert_int_equal(r.count, 50);
        for (int i = 0; i < 50; i++) assert_int_equal(r.collected[i], i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(collects_all_in_order),
                                       cmocka_unit_test(ends_where_the_source_does),
                                       cmocka_unit_test(failure_keeps_what_came_before)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
