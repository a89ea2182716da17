#include "datasets/toon/script.h"

#include <math.h>
#include <stddef.h>

#include "datasets/toon/character.h"

/* One of the set bits of `mask`. */
static int pick_bit(gb_random *random, unsigned mask)
{
    const int nth = gb_chance_pick(random, __builtin_popcount(mask));
    for (int bit = 0, seen = 0; bit < 32; bit++)
        if (mask >> bit & 1u && seen++ == nth) return bit;
    return 0;
}

static void set_camera(gb_script *script, gb_random *random)
{
    static const double zooms[3][2] = {{1.0, 1.08}, {1.18, 1.4}, {1.55, 1.9}};
    const int size = (int)gb_random_below(random, 5) / 2; /* wide and medium twice as often as close */
    const double zoom = gb_chance_between(random, zooms[size][0], zooms[size][1]);
    const double low[3] = {0, 5, -12}, y = low[size] + gb_chance_between(random, -3, 3);
    const double way = gb_chance_one_in(random, 2) ? 1 : -1,
                 travel = way * gb_chance_between(random, 0.7, 2.6) * script->frames;
    script->from = script->to = (gb_camera){gb_chance_between(random, -400, 400), size ? y : 0, zoom};
    static const gb_move moves[5] = {GB_MOVE_STILL, GB_MOVE_STILL, GB_MOVE_PAN, GB_MOVE_PAN, GB_MOVE_ZOOM};
    script->move = moves[gb_chance_pick(random, 5)];
    if (script->set->kind == GB_SET_CARD) {
        script->from = script->to = (gb_camera){0, 0, 1};
        script->move = GB_MOVE_STILL;
    }
    if (script->move == GB_MOVE_PAN) {
        script->from.x -= travel / 2;
        script->to.x += travel / 2;
    } else if (script->move == GB_MOVE_ZOOM) {
        const double grow = 1 + 0.0035 * script->frames;
        if (way > 0)
            script->to.zoom *= grow;
        else
            script->from.zoom *= grow;
        script->from.y = script->to.y = y + (size ? 0 : -3);
    }
}

/* Distance that an actor walks in one frame. */
static double walking_speed(const gb_script *script, const gb_actor *actor)
{
    int count;
    const gb_person *cast = gb_cast(&count);
    const double pace = actor->who < 0 ? gb_dog_pace() : gb_pose_pace(&cast[actor->who]);
    return pace * actor->scale / script->hold;
}

static void cast_actor(const gb_script *script, gb_actor *actor, int slot, int slots, gb_random *random)
{
    int count;
    const gb_person *cast = gb_cast(&count);
    const double middle = 0.5 * (script->from.x + script->to.x), zoom = script->from.zoom;
    const double span = 560 / zoom / slots;
    const double depth = gb_random_uniform(random);
    actor->y = script->set->far + (script->set->near - script->set->far) * depth;
    actor->scale = 1.5 * (0.86 + 0.18 * depth) * (actor->who < 0 ? 0.95 : cast[actor->who].size);
    actor->x = middle + span * (slot + 0.5 - slots / 2.0) + gb_chance_between(random, -0.22, 0.22) * span;
    actor->facing = actor->x < middle + gb_chance_between(random, -60, 60) ? 1 : -1;
    actor->temper = gb_random_next(random);
    actor->action = gb_chance_pick(random, GB_ACTION_COUNT);
}

static void sort_by_depth(gb_script *script)
{
    for (int i = 1; i < script->actors; i++)
        for (int k = i; k > 0 && script->actor[k].y < script->actor[k - 1].y; k--) {
            const gb_actor swap = script->actor[k];
            script->actor[k] = script->actor[k - 1];
            script->actor[k - 1] = swap;
        }
}

/* The camera goes with the first actor, who walks. */
static void follow(gb_script *script)
{
    gb_actor *lead = &script->actor[0];
    lead->action = GB_ACTION_WALK;
    const double middle = 0.5 * (script->from.x + script->to.x);
    const double way = lead->facing * walking_speed(script, lead) * (script->frames - 1);
    script->move = GB_MOVE_FOLLOW;
    script->from.zoom = script->to.zoom;
    script->from.x = middle - way / 2;
    script->to.x = middle + way / 2;
}

