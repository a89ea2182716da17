#include "cli/fold.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/terminal.h"

enum { MOST_LINES = 512, MOST_COLUMNS = 32, GAP = 2, INDENT = 4, LEAST_WORDS = 24 };

typedef struct line {
    const char *text;
    int length;
} line;

/* A column of a table: bytes [from, to) of every line; the first one has the names. */
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

/* Words of a text within [at, width); further lines begin at `indent`. Nothing is printed after the last word. */
static void put_words(FILE *out, const char *text, int length, int at, int indent, int width)
{
    const char *const end = text + length;
    for (bool first = true; text < end; first = false) {
        const int blanks = (int)strspn(text, " ");
        if (text + blanks >= end) return;
        text += blanks;
        int word = (int)strcspn(text, " ");
        if (word > end - text) word = (int)(end - text);
        const int apart = first ? 0 : blanks;
        if (!first && at + apart + word > width && indent + word <= width)
            at = fprintf(out, "\n%*s%.*s", indent, "", word, text) - 1;
        else
            at += fprintf(out, "%*s%.*s", apart, "", word, text);
        text += word;
    }
}

/* What a row has in a column, blanks around it left out. */
static line cell_of(const line *row, const column *c)
{
    line cell = {row->text + c->from, (row->length < c->to ? row->length : c->to) - c->from};
    if (row->length <= c->from) return (line){"", 0};
    while (cell.length && cell.text[cell.length - 1] == ' ') cell.length--;
    return cell;
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
            blank = at >= t->row[r].length || t->row[r].text[at] == ' ';
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
    return a->length == b->length && !memcmp(a->text, b->text, (size_t)a->length);
}

/* Whether the first column alone says which row it is; rows that go on with the one above have nothing there. */
static bool names_tell(const table *t)
{
    for (int r = 1; r < t->rows; r++)
        for (int k = 0; k < r; k++) {
            const line a = cell_of(&t->row[r], &t->column[0]), b = cell_of(&t->row[k], &t->column[0]);
            if (a.length && same_cell(&a, &b)) return false;
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
        int at = fprintf(t->out, "%.*s", name.length, name.text);
        for (int c = first, place = names + GAP; c < last; place += width_of(&t->column[c++]) + GAP) {
            const line cell = cell_of(&t->row[r], &t->column[c]);
            if (!cell.length) continue;
            at += fprintf(t->out, "%*s", place - at, "");
            if (place + cell.length > t->width) put_words(t->out, cell.text, cell.length, at, place, t->width);
            else at += fprintf(t->out, "%.*s", cell.length, cell.text);
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
        if (name.length) fprintf(t->out, "%*s", GAP, "");
        put_words(t->out, name.text, name.length, GAP, INDENT, t->width);
        for (int c = 1; c < t->columns; c++) {
            const line cell = cell_of(&t->row[r], &t->column[c]);
            const int wide = width_of(&t->column[c]);
            const bool words = c + 1 == t->columns;
            if (!words && start + wide > t->width) start = INDENT;
            if (words && start > INDENT && start + (wide < LEAST_WORDS ? wide : LEAST_WORDS) > t->width) start = INDENT;
            if (cell.length && at > start) at = fprintf(t->out, "\n") - 1;
            if (cell.length) at += fprintf(t->out, "%*s", start - at, "");
            if (start + cell.length > t->width) {
                put_words(t->out, cell.text, cell.length, at, start, t->width);
                if (cell.length) at = full;
            } else {
                at += fprintf(t->out, "%.*s", cell.length, cell.text);
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
    if (l->length < 3 || strncmp(l->text, "  ", 2) != 0) return false;
    if (l->text[2] == ' ') return true;
    for (int i = 3; i + 1 < l->length; i++)
        if (l->text[i] == ' ' && l->text[i + 1] == ' ') return true;
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
        const int indent = (int)strspn(l[i].text, " ");
        if (l[i].length <= width) {
            fprintf(out, "%.*s\n", l[i].length, l[i].text);
            continue;
        }
        fprintf(out, "%*s", indent, "");
        put_words(out, l[i].text, l[i].length, indent, indent + GAP, width);
        fputc('\n', out);
    }
}

void gb_fold_print(FILE *out, const char *text, int width)
{
    line l[MOST_LINES];
    int lines = 0;
    while (*text) {
        const line next = {text, (int)strcspn(text, "\n")};
        if (lines == MOST_LINES || (lines && is_row(&next) != is_row(&l[0]))) {
            put_lines(out, l, lines, width);
            lines = 0;
        }
        l[lines++] = next;
        text += next.length + (text[next.length] == '\n');
    }
    put_lines(out, l, lines, width);
}

FILE *gb_fold_open(gb_fold *fold, FILE *to)
{
    *fold = (gb_fold){.to = to, .width = isatty(fileno(to)) ? gb_terminal_columns(fileno(to)) : 0};
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
