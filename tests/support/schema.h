/* Checks JSON against the part of JSON Schema (2020-12) that results/schema uses: type, const, enum, minimum,
 * exclusiveMinimum, minLength, maxLength, minItems, maxItems, prefixItems, items, required, properties,
 * additionalProperties, anyOf and $ref into $defs. Another keyword is an error, so that nothing in a schema goes
 * unchecked. */
#ifndef GB_TESTS_SCHEMA_H
#define GB_TESTS_SCHEMA_H

#include <cjson/cJSON.h>

#include "core/status.h"

/* GB_OK, GB_E_FORMAT with the place and what was expected there, or GB_E_UNSUPPORTED for a keyword. */
gb_status schema_check(const cJSON *schema, const cJSON *value, gb_error *err) GB_MUST_CHECK;

#endif
