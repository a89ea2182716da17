#include <string.h>

#include "commands.h"
#include "gate/alike.h"
#include "gate/gate.h"
#include "gate/outcome.h"
#include "gate/speed.h"

static gb_status compare_runs(const gb_options *options, const gb_sheet *base, const gb_sheet *run,
                              const gb_limits *limits, gb_error *err)
{
    gb_gate *gate = NULL;
    GB_TRY(gb_gate_check_alike(base, run, err));
    GB_TRY(gb_gate_judge(base, run, limits, options->generator.item, options->generator.count, &gate, err));
    gb_status status = strcmp(options->speed, "off") ? gb_gate_judge_speed(gate, limits, err) : GB_OK;
    if (status == GB_OK) {
        gate->strict_speed = !strcmp(options->speed, "strict");
        gb_gate_conclude_speed(gate);
        status = gb_gate_finish(options, gate, err);
    }
    gb_gate_free(gate);
    return status;
}

static gb_status compare_within(const gb_options *options, const gb_sheet *run, const gb_limits *limits, gb_error *err)
{
    gb_gate *gate = NULL;
    GB_TRY(gb_gate_judge_within(run, limits, options->generator.item, options->generator.count, &gate, err));
    const gb_status status = gb_gate_finish(options, gate, err);
    gb_gate_free(gate);
    return status;
}

gb_status gb_command_compare(const gb_options *options, gb_error *err)
{
    const bool within = options->argument_count == 1;
    gb_limits *limits = NULL;
    gb_sheet *base = NULL, *run = NULL;
    gb_status status = GB_OK;
    if (within && options->generator.count < 2)
        return gb_fail(err, GB_E_USAGE, "compare: expected A B, or one RUN and --generator with two names or more");
    GB_GO(gb_gate_limits(options, &limits, err));
    GB_GO(gb_sheet_read(options->argument[0], &base, err));
    if (!within) GB_GO(gb_sheet_read(options->argument[1], &run, err));
    status = within ? compare_within(options, base, limits, err) : compare_runs(options, base, run, limits, err);
done:
    gb_limits_free(limits);
    gb_sheet_free(base);
    gb_sheet_free(run);
    return status;
}
