#include "protocol/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "core/sha256.h"

typedef struct scored_frame {
    char sha256[GB_SHA256_HEX]; /* "": not known */
} scored_frame;

struct gb_audit {
    const gb_protocol *protocol;
    int contenders, count;
    int pick[GB_AUDIT_FRAMES];
    scored_frame *scored;     /* [contender][frame] */
    gb_audit_result *result;  /* [contender] */
};

/* Batches are counted from the dataset's first pick on, as they are scored. */
static void choose_picks(gb_audit *audit, int first, int count)
{
    const int batch = audit->protocol->stat_batch, skipped = (batch - first % batch) % batch;
    const int batches = (count - skipped) / batch;
    const bool whole = audit->protocol->batch_stats && batch <= GB_AUDIT_FRAMES && batches > 0;
    const int chosen = whole ? first + skipped + batch * (int)(gb_random_mix(GB_AUDIT_SEED) % (uint64_t)batches) : 0;
    audit->count = whole ? batch : count < GB_AUDIT_FRAMES ? count : GB_AUDIT_FRAMES;
    for (int i = 0; i < audit->count; i++)
        audit->pick[i] = whole ? chosen + i : first + (int)((long)i * count / audit->count);
}

gb_status gb_audit_new(int contenders, int first, int count, const gb_protocol *protocol, gb_audit **out, gb_error *err)
{
    gb_audit *audit = gb_alloc(1, sizeof *audit);
    if (!audit) return gb_fail_memory(err, "audit", sizeof *audit);
    audit->protocol = protocol;
    audit->contenders = contenders;
    choose_picks(audit, first, count);
    audit->scored = gb_alloc((size_t)contenders * GB_AUDIT_FRAMES, sizeof *audit->scored);
    audit->result = gb_alloc((size_t)contenders, sizeof *audit->result);
    if (!audit->scored || !audit->result) {
        gb_audit_free(audit);
        return gb_fail_memory(err, "audit", (size_t)contenders * GB_AUDIT_FRAMES * sizeof *audit->scored);
    }
    for (int c = 0; c < contenders; c++) audit->result[c].unequal = -1;
    *out = audit;
    return GB_OK;
}

void gb_audit_free(gb_audit *audit)
{
    if (!audit) return;
    free(audit->scored);
    free(audit->result);
    free(audit);
}

int gb_audit_picks(const gb_audit *audit, const int **picks)
{
    *picks = audit->pick;
    return audit->count;
}

bool gb_audit_wants(const gb_audit *audit, int pick)
{
    for (int i = 0; audit && i < audit->count; i++)
        if (audit->pick[i] == pick) return true;
    return false;
}

void gb_audit_scored(gb_audit *audit, int contender, int pick, const char sha256[GB_SHA256_HEX])
{
    for (int i = 0; i < audit->count; i++)
        if (audit->pick[i] == pick)
            snprintf(audit->scored[contender * GB_AUDIT_FRAMES + i].sha256, GB_SHA256_HEX, "%s", sha256);
}

gb_status gb_audit_timed(gb_audit *audit, int contender, int index, gb_image *made, gb_error *err)
{
    const scored_frame *scored = &audit->scored[contender * GB_AUDIT_FRAMES + index];
    gb_audit_result *result = &audit->result[contender];
    char hex[GB_SHA256_HEX];
    if (!scored->sha256[0]) return GB_OK;
    GB_TRY(gb_protocol_finish(audit->protocol, made, err));
    gb_sha256_memory(made->rgb, (size_t)made->width * (size_t)made->height * 3, hex);
    result->sampled++;
    if (!strcmp(hex, scored->sha256)) result->equal++;
    else if (result->unequal < 0) result->unequal = audit->pick[index];
    return GB_OK;
}

gb_audit_result gb_audit_get(const gb_audit *audit, int contender)
{
    return audit->result[contender];
}
