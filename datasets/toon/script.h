/* What a shot shows, worked out from its seed alone. */
#ifndef GB_TOON_SCRIPT_H
#define GB_TOON_SCRIPT_H

#include <stdbool.h>

#include "datasets/toon/sets.h"

#define GB_SCRIPT_ACTORS 6

typedef enum gb_move { GB_MOVE_STILL, GB_MOVE_PAN, GB_MOVE_ZOOM, GB_MOVE_FOLLOW } gb_move;

typedef struct gb_actor {
    int who;          /* index into the cast; -1: the dog */
    int action;       /* gb_action */
    int facing;       /* 1 right, -1 left */
    double x, y, scale; /* of the feet at frame 0 */
    uint64_t temper;
    bool stays;         /* one drawing of the body all through; only the face lives */
    int late;           /* frames by which new drawings of the face come off the beat of the others' */
} gb_actor;

typedef struct gb_script {
    uint64_t seed;
    const gb_set *set;
    gb_mood mood;
    gb_weather weather;
    gb_move move;
    gb_camera from, to; /* at the first and the last frame */
    int frames, hold;   /* hold: frames that a drawing of an actor stands: 2 or 3 */
    bool limited;       /* a dialogue as television has it: two talk, one of them moves now and then, the rest stay */
    int actors;
    gb_actor actor[GB_SCRIPT_ACTORS]; /* the farthest first */
} gb_script;

/* Shot `index` of a split ("train", "val", "test"), as long as `frames`. */
void gb_script_write(int flat, const char *split, int index, int frames, gb_script *script);

/* Numbers of an actor's drawings at a frame: the body's (and where he has walked to) and the face's. */
int gb_script_body(const gb_script *script, const gb_actor *actor, int frame);
int gb_script_face(const gb_script *script, const gb_actor *actor, int frame);

/* The camera at a frame. */
gb_camera gb_script_camera(const gb_script *script, int frame);

#endif
