/* Packs: what is written comes back, byte for byte the same each time; damage of any kind is one clear line. */
#include "support/support.h"

#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/random.h"
#include "datasets/dataset.h"

static const gb_pack_info small = {
    .id = "small", .title = "A small pack", .domain = "in", .licence = "CC0", .source = "made up",
    .geometry = {32, 18, 4}};

/* HDF5 1.10 itself loses a little memory when it meets damaged metadata; our own handles are counted below. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhdf5\n";
}

static void test_no_handle_stays_open(void **state)
{
    (void)state;
    const unsigned kinds = H5F_OBJ_FILE | H5F_OBJ_DATASET | H5F_OBJ_ATTR | H5F_OBJ_DATATYPE;
    assert_int_equal(H5Fget_obj_count(H5F_OBJ_ALL, kinds), 0);
}

static gb_image make_frame(int width, int height, int index)
{
    gb_error err = {0};
    gb_image image = {0};
    assert_ok(gb_image_new(width, height, &image, &err), &err);
    gb_random random = {(uint64_t)index};
    for (int i = 0; i < width * height * 3; i++) image.rgb[i] = (uint8_t)(i + index + (int)gb_random_below(&random, 9));
    return image;
}

/* Shots of 2, 1 and 4 frames. */
static void write_pack(const char *path, const gb_pack_info *info)
{
    gb_error err = {0};
    gb_pack_writer *writer = NULL;
    assert_ok(gb_pack_create(path, info, &writer, &err), &err);
    const gb_shot shots[3] = {{.clip = "one", .split = "train", .stride = 1, .fps = 24},
                              {.clip = "one", .split = "val", .source_first = 12, .stride = 2, .fps = 23.976},
                              {.clip = "two", .split = "test", .source_first = 5, .stride = 1, .fps = 0}};
    const int counts[3] = {2, 1, 4};
    int index = 0;
    for (int s = 0; s < 3; s++) {
        assert_ok(gb_pack_begin_shot(writer, &shots[s], &err), &err);
        for (int i = 0; i < counts[s]; i++, index++) {
            const gb_geometry g = info->geometry;
            gb_image wide = make_frame(g.width, g.height, index);
            gb_image narrow = make_frame(g.width - 2 * g.side, g.height, 99 + index);
            assert_ok(gb_pack_append(writer, &wide, info->paired ? &narrow : NULL, &err), &err);
            gb_image_free(&wide);
            gb_image_free(&narrow);
        }
    }
    assert_false(gb_file_exists(path)); /* only a finished pack has the name */
    assert_ok(gb_pack_finish(writer, &err), &err);
}

/* What flow number `index` holds: every seventh pixel not valid, motions of both signs and between units. */
static void fill_flow(gb_flow *flow, int index)
{
    gb_error err = {0};
    assert_ok(gb_flow_reserve(flow, small.geometry.width, small.geometry.height, &err), &err);
    for (int i = 0; i < flow->width * flow->height; i++) {
        flow->valid[i] = i % 7 != 3;
        flow->uv[2 * i] = (float)(i % 90 - 40) + 0.25f * (float)index;
        flow->uv[2 * i + 1] = -3.0f + 1.0f / 64 * (float)(i % 64);
    }
    flow->uv[0] = 501; /* farther than is kept */
    flow->uv[3] = NAN;
}

/* Shots of three and two frames. */
static void write_flow_pack(const char *path, const char *tags)
{
    gb_error err = {0};
    gb_pack_writer *writer = NULL;
    gb_pack_info info = small;
    gb_flow flow = {0};
    info.has_flow = true;
    assert_ok(gb_pack_create(path, &info, &writer, &err), &err);
    for (int i = 0; i < 5; i++) {
        gb_shot shot = {.clip = "one", .split = "test", .stride = 1, .fps = 24};
        snprintf(shot.tags, sizeof shot.tags, "%s", i ? tags : "");
        if (i % 3 == 0) assert_ok(gb_pack_begin_shot(writer, &shot, &err), &err);
        gb_image wide = make_frame(32, 18, i);
        assert_ok(gb_pack_append(writer, &wide, NULL, &err), &err);
        gb_image_free(&wide);
        fill_flow(&flow, i);
        if (i != 2 && i != 4) assert_ok(gb_pack_append_flow(writer, &flow, &err), &err);
    }
    gb_flow_free(&flow);
    assert_ok(gb_pack_finish(writer, &err), &err);
}

