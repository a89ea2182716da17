#include "datasets/toon/character.h"

void gb_head_draw(const gb_canvas *canvas, const gb_person *person, double r)
{
    gb_curve curve;
    for (int side = 0; side < 2; side++) { /* ears: the far one peeps out */
        const double x = side ? -0.97 * r : 0.95 * r;
        gb_curve_ellipse(&curve, x, 0.10 * r, (side ? 0.20 : 0.13) * r, 0.22 * r);
        gb_ink_cel(canvas, &curve, person->skin, 0.06 * r);
        gb_curve_arc(&curve, x, 0.1 * r, 0.09 * r, 0.12 * r, 0.4, 0.9);
        gb_ink_stroke(canvas, &curve, canvas->weight * 0.7, gb_colour_shadow(gb_colour_shadow(person->skin)));
    }
    const gb_point skull[11] = {{0, -r},
                                {0.7 * r, -0.74 * r},
                                {0.97 * r, -0.1 * r},
                                {0.95 * r, 0.34 * r},
                                {0.62 * r, 0.8 * r},
                                {0.12 * r, 0.98 * r},
                                {-0.4 * r, 0.92 * r},
                                {-0.86 * r, 0.55 * r},
                                {-0.99 * r, 0.1 * r},
                                {-0.93 * r, -0.35 * r},
                                {-0.6 * r, -0.82 * r}};
    gb_curve_through(&curve, skull, 11, 1);
    gb_ink_cel(canvas, &curve, person->skin, 0.15 * r);
}

static void draw_eye(const gb_canvas *canvas, const gb_person *person, const gb_pose *pose, double x, double y,
                     double rx, double ry)
{
    gb_curve curve;
    if (pose->lids > 0.9) {
        gb_curve_arc(&curve, x, y, rx, ry * 0.45, 0.02, 0.48);
        gb_ink_stroke(canvas, &curve, canvas->weight * 1.7, canvas->ink);
        return;
    }
    gb_curve_ellipse(&curve, x, y, rx, ry);
    gb_ink_tone(canvas, &curve, 0xFFFFFF, 0);
    gb_ink_outline(canvas, &curve, canvas->weight * 0.8);
    const double px = x + pose->gaze.x * rx * 0.34, py = y + pose->gaze.y * ry * 0.3 + ry * 0.05;
    gb_curve_ellipse(&curve, px, py, rx * 0.58, ry * 0.58);
    gb_ink_fill(canvas, &curve, person->iris);
    gb_curve_ellipse(&curve, px, py, rx * 0.38, ry * 0.40);
    gb_ink_fill(canvas, &curve, 0x1A1214);
    gb_ink_dot(canvas, px - rx * 0.2, py - ry * 0.24, rx * 0.2, 0xFFFFFF);
    gb_curve_arc(&curve, x, y, rx * 1.06, ry * 1.02, 0.53, 0.97);
    gb_ink_stroke(canvas, &curve, canvas->weight * 1.9, canvas->ink);
    if (!(person->has & GB_HAS_LASHES)) return;
    for (int i = 0; i < 2; i++) {
        const double way = x < 0 ? -1 : 1, ly = y - ry * (0.35 + 0.35 * i);
        gb_curve_clear(&curve);
        gb_curve_add(&curve, x + way * rx * (0.95 - 0.25 * i), ly);
        gb_curve_bend(&curve, x + way * rx * 1.25, ly - ry * 0.05, x + way * rx * 1.45, ly - ry * 0.35);
        gb_ink_stroke(canvas, &curve, canvas->weight * 1.1, canvas->ink);
    }
}

static void draw_brow(const gb_canvas *canvas, const gb_person *person, double x, double y, double w, double way,
                      double mood)
{
    gb_curve curve;
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x - way * w, y - w * 0.25 * mood + w * 0.1);
    gb_curve_bend(&curve, x, y - w * (0.35 + 0.2 * mood), x + way * w, y + w * 0.12);
    const gb_colour dark = gb_colour_mix(person->hair_colour, canvas->ink, 55);
    gb_ink_stroke(canvas, &curve, canvas->weight * 2.1, dark);
}

