#include "cli/fold.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/terminal.h"

enum { MOST_LINES = 512, MOST_COLUMNS = 32, GAP = 2, INDENT = 4, LEAST_WORDS = 24 };

/* Letter i is what lies from letter[i] up to letter[i + 1]: a byte, or several of UTF-8, which take one column. */
typedef struct line {
    const char *const *letter;
    int length;
} line;

/* A column of a table: letters [from, to) of every line; the first one has the names. */
typedef struct column {
    int from, to;
} column;

typedef struct table {
    FILE *out;
    int width;
    const line *row;
    int rows;
    column column[MOST_COLUMNS];
    int columns;
} table;

static bool is_blank_at(const line *l, int i)
{
    return *l->letter[i] == ' ';
}

static line part_of(const line *l, int from, int to)
{
    return (line){l->letter + from, to - from};
}

/* How many columns it took. */
static int put(FILE *out, const line *l)
{
    fwrite(l->letter[0], 1, (size_t)(l->letter[l->length] - l->letter[0]), out);
    return l->length;
}

static int put_blanks(FILE *out, int count)
{
    if (count > 0) fprintf(out, "%*s", count, "");
    return count;
}

/* Where blanks, or what is none, end that begin at `from`. */
static int end_of(const line *l, int from, bool blanks)
{
    while (from < l->length && is_blank_at(l, from) == blanks) from++;
    return from;
}

/* Words of a text within [at, width); further lines begin at `indent`. Nothing is printed after the last word. */
static void put_words(FILE *out, const line *text, int at, int indent, int width)
{
    bool first = true;
    for (int from = 0;; first = false) {
        const int start = end_of(text, from, true), end = end_of(text, start, false);
        const int apart = first ? 0 : start - from;
        const line word = part_of(text, start, end);
        if (start == text->length) return;
        if (!first && at + apart + word.length > width && indent + word.length <= width) {
            fputc('\n', out);
            at = put_blanks(out, indent);
        } else {
            at += put_blanks(out, apart);
        }
        at += put(out, &word);
        from = end;
    }
}

/* What a row has in a column, blanks after it left out. */
static line cell_of(const line *row, const column *c)
{
    const int from = c->from < row->length ? c->from : row->length;
    int to = c->to < row->length ? c->to : row->length;
    while (to > from && is_blank_at(row, to - 1)) to--;
    return part_of(row, from, to);
}

static int width_of(const column *c)
{
    return c->to - c->from;
}

/* Columns are what two blanks or more in every row part. */
static void find_columns(table *t)
{
    int longest = 0;
    for (int r = 0; r < t->rows; r++)
        if (t->row[r].length > longest) longest = t->row[r].length;
    t->columns = 0;
    int blanks = 0, from = 0;
    for (int at = 0; at <= longest; at++) {
        bool blank = true;
        for (int r = 0; r < t->rows && blank && at < longest; r++)
            blank = at >= t->row[r].length || is_blank_at(&t->row[r], at);
        if (at < longest && blank) {
            blanks++;
            continue;
        }
        if (blanks >= GAP && at > GAP && t->columns + 1 < MOST_COLUMNS) {
            t->column[t->columns++] = (column){from, at - blanks};
            from = at;
        }
        blanks = 0;
        if (at == longest) t->column[t->columns++] = (column){from, longest};
    }
}

static bool same_cell(const line *a, const line *b)
{
    const size_t bytes = (size_t)(a->letter[a->length] - a->letter[0]);
    return a->length == b->length && bytes == (size_t)(b->letter[b->length] - b->letter[0]) &&
           !memcmp(a->letter[0], b->letter[0], bytes);
}

/* Whether the first column alone says which row it is; rows that go on with the one above have nothing there, and rows
 * that are the same from end to end cannot be told apart. */
static bool names_tell(const table *t)
{
    for (int r = 1; r < t->rows; r++)
        for (int k = 0; k < r; k++) {
            const line a = cell_of(&t->row[r], &t->column[0]), b = cell_of(&t->row[k], &t->column[0]);
            if (a.length && same_cell(&a, &b) && !same_cell(&t->row[r], &t->row[k])) return false;
        }
    return true;
}

/* Further columns belong to the names until rows can be told apart by them. */
static void widen_names(table *t)
{
    while (t->columns > 2 && !names_tell(t)) {
        t->column[0].to = t->column[1].to;
        t->columns--;
        memmove(&t->column[1], &t->column[2], (size_t)(t->columns - 1) * sizeof t->column[0]);
    }
}

static bool is_blank(const table *t, int r, int first, int last)
{
    bool blank = !cell_of(&t->row[r], &t->column[0]).length;
    for (int c = first; c < last && blank; c++) blank = !cell_of(&t->row[r], &t->column[c]).length;
    return blank;
}

/* Columns [first, last) beside the names; the last one of all may be words that go on below themselves. */
static void put_band(const table *t, int first, int last)
{
    const int names = t->column[0].to;
    for (int r = 0; r < t->rows; r++) {
        if (is_blank(t, r, first, last)) continue;
        const line name = cell_of(&t->row[r], &t->column[0]);
        int at = put(t->out, &name);
        for (int c = first, place = names + GAP; c < last; place += width_of(&t->column[c++]) + GAP) {
            const line cell = cell_of(&t->row[r], &t->column[c]);
            if (!cell.length) continue;
            at += put_blanks(t->out, place - at);
            if (place + cell.length > t->width) put_words(t->out, &cell, at, place, t->width);
            else at += put(t->out, &cell);
        }
        fputc('\n', t->out);
    }
}

