/* What each command does; one file each. Every function returns what went wrong first. */
#ifndef GB_BENCH_COMMANDS_H
#define GB_BENCH_COMMANDS_H

#include "cli/cli.h"

/* A run with these options, and what it found on the terminal: `run` and `merge`. */
gb_status gb_run_and_print(const gb_options *options, gb_error *err) GB_MUST_CHECK;

gb_status gb_command_merge(const gb_options *options, gb_error *err);
gb_status gb_command_run(const gb_options *options, gb_error *err);
gb_status gb_command_list(const gb_options *options, gb_error *err);
gb_status gb_command_score(const gb_options *options, gb_error *err);
gb_status gb_command_extend(const gb_options *options, gb_error *err);
gb_status gb_command_model_info(const gb_options *options, gb_error *err);
gb_status gb_command_model_verify(const gb_options *options, gb_error *err);
gb_status gb_command_model_import(const gb_options *options, gb_error *err);
gb_status gb_command_model_fetch(const gb_options *options, gb_error *err);
gb_status gb_command_model_run(const gb_options *options, gb_error *err);
gb_status gb_command_dataset_build(const gb_options *options, gb_error *err);
gb_status gb_command_dataset_fetch(const gb_options *options, gb_error *err);
gb_status gb_command_dataset_info(const gb_options *options, gb_error *err);
#define GB_DETAIL_MOST 8 /* datasets that `dataset detail` sets side by side */
gb_status gb_command_dataset_detail(const gb_options *options, gb_error *err);
gb_status gb_command_dataset_export(const gb_options *options, gb_error *err);
gb_status gb_command_dataset_verify(const gb_options *options, gb_error *err);
gb_status gb_command_report(const gb_options *options, gb_error *err);
gb_status gb_command_perf(const gb_options *options, gb_error *err);
gb_status gb_command_compare(const gb_options *options, gb_error *err);
gb_status gb_command_cache_info(const gb_options *options, gb_error *err);
gb_status gb_command_cache_clear(const gb_options *options, gb_error *err);
gb_status gb_command_gate(const gb_options *options, gb_error *err);
gb_status gb_command_manual(const gb_options *options, gb_error *err);
gb_status gb_command_completion(const gb_options *options, gb_error *err);

#endif
