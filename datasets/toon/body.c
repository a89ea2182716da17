#include "datasets/toon/character.h"

static void draw_shoe(const gb_canvas *canvas, const gb_person *person, gb_point ankle, double toe)
{
    gb_curve curve;
    const double w = person->limb;
    gb_curve_clear(&curve);
    gb_curve_add(&curve, ankle.x - w * 1.15, ankle.y - w * 0.5);
    gb_curve_add(&curve, ankle.x + w * 0.9, ankle.y - w * 0.6);
    gb_curve_sweep(&curve, ankle.x + w * 1.6, ankle.y - w * 0.1, ankle.x + w * 3.3, ankle.y - w * 0.3,
                   ankle.x + w * 3.2, ankle.y + 3.2);
    gb_curve_add(&curve, ankle.x - w * 1.4, ankle.y + 3.2);
    gb_curve_bend(&curve, ankle.x - w * 1.7, ankle.y + 1, ankle.x - w * 1.15, ankle.y - w * 0.5);
    gb_curve_turn(&curve, ankle.x, ankle.y, toe);
    gb_ink_cel(canvas, &curve, person->shoe, 1.1);
    gb_curve sole;
    gb_curve_box(&sole, ankle.x - w * 1.5, ankle.y + 2, w * 4.8, 1.7, 0.8);
    gb_curve_turn(&sole, ankle.x, ankle.y, toe);
    gb_ink_cel(canvas, &sole, 0xFFF6EA, 0);
    for (int i = 0; i < 2; i++) {
        gb_curve lace = {.count = 2,
                         .point = {{ankle.x + w * (0.9 + 0.5 * i), ankle.y - w * 0.1},
                                   {ankle.x + w * (1.3 + 0.5 * i), ankle.y + w * 0.35}}};
        gb_curve_turn(&lace, ankle.x, ankle.y, toe);
        gb_ink_stroke(canvas, &lace, canvas->weight * 0.9, 0xFFF6EA);
    }
}

static void draw_leg(const gb_canvas *canvas, const gb_person *person, const gb_pose *pose, int side)
{
    gb_curve curve;
    const gb_point hip = pose->hip[side], knee = pose->knee[side], ankle = pose->ankle[side];
    const double w = person->limb;
    const int covered = person->bottom == GB_BOTTOM_TROUSERS || person->bottom == GB_BOTTOM_OVERALLS;
    gb_curve_limb(&curve, hip, knee, ankle, w * 1.35, w * 1.05, w * (covered ? 1.1 : 0.85));
    gb_ink_cel(canvas, &curve, covered ? person->lower : person->skin, w * 0.7);
    if (!covered) { /* socks */
        const gb_point top = gb_point_mix(ankle, knee, 0.45);
        gb_curve_limb(&curve, top, gb_point_mix(top, ankle, 0.5), ankle, w * 0.98, w * 0.9, w * 0.85);
        gb_ink_cel(canvas, &curve, 0xFFF8EC, w * 0.4);
    }
    if (person->bottom == GB_BOTTOM_SHORTS) {
        const gb_point hem = gb_point_mix(hip, knee, 0.85);
        gb_curve_limb(&curve, hip, gb_point_mix(hip, hem, 0.5), hem, w * 1.6, w * 1.65, w * 1.7);
        gb_ink_cel(canvas, &curve, person->lower, w * 0.6);
    }
    draw_shoe(canvas, person, ankle, pose->toe[side]);
}

