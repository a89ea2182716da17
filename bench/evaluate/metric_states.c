#include "evaluate/metric_states.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static bool is_open_for(const gb_metric_states *states, const gb_metric_env *env)
{
    return states->state && !memcmp(&states->env.geometry, &env->geometry, sizeof env->geometry) &&
           states->env.backend == env->backend && states->env.weights_dir == env->weights_dir;
}

gb_status gb_metric_states_open(gb_metric_states *states, const gb_metric_env *env, gb_error *err)
{
    gb_status status = GB_OK;
    if (is_open_for(states, env)) return GB_OK;
    gb_metric_states_close(states);
    states->state = gb_alloc((size_t)states->count, sizeof *states->state);
    if (!states->state) return gb_fail_memory(err, "metrics", (size_t)states->count * sizeof *states->state);
    states->env = *env;
    for (int m = 0; m < states->count; m++)
        if (states->metrics[m]->open) GB_GO(states->metrics[m]->open(env, &states->state[m], err));
done:
    if (status != GB_OK) gb_metric_states_close(states);
    return status;
}

void gb_metric_states_close(gb_metric_states *states)
{
    for (int m = 0; states->state && m < states->count; m++)
        if (states->state[m]) states->metrics[m]->close(states->state[m]);
    free(states->state);
    states->state = NULL;
}
