#include "support/schema.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DEEPEST 32

typedef struct checker {
    const cJSON *root; /* of the schema, for $ref */
    gb_error *err;
} checker;

typedef struct place {
    const struct place *parent;
    const char *key; /* NULL: `index` */
    int index, depth;
} place;

static gb_status check(checker *c, const cJSON *schema, const cJSON *value, const place *at);

static void write_place(const place *at, char *text, size_t size)
{
    if (!at->parent) {
        snprintf(text, size, "$");
        return;
    }
    write_place(at->parent, text, size);
    const size_t used = strlen(text);
    if (at->key)
        snprintf(text + used, size - used, ".%s", at->key);
    else
        snprintf(text + used, size - used, "[%d]", at->index);
}

static gb_status bad(checker *c, const place *at, const char *what, const cJSON *value)
{
    char where[256];
    write_place(at, where, sizeof where);
    char *found = cJSON_PrintUnformatted(value);
    gb_fail(c->err, GB_E_FORMAT, "%s: expected %s, found %.80s", where, what, found ? found : "?");
    cJSON_free(found);
    return GB_E_FORMAT;
}

static bool is_of_type(const cJSON *value, const char *type)
{
    if (!strcmp(type, "object")) return cJSON_IsObject(value);
    if (!strcmp(type, "array")) return cJSON_IsArray(value);
    if (!strcmp(type, "string")) return cJSON_IsString(value);
    if (!strcmp(type, "boolean")) return cJSON_IsBool(value);
    if (!strcmp(type, "null")) return cJSON_IsNull(value);
    if (!strcmp(type, "number")) return cJSON_IsNumber(value);
    return !strcmp(type, "integer") && cJSON_IsNumber(value) && value->valuedouble == floor(value->valuedouble);
}

static gb_status check_type(checker *c, const cJSON *types, const cJSON *value, const place *at)
{
    if (cJSON_IsString(types))
        return is_of_type(value, types->valuestring) ? GB_OK : bad(c, at, types->valuestring, value);
    const cJSON *type;
    cJSON_ArrayForEach(type, types) if (is_of_type(value, type->valuestring)) return GB_OK;
    return bad(c, at, "another type", value);
}

static gb_status check_members(checker *c, const cJSON *schema, const cJSON *value, const place *at)
{
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
    const cJSON *others = cJSON_GetObjectItemCaseSensitive(schema, "additionalProperties"), *name, *member;
    if (!cJSON_IsObject(value)) return GB_OK;
    cJSON_ArrayForEach(name, cJSON_GetObjectItemCaseSensitive(schema, "required"))
    {
        const place inner = {.parent = at, .key = name->valuestring, .depth = at->depth + 1};
        if (!cJSON_GetObjectItemCaseSensitive(value, name->valuestring)) return bad(c, &inner, "a member", value);
    }
    cJSON_ArrayForEach(member, value)
    {
        const place inner = {.parent = at, .key = member->string, .depth = at->depth + 1};
        const cJSON *own = cJSON_GetObjectItemCaseSensitive(properties, member->string);
        if (!own) own = others;
        if (own && cJSON_IsFalse(own)) return bad(c, &inner, "no such member", member);
        if (own) GB_TRY(check(c, own, member, &inner));
    }
    return GB_OK;
}

static gb_status check_items(checker *c, const cJSON *items, const cJSON *value, const place *at)
{
    const cJSON *item;
    int index = 0;
    if (!cJSON_IsArray(value)) return GB_OK;
    cJSON_ArrayForEach(item, value)
    {
        const place inner = {.parent = at, .index = index++, .depth = at->depth + 1};
        GB_TRY(check(c, items, item, &inner));
    }
    return GB_OK;
}

/* Each against its own; what comes after them is not looked at, so minItems and maxItems must say their number. */
static gb_status check_prefix(checker *c, const cJSON *schemas, const cJSON *value, const place *at)
{
    const cJSON *schema, *item = cJSON_IsArray(value) ? value->child : NULL;
    int index = 0;
    cJSON_ArrayForEach(schema, schemas)
    {
        const place inner = {.parent = at, .index = index++, .depth = at->depth + 1};
        if (!item) break;
        GB_TRY(check(c, schema, item, &inner));
        item = item->next;
    }
    return GB_OK;
}