static void draw_item(const gb_canvas *canvas, int item, gb_point hand)
{
    gb_curve curve;
    const double x = hand.x + 3, y = hand.y;
    if (item == 1) {
        gb_curve_box(&curve, x - 3, y - 12, 15, 17, 1.4);
        gb_ink_cel(canvas, &curve, 0x3C7FC2, 1.6);
        gb_ink_box(canvas, x + 1, y - 8, 8, 4, 0xFFF0C0);
        gb_ink_line(canvas, x - 0.6, y - 11, x - 0.6, y + 4, canvas->weight * 0.7, canvas->ink);
    } else if (item == 2) {
        gb_curve_ellipse(&curve, x + 8, y - 3, 3, 3.4);
        gb_ink_outline(canvas, &curve, canvas->weight * 1.6);
        gb_curve_box(&curve, x - 3, y - 9, 10, 12, 1.6);
        gb_ink_cel(canvas, &curve, 0xFFFDF4, 1.6);
        gb_ink_box(canvas, x - 2.4, y - 5, 8.8, 2.4, 0xE85A4A);
    } else if (item == 3) {
        gb_curve_clear(&curve);
        gb_curve_add(&curve, x - 2, y);
        gb_curve_sweep(&curve, x + 6, y - 20, x - 4, y - 34, x + 4, y - 50);
        gb_ink_stroke(canvas, &curve, canvas->weight, canvas->ink);
        gb_curve_ellipse(&curve, x + 4, y - 64, 12, 14);
        gb_ink_cel(canvas, &curve, 0xE8483E, 3);
        gb_curve_arc(&curve, x + 4, y - 64, 8, 10, 0.55, 0.72);
        gb_ink_stroke(canvas, &curve, 1.6, 0xFFFFFF);
    } else if (item == 4) {
        gb_ink_line(canvas, x - 1, y + 4, x + 3, y - 14, canvas->weight * 1.6, 0xFFF8EC);
        gb_curve_ellipse(&curve, x + 4, y - 18, 6.5, 6.5);
        gb_ink_cel(canvas, &curve, 0xF06AA8, 1.4);
        gb_curve_arc(&curve, x + 4, y - 18, 3.4, 3.4, 0, 0.9);
        gb_ink_stroke(canvas, &curve, canvas->weight * 1.2, 0xFFFFFF);
    }
}

static void draw_hand(const gb_canvas *canvas, const gb_person *person, gb_point elbow, gb_point hand, int side)
{
    gb_curve curve;
    const double w = person->limb, d = gb_point_distance(elbow, hand);
    const double ux = d > 0 ? (hand.x - elbow.x) / d : 0, uy = d > 0 ? (hand.y - elbow.y) / d : 1;
    const double px = -uy * (side ? 1 : -1), py = ux * (side ? 1 : -1);
    /* mitten of three fingers, then the thumb */
    for (int finger = -1; finger <= 1; finger++) {
        const gb_point from = {hand.x + ux * w * 0.6 + px * finger * w * 0.6,
                               hand.y + uy * w * 0.6 + py * finger * w * 0.6};
        const double reach = finger ? 1.5 : 1.8;
        const gb_point to = {from.x + (ux + px * finger * 0.25) * w * reach,
                             from.y + (uy + py * finger * 0.25) * w * reach};
        gb_curve_limb(&curve, from, gb_point_mix(from, to, 0.5), to, w * 0.45, w * 0.45, w * 0.4);
        gb_ink_cel(canvas, &curve, person->skin, w * 0.2);
    }
    gb_curve_ellipse(&curve, hand.x + ux * w * 0.6, hand.y + uy * w * 0.6, w * 1.12, w * 1.12);
    gb_ink_outline(canvas, &curve, canvas->weight);
    const gb_point root = {hand.x - px * w * 0.7, hand.y - py * w * 0.7};
    const gb_point tip = {root.x + ux * w * 1.1 - px * w * 0.9, root.y + uy * w * 1.1 - py * w * 0.9};
    gb_curve thumb;
    gb_curve_limb(&thumb, root, gb_point_mix(root, tip, 0.5), tip, w * 0.5, w * 0.48, w * 0.4);
    gb_ink_cel(canvas, &thumb, person->skin, w * 0.2);
    gb_ink_tone(canvas, &curve, person->skin, w * 0.4);
}

static void draw_arm(const gb_canvas *canvas, const gb_person *person, const gb_pose *pose, int side)
{
    gb_curve curve;
    const gb_point shoulder = pose->shoulder[side], elbow = pose->elbow[side], hand = pose->hand[side];
    const double w = person->limb;
    draw_hand(canvas, person, elbow, hand, side);
    if (side == 1 && pose->item) draw_item(canvas, pose->item, hand);
    const int long_sleeve = person->has & GB_HAS_LONG_SLEEVES;
    gb_curve_limb(&curve, shoulder, elbow, hand, w * 1.15, w, w * (long_sleeve ? 1.15 : 0.8));
    gb_ink_cel(canvas, &curve, long_sleeve ? person->top : person->skin, w * 0.55);
    if (long_sleeve) {
        const gb_point cuff = gb_point_mix(hand, elbow, 0.12);
        gb_curve_limb(&curve, cuff, gb_point_mix(cuff, hand, 0.5), hand, w * 1.25, w * 1.25, w * 1.2);
        gb_ink_cel(canvas, &curve, gb_colour_highlight(person->top), w * 0.4);
        return;
    }
    const gb_point end = gb_point_mix(shoulder, elbow, 0.82);
    gb_curve_limb(&curve, shoulder, gb_point_mix(shoulder, end, 0.5), end, w * 1.35, w * 1.4, w * 1.45);
    gb_ink_cel(canvas, &curve, person->top, w * 0.5);
}

