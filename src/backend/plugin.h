/* What the program and the shared object ganime-cuda.so say to each other. The program never links CUDA: it opens the
 * shared object when a CUDA device is asked about, so one binary runs with or without driver and libraries. */
#ifndef GB_BACKEND_PLUGIN_H
#define GB_BACKEND_PLUGIN_H

#include "backend/backend.h"

/* Raised whenever gb_backend, gb_scoring, gb_node or gb_graph changes. */
#define GB_PLUGIN_ABI 7
#define GB_PLUGIN_SLOTS 2   /* of a session */
#define GB_PLUGIN_FRAMES 16 /* the most that one run is given */
#define GB_PLUGIN_FILE "ganime-cuda.so"
#define GB_PLUGIN_ENTRY "gb_plugin_backend"

/* The shared object's one exported function: NULL when it was built for another `abi` or another gb_node. */
typedef const gb_backend *gb_plugin_entry(int abi, size_t node_size);

/* Forwards to the shared object, looked for in $GANIME_PLUGINS, beside the program, and in ../lib/ganime-bench from
 * there. Without it, or without what it needs, probe fails with the reason. One for each device that a machine may
 * have. */
#define GB_PLUGIN_DEVICES 16
extern const gb_backend gb_backend_cuda[GB_PLUGIN_DEVICES];

#endif
