/* The terminal's table. Rows that are equal bit for bit are counted, not shown. */
#include <string.h>

#include "gate/words.h"

/* A cell of `width` columns (all texts but a name are ASCII). */
static void cell(FILE *out, gb_buffer *text, int width)
{
    fprintf(out, "  %-*s", width, text->data ? text->data : "");
    gb_buffer_free(text);
    gb_buffer_init(text, 4096);
}

/* The column that the names need. */
static int name_width(const gb_gate *gate)
{
    size_t width = 16;
    for (size_t i = 0; i < gate->count; i++) {
        gb_buffer text;
        gb_buffer_init(&text, 4096);
        gb_gate_who(&text, &gate->row[i]);
        if (text.size > width) width = text.size;
        gb_buffer_free(&text);
    }
    return (int)width;
}

static void print_row(FILE *out, const gb_gate_row *row, int names)
{
    gb_buffer text;
    gb_buffer_init(&text, 4096);
    gb_gate_who(&text, row);
    cell(out, &text, names);
    fprintf(out, "  %-16s %-5s", row->metric, gb_region_name(row->region));
    gb_gate_value(&text, row, row->decision.base);
    cell(out, &text, 9);
    gb_gate_value(&text, row, row->decision.run);
    cell(out, &text, 9);
    gb_gate_difference(&text, row);
    cell(out, &text, 30);
    gb_gate_verdict_words(&text, row);
    fprintf(out, "  %s\n", text.data ? text.data : "");
    gb_buffer_free(&text);
}

static void print_speed(FILE *out, const gb_gate_speed *speed)
{
    gb_buffer text;
    gb_buffer_init(&text, 4096);
    fprintf(out, "  %-16s  %-16s %2d thr   ", speed->generator, speed->stage, speed->threads);
    gb_gate_ms(&text, speed->decision.base);
    cell(out, &text, 9);
    gb_gate_ms(&text, speed->decision.run);
    cell(out, &text, 9);
    gb_gate_speed_difference(&text, speed);
    cell(out, &text, 30);
    gb_gate_speed_words(&text, speed);
    fprintf(out, "  %s\n", text.data ? text.data : "");
    gb_buffer_free(&text);
}

static void print_story(FILE *out, const char *name, const gb_sheet *sheet)
{
    fprintf(out, "%s: %s", name, sheet->path);
    if (sheet->run->created) fprintf(out, ", run of %s", sheet->run->created);
    if (sheet->when) fprintf(out, "; made a baseline by %s on %s: %s", sheet->who, sheet->when, sheet->why);
    fputc('\n', out);
}

static void print_rows(FILE *out, const gb_gate *gate)
{
    const char *dataset = "";
    const int names = name_width(gate);
    for (size_t i = 0; i < gate->count; i++) {
        const gb_gate_row *row = &gate->row[i];
        if (row->decision.exact && !gb_gate_wants_attention(row->decision.verdict)) continue;
        if (strcmp(dataset, row->dataset) != 0)
            fprintf(out, "\n%s\n  %-*s  %-16s %-5s  %-9s  %-9s  %-30s  %s\n", row->dataset, names, "generator",
                    "metric", "", "baseline", "run", "difference [95 %]", "verdict");
        dataset = row->dataset;
        print_row(out, row, names);
    }
}

void gb_gate_print(FILE *out, const gb_gate *gate)
{
    gb_buffer text;
    if (gate->base != gate->run) print_story(out, "baseline", gate->base);
    print_story(out, "run     ", gate->run);
    print_rows(out, gate);
    if (gate->speed_count) {
        fprintf(out, "\nspeed, ms a frame on a core that was left alone\n");
        for (size_t i = 0; i < gate->speed_count; i++) print_speed(out, &gate->speed[i]);
    }
    if (gate->speed_note[0] && gate->base != gate->run) fprintf(out, "\nspeed: %s\n", gate->speed_note);
    gb_buffer_init(&text, 1024);
    gb_gate_counts(&text, gate);
    fprintf(out, "\n%s (%s)\n", gb_gate_headline(gate), text.data ? text.data : "");
    gb_buffer_free(&text);
}
