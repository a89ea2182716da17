#include "datasets/toon/character.h"
#include "datasets/toon/flat.h"

typedef struct flat_person {
    int body, head, hat; /* shapes, see below */
    double tall, wide;
    gb_colour skin, coat, trim, hair;
} flat_person;

static const flat_person people[6] = {
    {0, 0, 0, 54, 22, 0xE8B088, 0x2F6F78, 0xE8B84A, 0x3A2A30},
    {1, 1, 1, 62, 17, 0xC88A6A, 0xB8483E, 0xF0E0C0, 0x2A2A34},
    {2, 0, 2, 46, 27, 0xF0CDB0, 0xD89A3A, 0x2E3A5A, 0xB85A3A},
    {0, 2, 3, 58, 20, 0xA86A50, 0x6A4A7A, 0xE88A6A, 0x241E2A},
    {3, 1, 1, 50, 25, 0xF4D2B8, 0x4A6A4A, 0xD8583C, 0x8A8A90},
    {2, 2, 0, 56, 19, 0xDDA080, 0xC8586E, 0xF4EBD8, 0x4A3228},
};

static void draw_stick(const gb_canvas *canvas, gb_point a, gb_point b, gb_point c, double width, gb_colour colour)
{
    gb_curve curve;
    gb_curve_limb(&curve, a, b, c, width, width, width * 0.8);
    gb_ink_fill(canvas, &curve, colour);
}

static void draw_legs(const gb_canvas *canvas, const flat_person *who, double phase, int walks, double waist)
{
    for (int side = 0; side < 2; side++) {
        const double swing = walks ? 13 * gb_wave_cos(phase + 0.5 * side) : side ? -6 : 7;
        const double lift = walks && gb_wave_sin(phase + 0.5 * side) < 0 ? -4.0 : 0;
        const gb_point hip = {side ? -4 : 5, -waist}, foot = {swing, -1.5 + lift};
        draw_stick(canvas, hip, gb_point_mix(hip, foot, 0.5), foot, 1.7, who->hair);
        draw_stick(canvas, foot, (gb_point){foot.x + 4, foot.y}, (gb_point){foot.x + 8, foot.y + 0.6}, 2, who->hair);
    }
}

static void draw_body(const gb_canvas *canvas, const flat_person *who, double waist)
{
    gb_curve curve;
    const double w = who->wide, top = -waist - who->tall, low = -waist + 4;
    if (who->body == 0) /* cone */
        curve = (gb_curve){.count = 4, .point = {{-3, top}, {4, top}, {w, low}, {-w, low}}};
    else if (who->body == 1)
        curve = (gb_curve){.count = 4, .point = {{-w, top}, {w * 0.9, top + 3}, {w * 0.7, low}, {-w * 0.6, low}}};
    else if (who->body == 2)
        gb_curve_ellipse(&curve, 0, (top + low) / 2, w, (low - top) / 2);
    else
        gb_curve_box(&curve, -w * 0.8, top, w * 1.6, low - top, 6);
    gb_flat_fill(canvas, &curve, who->coat,
                 who->body % 2 ? GB_GRAIN_HATCH
                 : who->body   ? GB_GRAIN_DOTS
                               : GB_GRAIN_CROSS);
    gb_flat_loop(canvas, &curve, who->trim);
    for (int i = 0; i < 3; i++) gb_ink_dot(canvas, w * 0.14, top + who->tall * (0.35 + 0.2 * i), 1.7, who->trim);
    curve = (gb_curve){.count = 3, .point = {{-5, top + 1}, {7, top + 1}, {2, top + 10}}};
    gb_ink_fill(canvas, &curve, who->trim);
}

