#include <string.h>

#include "report/run.h"

extern const gb_report gb_report_json, gb_report_jsonl, gb_report_csv, gb_report_markdown, gb_report_html,
    gb_report_junit, gb_report_png, gb_report_svg, gb_report_pdf;

static const gb_report *const reports[] = {&gb_report_json,     &gb_report_jsonl, &gb_report_csv,
                                           &gb_report_markdown, &gb_report_html,  &gb_report_junit,
                                           &gb_report_png,      &gb_report_svg,   &gb_report_pdf};

const gb_report *const *gb_reports(size_t *count)
{
    *count = sizeof reports / sizeof *reports;
    return reports;
}

const gb_report *gb_report_find(const char *id)
{
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
        if (!strcmp(reports[i]->id, id)) return reports[i];
    return NULL;
}
