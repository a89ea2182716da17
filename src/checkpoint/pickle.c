#include "checkpoint/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "checkpoint/pickle_machine.h"
#include "core/memory.h"

#define PUSHES_MAX ((size_t)1 << 24)
#define LINE_MAX_BYTES 65536
#define PROTOCOL_MAX 5

/* ---- Input and stack ---- */

static gb_status take(gb_pickle *p, uint64_t size, const unsigned char **bytes, gb_error *err)
{
    if (size > p->size - p->at) return gb_pickle_damaged(p, err, "a whole pickle", "its end too early");
    *bytes = p->bytes + p->at;
    p->at += (size_t)size;
    return GB_OK;
}

/* A little-endian unsigned number of `size` bytes. */
static gb_status take_number(gb_pickle *p, size_t size, uint64_t *out, gb_error *err)
{
    const unsigned char *bytes = NULL;
    GB_TRY(take(p, size, &bytes, err));
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) value |= (uint64_t)bytes[i] << (8 * i);
    *out = value;
    return GB_OK;
}

/* The text up to the next line feed, which is skipped. */
static gb_status take_line(gb_pickle *p, gb_pickle_text *out, gb_error *err)
{
    const size_t left = p->size - p->at;
    const char *start = (const char *)p->bytes + p->at;
    const char *end = memchr(start, '\n', left < LINE_MAX_BYTES ? left : LINE_MAX_BYTES);
    if (!end) return gb_pickle_damaged(p, err, "the end of a line", "none");
    *out = (gb_pickle_text){start, (size_t)(end - start)};
    p->at += out->size + 1;
    return GB_OK;
}

static gb_status push(gb_pickle *p, gb_pickle_value *value, gb_error *err)
{
    if (p->pushes++ >= PUSHES_MAX)
        return gb_fail(err, GB_E_FORMAT, "%s: expected at most %zu pickle steps, found more", p->path, PUSHES_MAX);
    return gb_pickle_append(p, &p->stack, value, err);
}

static gb_status push_new(gb_pickle *p, gb_pickle_kind kind, gb_pickle_value **out, gb_error *err)
{
    GB_TRY(gb_pickle_new(p, kind, out, err));
    return push(p, *out, err);
}

static gb_status pop_any(gb_pickle *p, gb_pickle_value **out, gb_error *err)
{
    if (!p->stack.count) return gb_pickle_damaged(p, err, "a value on the stack", "none");
    *out = p->stack.item[--p->stack.count];
    return GB_OK;
}

static gb_status pop(gb_pickle *p, gb_pickle_value **out, gb_error *err)
{
    GB_TRY(pop_any(p, out, err));
    return (*out)->kind == GB_PICKLE_MARK ? gb_pickle_damaged(p, err, "a value on the stack", "a mark") : GB_OK;
}

/* Takes the values above the last mark, and the mark, off the stack; they stay readable until the next push. */
static gb_status pop_to_mark(gb_pickle *p, gb_pickle_value ***items, size_t *count, gb_error *err)
{
    size_t at = p->stack.count;
    while (at && p->stack.item[at - 1]->kind != GB_PICKLE_MARK) at--;
    if (!at) return gb_pickle_damaged(p, err, "a mark on the stack", "none");
    *items = p->stack.item + at;
    *count = p->stack.count - at;
    p->stack.count = at - 1;
    return GB_OK;
}

static gb_status top(gb_pickle *p, gb_pickle_kind kind, gb_pickle_value **out, gb_error *err)
{
    if (!p->stack.count) return gb_pickle_damaged(p, err, gb_pickle_kind_name(kind), "an empty stack");
    *out = p->stack.item[p->stack.count - 1];
    if ((*out)->kind == kind) return GB_OK;
    return gb_pickle_damaged(p, err, gb_pickle_kind_name(kind), gb_pickle_kind_name((*out)->kind));
}

/* ---- Opcodes; a and b come from the table ---- */

static gb_status op_push(gb_pickle *p, int kind, int boolean, gb_error *err)
{
    gb_pickle_value *value;
    GB_TRY(push_new(p, (gb_pickle_kind)kind, &value, err));
    if (kind == GB_PICKLE_BOOL) value->boolean = boolean != 0;
    return GB_OK;
}

static gb_status op_stop(gb_pickle *p, int a, int b, gb_error *err)
{
    (void)a, (void)b;
    if (p->stack.count != 1 || p->stack.item[0]->kind == GB_PICKLE_MARK)
        return gb_pickle_damaged(p, err, "one value at the end", "another number of them");
    p->stopped = true;
    return GB_OK;
}