static void draw_hat(const gb_canvas *canvas, const flat_person *who, double y)
{
    gb_curve curve;
    if (who->hat == 0) { /* a mop of strokes */
        for (int i = 0; i < 9; i++)
            gb_ink_line(canvas, -9 + 2.2 * i, y - 7, -13 + 3.4 * i, y - 19 + (i - 4) * (i - 4) * 0.5, 2.2, who->hair);
    } else if (who->hat == 1) { /* a tall hat */
        gb_flat_box(canvas, -8, y - 31, 16, 21, who->hair, GB_GRAIN_HATCH);
        gb_flat_box(canvas, -14, y - 12, 29, 3.4, who->hair, GB_GRAIN_NONE);
        gb_flat_box(canvas, -8, y - 17, 16, 4, who->trim, GB_GRAIN_NONE);
    } else if (who->hat == 2) { /* a wedge of hair */
        curve = (gb_curve){.count = 4, .point = {{-15, y + 9}, {-13, y - 18}, {9, y - 17}, {12, y - 6}}};
        gb_flat_fill(canvas, &curve, who->hair, GB_GRAIN_HATCH);
    } else { /* a cone with a ball */
        curve = (gb_curve){.count = 3, .point = {{-12, y - 8}, {12, y - 8}, {-4, y - 36}}};
        gb_flat_fill(canvas, &curve, who->trim, GB_GRAIN_DOTS);
        gb_ink_dot(canvas, -4, y - 37, 3.2, who->coat);
    }
}

static void draw_head(const gb_canvas *canvas, const flat_person *who, double y, int drawing, gb_mouth mouth)
{
    gb_curve curve;
    if (who->head == 0)
        gb_curve_ellipse(&curve, 0, y, 13, 14);
    else if (who->head == 1)
        gb_curve_ellipse(&curve, 0, y, 10.5, 17);
    else
        gb_curve_box(&curve, -12, y - 13, 23, 27, 5);
    gb_ink_fill(canvas, &curve, who->skin);
    curve = (gb_curve){.count = 3, .point = {{6, y - 4}, {23, y + 4}, {8, y + 6}}}; /* the nose leads */
    gb_ink_fill(canvas, &curve, gb_colour_mix(who->skin, 0xC8503A, 30));
    gb_ink_dot(canvas, -3, y + 6, 3.2, gb_colour_mix(who->skin, 0xE0503A, 45));
    const int blink = drawing % 17 == 3;
    gb_canvas face = *canvas;
    gb_part_begin(&face, 2 * (int)mouth + blink);
    for (int eye = 0; eye < 2; eye++) { /* both on the side that one sees */
        const double x = eye ? 8 : 0.5, ey = y - 4;
        if (blink) {
            gb_ink_line(&face, x - 2.6, ey, x + 2.6, ey, 1.2, who->hair);
            continue;
        }
        gb_ink_dot(&face, x, ey, 3.3, 0xFFFCF0);
        gb_ink_dot(&face, x + 1.2, ey + 0.2, 1.5, 0x1E1A22);
        gb_ink_line(&face, x - 3, ey - 6, x + 3, ey - 7 + (eye ? 1.6 : 0), 1.2, who->hair);
    }
    if (mouth == GB_MOUTH_SMILE || mouth == GB_MOUTH_FLAT) {
        gb_curve_arc(&curve, 4, y + 7, 5, 3, 0.03, 0.47);
        gb_ink_stroke(&face, &curve, 1.5, 0x3A1E24);
    } else {
        gb_curve_ellipse(&curve, 5, y + 9, mouth == GB_MOUTH_ROUND ? 2 : 4, mouth == GB_MOUTH_TEETH ? 1.6 : 3);
        gb_ink_fill(&face, &curve, 0x7A1F2B);
    }
    draw_hat(canvas, who, y);
}