static void draw_open_mouth(const gb_canvas *canvas, double x, double y, double w, double h, int teeth)
{
    gb_curve curve;
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x - w, y - h * 0.25);
    gb_curve_bend(&curve, x, y - h * 0.02, x + w, y - h * 0.35);
    gb_curve_sweep(&curve, x + w * 0.9, y + h * 0.9, x - w * 0.6, y + h * 1.2, x - w, y - h * 0.25);
    gb_ink_fill(canvas, &curve, 0x7A1F2B);
    gb_curve tongue;
    gb_curve_ellipse(&tongue, x + w * 0.02, y + h * 0.52, w * 0.45, h * 0.2);
    gb_ink_fill(canvas, &tongue, 0xF0707A);
    if (teeth) {
        gb_curve row;
        gb_curve_clear(&row);
        gb_curve_add(&row, x - w * 0.86, y - h * 0.2);
        gb_curve_bend(&row, x, y - h * 0.0, x + w * 0.88, y - h * 0.28);
        gb_curve_add(&row, x + w * 0.72, y + h * 0.08);
        gb_curve_bend(&row, x, y + h * 0.28, x - w * 0.72, y + h * 0.1);
        gb_ink_fill(canvas, &row, 0xFFFFFF);
    }
    gb_ink_outline(canvas, &curve, canvas->weight * 0.95);
}

static void draw_mouth(const gb_canvas *canvas, gb_mouth mouth, double x, double y, double r)
{
    gb_curve curve;
    switch (mouth) {
    case GB_MOUTH_SMILE:
    case GB_MOUTH_FLAT: {
        const double sag = mouth == GB_MOUTH_SMILE ? 0.2 : 0.04, w = mouth == GB_MOUTH_SMILE ? 0.3 : 0.2;
        gb_curve_clear(&curve);
        gb_curve_add(&curve, x - w * r, y - sag * 0.4 * r);
        gb_curve_bend(&curve, x, y + sag * 1.2 * r, x + w * r, y - sag * 0.6 * r);
        gb_ink_stroke(canvas, &curve, canvas->weight * 1.5, canvas->ink);
        break;
    }
    case GB_MOUTH_ROUND:
        gb_curve_ellipse(&curve, x, y + 0.04 * r, 0.12 * r, 0.15 * r);
        gb_ink_fill(canvas, &curve, 0x7A1F2B);
        gb_ink_outline(canvas, &curve, canvas->weight);
        break;
    case GB_MOUTH_WIDE: draw_open_mouth(canvas, x, y, 0.34 * r, 0.36 * r, 1); break;
    case GB_MOUTH_TEETH: draw_open_mouth(canvas, x, y, 0.27 * r, 0.2 * r, 1); break;
    }
}

static void draw_nose(const gb_canvas *canvas, const gb_person *person, double x, double y, double r)
{
    gb_curve curve;
    if (person->has & GB_HAS_MOUSTACHE) {
        gb_curve_ellipse(&curve, x, y, 0.24 * r, 0.18 * r);
        gb_ink_cel(canvas, &curve, gb_colour_mix(person->skin, 0xE8604A, 35), 0.07 * r);
        return;
    }
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x - 0.02 * r, y - 0.12 * r);
    gb_curve_sweep(&curve, x + 0.2 * r, y - 0.06 * r, x + 0.16 * r, y + 0.12 * r, x - 0.04 * r, y + 0.08 * r);
    gb_ink_fill(canvas, &curve, gb_colour_mix(person->skin, 0xE8604A, 30));
    gb_ink_stroke(canvas, &curve, canvas->weight * 1.1, canvas->ink);
}