static gb_status op_pop(gb_pickle *p, int a, int b, gb_error *err)
{
    (void)a, (void)b;
    gb_pickle_value *value;
    return pop_any(p, &value, err);
}

static gb_status op_pop_mark(gb_pickle *p, int a, int b, gb_error *err)
{
    (void)a, (void)b;
    gb_pickle_value **items = NULL;
    size_t count = 0;
    return pop_to_mark(p, &items, &count, err);
}

static gb_status op_dup(gb_pickle *p, int a, int b, gb_error *err)
{
    (void)a, (void)b;
    gb_pickle_value *value = NULL;
    GB_TRY(pop(p, &value, err));
    GB_TRY(push(p, value, err));
    return push(p, value, err);
}

static gb_status op_skip(gb_pickle *p, int size, int is_protocol, gb_error *err)
{
    uint64_t value;
    GB_TRY(take_number(p, (size_t)size, &value, err));
    if (is_protocol && value > PROTOCOL_MAX) return gb_pickle_damaged(p, err, "protocol 0 to 5", "a later one");
    return GB_OK;
}

static gb_status op_int(gb_pickle *p, int size, int is_signed, gb_error *err)
{
    uint64_t bits;
    gb_pickle_value *value;
    GB_TRY(take_number(p, (size_t)size, &bits, err));
    GB_TRY(push_new(p, GB_PICKLE_INT, &value, err));
    value->integer = is_signed ? (int64_t)(int32_t)(uint32_t)bits : (int64_t)bits;
    return GB_OK;
}

/* A two's complement number of any length; beyond 64 bits its value is clamped. */
static gb_status op_long(gb_pickle *p, int length_size, int b, gb_error *err)
{
    (void)b;
    uint64_t size;
    const unsigned char *bytes = NULL;
    gb_pickle_value *value;
    GB_TRY(take_number(p, (size_t)length_size, &size, err));
    GB_TRY(take(p, size, &bytes, err));
    GB_TRY(push_new(p, GB_PICKLE_INT, &value, err));
    const bool negative = size && bytes[size - 1] & 0x80;
    uint64_t bits = negative ? UINT64_MAX : 0;
    for (size_t i = 0; i < size && i < 8; i++)
        bits = (bits & ~((uint64_t)0xff << (8 * i))) | (uint64_t)bytes[i] << (8 * i);
    value->integer = size <= 8 ? (int64_t)bits : negative ? INT64_MIN : INT64_MAX;
    return GB_OK;
}

/* Protocol 0's numbers: "12", "12L", "1.5", and "00" and "01" for the booleans. */
static gb_status op_number_line(gb_pickle *p, int kind, int b, gb_error *err)
{
    (void)b;
    gb_pickle_text line = {0};
    GB_TRY(take_line(p, &line, err));
    char text[64];
    if (!line.size || line.size >= sizeof text) return gb_pickle_damaged(p, err, "a number", "none");
    memcpy(text, line.data, line.size);
    text[line.size] = '\0';
    char *end;
    gb_pickle_value *value;
    if (kind == GB_PICKLE_INT && (!strcmp(text, "00") || !strcmp(text, "01")))
        return op_push(p, GB_PICKLE_BOOL, text[1] == '1', err);
    GB_TRY(push_new(p, (gb_pickle_kind)kind, &value, err));
    if (kind == GB_PICKLE_INT) value->integer = strtoll(text, &end, 10);
    else value->real = strtod(text, &end);
    if (end == text || (*end && strcmp(end, "L") != 0)) return gb_pickle_damaged(p, err, "a number", "other text");
    return GB_OK;
}

static gb_status op_float(gb_pickle *p, int a, int b, gb_error *err)
{
    (void)a, (void)b;
    const unsigned char *bytes = NULL;
    gb_pickle_value *value;
    GB_TRY(take(p, 8, &bytes, err));
    GB_TRY(push_new(p, GB_PICKLE_FLOAT, &value, err));
    uint64_t bits = 0;
    for (size_t i = 0; i < 8; i++) bits = bits << 8 | bytes[i];
    memcpy(&value->real, &bits, sizeof value->real);
    return GB_OK;
}

static gb_status op_text(gb_pickle *p, int kind, int length_size, gb_error *err)
{
    uint64_t size;
    const unsigned char *bytes = NULL;
    gb_pickle_value *value;
    GB_TRY(take_number(p, (size_t)length_size, &size, err));
    GB_TRY(take(p, size, &bytes, err));
    GB_TRY(push_new(p, (gb_pickle_kind)kind, &value, err));
    value->text = (gb_pickle_text){(const char *)bytes, (size_t)size};
    return GB_OK;
}

