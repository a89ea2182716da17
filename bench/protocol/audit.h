/* The audit that timed runs are scored runs: of the frames that a generator makes while the clock runs, a seeded sample
 * must equal, byte for byte, what was scored of the same frames. A generator that is quicker because it answers
 * differently does not pass. */
#ifndef GB_PROTOCOL_AUDIT_H
#define GB_PROTOCOL_AUDIT_H

#include "core/sha256.h"
#include "protocol/frames.h"
#include "protocol/protocol.h"

/* Inputs that the timing pass takes in turn; as many as share batch statistics in the study's protocol. */
#define GB_AUDIT_FRAMES 15
#define GB_AUDIT_SEED 20261125u

typedef struct gb_audit gb_audit;

/* For picks [first, first + count) of one dataset: those that are scored here. */
gb_status gb_audit_new(int contenders, int first, int count, const gb_protocol *protocol, gb_audit **out, gb_error *err)
    GB_MUST_CHECK;
void gb_audit_free(gb_audit *audit);

/* The picks that are to be timed, at most GB_AUDIT_FRAMES, increasing: spread over all, or, with batch statistics, one
 * whole batch as it is scored (which, the seed says), because a frame's output depends on its batch. */
int gb_audit_picks(const gb_audit *audit, const int **picks);

/* Whether the pick is one of them; not where there is no audit (NULL). */
bool gb_audit_wants(const gb_audit *audit, int pick);

/* sha256 over the pixels of a frame as it was scored; one that is not to be timed is passed over. */
void gb_audit_scored(gb_audit *audit, int contender, int pick, const char sha256[GB_SHA256_HEX]);

/* Frame `index` of gb_audit_picks as the contender made it while timed; what the protocol does after compositing is
 * done to it here. One whose scored frame is not known is not counted. */
gb_status gb_audit_timed(gb_audit *audit, int contender, int index, gb_image *made, gb_error *err) GB_MUST_CHECK;

typedef struct gb_audit_result {
    int sampled, equal;
    int unequal; /* a pick that differed; -1: none */
} gb_audit_result;
/* So far; zeros where nothing was timed. */
gb_audit_result gb_audit_get(const gb_audit *audit, int contender);

#endif
