#include "pictures/slice.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "findings/record.h"

enum { GAP = 4 /* white lines between truth and contender, and half as many between the strips */ };

struct gb_slice {
    gb_geometry geometry;
    int contenders;
    int first, count, row; /* picks; line of the frames */
    int frame, shot;       /* of the first */
    gb_image *line;        /* [contender, then the truth]: 2 x side wide, a line a frame */
};

/* Where the longest sequence begins; *count is its length, at most GB_SLICE_FRAMES. */
static int longest_sequence(const gb_picks *picks, int *count)
{
    int best = 0, most = 0;
    for (int begin = 0; begin < picks->count;) {
        int end = begin + 1;
        while (end < picks->count && picks->pick[end].follows) end++;
        if (end - begin > most) {
            most = end - begin;
            best = begin;
        }
        begin = end;
    }
    *count = most < GB_SLICE_FRAMES ? most : GB_SLICE_FRAMES;
    return best;
}

static const uint8_t *strip_of(const gb_slice *s, const gb_image *frame, int row, int right)
{
    const int column = right ? s->geometry.width - s->geometry.side : 0;
    return frame->rgb + ((size_t)row * (size_t)s->geometry.width + (size_t)column) * 3;
}

static void add_changes(const gb_slice *s, const gb_image *before, const gb_image *now, uint64_t *change)
{
    for (int y = 0; y < s->geometry.height; y++)
        for (int right = 0; right < 2; right++) {
            const uint8_t *a = strip_of(s, before, y, right), *b = strip_of(s, now, y, right);
            for (int i = 0; i < 3 * s->geometry.side; i++) change[y] += (uint64_t)abs(a[i] - b[i]);
        }
}

/* The row in which the truth's strips change most. */
static gb_status find_row(gb_slice *s, gb_pack *pack, const gb_picks *picks, gb_error *err)
{
    gb_image frame[2] = {{0}}, input = {0};
    uint64_t *change = gb_alloc((size_t)s->geometry.height, sizeof *change);
    gb_status status = change ? GB_OK : gb_fail_memory(err, "slice", (size_t)s->geometry.height * sizeof *change);
    for (int i = 0; i < s->count && status == GB_OK; i++) {
        status = gb_pack_read(pack, picks->pick[s->first + i].frame, &frame[i % 2], &input, err);
        if (status == GB_OK && i) add_changes(s, &frame[(i + 1) % 2], &frame[i % 2], change);
    }
    for (int y = 0; y < s->geometry.height && status == GB_OK; y++)
        if (change[y] > change[s->row]) s->row = y;
    gb_image_free(&frame[0]);
    gb_image_free(&frame[1]);
    gb_image_free(&input);
    free(change);
    return status;
}

gb_status gb_slice_new(int contenders, gb_pack *pack, const gb_picks *picks, gb_slice **out, gb_error *err)
{
    const gb_geometry geometry = gb_pack_get_info(pack)->geometry;
    int count;
    const int first = longest_sequence(picks, &count);
    gb_status status = GB_OK;
    *out = NULL;
    if (count < 2 || geometry.side < 1) return GB_OK;
    gb_slice *s = gb_alloc(1, sizeof *s);
    if (!s) return gb_fail_memory(err, "slice", sizeof *s);
    *s = (gb_slice){.geometry = geometry, .contenders = contenders, .first = first, .count = count,
                    .frame = picks->pick[first].frame, .shot = picks->pick[first].shot};
    s->line = gb_alloc((size_t)contenders + 1, sizeof *s->line);
    if (!s->line) GB_GO(gb_fail_memory(err, "slice", (size_t)contenders * sizeof *s->line));
    for (int c = 0; c <= contenders; c++) {
        GB_GO(gb_image_new(2 * geometry.side, count, &s->line[c], err));
        memset(s->line[c].rgb, 128, (size_t)count * (size_t)geometry.side * 6);
    }
    GB_GO(find_row(s, pack, picks, err));
    *out = s;
done:
    if (status != GB_OK) gb_slice_free(s);
    return status;
}

void gb_slice_free(gb_slice *slice)
{
    if (!slice) return;
    for (int c = 0; slice->line && c <= slice->contenders; c++) gb_image_free(&slice->line[c]);
    free(slice->line);
    free(slice);
}

static void take_line(gb_slice *s, int subject, int at, const gb_image *frame)
{
    const size_t bytes = (size_t)s->geometry.side * 3;
    uint8_t *to = s->line[subject].rgb + (size_t)at * 2 * bytes;
    if (!frame) return;
    for (int right = 0; right < 2; right++)
        memcpy(to + (size_t)right * bytes, strip_of(s, frame, s->row, right), bytes);
}

void gb_slice_add(gb_slice *slice, int pick, int contender, const gb_image *truth, const gb_image *frame)
{
    if (!slice || pick < slice->first || pick >= slice->first + slice->count) return;
    take_line(slice, slice->contenders, pick - slice->first, truth);
    take_line(slice, contender, pick - slice->first, frame);
}

/* Lines become columns: time runs to the right. `top` of the picture. */
static void draw_strips(const gb_slice *s, int subject, int top, gb_image *out)
{
    const gb_image *line = &s->line[subject];
    for (int t = 0; t < s->count; t++)
        for (int x = 0; x < line->width; x++) {
            const int y = top + x + (x >= s->geometry.side ? GAP / 2 : 0);
            memcpy(out->rgb + ((size_t)y * (size_t)out->width + (size_t)t) * 3,
                   line->rgb + ((size_t)t * (size_t)line->width + (size_t)x) * 3, 3);
        }
}

static gb_status write_one(const gb_slice *s, gb_run *run, const char *dataset, const gb_pack *pack,
                           const gb_contender *contender, int subject, gb_error *err)
{
    const int height = 2 * s->geometry.side + GAP / 2;
    gb_image picture = {0};
    GB_TRY(gb_image_new(s->count, 2 * height + GAP, &picture, err));
    memset(picture.rgb, 255, (size_t)picture.width * (size_t)picture.height * 3);
    draw_strips(s, s->contenders, 0, &picture);
    draw_strips(s, subject, height + GAP, &picture);
    gb_run_slice *row = gb_record_append(&run->slices, &run->slice_count, sizeof *row);
    if (row)
        *row = (gb_run_slice){.generator = gb_strdup(contender->id), .dataset = gb_strdup(dataset),
                              .clip = gb_strdup(gb_pack_shots(pack)[s->shot].clip), .shot = s->shot,
                              .frame = s->frame, .frames = s->count, .row = s->row,
                              .path = gb_format("panels/%s-slice-%s.png", dataset, contender->id)};
    char *path = row && row->path ? gb_path_join(run->directory, row->path) : NULL;
    const gb_status status =
        path ? gb_image_put_png(path, &picture, err) : gb_fail_memory(err, "slice", sizeof *row);
    free(path);
    gb_image_free(&picture);
    return status;
}

gb_status gb_slice_write(const gb_slice *slice, gb_run *run, const char *dataset, const gb_pack *pack,
                         const gb_contender *contender, int index, gb_error *err)
{
    if (!slice) return GB_OK;
    char *folder = gb_path_join(run->directory, "panels");
    const gb_status status = folder ? gb_directory_make(folder, err) : gb_fail_memory(err, "slice", 64);
    free(folder);
    return status == GB_OK ? write_one(slice, run, dataset, pack, contender, index, err) : status;
}
