#include <math.h>

#include "datasets/toon/character.h"

#define WALK_DRAWINGS 8 /* to a cycle of two steps */

static double stride(const gb_person *person)
{
    return person->leg * 0.78;
}

double gb_pose_pace(const gb_person *person)
{
    return 2 * stride(person) / WALK_DRAWINGS;
}

/* The joint between a and c, for two bones of these lengths; bends to the side of `sign`. Pulls c in when out of reach.
 */
static gb_point bend_joint(gb_point a, gb_point *c, double upper, double lower, double sign)
{
    double reach = gb_point_distance(a, *c);
    const double most = (upper + lower) * 0.995;
    if (reach > most) {
        *c = gb_point_mix(a, *c, most / reach);
        reach = most;
    }
    if (reach < 1e-6) return (gb_point){a.x + sign * upper, a.y};
    const double along = (reach * reach + upper * upper - lower * lower) / (2 * reach);
    const double out = upper * upper > along * along ? sqrt(upper * upper - along * along) : 0;
    const double ux = (c->x - a.x) / reach, uy = (c->y - a.y) / reach;
    return (gb_point){a.x + ux * along - sign * uy * out, a.y + uy * along + sign * ux * out};
}

static void place_feet(const gb_person *person, int walking, double phase, gb_pose *pose)
{
    const double step = stride(person), sole = 3.2;
    for (int side = 0; side < 2; side++) {
        double q = phase + 0.5 * side;
        q -= floor(q);
        pose->toe[side] = 0;
        if (!walking) {
            pose->ankle[side] = (gb_point){side ? -person->hip * 0.62 : person->hip * 0.72, -sole - (side ? 0 : 1)};
        } else if (q < 0.5) {
            pose->ankle[side] = (gb_point){step * (0.5 - 2 * q), -sole};
            pose->toe[side] = q < 0.1 ? -0.05 : q > 0.4 ? 0.06 : 0;
        } else {
            const double u = 2 * q - 1;
            pose->ankle[side] = (gb_point){step * (u - 0.5), -sole - 0.26 * person->leg * gb_wave_sin(0.5 * u)};
            pose->toe[side] = 0.13 * (1 - u) - 0.05 * u;
        }
    }
}

/* Where a hand is for an action; `beat` runs 0..1 over eight drawings. */
static gb_point place_hand(const gb_person *person, gb_action action, int side, double beat, uint64_t temper,
                           gb_point shoulder)
{
    const double arm = person->arm, sway = gb_wave_sin(beat);
    const int gestures = side == (int)(temper & 1);
    switch (action) {
    case GB_ACTION_WALK: {
        const double swing = 0.115 * gb_wave_cos(beat + 0.5 * side + 0.5);
        return (gb_point){shoulder.x + arm * 0.9 * gb_wave_sin(swing) + 2, shoulder.y + arm * 0.9 * gb_wave_cos(swing)};
    }
    case GB_ACTION_WAVE:
        if (side == 0) return (gb_point){shoulder.x + arm * (0.78 + 0.14 * sway), shoulder.y - arm * 0.55};
        break;
    case GB_ACTION_CHEER:
        return (gb_point){shoulder.x + (side ? -1 : 1) * arm * (0.68 + 0.08 * sway),
                          shoulder.y - arm * (0.66 + 0.1 * sway)};
    case GB_ACTION_TALK:
        if (gestures)
            return (gb_point){shoulder.x + arm * (side ? 0.45 : 0.62), shoulder.y + arm * (0.28 - 0.24 * sway)};
        break;
    case GB_ACTION_HOLD:
        if (side == 1) return (gb_point){shoulder.x + arm * 0.62, shoulder.y + arm * (0.36 + 0.02 * sway)};
        break;
    default: break;
    }
    if (temper & 4) return (gb_point){side ? -person->hip - 1 : person->hip + 2, shoulder.y + person->torso * 0.82};
    return (gb_point){shoulder.x + (side ? -0.22 : 0.26) * arm, shoulder.y + arm * 0.88};
}

