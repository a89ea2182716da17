/* Shared by net.c, net_run.c and composite.c alone. */
#ifndef GB_MODELS_NET_PLAN_H
#define GB_MODELS_NET_PLAN_H

#include "models/net.h"

struct gb_net_plan {
    const gb_net *net;
    gb_net_options options;
    gb_plan *plan;
    gb_net_info info;
    gb_shape input;      /* padded to the net's multiple */
    gb_shape computed;   /* what the backend gives */
    gb_shape output;     /* what callers see: cropped to the frame */
    float level[256];    /* an 8-bit level as the net takes it */
};

#endif
