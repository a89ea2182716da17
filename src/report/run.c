#include "report/run.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/run_fields.h"

gb_status gb_run_new(gb_run **out, gb_error *err)
{
    gb_run *run = gb_alloc(1, sizeof *run);
    if (!run) return gb_fail_memory(err, "run", sizeof *run);
    *out = run;
    return GB_OK;
}

static void free_record(const gb_run *run, const gb_record *record)
{
    char *array;
    size_t count;
    memcpy(&array, (const char *)run + record->array, sizeof array);
    memcpy(&count, (const char *)run + record->count, sizeof count);
    for (size_t i = 0; i < count; i++) gb_run_record_free(record, array + i * record->size);
    free(array);
}

static void free_times(gb_run_throughput *row)
{
    free(row->samples_ms);
    free(row->round_ms);
    free(row->clock_ms);
    free(row->yardstick_ms);
}

void gb_run_throughput_clear(gb_run_throughput *row)
{
    free_times(row);
    free(row->generator);
    free(row->stage);
    free(row->device);
    free(row->precision);
    *row = (gb_run_throughput){0};
}

const char *gb_run_out(const gb_run *run)
{
    return run->out ? run->out : run->directory;
}

void gb_run_free(gb_run *run)
{
    if (!run) return;
    for (size_t i = 0; i < run->throughput_count; i++) free_times(&run->throughput[i]);
    for (size_t i = 0; i < run->panel_count; i++) {
        for (int p = 0; p < run->panels[i].picture_count; p++)
            gb_run_record_free(&gb_run_picture_record, &run->panels[i].pictures[p]);
        free(run->panels[i].pictures);
    }
    for (int i = 0; i < GB_RECORD_COUNT; i++) free_record(run, &gb_run_records[i]);
    free(run->directory);
    free(run->created);
    free(run->command);
    cJSON_Delete(run->protocol);
    cJSON_Delete(run->environment);
    free(run);
}