/* Keywords that hold a number; those that do not fit the value's type say nothing. */
static gb_status check_size(checker *c, const cJSON *word, const cJSON *value, const place *at, bool *known)
{
    const bool number = cJSON_IsNumber(value), text = cJSON_IsString(value), list = cJSON_IsArray(value);
    const double limit = word->valuedouble, own = number ? value->valuedouble : 0.0;
    const double size = text ? (double)strlen(value->valuestring) : list ? cJSON_GetArraySize(value) : 0.0;
    const char *name = word->string;
    *known = true;
    if (!strcmp(name, "minimum")) return !number || own >= limit ? GB_OK : bad(c, at, "more", value);
    if (!strcmp(name, "exclusiveMinimum")) return !number || own > limit ? GB_OK : bad(c, at, "more", value);
    if (!strcmp(name, "minLength")) return !text || size >= limit ? GB_OK : bad(c, at, "a longer text", value);
    if (!strcmp(name, "maxLength")) return !text || size <= limit ? GB_OK : bad(c, at, "a shorter text", value);
    if (!strcmp(name, "minItems")) return !list || size >= limit ? GB_OK : bad(c, at, "a longer list", value);
    if (!strcmp(name, "maxItems")) return !list || size <= limit ? GB_OK : bad(c, at, "a shorter list", value);
    *known = false;
    return GB_OK;
}

static gb_status check_any(checker *c, const cJSON *choices, const cJSON *value, const place *at)
{
    const cJSON *choice;
    cJSON_ArrayForEach(choice, choices)
    {
        gb_error unused;
        checker quiet = {.root = c->root, .err = &unused};
        const gb_status status = check(&quiet, choice, value, at);
        if (status == GB_OK) return GB_OK;
        if (status != GB_E_FORMAT) return gb_fail(c->err, status, "%.800s", unused.text);
    }
    return bad(c, at, "one of several forms", value);
}

static gb_status check_one_of(checker *c, const cJSON *values, const cJSON *value, const place *at)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, values) if (cJSON_Compare(one, value, true)) return GB_OK;
    return bad(c, at, "one of a list of values", value);
}

static gb_status follow(checker *c, const char *reference, const cJSON *value, const place *at)
{
    static const char start[] = "#/$defs/";
    const cJSON *target = strncmp(reference, start, sizeof start - 1) != 0
                              ? NULL
                              : cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(c->root, "$defs"),
                                                                 reference + sizeof start - 1);
    if (!target) return gb_fail(c->err, GB_E_UNSUPPORTED, "schema: nothing at %.100s", reference);
    return check(c, target, value, at);
}

static gb_status check_keyword(checker *c, const cJSON *word, const cJSON *value, const place *at)
{
    static const char *const said[] = {"$schema",  "title",      "description",         "$defs",
                                       "required", "properties", "additionalProperties"}; /* the last: check_members */
    const char *name = word->string;
    if (!strcmp(name, "type")) return check_type(c, word, value, at);
    if (!strcmp(name, "$ref")) return follow(c, word->valuestring, value, at);
    if (!strcmp(name, "items")) return check_items(c, word, value, at);
    if (!strcmp(name, "anyOf")) return check_any(c, word, value, at);
    if (!strcmp(name, "enum")) return check_one_of(c, word, value, at);
    if (!strcmp(name, "const")) return cJSON_Compare(word, value, true) ? GB_OK : bad(c, at, "another value", value);
    if (!strcmp(name, "prefixItems")) return check_prefix(c, word, value, at);
    bool known;
    GB_TRY(check_size(c, word, value, at, &known));
    if (known) return GB_OK;
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (!strcmp(name, said[i])) return GB_OK;
    return gb_fail(c->err, GB_E_UNSUPPORTED, "schema: keyword \"%.80s\" is not checked here", name);
}

static gb_status check(checker *c, const cJSON *schema, const cJSON *value, const place *at)
{
    const cJSON *word;
    if (at->depth > DEEPEST) return gb_fail(c->err, GB_E_UNSUPPORTED, "schema: deeper than %d", DEEPEST);
    if (!cJSON_IsObject(schema)) return gb_fail(c->err, GB_E_UNSUPPORTED, "schema: expected an object");
    cJSON_ArrayForEach(word, schema) GB_TRY(check_keyword(c, word, value, at));
    return check_members(c, schema, value, at);
}

gb_status schema_check(const cJSON *schema, const cJSON *value, gb_error *err)
{
    checker c = {.root = schema, .err = err};
    const place top = {0};
    return check(&c, schema, value, &top);
}
