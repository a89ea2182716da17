#include "evaluate/metric_states.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "metrics/on_device.h"

static bool is_open_for(const gb_metric_states *states, const gb_metric_env *env)
{
    return states->state && !memcmp(&states->env.geometry, &env->geometry, sizeof env->geometry) &&
           states->env.backend == env->backend && states->env.weights_dir == env->weights_dir &&
           states->env.scoring == env->scoring && states->env.frames == env->frames;
}

static bool is_there(const gb_metric_states *states, int m)
{
    return states->env.scoring && states->metrics[m]->on_device;
}

static gb_status open_metric(gb_metric_states *states, int m, gb_error *err)
{
    const gb_metric *const metric = states->metrics[m];
    gb_metric_env env = states->env;
    gb_status (*const there)(const gb_metric_env *, void **, gb_error *) =
        is_there(states, m) ? metric->on_device->open : NULL;
    if (is_there(states, m)) return there ? there(&env, &states->state[m], err) : GB_OK;
    env.scoring = NULL;
    env.frames = 0;
    return metric->open ? metric->open(&env, &states->state[m], err) : GB_OK;
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
        GB_GO(open_metric(states, m, err));
done:
    if (status != GB_OK) gb_metric_states_close(states);
    return status;
}

void gb_metric_states_close(gb_metric_states *states)
{
    for (int m = 0; states->state && m < states->count; m++) {
        const gb_metric *const metric = states->metrics[m];
        if (states->state[m]) (is_there(states, m) ? metric->on_device->close : metric->close)(states->state[m]);
    }
    free(states->state);
    states->state = NULL;
}
