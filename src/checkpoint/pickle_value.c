#include <stdlib.h>
#include <string.h>

#include "checkpoint/pickle_machine.h"
#include "core/memory.h"

#define BLOCK_VALUES 512
#define VALUES_MAX ((size_t)1 << 22)

struct gb_pickle_block {
    gb_pickle_block *next;
    size_t used;
    gb_pickle_value value[BLOCK_VALUES];
};

const char *gb_pickle_kind_name(gb_pickle_kind kind)
{
    static const char *const name[] = {
        [GB_PICKLE_MARK] = "a mark",     [GB_PICKLE_NONE] = "None",       [GB_PICKLE_BOOL] = "a boolean",
        [GB_PICKLE_INT] = "a number",    [GB_PICKLE_FLOAT] = "a float",   [GB_PICKLE_STRING] = "a string",
        [GB_PICKLE_BYTES] = "bytes",     [GB_PICKLE_LIST] = "a list",     [GB_PICKLE_TUPLE] = "a tuple",
        [GB_PICKLE_DICT] = "a dict",     [GB_PICKLE_GLOBAL] = "a global", [GB_PICKLE_DTYPE] = "a dtype",
        [GB_PICKLE_STORAGE] = "a storage", [GB_PICKLE_TENSOR] = "a tensor", [GB_PICKLE_ARRAY] = "an array",
        [GB_PICKLE_INERT] = "a plain object",
    };
    return name[kind];
}

gb_status gb_pickle_damaged(const gb_pickle *p, gb_error *err, const char *expected, const char *found)
{
    return gb_fail(err, GB_E_FORMAT, "%s: damaged pickle: expected %s, found %s before byte %zu", p->path, expected,
                   found, p->at);
}

gb_status gb_pickle_new(gb_pickle *p, gb_pickle_kind kind, gb_pickle_value **out, gb_error *err)
{
    if (p->values >= VALUES_MAX)
        return gb_fail(err, GB_E_FORMAT, "%s: expected at most %zu pickled values, found more", p->path, VALUES_MAX);
    if (!p->blocks || p->blocks->used == BLOCK_VALUES) {
        gb_pickle_block *block = gb_alloc(1, sizeof *block);
        if (!block) return gb_fail_memory(err, p->path, sizeof *block);
        block->next = p->blocks;
        p->blocks = block;
    }
    gb_pickle_value *value = &p->blocks->value[p->blocks->used++];
    value->kind = kind;
    p->values++;
    *out = value;
    return GB_OK;
}

static bool has_list(gb_pickle_kind kind)
{
    return kind == GB_PICKLE_LIST || kind == GB_PICKLE_TUPLE || kind == GB_PICKLE_DICT;
}

void gb_pickle_free(gb_pickle *p)
{
    if (!p) return;
    for (gb_pickle_block *block = p->blocks, *next; block; block = next) {
        next = block->next;
        for (size_t i = 0; i < block->used; i++) {
            if (has_list(block->value[i].kind)) free(block->value[i].list.item);
            free(block->value[i].owned);
        }
        free(block);
    }
    free(p->stack.item);
    free(p->memo.item);
    free(p);
}

gb_status gb_pickle_append(gb_pickle *p, gb_pickle_list *list, gb_pickle_value *value, gb_error *err)
{
    if (gb_grow(&list->item, &list->capacity, list->count + 1, sizeof *list->item) != 0)
        return gb_fail_memory(err, p->path, list->count * sizeof *list->item);
    list->item[list->count++] = value;
    return GB_OK;
}

gb_status gb_pickle_own(gb_pickle *p, gb_pickle_value *value, size_t size, gb_error *err)
{
    value->owned = gb_alloc(size, 1);
    return value->owned ? GB_OK : gb_fail_memory(err, p->path, size);
}

bool gb_pickle_text_is(gb_pickle_text text, const char *expected)
{
    return text.size == strlen(expected) && !memcmp(text.data, expected, text.size);
}

const gb_pickle_value *gb_pickle_root(const gb_pickle *p)
{
    return p->stack.item[0];
}

static unsigned hex_digit(char c)
{
    if (c >= '0' && c <= '9') return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a') + 10;
    return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : 16;
}

/* The number after "\x", "\u" or "\U" at `text`; false when its digits are not all there. */
static bool read_hex(const char *text, size_t left, size_t digits, uint32_t *out)
{
    uint32_t value = 0;
    if (left < digits) return false;
    for (size_t i = 0; i < digits; i++) {
        const unsigned digit = hex_digit(text[i]);
        if (digit > 15) return false;
        value = value << 4 | digit;
    }
    *out = value;
    return true;
}

static size_t write_utf8(char *out, uint32_t code)
{
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    const size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size; i-- > 1; code >>= 6) out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(lead[size] | code);
    return size;
}

gb_status gb_pickle_unescape(gb_pickle *p, gb_pickle_text text, bool is_bytes, gb_pickle_value *value, gb_error *err)
{
    GB_TRY(gb_pickle_own(p, value, 2 * text.size + 1, err)); /* a byte above 0x7f takes two in UTF-8 */
    char *out = value->owned;
    size_t used = 0;
    for (size_t i = 0; i < text.size;) {
        const unsigned char c = (unsigned char)text.data[i++];
        const char next = c == '\\' && i < text.size ? text.data[i] : '\0';
        uint32_t code = c;
        if (is_bytes ? next == 'x' : next == 'u' || next == 'U') {
            const size_t digits = next == 'x' ? 2 : next == 'u' ? 4 : 8;
            if (!read_hex(text.data + i + 1, text.size - i - 1, digits, &code) || code > 0x10ffff)
                return gb_pickle_damaged(p, err, "a character's number", "none");
            i += 1 + digits;
        } else if (next && is_bytes) {
            code = next == 'n' ? '\n' : next == 't' ? '\t' : next == 'r' ? '\r' : (unsigned char)next;
            i++;
        }
        if (is_bytes) out[used++] = (char)code;
        else used += write_utf8(out + used, code);
    }
    value->text = (gb_pickle_text){out, used};
    return GB_OK;
}

gb_status gb_pickle_encode_latin1(gb_pickle *p, gb_pickle_text text, gb_pickle_value *value, gb_error *err)
{
    GB_TRY(gb_pickle_own(p, value, text.size, err));
    unsigned char *out = value->owned;
    size_t used = 0;
    for (size_t i = 0; i < text.size; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        if (c < 0x80) {
            out[used++] = c;
        } else if ((c & 0xfe) == 0xc2 && i + 1 < text.size && ((unsigned char)text.data[i + 1] & 0xc0) == 0x80) {
            out[used++] = (unsigned char)((c & 3) << 6 | ((unsigned char)text.data[++i] & 0x3f));
        } else {
            return gb_pickle_damaged(p, err, "characters of one byte", "others");
        }
    }
    value->text = (gb_pickle_text){(const char *)out, used};
    return GB_OK;
}
