/* The command line: one table of options, one table of commands; parsing, checking, help and suggestions come from
 * these alone. */
#ifndef GB_BENCH_CLI_H
#define GB_BENCH_CLI_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/status.h"

#define GB_MAX_LIST 64
#define GB_MAX_ARGUMENTS 1024

/* Values of a repeatable or comma-separated option; borrowed from argv or from `storage`. */
typedef struct gb_list {
    const char *item[GB_MAX_LIST];
    int count;
} gb_list;

/* Every option's value, with the defaults of the option table already in place. */
typedef struct gb_options {
    gb_list generator, dataset, metric, dialect, format, weights, shots, external, exec, composite;
    const char *precision;
    bool model;
    const char *split, *device, *out, *protocol, *batchnorm, *from, *input, *output, *net, *archive, *id, *domain;
    const char *peer, *what;
    long limit, threads, batch, side, width, height, first, end, stride, exec_timeout;
    bool flow, json, quiet, all, half, help, version, no_timing, no_panels;
    /* extend */
    gb_list compare, drop;
    const char *crop, *codec, *deinterlace;
    long work_height, quality, segment, fps, panel;
    bool side_by_side, stabilise;
    /* gate */
    const char *baseline, *limits, *why, *speed, *summary, *junit;
    bool rebaseline, github, self_test;
    long resamples;
    const char *argument[GB_MAX_ARGUMENTS]; /* positional */
    int argument_count;
    /* runs in pieces */
    const char *resume, *shard;
    bool cache, no_cache, allow_missing;
    long cache_size;
    bool going_on;            /* set by --resume: the folder's own job is gone on with */
    const char *const *parts; /* set by `merge`: the folder of each part, NULL for a missing one; borrowed */
    int part_count;
    struct gb_team *team;     /* set under mpirun: those that this process computes with; borrowed */
    bool helping;             /* it only computes; another process of the team ends the run */
    bool default_out;         /* `out` is what the team agreed on: the default place */
    const char *command_line; /* as typed, quoted for a shell where need be; for the record */
    const char *help_group;   /* first word of the commands that help is wanted on ("model"), or NULL: of one or all */
    char *storage;            /* owns command_line */
    char *words;              /* as typed, each with its NUL; owned */
    int word_count;
} gb_options;

typedef enum gb_option_type {
    GB_OPTION_FLAG,
    GB_OPTION_NUMBER,
    GB_OPTION_TEXT,
    GB_OPTION_CHOICE, /* one of "a|b|c"; "b[:N]" is also taken with a number: "b:1" */
    GB_OPTION_LIST,   /* comma-separated, repeatable */
    GB_OPTION_TEXTS   /* repeatable, commas as they are */
} gb_option_type;

typedef struct gb_option {
    const char *name; /* without the dashes */
    gb_option_type type;
    size_t offset;    /* in gb_options */
    const char *value; /* placeholder in help, or the choices of a GB_OPTION_CHOICE */
    const char *initial; /* default as it would be typed; NULL: 0, false, none */
    long min, max;    /* of a GB_OPTION_NUMBER */
    const char *help;
} gb_option;

/* Indices into the option table, so that a command can say which options it takes. */
enum {
    GB_OPT_GENERATOR, GB_OPT_DATASET, GB_OPT_METRIC, GB_OPT_SPLIT, GB_OPT_LIMIT, GB_OPT_DEVICE, GB_OPT_THREADS,
    GB_OPT_BATCH, GB_OPT_OUT, GB_OPT_PROTOCOL, GB_OPT_BATCHNORM, GB_OPT_WEIGHTS, GB_OPT_SIDE, GB_OPT_WIDTH,
    GB_OPT_HEIGHT, GB_OPT_FROM, GB_OPT_ARCHIVE, GB_OPT_INPUT, GB_OPT_OUTPUT, GB_OPT_NET, GB_OPT_HALF, GB_OPT_ID,
    GB_OPT_FIRST, GB_OPT_END, GB_OPT_STRIDE, GB_OPT_FORMAT, GB_OPT_PEER, GB_OPT_NO_TIMING, GB_OPT_NO_PANELS,
    GB_OPT_SHOTS, GB_OPT_ALL, GB_OPT_JSON, GB_OPT_QUIET, GB_OPT_HELP, GB_OPT_VERSION, GB_OPT_EXTERNAL, GB_OPT_EXEC,
    GB_OPT_EXEC_TIMEOUT, GB_OPT_COMPOSITE, GB_OPT_WHAT, GB_OPT_DOMAIN, GB_OPT_FLOW,
    GB_OPT_COMPARE, GB_OPT_SIDE_BY_SIDE, GB_OPT_CROP, GB_OPT_WORK_HEIGHT, GB_OPT_CODEC, GB_OPT_QUALITY, GB_OPT_SEGMENT,
    GB_OPT_FPS, GB_OPT_PANEL, GB_OPT_DROP,
    GB_OPT_BASELINE, GB_OPT_LIMITS, GB_OPT_REBASELINE, GB_OPT_WHY, GB_OPT_SPEED, GB_OPT_SUMMARY, GB_OPT_JUNIT,
    GB_OPT_GITHUB,
    GB_OPT_SELF_TEST, GB_OPT_RESAMPLES, GB_OPT_DIALECT, GB_OPT_PRECISION, GB_OPT_MODEL, GB_OPT_STABILISE,
    GB_OPT_DEINTERLACE,
    GB_OPT_RESUME, GB_OPT_SHARD, GB_OPT_CACHE, GB_OPT_NO_CACHE, GB_OPT_CACHE_SIZE, GB_OPT_ALLOW_MISSING,
    GB_OPT_COUNT
};
typedef unsigned __int128 gb_option_set; /* more than 64 of them */
#define GB_TAKES(option) ((gb_option_set)1 << (option))
static_assert(GB_OPT_COUNT <= 128, "a command's set of options has a bit for each");

typedef struct gb_command {
    const char *name;      /* "run", "model info" */
    const char *arguments; /* "REF TEST", or "" */
    int min_arguments, max_arguments;
    gb_option_set takes;        /* GB_TAKES of its options, --help aside */
    const char *summary;   /* one line */
    const char *details;   /* further help text, or NULL */
    const char *examples;  /* whole lines */
    gb_status (*run)(const gb_options *options, gb_error *err);
} gb_command;

extern const gb_command gb_commands[]; /* ends with a NULL name */

/* Finds the command, parses and checks its options. `*command` is NULL when the user asked for the general help or the
 * version (see options->help, options->version). Errors are GB_E_USAGE with a near miss where there is one. */
gb_status gb_cli_parse(int argc, char **argv, const gb_command **command, gb_options *options, gb_error *err)
    GB_MUST_CHECK;
void gb_cli_free(gb_options *options);

/* `word` as a shell takes it, at `to`, which has room for four bytes a letter and three more; returns its end. */
char *gb_cli_quote(char *to, const char *word);

/* Of `command`; NULL: of the commands whose first word is `group`; NULL, too: general help. */
void gb_cli_help(FILE *out, const gb_command *command, const char *group);

/* GB_E_USAGE naming the unknown `name` of a `kind` ("generator") and the nearest of the known names, or each of them
 * once. */
gb_status gb_cli_unknown(const char *kind, const char *name, const char *const *known, size_t count, gb_error *err);

#endif
