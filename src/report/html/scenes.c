/* Pictures: a viewer that compares two of a scene, and every scene's pictures below it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/html/pictures.h"

static int generator_of(const gb_run *run, const char *label)
{
    const gb_run_generator *generator = gb_view_generator(run, label);
    return generator ? (int)(generator - run->generators) : -1;
}

static void viewer(gb_page *page, const gb_run_dataset *dataset)
{
    const gb_geometry g = dataset->geometry; /* the maps' scale is bench/pictures/heat.h's */
    gb_html_put(
        &page->out,
        "<div class=\"viewer\" hidden><div class=\"tools\"><label>Scene <select class=\"scene-choice\"></select>"
        "</label><label>Left <select class=\"left-choice\"></select></label><label>Right <select "
        "class=\"right-choice\"></select></label><label class=\"check\"><input type=\"checkbox\" class=\"seams\" "
        "checked> Seams</label><label class=\"check\"><input type=\"checkbox\" class=\"difference\"> Difference, "
        "\xc3\x97"
        "4</label></div><div class=\"stage\" style=\"aspect-ratio:%d/%d\"><svg class=\"a\" role=\"img\" "
        "viewBox=\"0 0 %d %d\"><use/></svg><svg class=\"b\" role=\"img\" viewBox=\"0 0 %d %d\"><use/></svg>"
        "<svg class=\"lines\" aria-hidden=\"true\" viewBox=\"0 0 %d %d\"><path d=\"M%d 0V%dM%d 0V%d\"/></svg>"
        "<i class=\"bar\"></i><b class=\"tag l\"></b><b class=\"tag r\"></b></div><p class=\"legend quiet\" "
        "hidden>%s of each place: 0 <i></i> 1 or more. Their mean is about the frame's value.</p><label "
        "class=\"slide\"><span "
        "class=\"vh\">Divider between the left and the right picture, percent</span><input type=\"range\" "
        "min=\"0\" max=\"100\" step=\"0.5\" value=\"50\"></label></div>\n",
        g.width, g.height, g.width, g.height, g.width, g.height, g.width, g.height, g.side, g.height,
        g.width - g.side, g.height, gb_view_leading(page->run) ? gb_view_leading(page->run)->title : "");
}

static void thumb(gb_page *page, size_t panel, int i, bool heat)
{
    const gb_run_panel *p = &page->run->panels[panel];
    const gb_run_picture *picture = &p->pictures[i];
    const gb_run_metric *metric = gb_view_leading(page->run);
    const int g = generator_of(page->run, picture->label);
    const gb_run_dataset *d = NULL;
    for (size_t k = 0; k < page->run->dataset_count; k++)
        if (!strcmp(page->run->datasets[k].id, p->dataset)) d = &page->run->datasets[k];
    gb_html_put(
        &page->out,
        "<figure data-g=\"%d\" data-n=\"%s\" data-picture=\"p%d-%d\" data-label=\"%s\"%r><button type=\"button\" "
        "class=\"thumb\" aria-label=\"Compare %s in the viewer\"><svg role=\"img\" aria-label=\"%s, shot %d, frame "
        "%d\" viewBox=\"0 0 %d %d\"><use href=\"#p%d-%d\"/></svg></button><figcaption>",
        g, g < 0 ? "" : picture->label, (int)panel, i, picture->label, heat ? " data-heat" : "",
        picture->label, picture->label, p->shot, p->frame,
        d ? d->geometry.width : 16, d ? d->geometry.height : 9, (int)panel, i);
    if (g >= 0)
        gb_page_name(page, (size_t)g);
    else
        gb_html_put(&page->out, "<span class=\"name\"><b>%s</b></span>", picture->label);
    if (metric && isfinite(picture->lpips)) {
        gb_html_put(&page->out, "<span class=\"value\">");
        gb_view_value(&page->out, metric, picture->lpips);
        gb_html_put(&page->out, "</span>");
    }
    gb_html_put(&page->out, "</figcaption></figure>\n");
}