/* Elbows hang: to the side of the body that the hand is not on, outward for hands at rest. */
static double elbow_side(gb_action action, int side, const gb_pose *pose)
{
    if (pose->hand[side].y < pose->shoulder[side].y) return side ? -1 : 1;
    if (action == GB_ACTION_WALK || pose->hand[side].x > pose->shoulder[side].x + 7) return 1;
    return side ? 1 : -1;
}

static void set_face(gb_action action, int drawing, uint64_t temper, gb_pose *pose)
{
    static const gb_mouth talking[6] = {GB_MOUTH_WIDE,  GB_MOUTH_ROUND, GB_MOUTH_TEETH,
                                        GB_MOUTH_SMILE, GB_MOUTH_WIDE,  GB_MOUTH_FLAT};
    gb_random each = gb_chance_cell(temper, "face", drawing), slow = gb_chance_cell(temper, "look", drawing / 9);
    const int blink = (drawing + (int)(temper % 17)) % 19 == 0;
    pose->lids = blink ? 1 : 0.12;
    pose->gaze = (gb_point){gb_chance_between(&slow, -0.2, 1), gb_chance_between(&slow, -0.4, 0.5)};
    pose->brow = gb_chance_between(&slow, -0.4, 1);
    pose->mouth = gb_chance_one_in(&slow, 3) ? GB_MOUTH_TEETH : GB_MOUTH_SMILE;
    if (action == GB_ACTION_TALK) pose->mouth = talking[gb_chance_pick(&each, 6)];
    if (action == GB_ACTION_CHEER || action == GB_ACTION_WAVE) pose->mouth = GB_MOUTH_WIDE;
    pose->expression = drawing / 9 * 16 + 2 * (int)pose->mouth + blink;
}

void gb_pose_strike(const gb_person *person, gb_action action, int drawing, int face, uint64_t temper, gb_pose *pose)
{
    const double beat = (double)((drawing + (int)(temper % 8)) % WALK_DRAWINGS) / WALK_DRAWINGS;
    const int walking = action == GB_ACTION_WALK;
    const double hop = action == GB_ACTION_CHEER ? 5 * (1 + gb_wave_sin(beat)) : 0;
    *pose = (gb_pose){0};
    place_feet(person, walking, walking ? beat : 0, pose);
    double low = person->leg * (walking ? 0.955 - 0.03 * gb_wave_cos(2 * beat) : 0.985);
    if (action == GB_ACTION_STAND || action == GB_ACTION_HOLD) low += 0.5 * gb_wave_sin(beat);
    pose->pelvis = (gb_point){0, -3.2 - low - hop};
    const double lean = walking ? 2.2 : 0.6;
    pose->neck = (gb_point){pose->pelvis.x + lean, pose->pelvis.y - person->torso};
    pose->skull = (gb_point){pose->neck.x + 1.2, pose->neck.y - person->head * 0.93};
    pose->sway = (walking ? 2.4 : 0.7) * gb_wave_sin(beat + 0.2);
    pose->tilt = 0.008 * gb_wave_sin(beat) + (walking ? 0.005 : 0.012 * ((double)(temper >> 8 & 7) / 7 - 0.5));
    if (action == GB_ACTION_HOLD) pose->item = 1 + (int)(temper >> 4 & 3);
    for (int side = 0; side < 2; side++) {
        if (hop > 0) pose->ankle[side].y -= hop * 0.9;
        const double way = side ? -1 : 1;
        pose->hip[side] = (gb_point){pose->pelvis.x + way * person->hip * (walking ? 0.3 : 0.5), pose->pelvis.y};
        pose->shoulder[side] = (gb_point){pose->neck.x + way * person->shoulder * (walking ? 0.62 : 0.85),
                                          pose->neck.y + 4.4};
        pose->knee[side] = bend_joint(pose->hip[side], &pose->ankle[side], person->leg * 0.52, person->leg * 0.52, -1);
        pose->hand[side] = place_hand(person, action, side, beat, temper, pose->shoulder[side]);
        pose->elbow[side] = bend_joint(pose->shoulder[side], &pose->hand[side], person->arm * 0.5, person->arm * 0.5,
                                       elbow_side(action, side, pose));
    }
    set_face(action, face, temper, pose);
}
