#include "commands.h"
#include "score/score.h"

gb_status gb_command_score(const gb_options *options, gb_error *err)
{
    const gb_score_options score = {.ref = options->argument[0],
                                    .test = options->argument[1],
                                    .metric = options->metric.item,
                                    .metric_count = options->metric.count,
                                    .dialect = options->dialect.item,
                                    .dialect_count = options->dialect.count,
                                    .side = (int)options->side,
                                    .json = options->json,
                                    .quiet = options->quiet,
                                    .device = options->device,
                                    .threads = (int)options->threads};
    return gb_score_run(&score, stdout, err);
}