static void draw_moustache(const gb_canvas *canvas, const gb_person *person, double x, double y, double r)
{
    gb_curve curve;
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x, y - 0.06 * r);
    gb_curve_sweep(&curve, x + 0.25 * r, y - 0.2 * r, x + 0.5 * r, y + 0.02 * r, x + 0.62 * r, y - 0.1 * r);
    gb_curve_sweep(&curve, x + 0.6 * r, y + 0.22 * r, x + 0.2 * r, y + 0.24 * r, x, y + 0.1 * r);
    gb_curve_sweep(&curve, x - 0.2 * r, y + 0.24 * r, x - 0.6 * r, y + 0.22 * r, x - 0.62 * r, y - 0.1 * r);
    gb_curve_sweep(&curve, x - 0.5 * r, y + 0.02 * r, x - 0.25 * r, y - 0.2 * r, x, y - 0.06 * r);
    gb_ink_cel(canvas, &curve, person->hair_colour, 0.06 * r);
}

static void draw_glasses(const gb_canvas *canvas, double near_x, double far_x, double y, double r)
{
    gb_curve curve;
    gb_canvas frame = *canvas;
    frame.weight *= 1.2;
    for (int i = 0; i < 2; i++) {
        gb_curve_ellipse(&curve, i ? far_x : near_x, y, 0.31 * r, 0.33 * r);
        gb_ink_glaze(&frame, &curve, 0xBFF0F8, 0.25);
        gb_ink_outline(&frame, &curve, frame.weight);
        const double x = i ? far_x : near_x;
        gb_ink_line(&frame, x - 0.16 * r, y + 0.06 * r, x - 0.02 * r, y - 0.2 * r, 0.05 * r, 0xFFFFFF);
    }
    gb_ink_line(&frame, near_x + 0.3 * r, y - 0.03 * r, far_x - 0.3 * r, y - 0.03 * r, frame.weight, frame.ink);
    gb_ink_line(&frame, near_x - 0.3 * r, y - 0.03 * r, -0.92 * r, y - 0.0 * r, frame.weight * 0.9, frame.ink);
}

void gb_face_draw(const gb_canvas *canvas, const gb_person *person, const gb_pose *pose, double r)
{
    const double middle = 0.17 * r, eye_y = 0.02 * r, near_x = middle - 0.38 * r, far_x = middle + 0.36 * r;
    gb_curve curve;
    for (int i = 0; i < 2; i++) { /* cheeks */
        gb_curve_ellipse(&curve, i ? middle + 0.5 * r : middle - 0.6 * r, 0.44 * r, 0.18 * r, 0.11 * r);
        gb_ink_glaze(canvas, &curve, 0xF0604E, 0.28);
    }
    draw_eye(canvas, person, pose, near_x, eye_y, 0.225 * r, 0.29 * r);
    draw_eye(canvas, person, pose, far_x, eye_y, 0.20 * r, 0.28 * r);
    if (person->has & GB_HAS_FRECKLES)
        for (int i = 0; i < 6; i++)
            gb_ink_dot(canvas, middle + (i < 3 ? -0.68 : 0.42) * r + i % 3 * 0.1 * r, (0.34 + (i % 3 == 1) * 0.07) * r,
                       0.028 * r, 0xB8683A);
    if (person->has & GB_HAS_GLASSES) draw_glasses(canvas, near_x, far_x, eye_y, r);
    const double mouth_y = (person->has & GB_HAS_MOUSTACHE ? 0.68 : 0.56) * r;
    draw_mouth(canvas, pose->mouth, middle + 0.02 * r, mouth_y, person->has & GB_HAS_MOUSTACHE ? 0.75 * r : r);
    if (person->has & GB_HAS_MOUSTACHE) draw_moustache(canvas, person, middle + 0.04 * r, 0.46 * r, r);
    draw_nose(canvas, person, middle + 0.05 * r, 0.3 * r, r);
}

void gb_brows_draw(const gb_canvas *canvas, const gb_person *person, const gb_pose *pose, double r)
{
    const double y = -0.41 * r - 0.07 * r * pose->brow;
    draw_brow(canvas, person, -0.21 * r, y, 0.2 * r, 1, pose->brow);
    draw_brow(canvas, person, 0.53 * r, y, 0.18 * r, -1, pose->brow);
}
