/* The people of the first show: who they are, how they stand and move, and drawing one. A person is drawn in a space of
 * his own, feet at (0, 0), facing right, about 100 units tall. */
#ifndef GB_TOON_CHARACTER_H
#define GB_TOON_CHARACTER_H

#include "datasets/toon/chance.h"
#include "datasets/toon/ink.h"

typedef enum gb_hair { GB_HAIR_SPIKY, GB_HAIR_BOB, GB_HAIR_BUN, GB_HAIR_TAIL, GB_HAIR_CURLY, GB_HAIR_CAP } gb_hair;
typedef enum gb_bottom { GB_BOTTOM_TROUSERS, GB_BOTTOM_SHORTS, GB_BOTTOM_SKIRT, GB_BOTTOM_OVERALLS } gb_bottom;

enum { /* what a person wears or has on the face */
    GB_HAS_GLASSES = 1, GB_HAS_BOW = 2, GB_HAS_MOUSTACHE = 4, GB_HAS_FRECKLES = 8, GB_HAS_SCARF = 16,
    GB_HAS_STRIPES = 32, GB_HAS_LASHES = 64, GB_HAS_LONG_SLEEVES = 128, GB_HAS_BADGE = 256, GB_HAS_APRON = 512,
};

typedef struct gb_person {
    const char *name;
    double size;                       /* 1: 100 units are 150 of the stage */
    double leg, torso, head;           /* lengths; head is its radius */
    double shoulder, hip, arm, limb;   /* half widths, length of an arm, thickness of limbs */
    gb_hair hair;
    gb_bottom bottom;
    int has;
    gb_colour skin, hair_colour, top, lower, shoe, accent, iris;
} gb_person;

const gb_person *gb_cast(int *count);

typedef enum gb_action {
    GB_ACTION_STAND, GB_ACTION_WALK, GB_ACTION_TALK, GB_ACTION_WAVE, GB_ACTION_CHEER, GB_ACTION_HOLD, GB_ACTION_COUNT
} gb_action;

typedef enum gb_mouth { GB_MOUTH_SMILE, GB_MOUTH_ROUND, GB_MOUTH_WIDE, GB_MOUTH_TEETH, GB_MOUTH_FLAT } gb_mouth;

/* All joints of one drawing. Index 0 is the far side, 1 the near one. */
typedef struct gb_pose {
    gb_point pelvis, neck, skull;
    gb_point hip[2], knee[2], ankle[2];
    gb_point shoulder[2], elbow[2], hand[2];
    double toe[2];   /* pitch of the feet in turns */
    double sway;     /* of hair and hems, in units */
    double tilt;     /* of the head in turns */
    gb_point gaze;   /* -1..1 */
    double lids;     /* 0 open, 1 shut */
    double brow;     /* -1 angry .. 1 raised */
    gb_mouth mouth;
    int expression;  /* another number, another face */
    int item;        /* a thing held in the near hand: 0 none, 1 book, 2 cup, 3 balloon, 4 lollipop */
} gb_pose;

/* Drawing number `drawing` of an action, with drawing number `face` of the face; `temper` varies one actor from the
 * next. */
void gb_pose_strike(const gb_person *person, gb_action action, int drawing, int face, uint64_t temper, gb_pose *pose);
/* Units of the person's own space that a walk covers per drawing, so that feet do not slide. */
double gb_pose_pace(const gb_person *person);

/* On the current transformation of the canvas, whose weight is in units of the person. */
void gb_person_draw(const gb_canvas *canvas, const gb_person *person, const gb_pose *pose);

/* face.c and hair.c, with the skull's centre at the origin and its radius `r`. */
void gb_face_draw(const gb_canvas *canvas, const gb_person *person, const gb_pose *pose, double r);
/* Over the hair, as cartoons have it. */
void gb_brows_draw(const gb_canvas *canvas, const gb_person *person, const gb_pose *pose, double r);
void gb_head_draw(const gb_canvas *canvas, const gb_person *person, double r);
void gb_hair_back_draw(const gb_canvas *canvas, const gb_person *person, double r, double sway);
void gb_hair_front_draw(const gb_canvas *canvas, const gb_person *person, double r, double sway);

/* A dog, side view, `drawing` of its trot (or sitting still); feet at (0, 0), about 60 units tall. */
void gb_dog_draw(const gb_canvas *canvas, int drawing, int trots);
double gb_dog_pace(void);

#endif