/* The one nearest the camera's middle, other than `but`; NULL when there is none. */
static gb_actor *nearest(gb_script *script, const gb_actor *but)
{
    gb_actor *found = NULL;
    const double middle = script->from.x;
    for (int i = 0; i < script->actors; i++) {
        gb_actor *actor = &script->actor[i];
        if (actor->who < 0 || actor == but) continue;
        if (!found || fabs(actor->x - middle) < fabs(found->x - middle)) found = actor;
    }
    return found;
}

/* In most shots with a still camera two talk, their mouths on alternate frames, and the others listen. */
static void limit(gb_script *script)
{
    gb_random random = gb_chance_cell(script->seed, "limited", 0);
    if (script->move != GB_MOVE_STILL || script->set->kind == GB_SET_CARD || gb_chance_one_in(&random, 4)) return;
    gb_actor *one = nearest(script, NULL), *other = nearest(script, one);
    if (!one) return;
    for (int i = 0; i < script->actors; i++) {
        gb_actor *actor = &script->actor[i];
        actor->stays = actor != one;
        if (actor->action != GB_ACTION_HOLD) actor->action = GB_ACTION_STAND;
    }
    script->limited = true;
    one->action = GB_ACTION_TALK;
    if (!other) return;
    other->action = GB_ACTION_TALK;
    other->late = 1;
}

/* Who walks is in his place among the others at half the shot. */
static void set_out(gb_script *script)
{
    for (int i = 0; i < script->actors; i++) {
        gb_actor *actor = &script->actor[i];
        if (actor->action != GB_ACTION_WALK) continue;
        actor->x -= 0.5 * actor->facing * script->frames * walking_speed(script, actor);
    }
}

void gb_script_write(int flat, const char *split, int index, int frames, gb_script *script)
{
    int sets, people;
    const gb_set *all = flat ? gb_flat_sets(&sets) : gb_sets(&sets);
    gb_cast(&people);
    /* Every split has its own seeds, so no place and no shot of one is in another. */
    gb_random random = gb_chance_cell(gb_random_hash(split), flat ? "flat shot" : "shot", index);
    *script = (gb_script){.seed = gb_random_next(&random), .set = &all[index % sets], .frames = frames};
    script->mood = (gb_mood)pick_bit(&random, script->set->moods);
    script->weather = (gb_weather)pick_bit(&random, script->set->weathers);
    if (script->weather == GB_WEATHER_RAIN && script->mood != GB_MOOD_NIGHT) script->mood = GB_MOOD_OVERCAST;
    script->hold = 2 + gb_chance_pick(&random, 2);
    set_camera(script, &random);
    const double zoom = script->from.zoom;
    const int actors = zoom > 1.5 ? 1 + gb_chance_pick(&random, 2) : 2 + gb_chance_pick(&random, 4);
    int taken = 0;
    for (int i = 0; i < actors; i++) {
        int who = gb_chance_pick(&random, people);
        while (taken >> who & 1) who = (who + 1) % people;
        taken |= 1 << who;
        script->actor[i].who = who;
        cast_actor(script, &script->actor[i], i, actors, &random);
    }
    script->actors = actors;
    if (zoom < 1.5 && actors < GB_SCRIPT_ACTORS && gb_chance_one_in(&random, 2)) {
        gb_actor *dog = &script->actor[script->actors++];
        dog->who = -1;
        cast_actor(script, dog, gb_chance_pick(&random, 3), 3, &random);
        dog->y = script->set->near + 4;
    }
    if (gb_chance_one_in(&random, 7) && script->set->kind != GB_SET_CARD) follow(script);
    if (script->move == GB_MOVE_STILL) script->to = script->from;
    limit(script);
    set_out(script);
    sort_by_depth(script);
}

int gb_script_face(const gb_script *script, const gb_actor *actor, int frame)
{
    return (frame + actor->late) / script->hold;
}

int gb_script_body(const gb_script *script, const gb_actor *actor, int frame)
{
    const int drawing = frame / script->hold, every = 4;
    return actor->stays ? 0 : script->limited ? drawing / every * every : drawing;
}

gb_camera gb_script_camera(const gb_script *script, int frame)
{
    const double t = script->frames > 1 ? (double)frame / (script->frames - 1) : 0;
    const gb_camera a = script->from, b = script->to;
    return (gb_camera){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.zoom + (b.zoom - a.zoom) * t};
}