static gb_status op_text_line(gb_pickle *p, int quoted, int b, gb_error *err)
{
    (void)b;
    gb_pickle_text line = {0};
    gb_pickle_value *value;
    GB_TRY(take_line(p, &line, err));
    GB_TRY(push_new(p, GB_PICKLE_STRING, &value, err));
    if (quoted && (line.size < 2 || (line.data[0] != '\'' && line.data[0] != '"') ||
                   line.data[line.size - 1] != line.data[0]))
        return gb_pickle_damaged(p, err, "a quoted string", "none");
    if (quoted) line = (gb_pickle_text){line.data + 1, line.size - 2};
    return gb_pickle_unescape(p, line, quoted != 0, value, err);
}

/* A list, tuple or dict of everything above the mark. */
static gb_status op_collect(gb_pickle *p, int kind, int b, gb_error *err)
{
    (void)b;
    gb_pickle_value **items = NULL, *value = NULL;
    size_t count = 0;
    GB_TRY(pop_to_mark(p, &items, &count, err));
    if (kind == GB_PICKLE_DICT && count % 2) return gb_pickle_damaged(p, err, "keys with values", "a key alone");
    GB_TRY(gb_pickle_new(p, (gb_pickle_kind)kind, &value, err));
    for (size_t i = 0; i < count; i++) GB_TRY(gb_pickle_append(p, &value->list, items[i], err));
    return push(p, value, err);
}

static gb_status op_tuple(gb_pickle *p, int count, int b, gb_error *err)
{
    (void)b;
    gb_pickle_value *item[3] = {NULL}, *value = NULL;
    for (int i = count - 1; i >= 0; i--) GB_TRY(pop(p, &item[i], err));
    GB_TRY(gb_pickle_new(p, GB_PICKLE_TUPLE, &value, err));
    for (int i = 0; i < count; i++) GB_TRY(gb_pickle_append(p, &value->list, item[i], err));
    return push(p, value, err);
}

static gb_status op_add(gb_pickle *p, int kind, int count, gb_error *err)
{
    gb_pickle_value *item[2] = {NULL}, *value = NULL;
    for (int i = count - 1; i >= 0; i--) GB_TRY(pop(p, &item[i], err));
    GB_TRY(top(p, (gb_pickle_kind)kind, &value, err));
    for (int i = 0; i < count; i++) GB_TRY(gb_pickle_append(p, &value->list, item[i], err));
    return GB_OK;
}

static gb_status op_add_marked(gb_pickle *p, int kind, int b, gb_error *err)
{
    (void)b;
    gb_pickle_value **items = NULL, *value = NULL;
    size_t count = 0;
    GB_TRY(pop_to_mark(p, &items, &count, err));
    GB_TRY(top(p, (gb_pickle_kind)kind, &value, err));
    if (kind == GB_PICKLE_DICT && count % 2) return gb_pickle_damaged(p, err, "keys with values", "a key alone");
    for (size_t i = 0; i < count; i++) GB_TRY(gb_pickle_append(p, &value->list, items[i], err));
    return GB_OK;
}

/* Picklers count their memo up from 0 or 1, so an index beyond what could have been stored is damage. */
static gb_status memo_index(gb_pickle *p, int size, uint64_t *index, gb_error *err)
{
    if (size) {
        GB_TRY(take_number(p, (size_t)size, index, err));
    } else {
        gb_pickle_text line = {0};
        GB_TRY(take_line(p, &line, err));
        *index = line.size ? 0 : UINT64_MAX;
        for (size_t i = 0; i < line.size && *index < UINT32_MAX; i++)
            *index = line.data[i] >= '0' && line.data[i] <= '9' ? *index * 10 + (uint64_t)(line.data[i] - '0')
                                                                 : UINT64_MAX;
    }
    return *index < PUSHES_MAX && *index <= p->at ? GB_OK : gb_pickle_damaged(p, err, "a memo index", "none");
}

static gb_status op_put(gb_pickle *p, int size, int is_counted, gb_error *err)
{
    uint64_t index = p->memo.count;
    if (!is_counted) GB_TRY(memo_index(p, size, &index, err));
    if (!p->stack.count) return gb_pickle_damaged(p, err, "a value to keep", "none");
    while (p->memo.count <= index) GB_TRY(gb_pickle_append(p, &p->memo, NULL, err));
    p->memo.item[index] = p->stack.item[p->stack.count - 1];
    return GB_OK;
}