static void draw_arms(const gb_canvas *canvas, const flat_person *who, double shoulder, double phase, int action,
                      int side)
{
    const double sway = gb_wave_sin(phase), x = side ? -5 : 6;
    gb_point hand = {side ? -17 : 16, shoulder + 26};
    if (action == GB_ACTION_WALK) hand = (gb_point){x - 15 * gb_wave_cos(phase + 0.5 * side), shoulder + 26};
    if (action == GB_ACTION_CHEER || (action == GB_ACTION_WAVE && !side))
        hand = (gb_point){(side ? -1 : 1) * (22 + 3 * sway), shoulder - 20 - 3 * sway};
    if (action == GB_ACTION_TALK && !side) hand = (gb_point){25, shoulder + 6 - 7 * sway};
    const gb_point from = {x, shoulder}, bend = gb_point_mix(from, hand, 0.5);
    const gb_point elbow = {bend.x + (side ? -4 : 3), bend.y + 5};
    draw_stick(canvas, from, elbow, hand, 1.8, side ? gb_colour_shadow(who->coat) : who->coat);
    gb_curve curve;
    for (int finger = -1; finger <= 1; finger++)
        gb_ink_line(canvas, hand.x, hand.y, hand.x + 3 * finger, hand.y + (hand.y < shoulder ? -6 : 6), 1.2, who->skin);
    gb_curve_ellipse(&curve, hand.x, hand.y, 2.8, 2.8);
    gb_ink_fill(canvas, &curve, who->skin);
}

static void draw_hound(const gb_canvas *canvas, double phase, int walks)
{
    gb_curve curve = {.count = 4, .point = {{-26, -34}, {20, -30}, {24, -15}, {-20, -14}}};
    const gb_colour coat = 0xD8C8A8, dark = 0x3A3038;
    for (int leg = 0; leg < 4; leg++) {
        const double x = leg < 2 ? -18 + 5 * leg : 12 + 5 * (leg - 2),
                     swing = walks ? 6 * gb_wave_cos(phase + 0.5 * leg) : 0;
        gb_ink_line(canvas, x, -16, x + swing, 0, 2.2, dark);
    }
    gb_flat_fill(canvas, &curve, coat, GB_GRAIN_DOTS);
    gb_flat_loop(canvas, &curve, dark);
    curve = (gb_curve){.count = 4, .point = {{14, -50}, {28, -50}, {46, -40}, {16, -34}}};
    gb_flat_fill(canvas, &curve, coat, GB_GRAIN_NONE);
    curve = (gb_curve){.count = 3, .point = {{15, -50}, {22, -50}, {12, -31}}};
    gb_flat_fill(canvas, &curve, dark, GB_GRAIN_NONE);
    gb_ink_dot(canvas, 44, -40, 2.6, dark);
    gb_ink_dot(canvas, 27, -45, 1.6, dark);
    gb_ink_line(canvas, -25, -32, -36, -46 + 4 * gb_wave_sin(2 * phase), 2.2, dark);
}

void gb_flat_actor_draw(const gb_canvas *canvas, const gb_actor *actor, int drawing, int face)
{
    const double phase = ((drawing + (int)(actor->temper & 7)) & 7) / 8.0;
    const int walks = actor->action == GB_ACTION_WALK;
    gb_curve curve;
    gb_curve_ellipse(&curve, 2, 0, 24, 2.4);
    gb_ink_glaze(canvas, &curve, 0x20202A, 0.3);
    if (actor->who < 0) {
        draw_hound(canvas, phase, walks);
        return;
    }
    static const gb_mouth says[4] = {GB_MOUTH_WIDE, GB_MOUTH_SMILE, GB_MOUTH_ROUND, GB_MOUTH_TEETH};
    const gb_random each = gb_chance_cell(actor->temper, "word", face);
    const gb_mouth mouth = actor->action == GB_ACTION_TALK ? says[each.state & 3]
                           : walks                         ? GB_MOUTH_SMILE
                                                           : GB_MOUTH_TEETH;
    const flat_person *who = &people[actor->who % 6];
    const double waist = 30 + (walks ? 1.5 * gb_wave_cos(2 * phase) : 0), shoulder = -waist - who->tall + 8;
    draw_arms(canvas, who, shoulder, phase, actor->action, 1);
    draw_legs(canvas, who, phase, walks, waist);
    draw_body(canvas, who, waist);
    draw_head(canvas, who, shoulder - 21, face, mouth);
    draw_arms(canvas, who, shoulder, phase, actor->action, 0);
}