static void test_flow_round_trip(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_pack *pack = NULL;
    gb_flow flow = {0}, expected = {0};
    write_flow_pack(test_scratch("flow.h5"), "faces indoors");
    assert_ok(gb_pack_open(test_scratch("flow.h5"), &pack, &err), &err);
    assert_true(gb_pack_get_info(pack)->has_flow);
    assert_string_equal(gb_pack_shots(pack)[0].tags, "");
    assert_string_equal(gb_pack_shots(pack)[1].tags, "faces indoors");
    for (int index = 3; index >= 0; index--) {
        if (index == 2) continue;
        assert_ok(gb_pack_read_flow(pack, index, &flow, &err), &err);
        fill_flow(&expected, index);
        for (int i = 0; i < 32 * 18; i++) {
            const int valid = i > 1 && expected.valid[i];
            assert_int_equal(flow.valid[i], valid);
            assert_true(flow.uv[2 * i] == (valid ? expected.uv[2 * i] : 0));
            assert_true(flow.uv[2 * i + 1] == (valid ? expected.uv[2 * i + 1] : 0));
        }
    }
    assert_fails(gb_pack_read_flow(pack, 2, &flow, &err), GB_E_ARG, &err, "frame 2");
    assert_fails(gb_pack_read_flow(pack, 4, &flow, &err), GB_E_ARG, &err, "frame 4");
    assert_fails(gb_pack_read_flow(pack, -1, &flow, &err), GB_E_ARG, &err, "frame -1");
    assert_ok(gb_pack_verify(pack, &err), &err);
    gb_flow_free(&flow);
    gb_flow_free(&expected);
    gb_pack_close(pack);
}

static void content_of(const char *path, char content[65])
{
    gb_error err = {0};
    gb_pack *pack = NULL;
    assert_ok(gb_pack_open(path, &pack, &err), &err);
    snprintf(content, 65, "%s", gb_pack_get_info(pack)->content);
    gb_pack_close(pack);
}