static bool has_picture(const gb_run_panel *panel, const char *id)
{
    for (int i = 0; i < panel->picture_count; i++)
        if (!strcmp(panel->pictures[i].label, id)) return true;
    return false;
}

/* Generators without a picture here, and files that cannot be read, in words. */
static void absent(gb_page *page, const gb_run_panel *panel, const bool *missing)
{
    bool any = false;
    for (size_t g = 0; g < page->run->generator_count; g++) {
        const gb_run_generator *generator = &page->run->generators[g];
        if (has_picture(panel, generator->id)) continue;
        gb_html_put(&page->out, "%r<bdi>%s</bdi> (%s)", any ? ", " : "<p class=\"quiet\">No picture: ", generator->id,
                    generator->state == GB_STATE_OK ? "failed on this frame" : gb_state_name(generator->state));
        any = true;
    }
    for (int i = 0; i < panel->picture_count; i++) {
        if (!missing[i]) continue;
        gb_html_put(&page->out, "%r<bdi>%s</bdi> (%s cannot be read)",
                    any ? ", " : "<p class=\"quiet\">No picture: ", panel->pictures[i].label,
                    panel->pictures[i].path);
        any = true;
    }
    if (any) gb_html_put(&page->out, ".</p>");
}

static gb_status scene(gb_page *page, gb_pictures *pictures, size_t index, gb_error *err)
{
    const gb_run_panel *panel = &page->run->panels[index];
    bool *missing = gb_alloc(2 * (size_t)panel->picture_count, sizeof *missing);
    if (!missing) return gb_fail_memory(err, "pictures", (size_t)panel->picture_count);
    const char *why = panel->why ? panel->why : "";
    gb_pictures_put(page, pictures, index, missing);
    gb_html_put(&page->out,
                "<article class=\"scene\" data-scene=\"shot %d, frame %d, %s%s%s\"><h4>Shot %d <small>"
                "<bdi>%s</bdi>, frame %d</small> <span class=\"badge%r\">%s</span></h4><div "
                "class=\"thumbs\">",
                panel->shot, panel->frame, panel->clip, why[0] ? ": " : "", why, panel->shot, panel->clip,
                panel->frame, gb_page_is_extreme(panel) ? " extreme" : "", why);
    for (int i = 0; i < panel->picture_count; i++)
        if (!missing[i]) thumb(page, index, i, !missing[panel->picture_count + i]);
    gb_html_put(&page->out, "</div>");
    absent(page, panel, missing);
    gb_html_put(&page->out, "</article>\n");
    free(missing);
    return GB_OK;
}

gb_status gb_page_scenes(gb_page *page, gb_pictures *pictures, size_t dataset, gb_error *err)
{
    const gb_run *run = page->run;
    const gb_run_dataset *d = &run->datasets[dataset];
    size_t total = 0, shown = 0;
    for (size_t p = 0; p < run->panel_count; p++) total += !strcmp(run->panels[p].dataset, d->id);
    if (!total) return GB_OK;
    gb_html_put(&page->out,
                "<div class=\"scenes\"><h3>Scenes</h3><p>Press a picture to compare it. Below each: %s of this "
                "frame. Pictures here are JPEGs; the exact ones are the PNGs in the run's folder.</p>\n",
                gb_view_leading(run) ? gb_view_leading(run)->title : "value");
    viewer(page, d);
    for (size_t p = 0; p < run->panel_count; p++) {
        if (strcmp(run->panels[p].dataset, d->id) != 0 || !gb_pictures_shown(pictures, p)) continue;
        GB_TRY(scene(page, pictures, p, err));
        shown++;
    }
    if (shown < total)
        gb_html_put(&page->out,
                    "<p class=\"quiet\">%d of %d scenes are shown, to keep this page small; the others are in "
                    "the run's folder.</p>",
                    (int)shown, (int)total);
    gb_html_put(&page->out, "</div>\n");
    return GB_OK;
}
