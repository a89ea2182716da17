#include "datasets/toon/lettering.h"

#include <string.h>

/* Strokes on a grid of 5 by 7 points: pairs of digits x y, y downwards; a space begins a new stroke. */
static const char *glyph(char letter)
{
    static const char *const capital[26] = {
        "062046 1434",
        "06003041423303 3344453606",
        "4130100105163645",
        "06003041453606",
        "40000646 0333",
        "400006 0333",
        "41301001051636454323",
        "0006 4046 0343",
        "2026 1030 1636",
        "4045361605",
        "0006 4003 0346",
        "000646",
        "0600234046",
        "06004640",
        "103041453616050110",
        "06003041423303",
        "103041453616050110 2446",
        "06003041423303 2346",
        "413010010213334445361605",
        "0040 2026",
        "000516364540",
        "002640",
        "0016233640",
        "0046 4006",
        "002340 2326",
        "00400646",
    };
    static const char *const digit[10] = {
        "103041453616050110 1432", "112026", "011030414206 0646", "01103041423313 334445361605", "300444 3036",
        "40000233444536160605", "4130100105163645443304", "004016", "103041423313020110 13040516364544 3344",
        "43130201103041453616",
    };
    if (letter >= 'A' && letter <= 'Z') return capital[letter - 'A'];
    if (letter >= '0' && letter <= '9') return digit[letter - '0'];
    if (letter == '-') return "0343";
    if (letter == '_') return "0646";
    if (letter == '+') return "0343 2125";
    if (letter == '.') return "2526";
    if (letter == ':') return "2223 2526";
    if (letter == '@') return "4616050110304144242242";
    if (letter == '!') return "2024 2526";
    if (letter == '\'') return "2021";
    if (letter == '&') return "4612112031320405162644";
    return "";
}

static double advance(char letter)
{
    return letter == ' ' ? 3.4 : letter == 'I' || letter == '!' || letter == '\'' ? 4.2 : 6.2;
}

double gb_lettering_width(const char *text, double height)
{
    double width = 0;
    for (const char *letter = text; *letter; letter++) width += advance(*letter);
    return width * height / 6;
}

static void trace(cairo_t *cairo, const char *text, double x, double y, double unit)
{
    for (const char *letter = text; *letter; letter++) {
        const double narrow = advance(*letter) < 5 ? -1 : 0;
        int pen = 0;
        for (const char *at = glyph(*letter); *at;) {
            if (*at == ' ') {
                pen = 0;
                at++;
                continue;
            }
            const double px = x + unit * (at[0] - '0' + narrow), py = y + unit * (at[1] - '0' - 6);
            if (pen)
                cairo_line_to(cairo, px, py);
            else
                cairo_move_to(cairo, px, py);
            pen = 1;
            at += 2;
        }
        x += advance(*letter) * unit;
    }
}

void gb_lettering_draw(const gb_canvas *canvas, const char *text, double x, double y, double height, double stroke,
                       gb_colour colour, double rim)
{
    const double unit = height / 6, left = x - gb_lettering_width(text, height) / 2 + unit;
    cairo_t *cairo = canvas->cairo;
    cairo_save(cairo);
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    for (int pass = rim > 0 ? 0 : 1; pass < 2; pass++) {
        trace(cairo, text, left, y, unit);
        gb_ink_source(canvas, pass ? colour : canvas->ink, 1);
        cairo_set_line_width(cairo, pass ? stroke : stroke + 2 * rim);
        cairo_stroke(cairo);
    }
    cairo_restore(cairo);
}
