#include "pictures/distances.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "findings/record.h"

enum { PLACES = GB_MOST_DISTANCE + 1 };

/* What one contender has come to at one distance. */
typedef struct distance_sum {
    uint64_t own, truth; /* of absolute differences */
    int pairs, shots;
    int last_shot;       /* number of the sequence that added last; 0: none */
} distance_sum;

struct gb_distances {
    int contenders;
    gb_geometry geometry;
    gb_region region;
    size_t bytes;       /* of a frame's region */
    uint8_t *ring;      /* [place][contender, then the truth][bytes]: the last frames of the sequence */
    bool *there;        /* [place][contender, then the truth] */
    int place, length;  /* of the frame given last; frames of its sequence so far, itself too */
    int sequence;       /* from 1 */
    distance_sum *sums; /* [contender][distance - 1] */
};

void gb_distances_free(gb_distances *distances)
{
    if (!distances) return;
    free(distances->ring);
    free(distances->there);
    free(distances->sums);
    free(distances);
}

gb_status gb_distances_new(int contenders, gb_geometry geometry, gb_distances **out, gb_error *err)
{
    gb_distances *d = gb_alloc(1, sizeof *d);
    if (!d) return gb_fail_memory(err, "distances", sizeof *d);
    *d = (gb_distances){.contenders = contenders, .geometry = geometry,
                        .region = geometry.side > 0 ? GB_REGION_SIDES : GB_REGION_FULL};
    const size_t columns = geometry.side > 0 ? 2 * (size_t)geometry.side : (size_t)geometry.width;
    const size_t subjects = (size_t)contenders + 1;
    d->bytes = columns * (size_t)geometry.height * 3;
    d->ring = gb_alloc(PLACES * subjects, d->bytes);
    d->there = gb_alloc(PLACES * subjects, sizeof *d->there);
    d->sums = gb_alloc((size_t)contenders * GB_MOST_DISTANCE, sizeof *d->sums);
    if (!d->ring || !d->there || !d->sums) {
        gb_fail_memory(err, "distances", PLACES * subjects * d->bytes);
        gb_distances_free(d);
        return GB_E_NOMEM;
    }
    *out = d;
    return GB_OK;
}

static size_t subject_at(const gb_distances *d, int place, int subject)
{
    return (size_t)place * ((size_t)d->contenders + 1) + (size_t)subject;
}

static void store(gb_distances *d, int subject, const gb_image *frame)
{
    gb_columns range[2];
    const int ranges = gb_region_columns(d->geometry, d->region, range);
    const size_t at = subject_at(d, d->place, subject);
    uint8_t *to = d->ring + at * d->bytes;
    d->there[at] = frame != NULL;
    for (int y = 0; frame && y < frame->height; y++)
        for (int r = 0; r < ranges; r++) {
            const size_t count = (size_t)(range[r].to - range[r].from) * 3;
            memcpy(to, frame->rgb + ((size_t)y * (size_t)frame->width + (size_t)range[r].from) * 3, count);
            to += count;
        }
}

static uint64_t sum_differences(const uint8_t *restrict a, const uint8_t *restrict b, size_t bytes)
{
    uint64_t all = 0;
    for (size_t begin = 0; begin < bytes; begin += 1 << 16) { /* short enough for 32 bits */
        const size_t end = bytes - begin < 1 << 16 ? bytes : begin + (1 << 16);
        uint32_t sum = 0;
        for (size_t i = begin; i < end; i++) sum += (uint32_t)abs(a[i] - b[i]);
        all += sum;
    }
    return all;
}

/* From the frame `distance` ago to the last one; false where either is missing. */
static bool change(const gb_distances *d, int subject, int distance, uint64_t *sum)
{
    const size_t now = subject_at(d, d->place, subject);
    const size_t then = subject_at(d, (d->place + PLACES - distance) % PLACES, subject);
    if (!d->there[now] || !d->there[then]) return false;
    *sum = sum_differences(d->ring + now * d->bytes, d->ring + then * d->bytes, d->bytes);
    return true;
}

void gb_distances_add(gb_distances *distances, bool follows, const gb_image *truth, const gb_image *const *frames)
{
    gb_distances *d = distances;
    d->place = (d->place + 1) % PLACES;
    d->length = follows && d->length ? d->length + 1 : 1;
    if (d->length == 1) d->sequence++;
    store(d, d->contenders, truth);
    for (int c = 0; c < d->contenders; c++) store(d, c, frames[c]);
    for (int distance = 1; distance <= GB_MOST_DISTANCE && distance < d->length; distance++) {
        uint64_t of_truth, own;
        if (!change(d, d->contenders, distance, &of_truth)) continue;
        for (int c = 0; c < d->contenders; c++) {
            distance_sum *sum = &d->sums[c * GB_MOST_DISTANCE + distance - 1];
            if (!change(d, c, distance, &own)) continue;
            sum->own += own;
            sum->truth += of_truth;
            sum->pairs++;
            sum->shots += sum->last_shot != d->sequence;
            sum->last_shot = d->sequence;
        }
    }
}

gb_status gb_distances_record(const gb_distances *distances, gb_run *run, const char *dataset,
                              const gb_contender *contenders, gb_error *err)
{
    const gb_distances *d = distances;
    for (int c = 0; c < d->contenders; c++)
        for (int distance = 1; distance <= GB_MOST_DISTANCE; distance++) {
            const distance_sum *sum = &d->sums[c * GB_MOST_DISTANCE + distance - 1];
            if (!sum->pairs) continue;
            gb_run_change *row = gb_record_append(&run->changes, &run->change_count, sizeof *row);
            if (!row) return gb_fail_memory(err, "changes", sizeof *row);
            const double samples = (double)d->bytes * sum->pairs;
            *row = (gb_run_change){.generator = gb_strdup(contenders[c].id), .dataset = gb_strdup(dataset),
                                   .region = d->region, .distance = distance, .pairs = sum->pairs,
                                   .shots = sum->shots, .mean = (double)sum->own / samples,
                                   .truth = (double)sum->truth / samples};
            if (!row->generator || !row->dataset) return gb_fail_memory(err, "changes", sizeof *row);
        }
    return GB_OK;
}
