#include "support/tiny.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "golden/tiny_nets.h"

const tiny_net *tiny_find(const char *prefix)
{
    for (size_t i = 0; i < sizeof tiny_nets / sizeof *tiny_nets; i++)
        if (!strcmp(tiny_nets[i].prefix, prefix)) return &tiny_nets[i];
    fprintf(stderr, "no tiny net %s\n", prefix);
    abort();
}

gb_weights *tiny_weights(const tiny_net *tiny, const char *seed)
{
    return formula_weights(seed ? seed : tiny->prefix, tiny->tensors, tiny->tensor_count);
}

gb_status tiny_write(const char *prefix, const char *seed, const char *path, gb_error *err)
{
    gb_weights *weights = tiny_weights(tiny_find(prefix), seed);
    const gb_status status = gb_checkpoint_write_safetensors(path, weights, false, err);
    gb_weights_free(weights);
    return status;
}
