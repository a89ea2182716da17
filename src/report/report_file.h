/* Writing a report's text into the run's folder. */
#ifndef GB_REPORT_REPORT_FILE_H
#define GB_REPORT_REPORT_FILE_H

#include "core/buffer.h"
#include "report/run.h"

/* gb_run_out(run)/name, atomically; a buffer that failed is that failure. */
gb_status gb_report_file_write(const gb_run *run, const char *name, const gb_buffer *text, gb_error *err) GB_MUST_CHECK;

#endif