/* Flow and tags belong to the content; a pack without them is the file that it always was. */
static void test_flow_and_tags_count(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_pack *pack = NULL;
    gb_flow flow = {0};
    char plain[65], tagged[65], other[65];
    write_flow_pack(test_scratch("a.h5"), "faces");
    write_flow_pack(test_scratch("b.h5"), "");
    write_pack(test_scratch("c.h5"), &small);
    content_of(test_scratch("a.h5"), tagged);
    content_of(test_scratch("b.h5"), plain);
    content_of(test_scratch("c.h5"), other);
    assert_string_not_equal(plain, tagged);
    const hid_t file = H5Fopen(test_scratch("b.h5"), H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t frames = H5Dopen2(file, "flow", H5P_DEFAULT);
    static int16_t zeros[5 * 18 * 32 * 2];
    assert_true(H5Dwrite(frames, H5T_NATIVE_INT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros) >= 0);
    H5Dclose(frames);
    H5Fclose(file);
    assert_ok(gb_pack_open(test_scratch("b.h5"), &pack, &err), &err);
    assert_fails(gb_pack_verify(pack, &err), GB_E_MISMATCH, &err, "content");
    gb_pack_close(pack);
    assert_ok(gb_pack_open(test_scratch("c.h5"), &pack, &err), &err);
    assert_false(gb_pack_get_info(pack)->has_flow);
    assert_fails(gb_pack_read_flow(pack, 0, &flow, &err), GB_E_UNSUPPORTED, &err, "holds no flow");
    gb_pack_close(pack);
}

static void test_flow_refusals(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_pack_writer *writer = NULL;
    gb_flow flow = {0}, odd = {0};
    gb_pack_info info = small;
    gb_shot shot = {.clip = "one", .split = "test", .stride = 1, .fps = 24};
    gb_image wide = make_frame(32, 18, 0);
    fill_flow(&flow, 0);
    assert_ok(gb_flow_reserve(&odd, 31, 18, &err), &err);
    info.has_flow = true;
    assert_ok(gb_pack_create(test_scratch("bad.h5"), &info, &writer, &err), &err);
    assert_fails(gb_pack_append_flow(writer, &flow, &err), GB_E_ARG, &err, "no frame was appended");
    static const char *const wrong[3] = {"Faces", "two  blanks", "blank "};
    for (int i = 0; i < 3; i++) {
        snprintf(shot.tags, sizeof shot.tags, "%s", wrong[i]);
        assert_fails(gb_pack_begin_shot(writer, &shot, &err), GB_E_FORMAT, &err, "tags");
    }
    *shot.tags = '\0';
    assert_ok(gb_pack_begin_shot(writer, &shot, &err), &err);
    assert_ok(gb_pack_append(writer, &wide, NULL, &err), &err);
    assert_fails(gb_pack_append_flow(writer, &odd, &err), GB_E_MISMATCH, &err, "31x18");
    assert_ok(gb_pack_append(writer, &wide, NULL, &err), &err);
    assert_fails(gb_pack_begin_shot(writer, &shot, &err), GB_E_ARG, &err, "expected flow for all frames but the last");
    assert_fails(gb_pack_finish(writer, &err), GB_E_ARG, &err, "1, found 0");
    gb_image_free(&wide);
    gb_flow_free(&flow);
    gb_flow_free(&odd);
}

static void check_frame(gb_pack *pack, int index, gb_image *truth, gb_image *input)
{
    gb_error err = {0};
    const gb_pack_info *info = gb_pack_get_info(pack);
    const gb_geometry g = info->geometry;
    assert_ok(gb_pack_read(pack, index, truth, input, &err), &err);
    gb_image wide = make_frame(g.width, g.height, index);
    gb_image narrow = make_frame(g.width - 2 * g.side, g.height, 99 + index);
    assert_memory_equal(truth->rgb, wide.rgb, (size_t)(g.width * g.height * 3));
    for (int y = 0; y < g.height; y++)
        for (int x = 0; x < g.width; x++)
            for (int c = 0; c < 3; c++) {
                const int at = 3 * (y * g.width + x) + c, in = 3 * (y * narrow.width + x - g.side) + c;
                const bool strip = x < g.side || x >= g.width - g.side;
                const int expected = strip ? 0 : info->paired ? narrow.rgb[in] : wide.rgb[at];
                assert_int_equal(input->rgb[at], expected);
            }
    gb_image_free(&wide);
    gb_image_free(&narrow);
}

static void check_round_trip(bool paired)
{
    gb_error err = {0};
    gb_pack_info info = small;
    info.paired = paired;
    const char *path = test_scratch(paired ? "paired.h5" : "plain.h5");
    write_pack(path, &info);
    gb_pack *pack = NULL;
    assert_ok(gb_pack_open(path, &pack, &err), &err);
    const gb_pack_info *found = gb_pack_get_info(pack);
    assert_string_equal(found->id, "small");
    assert_string_equal(found->title, "A small pack");
    assert_string_equal(found->licence, "CC0");
    assert_string_equal(found->source, "made up");
    assert_string_equal(found->domain, "in");
    assert_int_equal(found->frames, 7);
    assert_int_equal(found->shots, 3);
    assert_int_equal(found->paired, paired);
    assert_int_equal(strlen(found->content), 64);
    const gb_shot *shots = gb_pack_shots(pack);
    assert_string_equal(shots[1].clip, "one");
    assert_string_equal(shots[1].split, "val");
    assert_int_equal(shots[1].first, 2);
    assert_int_equal(shots[1].count, 1);
    assert_int_equal(shots[1].source_first, 12);
    assert_int_equal(shots[1].stride, 2);
    assert_true(shots[1].fps == 23.976);
    assert_int_equal(shots[2].first + shots[2].count, 7);
    gb_image truth = {0}, input = {0};
    for (int i = 6; i >= 0; i--) check_frame(pack, i, &truth, &input);
    assert_ok(gb_pack_verify(pack, &err), &err);
    assert_fails(gb_pack_read(pack, 7, &truth, &input, &err), GB_E_ARG, &err, "found 7");
    assert_fails(gb_pack_read(pack, -1, &truth, &input, &err), GB_E_ARG, &err, "found -1");
    gb_image_free(&truth);
    gb_image_free(&input);
    gb_pack_close(pack);
}

static void test_round_trip(void **state)
{
    (void)state;
    check_round_trip(false);
    check_round_trip(true);
}

static void test_same_frames_give_same_bytes(void **state)
{
    (void)state;
    gb_error err = {0};
    char *a = NULL, *b = NULL;
    size_t a_size = 0, b_size = 0;
    const char *first = test_scratch("first.h5"), *second = test_scratch("second.h5");
    write_pack(first, &small);
    sleep(1); /* past the second that HDF5's times count in */
    write_pack(second, &small);
    assert_ok(gb_file_read(first, 1 << 24, &a, &a_size, &err), &err);
    assert_ok(gb_file_read(second, 1 << 24, &b, &b_size, &err), &err);
    assert_int_equal(a_size, b_size);
    assert_memory_equal(a, b, a_size);
    free(a);
    free(b);
}

static void test_writer_refuses_what_does_not_fit(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_pack_writer *writer = NULL;
    const char *path = test_scratch("refused.h5");
    gb_image frame = make_frame(32, 18, 0), other = make_frame(31, 18, 0);
    gb_shot shot = {.clip = "c", .split = "test", .stride = 1};
    assert_ok(gb_pack_create(path, &small, &writer, &err), &err);
    assert_fails(gb_pack_append(writer, &frame, NULL, &err), GB_E_ARG, &err, "before the first shot");
    assert_ok(gb_pack_begin_shot(writer, &shot, &err), &err);
    assert_fails(gb_pack_begin_shot(writer, &shot, &err), GB_E_ARG, &err, "no frames");
    assert_fails(gb_pack_append(writer, &other, NULL, &err), GB_E_MISMATCH, &err, "expected 16:9 frames of 32x18");
    assert_fails(gb_pack_append(writer, &frame, &other, &err), GB_E_ARG, &err, "4:3");
    shot.stride = 0;
    assert_fails(gb_pack_begin_shot(writer, &shot, &err), GB_E_FORMAT, &err, "stride");
    snprintf(shot.split, sizeof shot.split, "best");
    assert_fails(gb_pack_begin_shot(writer, &shot, &err), GB_E_FORMAT, &err, "found \"best\"");
    assert_fails(gb_pack_finish(writer, &err), GB_E_FORMAT, &err, "at least one frame, found 0");
    assert_false(gb_file_exists(path));
    char **names = NULL;
    size_t count = 0;
    char folder[4096];
    snprintf(folder, sizeof folder, "%.*s", (int)(gb_path_base(path) - path - 1), path);
    assert_ok(gb_directory_list(folder, &names, &count, &err), &err);
    for (size_t i = 0; i < count; i++) assert_null(strstr(names[i], "refused"));
    gb_directory_free(names, count);
    assert_fails(gb_pack_create(test_scratch("no/such/folder.h5"), &small, &writer, &err), GB_E_IO, &err,
                 "No such file");
    gb_pack_abandon(NULL);
    gb_image_free(&frame);
    gb_image_free(&other);
}

static void write_bytes(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Opening and reading all must fail; how is left open, but it is one line that names the file. */
static void expect_damage(const char *path)
{
    gb_error err = {0};
    gb_pack *pack = NULL;
    gb_status status = gb_pack_open(path, &pack, &err);
    if (status == GB_OK) status = gb_pack_verify(pack, &err);
    gb_pack_close(pack);
    assert_int_not_equal(status, GB_OK);
    assert_non_null(strstr(err.text, path));
}

static void test_truncation_is_refused(void **state)
{
    (void)state;
    gb_error err = {0};
    char *bytes = NULL;
    size_t size = 0;
    const char *whole = test_scratch("whole.h5"), *cut = test_scratch("cut.h5");
    write_pack(whole, &small);
    assert_ok(gb_file_read(whole, 1 << 24, &bytes, &size, &err), &err);
    for (size_t keep = 0; keep < size; keep += keep < 256 ? 1 : 97) {
        write_bytes(cut, bytes, keep);
        expect_damage(cut);
    }
    free(bytes);
}

static void test_garbage_and_other_files_are_refused(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_pack *pack = NULL;
    const char *path = test_scratch("garbage.h5");
    write_bytes(path, "this is no pack at all", 22);
    assert_fails(gb_pack_open(path, &pack, &err), GB_E_FORMAT, &err, "expected an HDF5 pack");
    assert_fails(gb_pack_open(test_scratch("absent.h5"), &pack, &err), GB_E_NOT_FOUND, &err, "absent.h5");
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    assert_fails(gb_pack_open(path, &pack, &err), GB_E_FORMAT, &err, "no attribute \"format\"");
}

/* One byte is flipped in each of the compressed frames: the checksum of deflate or our own finds it. */
static void test_flipped_bytes_are_found(void **state)
{
    (void)state;
    gb_error err = {0};
    char *bytes = NULL;
    size_t size = 0;
    const char *whole = test_scratch("flip.h5"), *bent = test_scratch("bent.h5");
    write_pack(whole, &small);
    assert_ok(gb_file_read(whole, 1 << 24, &bytes, &size, &err), &err);
    int opened_and_equal = 0, tried = 0;
    for (size_t at = 0; at < size; at += 61, tried++) {
        bytes[at] ^= 0x10;
        write_bytes(bent, bytes, size);
        bytes[at] ^= 0x10;
        gb_pack *pack = NULL;
        gb_status status = gb_pack_open(bent, &pack, &err);
        if (status == GB_OK) status = gb_pack_verify(pack, &err);
        if (status == GB_OK) opened_and_equal++; /* free space, a title: not the content */
        gb_pack_close(pack);
    }
    assert_true(tried > 100);
    assert_true(opened_and_equal < tried / 2);
    free(bytes);
}

/* Reopens a good pack for writing and replaces one thing in it. */
static void overwrite_number(const char *path, const char *name, int value)
{
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), attribute = H5Aopen(file, name, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, H5T_NATIVE_INT, &value) >= 0);
    H5Aclose(attribute);
    H5Fclose(file);
}