static void torso_curve(const gb_person *person, const gb_pose *pose, gb_curve *curve)
{
    const double s = person->shoulder, h = person->hip, t = person->torso;
    const gb_point n = pose->neck, p = pose->pelvis;
    const double belly = person->hip > 13 ? 1.12 : 0.94;
    const gb_point body[10] = {{n.x - s * 0.35, n.y + 1},
                               {n.x - s * 0.92, n.y + 3.4},
                               {n.x - s * 0.98, n.y + t * 0.35},
                               {p.x - h * belly, p.y - t * 0.28},
                               {p.x - h, p.y + 2.5},
                               {p.x + h, p.y + 2.5},
                               {p.x + h * belly, p.y - t * 0.28},
                               {n.x + s * 0.94, n.y + t * 0.35},
                               {n.x + s * 0.88, n.y + 3.4},
                               {n.x + s * 0.35, n.y + 1}};
    gb_curve_through(curve, body, 10, 1);
}

static void draw_top_details(const gb_canvas *canvas, const gb_person *person, const gb_pose *pose,
                             const gb_curve *torso)
{
    const gb_point n = pose->neck, p = pose->pelvis;
    gb_curve curve;
    cairo_save(canvas->cairo);
    gb_ink_path(canvas, torso);
    cairo_clip(canvas->cairo);
    if (person->has & GB_HAS_STRIPES)
        for (int i = 0; i < 4; i++) {
            const double y = n.y + person->torso * (0.24 + 0.22 * i);
            gb_curve_clear(&curve);
            gb_curve_add(&curve, n.x - 20, y);
            gb_curve_bend(&curve, n.x + 2, y + 3.5, n.x + 20, y - 0.5);
            gb_curve_add(&curve, n.x + 20, y + 2);
            gb_curve_bend(&curve, n.x + 2, y + 6, n.x - 20, y + 2.6);
            gb_ink_fill(canvas, &curve, person->accent);
        }
    if (person->bottom == GB_BOTTOM_OVERALLS || (person->has & GB_HAS_APRON)) {
        const gb_colour bib = person->bottom == GB_BOTTOM_OVERALLS ? person->lower : person->accent;
        const double w = person->shoulder * 0.62;
        gb_curve_box(&curve, n.x - w + 1, n.y + person->torso * 0.3, 2 * w, person->torso, 2);
        gb_ink_cel(canvas, &curve, bib, 1.4);
        for (int way = -1; way <= 1; way += 2)
            gb_ink_line(canvas, n.x + 1 + way * w * 0.85, n.y + person->torso * 0.34, n.x + way * w * 0.8, n.y - 2, 3,
                        bib);
        gb_curve_box(&curve, n.x - w * 0.5 + 1, n.y + person->torso * 0.46, w, w * 0.7, 1);
        gb_ink_cel(canvas, &curve, gb_colour_highlight(bib), 1);
    }
    cairo_restore(canvas->cairo);
    if (person->has & GB_HAS_BADGE) {
        gb_curve_lobes(&curve, n.x + 1, n.y + person->torso * 0.5, 4.4, 4.4, 5, 3);
        gb_ink_cel(canvas, &curve, person->accent, 0.8);
    }
    if (person->bottom == GB_BOTTOM_TROUSERS || person->bottom == GB_BOTTOM_SHORTS) {
        gb_curve_box(&curve, p.x - person->hip * 1.0, p.y - 3, person->hip * 2.0, 6.6, 2);
        gb_ink_cel(canvas, &curve, person->lower, 1.4);
        gb_ink_line(canvas, p.x - person->hip, p.y - 2, p.x + person->hip, p.y - 2, canvas->weight, canvas->ink);
    }
}