static gb_status op_get(gb_pickle *p, int size, int b, gb_error *err)
{
    (void)b;
    uint64_t index;
    GB_TRY(memo_index(p, size, &index, err));
    if (index >= p->memo.count || !p->memo.item[index] || p->memo.item[index]->kind == GB_PICKLE_MARK)
        return gb_pickle_damaged(p, err, "a value kept before", "none");
    return push(p, p->memo.item[index], err);
}

static gb_status op_global(gb_pickle *p, int a, int b, gb_error *err)
{
    (void)a, (void)b;
    gb_pickle_text module = {0}, name = {0};
    gb_pickle_value *value;
    GB_TRY(take_line(p, &module, err));
    GB_TRY(take_line(p, &name, err));
    GB_TRY(gb_pickle_find_global(p, module, name, &value, err));
    return push(p, value, err);
}

static gb_status op_stack_global(gb_pickle *p, int a, int b, gb_error *err)
{
    (void)a, (void)b;
    gb_pickle_value *module = NULL, *name = NULL, *value = NULL;
    GB_TRY(pop(p, &name, err));
    GB_TRY(pop(p, &module, err));
    if (module->kind != GB_PICKLE_STRING || name->kind != GB_PICKLE_STRING)
        return gb_pickle_damaged(p, err, "the name of a global", gb_pickle_kind_name(name->kind));
    GB_TRY(gb_pickle_find_global(p, module->text, name->text, &value, err));
    return push(p, value, err);
}

/* REDUCE, NEWOBJ and NEWOBJ_EX: callee and its arguments, with keywords (not looked at) for the last. */
static gb_status op_call(gb_pickle *p, int has_keywords, int b, gb_error *err)
{
    (void)b;
    gb_pickle_value *keywords = NULL, *args = NULL, *callee = NULL, *value = NULL;
    if (has_keywords) GB_TRY(pop(p, &keywords, err));
    GB_TRY(pop(p, &args, err));
    GB_TRY(pop(p, &callee, err));
    GB_TRY(gb_pickle_call(p, callee, args, &value, err));
    return push(p, value, err);
}

/* INST and OBJ, protocol 0's and 1's way to make an object: arguments lie above a mark, for OBJ after the callee. */
static gb_status op_object(gb_pickle *p, int is_named, int b, gb_error *err)
{
    (void)b;
    gb_pickle_value **items = NULL, *args = NULL, *callee = NULL, *value = NULL;
    size_t count = 0, first = 0;
    if (is_named) {
        GB_TRY(op_global(p, 0, 0, err));
        GB_TRY(pop(p, &callee, err));
    }
    GB_TRY(pop_to_mark(p, &items, &count, err));
    if (!is_named && count == 0) return gb_pickle_damaged(p, err, "a class", "none");
    if (!is_named) callee = items[first++];
    GB_TRY(gb_pickle_new(p, GB_PICKLE_TUPLE, &args, err));
    for (; first < count; first++) GB_TRY(gb_pickle_append(p, &args->list, items[first], err));
    GB_TRY(gb_pickle_call(p, callee, args, &value, err));
    return push(p, value, err);
}

static gb_status op_build(gb_pickle *p, int a, int b, gb_error *err)
{
    (void)a, (void)b;
    gb_pickle_value *state = NULL, *value = NULL;
    GB_TRY(pop(p, &state, err));
    GB_TRY(pop(p, &value, err));
    GB_TRY(gb_pickle_build(p, value, state, err));
    return push(p, value, err);
}

static gb_status op_persistent(gb_pickle *p, int a, int b, gb_error *err)
{
    (void)a, (void)b;
    gb_pickle_value *id = NULL, *value = NULL;
    GB_TRY(pop(p, &id, err));
    GB_TRY(gb_pickle_load_storage(p, id, &value, err));
    return push(p, value, err);
}

typedef struct opcode {
    gb_status (*run)(gb_pickle *p, int a, int b, gb_error *err);
    int a, b;
} opcode;

