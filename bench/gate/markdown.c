/* A summary for a pull request: what needs attention stands first, the rest is folded away. */
#include "core/file.h"
#include "gate/words.h"
#include "report/text.h"

#define MAX_FILE ((size_t)64 << 20)

/* One cell; its row began with a bar. */
static void put_text(gb_buffer *out, gb_buffer *text)
{
    gb_buffer_text(out, " ");
    gb_text_markdown(out, text->data ? text->data : "");
    gb_buffer_free(text);
    gb_buffer_init(text, 4096);
    gb_buffer_text(out, " |");
}

static void put_row(gb_buffer *out, const gb_gate_row *row)
{
    gb_buffer text;
    gb_buffer_init(&text, 4096);
    gb_buffer_text(out, "|");
    gb_gate_verdict_words(&text, row);
    put_text(out, &text);
    gb_gate_who(&text, row);
    put_text(out, &text);
    gb_buffer_text(&text, row->dataset);
    put_text(out, &text);
    gb_buffer_printf(&text, "%s, %s", row->metric, gb_region_name(row->region));
    put_text(out, &text);
    gb_gate_value(&text, row, row->decision.base);
    put_text(out, &text);
    gb_gate_value(&text, row, row->decision.run);
    put_text(out, &text);
    gb_gate_difference(&text, row);
    put_text(out, &text);
    gb_buffer_text(out, "\n");
    gb_buffer_free(&text);
}

static bool is_shown(const gb_gate_row *row, bool attention)
{
    return gb_gate_wants_attention(row->decision.verdict) == attention;
}

static void put_table(gb_buffer *out, const gb_gate *gate, bool attention)
{
    gb_buffer_text(out, "| verdict | generator | dataset | metric | baseline | run | difference [95 %] |\n"
                        "|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < gate->count; i++)
        if (is_shown(&gate->row[i], attention)) put_row(out, &gate->row[i]);
    gb_buffer_text(out, "\n");
}

static void put_speed(gb_buffer *out, const gb_gate *gate)
{
    if (gate->speed_count)
        gb_buffer_text(out, "| speed | generator | baseline, ms | run, ms | difference [95 %] |\n"
                            "|---|---|---|---|---|\n");
    for (size_t i = 0; i < gate->speed_count; i++) {
        const gb_gate_speed *speed = &gate->speed[i];
        gb_buffer text;
        gb_buffer_init(&text, 4096);
        gb_buffer_text(out, "|");
        gb_gate_speed_words(&text, speed);
        put_text(out, &text);
        gb_buffer_printf(&text, "%s, %s, %d thread", speed->generator, speed->stage, speed->threads);
        put_text(out, &text);
        gb_gate_ms(&text, speed->decision.base);
        put_text(out, &text);
        gb_gate_ms(&text, speed->decision.run);
        put_text(out, &text);
        gb_gate_speed_difference(&text, speed);
        put_text(out, &text);
        gb_buffer_text(out, "\n");
        gb_buffer_free(&text);
    }
    if (gate->speed_count) gb_buffer_text(out, "\n");
    if (gate->speed_note[0]) {
        gb_buffer_text(out, "Speed: ");
        gb_text_markdown(out, gate->speed_note);
        gb_buffer_text(out, ".\n\n");
    }
}

static void put_story(gb_buffer *out, const char *name, const gb_sheet *sheet)
{
    gb_buffer_printf(out, "%s: ", name); /* no code span: escapes would stand in it */
    gb_text_markdown(out, sheet->path);
    if (sheet->run->created) gb_buffer_printf(out, ", run of %s", sheet->run->created);
    if (sheet->when) {
        gb_buffer_printf(out, "; made on %s by ", sheet->when);
        gb_text_markdown(out, sheet->who);
        gb_buffer_text(out, ": ");
        gb_text_markdown(out, sheet->why);
    }
    gb_buffer_text(out, "\n\n");
}

static void put_all(gb_buffer *out, const gb_gate *gate)
{
    bool attention = false, rest = false;
    for (size_t i = 0; i < gate->count; i++) {
        attention = attention || is_shown(&gate->row[i], true);
        rest = rest || is_shown(&gate->row[i], false);
    }
    gb_buffer_printf(out, "### ganime-bench: %s\n\n", gb_gate_headline(gate));
    gb_gate_counts(out, gate);
    gb_buffer_text(out, ".\n\n");
    if (attention) put_table(out, gate, true);
    put_speed(out, gate);
    if (rest) {
        gb_buffer_text(out, "<details><summary>rows that pass or are informative</summary>\n\n");
        put_table(out, gate, false);
        gb_buffer_text(out, "</details>\n\n");
    }
    put_story(out, "Baseline", gate->base);
    put_story(out, "Run", gate->run);
}

gb_status gb_gate_write_markdown(const gb_gate *gate, const char *path, gb_error *err)
{
    gb_buffer out;
    gb_buffer_init(&out, MAX_FILE);
    put_all(&out, gate);
    gb_status status = gb_buffer_status(&out, err);
    if (status == GB_OK) status = gb_file_write(path, out.data, out.size, err);
    gb_buffer_free(&out);
    return status;
}
