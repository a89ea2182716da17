/* What summary.md says beyond means: paired differences, shots by tag, the domain gap. */
#ifndef GB_REPORT_MARKDOWN_FINDINGS_H
#define GB_REPORT_MARKDOWN_FINDINGS_H

#include "core/buffer.h"
#include "report/run.h"

/* Each writes nothing when the run has no such rows. */
void gb_markdown_differences(gb_buffer *out, const gb_run *run, const char *dataset);
void gb_markdown_tags(gb_buffer *out, const gb_run *run, const char *dataset);
void gb_markdown_gaps(gb_buffer *out, const gb_run *run);

#endif