static const opcode opcodes[256] = {
    ['('] = {op_push, GB_PICKLE_MARK, 0},
    ['N'] = {op_push, GB_PICKLE_NONE, 0},
    [0x88] = {op_push, GB_PICKLE_BOOL, 1},
    [0x89] = {op_push, GB_PICKLE_BOOL, 0},
    [']'] = {op_push, GB_PICKLE_LIST, 0},
    ['}'] = {op_push, GB_PICKLE_DICT, 0},
    [')'] = {op_push, GB_PICKLE_TUPLE, 0},
    [0x8f] = {op_push, GB_PICKLE_LIST, 0}, /* EMPTY_SET */
    ['.'] = {op_stop, 0, 0},
    ['0'] = {op_pop, 0, 0},
    ['1'] = {op_pop_mark, 0, 0},
    ['2'] = {op_dup, 0, 0},
    [0x80] = {op_skip, 1, 1}, /* PROTO */
    [0x95] = {op_skip, 8, 0}, /* FRAME */
    ['K'] = {op_int, 1, 0},
    ['M'] = {op_int, 2, 0},
    ['J'] = {op_int, 4, 1},
    [0x8a] = {op_long, 1, 0},
    [0x8b] = {op_long, 4, 0},
    ['I'] = {op_number_line, GB_PICKLE_INT, 0},
    ['L'] = {op_number_line, GB_PICKLE_INT, 0},
    ['F'] = {op_number_line, GB_PICKLE_FLOAT, 0},
    ['G'] = {op_float, 0, 0},
    ['U'] = {op_text, GB_PICKLE_STRING, 1},
    ['T'] = {op_text, GB_PICKLE_STRING, 4},
    [0x8c] = {op_text, GB_PICKLE_STRING, 1},
    ['X'] = {op_text, GB_PICKLE_STRING, 4},
    [0x8d] = {op_text, GB_PICKLE_STRING, 8},
    ['C'] = {op_text, GB_PICKLE_BYTES, 1},
    ['B'] = {op_text, GB_PICKLE_BYTES, 4},
    [0x8e] = {op_text, GB_PICKLE_BYTES, 8},
    [0x96] = {op_text, GB_PICKLE_BYTES, 8}, /* BYTEARRAY8 */
    ['S'] = {op_text_line, 1, 0},
    ['V'] = {op_text_line, 0, 0},
    ['l'] = {op_collect, GB_PICKLE_LIST, 0},
    ['t'] = {op_collect, GB_PICKLE_TUPLE, 0},
    ['d'] = {op_collect, GB_PICKLE_DICT, 0},
    [0x91] = {op_collect, GB_PICKLE_LIST, 0}, /* FROZENSET */
    [0x85] = {op_tuple, 1, 0},
    [0x86] = {op_tuple, 2, 0},
    [0x87] = {op_tuple, 3, 0},
    ['a'] = {op_add, GB_PICKLE_LIST, 1},
    ['s'] = {op_add, GB_PICKLE_DICT, 2},
    ['e'] = {op_add_marked, GB_PICKLE_LIST, 0},
    ['u'] = {op_add_marked, GB_PICKLE_DICT, 0},
    [0x90] = {op_add_marked, GB_PICKLE_LIST, 0}, /* ADDITEMS */
    ['p'] = {op_put, 0, 0},
    ['q'] = {op_put, 1, 0},
    ['r'] = {op_put, 4, 0},
    [0x94] = {op_put, 0, 1}, /* MEMOIZE */
    ['g'] = {op_get, 0, 0},
    ['h'] = {op_get, 1, 0},
    ['j'] = {op_get, 4, 0},
    ['c'] = {op_global, 0, 0},
    [0x93] = {op_stack_global, 0, 0},
    ['R'] = {op_call, 0, 0},
    [0x81] = {op_call, 0, 0}, /* NEWOBJ */
    [0x92] = {op_call, 1, 0}, /* NEWOBJ_EX */
    ['i'] = {op_object, 1, 0},
    ['o'] = {op_object, 0, 0},
    ['b'] = {op_build, 0, 0},
    ['Q'] = {op_persistent, 0, 0},
};

static gb_status run(gb_pickle *p, gb_error *err)
{
    while (!p->stopped) {
        const unsigned char *code = NULL;
        GB_TRY(take(p, 1, &code, err));
        const opcode *op = &opcodes[*code];
        if (!op->run) return gb_pickle_damaged(p, err, "an opcode of plain data", "another one");
        GB_TRY(op->run(p, op->a, op->b, err));
    }
    return GB_OK;
}

gb_status gb_pickle_parse(const char *path, const void *bytes, size_t size, gb_pickle **out, size_t *used,
                          gb_error *err)
{
    gb_pickle *p = gb_alloc(1, sizeof *p);
    if (!p) return gb_fail_memory(err, path, sizeof *p);
    p->path = path;
    p->bytes = bytes;
    p->size = size;
    const gb_status status = run(p, err);
    if (status != GB_OK) {
        gb_pickle_free(p);
        return status;
    }
    if (used) *used = p->at;
    *out = p;
    return GB_OK;
}
