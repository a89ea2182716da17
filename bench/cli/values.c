#include "cli/values.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "datasets/dataset.h"
#include "metrics/metric.h"
#include "models/generator.h"
#include "report/run.h"

static void add(gb_values *out, const char *word)
{
    for (size_t i = 0; i < out->words; i++)
        if (!strcmp(out->word[i], word)) return;
    if (out->words < GB_MAX_WORDS) out->word[out->words++] = word;
}

static void add_generators(gb_values *out)
{
    size_t count;
    const gb_generator *const *list = gb_generators(&count);
    for (size_t i = 0; i < count; i++) add(out, list[i]->id);
}

static void add_nets(gb_values *out)
{
    size_t count;
    const gb_generator *const *list = gb_generators(&count);
    for (size_t i = 0; i < count; i++)
        if (list[i]->net) add(out, list[i]->id);
}

static void add_metrics(gb_values *out)
{
    size_t count;
    const gb_metric *const *list = gb_metrics(&count);
    for (size_t i = 0; i < count; i++) add(out, list[i]->id);
}

static void add_dialects(gb_values *out)
{
    size_t count;
    const gb_metric *const *list = gb_metrics(&count);
    for (size_t i = 0; i < count; i++)
        if (list[i]->tool) add(out, list[i]->tool);
}

static void add_datasets(gb_values *out)
{
    size_t count;
    const gb_dataset *const *list = gb_datasets(&count);
    for (size_t i = 0; i < count; i++) add(out, list[i]->id);
}

static void add_fetched(gb_values *out)
{
    size_t count;
    const gb_dataset *const *list = gb_datasets(&count);
    for (size_t i = 0; i < count; i++)
        if (!list[i]->drawn) add(out, list[i]->id);
}

static void add_formats(gb_values *out)
{
    size_t count;
    const gb_report *const *list = gb_reports(&count);
    for (size_t i = 0; i < count; i++) add(out, list[i]->id);
}

static const struct {
    const char *placeholder;
    gb_value_kind kind;
    void (*words)(gb_values *out);
} known[] = {
    {"A,B", GB_VALUE_WORD, add_generators},
    {"M,N", GB_VALUE_WORD, add_metrics},
    {"T,U", GB_VALUE_WORD, add_dialects},
    {"F,G", GB_VALUE_WORD, add_formats},
    {"NET", GB_VALUE_WORD, add_nets},
    {"ID", GB_VALUE_WORD, add_fetched},
    {"D", GB_VALUE_WORD_OR_FILE, add_datasets},
    {"DATASET", GB_VALUE_WORD_OR_FILE, add_datasets},
    {"SOURCE", GB_VALUE_WORD_OR_FILE, add_datasets},
    {"DIR", GB_VALUE_FOLDER, NULL},
    {"TEXT", GB_VALUE_FREE, NULL},
    {"NAME", GB_VALUE_FREE, NULL},
    {"K/N", GB_VALUE_FREE, NULL},
    {"N,M", GB_VALUE_FREE, NULL},
    {"N=CMD", GB_VALUE_FREE, NULL},
    {"train=N,val=N,test=N", GB_VALUE_FREE, NULL},
};

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* "a|b|W:H" or "a,b": words of the table itself. */
static void split_words(gb_values *out, const char *separator)
{
    for (char *rest = out->text, *one; (one = strsep(&rest, separator));) {
        one[strcspn(one, "[")] = '\0'; /* "cuda[:N]" */
        if (!strpbrk(one, CAPITALS)) add(out, one);
    }
    out->kind = GB_VALUE_WORD;
}

void gb_values_of(const char *placeholder, gb_values *out)
{
    *out = (gb_values){.kind = GB_VALUE_FREE};
    if (!placeholder) return;
    const bool optional = *placeholder == '[' && placeholder[strlen(placeholder) - 1] == ']';
    snprintf(out->text, sizeof out->text, "%s", placeholder + optional);
    if (optional) out->text[strlen(out->text) - 1] = '\0';
    out->kind = GB_VALUE_FILE;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].placeholder, out->text) != 0) continue;
        out->kind = known[i].kind;
        if (known[i].words) known[i].words(out);
        return;
    }
    if (strchr(out->text, '|'))
        split_words(out, "|");
    else if (!strpbrk(out->text, CAPITALS "="))
        split_words(out, ",");
}

void gb_values_of_option(const gb_option *option, gb_values *out)
{
    gb_values_of(option->type == GB_OPTION_NUMBER ? NULL : option->value, out);
}