static void draw_skirt(const gb_canvas *canvas, const gb_person *person, const gb_pose *pose)
{
    const gb_point p = pose->pelvis;
    const double h = person->hip, drop = person->leg * (person->has & GB_HAS_APRON ? 0.72 : 0.5), flare = h * 1.75;
    gb_curve curve;
    gb_curve_clear(&curve);
    gb_curve_add(&curve, p.x - h * 0.96, p.y - 4);
    gb_curve_bend(&curve, p.x - h * 1.2, p.y + drop * 0.4, p.x - flare + pose->sway, p.y + drop);
    for (int i = 0; i < 4; i++) {
        const double x0 = p.x - flare + 2 * flare * i / 4 + pose->sway, x1 = x0 + flare / 2;
        gb_curve_bend(&curve, (x0 + x1) / 2, p.y + drop + 3.4, x1, p.y + drop);
    }
    gb_curve_bend(&curve, p.x + h * 1.2, p.y + drop * 0.4, p.x + h * 0.96, p.y - 4);
    gb_ink_cel(canvas, &curve, person->lower, 2.4);
    for (int i = 0; i < 3; i++) {
        const double t = (i - 1) * 0.5;
        gb_curve_clear(&curve);
        gb_curve_add(&curve, p.x + t * flare + pose->sway, p.y + drop);
        gb_curve_bend(&curve, p.x + t * flare * 0.8, p.y + drop * 0.6, p.x + t * h, p.y + drop * 0.25);
        gb_ink_stroke(canvas, &curve, canvas->weight, canvas->ink);
    }
    gb_ink_line(canvas, p.x - h, p.y - 3, p.x + h, p.y - 3, 2, person->accent);
}

static void draw_scarf(const gb_canvas *canvas, const gb_person *person, const gb_pose *pose)
{
    gb_curve curve;
    const gb_point n = pose->neck;
    gb_curve_clear(&curve);
    gb_curve_add(&curve, n.x - 5, n.y + 3);
    gb_curve_bend(&curve, n.x - 14 - pose->sway, n.y + 6, n.x - 17 - 2 * pose->sway, n.y + 17);
    gb_curve_add(&curve, n.x - 10 - 2 * pose->sway, n.y + 19);
    gb_curve_bend(&curve, n.x - 7 - pose->sway, n.y + 10, n.x, n.y + 6);
    gb_ink_cel(canvas, &curve, person->accent, 1.4);
    gb_curve_box(&curve, n.x - 8.5, n.y - 3.5, 17, 7.5, 3.6);
    gb_ink_cel(canvas, &curve, person->accent, 1.6);
}

static void draw_skull(const gb_canvas *canvas, const gb_person *person, const gb_pose *pose, int back)
{
    cairo_save(canvas->cairo);
    const double c = gb_wave_cos(pose->tilt), s = gb_wave_sin(pose->tilt);
    const cairo_matrix_t matrix = {.xx = c, .yx = s, .xy = -s, .yy = c, .x0 = pose->skull.x, .y0 = pose->skull.y};
    cairo_transform(canvas->cairo, &matrix);
    if (back) {
        gb_hair_back_draw(canvas, person, person->head, pose->sway);
    } else {
        gb_head_draw(canvas, person, person->head);
        gb_canvas face = *canvas;
        gb_part_begin(&face, pose->expression);
        gb_face_draw(&face, person, pose, person->head);
        if (person->hair == GB_HAIR_CAP) gb_brows_draw(&face, person, pose, person->head);
        gb_hair_front_draw(canvas, person, person->head, pose->sway);
        if (person->hair != GB_HAIR_CAP) gb_brows_draw(&face, person, pose, person->head);
    }
    cairo_restore(canvas->cairo);
}

void gb_person_draw(const gb_canvas *canvas, const gb_person *person, const gb_pose *pose)
{
    gb_curve curve;
    const int raised = pose->hand[0].y < pose->shoulder[0].y; /* a raised far arm passes before the hair */
    gb_curve_ellipse(&curve, 1, 1, person->hip * 2.1, 3.4);
    gb_ink_glaze(canvas, &curve, 0x20183A, 0.25);
    draw_skull(canvas, person, pose, 1);
    if (!raised) draw_arm(canvas, person, pose, 0);
    draw_leg(canvas, person, pose, 0);
    draw_leg(canvas, person, pose, 1);
    const gb_point n = pose->neck;
    gb_curve_limb(&curve, (gb_point){n.x + 0.6, n.y - 4}, (gb_point){n.x, n.y}, (gb_point){n.x, n.y + 3}, 3.4, 3.4,
                  3.6);
    if (person->bottom == GB_BOTTOM_SKIRT) draw_skirt(canvas, person, pose);
    gb_curve torso;
    torso_curve(person, pose, &torso);
    gb_ink_cel(canvas, &torso, person->top, person->shoulder * 0.3);
    draw_top_details(canvas, person, pose, &torso);
    gb_ink_cel(canvas, &curve, gb_colour_shadow(person->skin), 0);
    if (person->has & GB_HAS_SCARF) draw_scarf(canvas, person, pose);
    if (raised) draw_arm(canvas, person, pose, 0);
    draw_skull(canvas, person, pose, 0);
    draw_arm(canvas, person, pose, 1);
}