/* How many of the columns from `first` on have room beside the names; words need not have all of theirs. */
static int fitting(const table *t, int first)
{
    int last = first;
    for (int place = t->column[0].to + GAP; last < t->columns; last++) {
        const int wide = width_of(&t->column[last]);
        const int needed = last + 1 == t->columns && wide > LEAST_WORDS ? LEAST_WORDS : wide;
        if (place + needed > t->width) break;
        place += wide + GAP;
    }
    return last - first;
}

/* A row's cells below its name. */
static void put_stacked(const table *t)
{
    for (int r = 0; r < t->rows; r++) {
        const line name = cell_of(&t->row[r], &t->column[0]);
        const int full = t->width + INDENT + 1; /* the next cell begins a line */
        int at = name.length ? full : 0, start = INDENT;
        if (name.length) put_blanks(t->out, GAP);
        put_words(t->out, &name, GAP, INDENT, t->width);
        for (int c = 1; c < t->columns; c++) {
            const line cell = cell_of(&t->row[r], &t->column[c]);
            const int wide = width_of(&t->column[c]);
            const bool words = c + 1 == t->columns;
            if (!words && start + wide > t->width) start = INDENT;
            if (words && start > INDENT && start + (wide < LEAST_WORDS ? wide : LEAST_WORDS) > t->width) start = INDENT;
            if (cell.length && at > start) at = fprintf(t->out, "\n") - 1;
            if (cell.length) at += put_blanks(t->out, start - at);
            if (start + cell.length > t->width) {
                put_words(t->out, &cell, at, start, t->width);
                if (cell.length) at = full;
            } else {
                at += put(t->out, &cell);
            }
            start += wide + GAP;
        }
        fputc('\n', t->out);
    }
}

static void put_table(FILE *out, const line *row, int rows, int width)
{
    table t = {.out = out, .width = width, .row = row, .rows = rows};
    find_columns(&t);
    widen_names(&t);
    bool stacked = t.columns < 2;
    for (int first = 1; first < t.columns && !stacked;) {
        const int count = fitting(&t, first);
        stacked = count == 0;
        first += count;
    }
    if (stacked) {
        put_stacked(&t);
        return;
    }
    for (int first = 1; first < t.columns;) {
        const int count = fitting(&t, first);
        if (first > 1) fputc('\n', out);
        put_band(&t, first, first + count);
        first += count;
    }
}

/* Two blanks before it, and columns apart. */
static bool is_row(const line *l)
{
    if (l->length < 3 || !is_blank_at(l, 0) || !is_blank_at(l, 1)) return false;
    if (is_blank_at(l, 2)) return true;
    for (int i = 3; i + 1 < l->length; i++)
        if (is_blank_at(l, i) && is_blank_at(l, i + 1)) return true;
    return false;
}

static void put_lines(FILE *out, const line *l, int lines, int width)
{
    bool wide = false;
    for (int i = 0; i < lines; i++) wide = wide || l[i].length > width;
    if (wide && is_row(&l[0])) {
        put_table(out, l, lines, width);
        return;
    }
    for (int i = 0; i < lines; i++) {
        const int indent = end_of(&l[i], 0, true);
        if (l[i].length <= width) {
            put(out, &l[i]);
        } else {
            put_blanks(out, indent);
            put_words(out, &l[i], indent, indent + GAP, width);
        }
        fputc('\n', out);
    }
}

/* Where the letters of a text begin, its lines' ends among them, and where the last one ends. */
static int find_letters(const char *text, const char **letter)
{
    int count = 0;
    for (; *text; text++) {
        const bool goes_on = ((unsigned char)*text & 0xc0) == 0x80;
        if (!goes_on || !count || (unsigned char)*letter[count - 1] < 0xc0) letter[count++] = text;
    }
    letter[count] = text;
    return count;
}

void gb_fold_print(FILE *out, const char *text, int width)
{
    const char **const letter = gb_alloc(strlen(text) + 1, sizeof *letter);
    if (!letter) {
        fputs(text, out);
        return;
    }
    line l[MOST_LINES];
    const int letters = find_letters(text, letter);
    int lines = 0;
    for (int from = 0; from < letters;) {
        line next = {letter + from, 0};
        while (from + next.length < letters && *letter[from + next.length] != '\n') next.length++;
        if (lines == MOST_LINES || (lines && is_row(&next) != is_row(&l[0]))) {
            put_lines(out, l, lines, width);
            lines = 0;
        }
        l[lines++] = next;
        from += next.length + 1;
    }
    put_lines(out, l, lines, width);
    free(letter);
}

int gb_fold_width(FILE *to)
{
    return isatty(fileno(to)) ? gb_terminal_columns(fileno(to)) : 0;
}

FILE *gb_fold_open(gb_fold *fold, FILE *to)
{
    *fold = (gb_fold){.to = to, .width = gb_fold_width(to)};
    FILE *const kept = fold->width ? open_memstream(&fold->text, &fold->size) : NULL;
    return kept ? kept : to; /* without memory it is printed as it is */
}

gb_status gb_fold_close(gb_fold *fold, FILE *stream, gb_error *err)
{
    if (stream == fold->to) return GB_OK;
    const bool lost = ferror(stream) != 0;
    gb_status status = GB_OK;
    if (fclose(stream) != 0 || lost || !fold->text) status = gb_fail_memory(err, "a table", fold->size);
    else gb_fold_print(fold->to, fold->text, fold->width);
    free(fold->text);
    *fold = (gb_fold){0};
    return status;
}