static void test_structure_is_checked(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_pack *pack = NULL;
    const char *path = test_scratch("structure.h5");
    write_pack(path, &small);
    overwrite_number(path, "width", 34);
    assert_fails(gb_pack_open(path, &pack, &err), GB_E_FORMAT, &err, "(N,18,34,3)");
    overwrite_number(path, "width", 2000000);
    assert_fails(gb_pack_open(path, &pack, &err), GB_E_ARG, &err, "structure.h5: geometry");
    overwrite_number(path, "width", 32);
    overwrite_number(path, "paired", 1);
    assert_fails(gb_pack_open(path, &pack, &err), GB_E_FORMAT, &err, "no dataset \"narrow\"");
    overwrite_number(path, "paired", 0);
    overwrite_number(path, "side", 5); /* fits, but the hash covers it */
    assert_ok(gb_pack_open(path, &pack, &err), &err);
    assert_fails(gb_pack_verify(pack, &err), GB_E_MISMATCH, &err, "expected sha256");
    gb_pack_close(pack);
    overwrite_number(path, "side", 4);
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), wide = H5Dopen2(file, "wide", H5P_DEFAULT);
    const hsize_t fewer[4] = {5, 18, 32, 3};
    assert_true(H5Dset_extent(wide, fewer) >= 0);
    H5Dclose(wide);
    H5Fclose(file);
    assert_fails(gb_pack_open(path, &pack, &err), GB_E_MISMATCH, &err, "cover all 5 frames, found 7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_same_frames_give_same_bytes),
        cmocka_unit_test(test_writer_refuses_what_does_not_fit),
        cmocka_unit_test(test_truncation_is_refused),
        cmocka_unit_test(test_garbage_and_other_files_are_refused),
        cmocka_unit_test(test_flipped_bytes_are_found),
        cmocka_unit_test(test_structure_is_checked),
        cmocka_unit_test(test_flow_round_trip),
        cmocka_unit_test(test_flow_and_tags_count),
        cmocka_unit_test(test_flow_refusals),
        cmocka_unit_test(test_no_handle_stays_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
