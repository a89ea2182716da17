/* Claims of enormous sizes, parser by parser: each is refused in one clear line, and no piece of memory of more than
 * 32 MiB is asked for on the way (tests/hardening/failing.c lets such a request fail, so that the line would be
 * another one). */
#include "support/support.h"

#include <hdf5.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "support/hostile.h"

#define TERA "27487790694400" /* floats of 100 TiB */
#define DEEP(open) "head -c 3000000 /dev/zero | tr '\\0' '" open "' >"

typedef struct claim {
    const char *parser;
    void (*write)(const char *name); /* makes the file `name`; NULL: `make` does */
    const char *name;
    const char *make; /* shell; NULL: nothing */
    const char *command, *line; /* said: that, or what comes after a `|`, where HDF5 1.14 sees it first */
} claim;

static char output[1 << 14];

static int run(size_t most, const char *make, const char *command)
{
    return test_command(output, sizeof output,
                        "BENCH=$(readlink -f $BENCH); "
                        "shim=$(readlink -f ${GANIME_FAILING:-build/tests/hardening/failing.so}); cd '%s' && %s && "
                        "FAIL_PROGRAM=ganime-bench FAIL_ABOVE=%zu LD_PRELOAD=$shim timeout 60 $BENCH %s",
                        test_scratch(""), make ? make : ":", most, command);
}

static int make_material(void **state)
{
    (void)state;
    return test_command(output, sizeof output,
                        "tests/fuzz/corpus.sh $BENCH '%s/m' && cp -r tests/fixtures/checkpoints '%s/c' && "
                        "cd '%s' && mkdir base && cp m/run/run.json base && cat m/rows/* >base/frames.jsonl",
                        test_scratch(""), test_scratch(""), test_scratch(""));
}

/* ---- Pictures ---- */

static void png_of_2_31(const char *name) { write_png_claim(test_scratch(name), 2147483647, 2147483647); }
static void png_without_pixels(const char *name) { write_png_claim(test_scratch(name), 16384, 16384); }
static void png_one_too_wide(const char *name) { write_png_claim(test_scratch(name), 16385, 1); }

/* The picture of the corpus with other sides: SOF0 is the usual frame, SOF9 one of arithmetic coding. */
static void write_jpeg(const char *name, int frame, int side)
{
    gb_error err;
    char *bytes = NULL;
    size_t size = 0;
    assert_ok(gb_file_read(test_scratch("m/jpeg/edge.jpg"), 1 << 20, &bytes, &size, &err), &err);
    char *at = memmem(bytes, size, "\xff\xc0", 2);
    assert_non_null(at);
    at[1] = (char)frame;
    for (int i = 5; i < 9; i += 2) {
        at[i] = (char)(side >> 8);
        at[i + 1] = (char)side;
    }
    assert_ok(gb_file_write(test_scratch(name), bytes, size, &err), &err);
    free(bytes);
}

static void jpeg_of_65535(const char *name) { write_jpeg(name, 0xc0, 65535); }
static void jpeg_without_pixels(const char *name) { write_jpeg(name, 0xc0, 16000); }
static void jpeg_arithmetic(const char *name) { write_jpeg(name, 0xc9, 16000); }

/* ---- HDF5 ---- */

/* A dataset of this size, in chunks of that, of which nothing is stored. */
static void write_h5_of(const char *name, const char *dataset, hid_t type, const hsize_t *dims, const hsize_t *chunks)
{
    const hid_t file = H5Fcreate(test_scratch(name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(4, dims, NULL), how = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(how, 4, chunks);
    const hid_t made = H5Dcreate2(file, dataset, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
    assert_true(made >= 0);
    H5Dclose(made);
    H5Pclose(how);
    H5Sclose(space);
    H5Fclose(file);
}

static void write_h5(const char *name, const char *dataset, hid_t type, hsize_t frames, hsize_t chunk)
{
    write_h5_of(name, dataset, type, (hsize_t[]){frames, 18, 32, 3}, (hsize_t[]){chunk, 18, 32, 3});
}

/* HDF5 makes a list of them, of which each takes more than a kilobyte. */
static void weights_chunks(const char *name)
{
    write_h5_of(name, "a", H5T_NATIVE_FLOAT, (hsize_t[]){1, 1, 1, 250000}, (hsize_t[]){1, 1, 1, 1});
}

static void weights_of_100_tera(const char *name) { write_h5(name, "a", H5T_NATIVE_FLOAT, 15907286282, 1); }
static void weights_chunk(const char *name) { write_h5(name, "a", H5T_NATIVE_FLOAT, 500000, 500000); }
static void frames_of_model_run(const char *name) { write_h5(name, "input_u8", H5T_NATIVE_UINT8, 15907286282, 1); }

/* A dataset of 173 numbers, in its header (compact) or in one piece, whose shape was changed to say 20,000. */
static void write_short(const char *name, H5D_layout_t layout)
{
    const uint64_t said = 173, claimed = 20000;
    const float data[173] = {0};
    const hid_t file = H5Fcreate(test_scratch(name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(1, (hsize_t[]){said}, NULL), how = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_layout(how, layout);
    const hid_t made = H5Dcreate2(file, "a", H5T_NATIVE_FLOAT, space, H5P_DEFAULT, how, H5P_DEFAULT);
    assert_true(H5Dwrite(made, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    H5Dclose(made);
    H5Pclose(how);
    H5Sclose(space);
    H5Fclose(file);
    gb_error err;
    char *bytes = NULL;
    size_t size = 0;
    assert_ok(gb_file_read(test_scratch(name), 1 << 20, &bytes, &size, &err), &err);
    char *at = memmem(bytes, size, &said, sizeof said);
    assert_non_null(at);
    memcpy(at, &claimed, sizeof claimed);
    assert_ok(gb_file_write(test_scratch(name), bytes, size, &err), &err);
    free(bytes);
}

static void weights_short_compact(const char *name) { write_short(name, H5D_COMPACT); }
static void weights_short_piece(const char *name) { write_short(name, H5D_CONTIGUOUS); }

/* Two chunks of 1,000 numbers, of which so many bytes are stored. */
static void write_stored(const char *name, bool deflated, const void *bytes, size_t first, size_t second)
{
    const hsize_t two = 2000, thousand = 1000;
    const hid_t file = H5Fcreate(test_scratch(name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(1, &two, NULL), how = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(how, 1, &thousand);
    if (deflated) H5Pset_deflate(how, 1);
    const hid_t made = H5Dcreate2(file, "a", H5T_NATIVE_FLOAT, space, H5P_DEFAULT, how, H5P_DEFAULT);
    for (hsize_t at = 0; at < two; at += thousand)
        assert_true(H5Dwrite_chunk(made, H5P_DEFAULT, 0, &at, at ? second : first, bytes) >= 0);
    H5Dclose(made);
    H5Pclose(how);
    H5Sclose(space);
    H5Fclose(file);
}

/* Stored as they are. */
static void write_chunks(const char *name, size_t first, size_t second)
{
    static const char zeros[8000];
    write_stored(name, false, zeros, first, second);
}

/* So many zeros, deflated; the caller frees. */
static char *deflate_zeros(size_t gives, size_t *size)
{
    struct libdeflate_compressor *packer = libdeflate_alloc_compressor(1);
    const size_t room = libdeflate_zlib_compress_bound(packer, gives);
    char *zeros = calloc(1, gives), *packed = malloc(room);
    assert_true(packer && zeros && packed);
    *size = libdeflate_zlib_compress(packer, zeros, gives, packed, room);
    assert_true(*size > 0);
    libdeflate_free_compressor(packer);
    free(zeros);
    return packed;
}

/* Each gives so many bytes, of 4,000; `missing` of what is stored are not there. */
static void write_deflated(const char *name, size_t gives, size_t missing)
{
    size_t size;
    char *packed = deflate_zeros(gives, &size);
    write_stored(name, true, packed, size - missing, size - missing);
    free(packed);
}

static void weights_short_chunks(const char *name) { write_chunks(name, 16, 16); }
static void weights_short_deflated(const char *name) { write_deflated(name, 3999, 0); }
static void weights_long_deflated(const char *name) { write_deflated(name, 4001, 0); }
static void weights_cut_deflated(const char *name) { write_deflated(name, 4000, 1); }
static void weights_long_chunk(const char *name) { write_chunks(name, 4000, 8000); }
static void weights_uneven_chunks(const char *name) { write_chunks(name, 3000, 5000); }
static void weights_short_chunk(const char *name) { write_chunks(name, 7000, 1000); }

/* A pack of the corpus, to be changed. */
static hid_t copy_pack(const char *name)
{
    gb_error err;
    char *bytes = NULL;
    size_t size = 0;
    assert_ok(gb_file_read(test_scratch("m/pack/video.h5"), 1 << 20, &bytes, &size, &err), &err);
    assert_ok(gb_file_write(test_scratch(name), bytes, size, &err), &err);
    free(bytes);
    return H5Fopen(test_scratch(name), H5F_ACC_RDWR, H5P_DEFAULT);
}

/* Its first frame, 32x18, gives so many bytes. */
static void write_first_frame(const char *name, size_t gives)
{
    const hsize_t first[4] = {0};
    const hid_t file = copy_pack(name), wide = H5Dopen2(file, "wide", H5P_DEFAULT);
    size_t size;
    char *packed = deflate_zeros(gives, &size);
    assert_true(H5Dwrite_chunk(wide, H5P_DEFAULT, 0, first, size, packed) >= 0);
    free(packed);
    H5Dclose(wide);
    H5Fclose(file);
}

static void pack_of_a_short_frame(const char *name) { write_first_frame(name, 32 * 18 * 3 - 1); }
static void pack_of_a_long_frame(const char *name) { write_first_frame(name, 32 * 18 * 3 + 1); }

/* One dataset claims so many frames, none of them stored. */
static void write_pack(const char *name, const char *dataset, hsize_t frames)
{
    const hid_t file = copy_pack(name);
    const hid_t old = H5Dopen2(file, dataset, H5P_DEFAULT), type = H5Dget_type(old), space = H5Dget_space(old);
    hsize_t dims[4] = {0}, chunk[4] = {1, 18, 32, 3};
    const int rank = H5Sget_simple_extent_dims(space, dims, NULL);
    dims[0] = frames;
    const hid_t wide = H5Screate_simple(rank, dims, NULL), how = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(how, rank, chunk);
    H5Dclose(old);
    assert_true(H5Ldelete(file, dataset, H5P_DEFAULT) >= 0);
    const hid_t made = H5Dcreate2(file, dataset, type, wide, H5P_DEFAULT, how, H5P_DEFAULT);
    assert_true(made >= 0);
    H5Dclose(made);
    H5Pclose(how);
    H5Sclose(wide);
    H5Sclose(space);
    H5Tclose(type);
    H5Fclose(file);
}

static void pack_of_2_31_frames(const char *name) { write_pack(name, "wide", 2147483647); }
static void pack_of_many_shots(const char *name) { write_pack(name, "shots", 2147483647); }
static void pack_of_holes(const char *name) { write_pack(name, "wide", 2); }

/* ---- Checkpoints ---- */

#define WRITE_BYTES(name, bytes)                                                        \
    do {                                                                                \
        gb_error err;                                                                   \
        assert_ok(gb_file_write(test_scratch(name), bytes, sizeof bytes - 1, &err), &err); \
    } while (0)

static void safetensors_of_100_tera(const char *name)
{
    WRITE_BYTES(name, "\x59\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"F32\",\"shape\":[" TERA "],"
                      "\"data_offsets\":[0,109951162777600]}}                              ");
}

static void safetensors_header(const char *name)
{
    WRITE_BYTES(name, "\xff\xff\xff\xff\xff\xff\xff\x7f{\"a\":{}}");
}

static void numpy_of_100_tera(const char *name)
{
    WRITE_BYTES(name, "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(L" TERA
                      "L\ntcnumpy\ndtype\n(S'f4'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\nS'abcd'\ntb.");
}

static void pickle_bytes(const char *name)
{
    WRITE_BYTES(name, "\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f" "abcd.");
}

static void pickle_memo(const char *name)
{
    WRITE_BYTES(name, "\x80\x02Nr\xff\xff\xff\xff.");
}

static void legacy_of_100_tera(const char *name)
{
    WRITE_BYTES(name, "\x80\x02\x8a\nl\xfc\x9c" "F\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.\x80\x02}U\x01"
                      "actorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x01" "0U\x03" "cpuL"
                      TERA "L\nNtQK\0(L" TERA "L\nt(K\x01tI00\nccollections\nOrderedDict\n)RtRs."
                      "\x80\x02]U\x01" "0a.\0\0\0\0\0\x19\0\0abcd");
}

static void zip_of_a_huge_pickle(const char *name) { write_zip_claim(test_scratch(name), "a/data.pkl", 1, 1u << 31); }
static void zip_of_a_large_pickle(const char *name) { write_zip_claim(test_scratch(name), "a/data.pkl", 1, 60u << 20); }
static void zip_of_many_entries(const char *name) { write_zip_claim(test_scratch(name), "a/b", 100000, 0); }

#define BASELINE "gate base --baseline "

static const claim claims[] = {
    {"png", png_of_2_31, "a.png", NULL, "score a.png a.png", "found 2147483647x2147483647"},
    {"png", png_without_pixels, "b.png", NULL, "score b.png b.png", "cannot hold the 16384x16384 pixels"},
    {"png", png_one_too_wide, "c.png", NULL, "score c.png c.png", "found 16385x1"},
    {"png", NULL, "d.png", "head -c 8 m/png/$(ls m/png | head -1) >d.png && truncate -s 5G d.png", "score d.png d.png",
     "at most"},
    {"jpeg", jpeg_of_65535, "a.jpg", NULL, "score a.jpg a.jpg", "65500 pixels"},
    {"jpeg", jpeg_without_pixels, "b.jpg", NULL, "score b.jpg b.jpg", "cannot hold the 16000x16000 pixels"},
    {"jpeg", jpeg_arithmetic, "c.jpg", NULL, "score c.jpg c.jpg", "cannot hold the 16000x16000 pixels"},
    {"video", NULL, "a.y4m", "printf 'YUV4MPEG2 W90000 H90000 F1:1\\nFRAME\\n' >a.y4m", "score a.y4m a.y4m",
     "expected"},
    {"video", NULL, "b.y4m", "printf 'YUV4MPEG2 W2147483647 H2147483647 F1:1\\nFRAME\\n' >b.y4m",
     "dataset build b.y4m --out out.h5", "expected"},
    {"video", NULL, "c.y4m", "printf 'YUV4MPEG2 W16384 H16384 F1:1\\nFRAME\\n' >c.y4m",
     "dataset build c.y4m --out out.h5", "c.y4m"},
    {"pack", pack_of_2_31_frames, "a.h5", NULL, "dataset info a.h5", "\"wide\" claims more than the file can hold"},
    {"pack", pack_of_many_shots, "b.h5", NULL, "dataset info b.h5", "to be a table of 1..2 shots"},
    {"pack", pack_of_holes, "c.h5", NULL, "dataset verify c.h5", "frame 0 is damaged"},
    {"pack", pack_of_a_short_frame, "q.h5", NULL, "dataset verify q.h5", "frame 0 is damaged"},
    {"pack", pack_of_a_long_frame, "r.h5", NULL, "dataset verify r.h5", "frame 0 is damaged"},
    {"h5_weights", weights_of_100_tera, "d.h5", NULL, "model info d.h5", "claims more than the file can hold"},
    {"h5_weights", weights_chunk, "e.h5", NULL, "model info e.h5", "claims more than the file can hold"},
    {"h5_weights", weights_chunks, "g.h5", NULL, "model info g.h5", "claims more than the file can hold"},
    {"h5_weights", weights_short_compact, "h.h5", NULL, "model info h.h5", "claims more than the file can hold|"
     "a readable dataset"},
    {"h5_weights", weights_short_piece, "i.h5", NULL, "model info i.h5", "claims more than the file can hold|"
     "a readable dataset"},
    {"h5_weights", weights_short_chunks, "j.h5", NULL, "model info j.h5", "claims more than the file can hold"},
    {"h5_weights", weights_short_deflated, "k.h5", NULL, "model info k.h5", "damaged data"},
    {"h5_weights", weights_long_deflated, "o.h5", NULL, "model info o.h5", "damaged data"},
    {"h5_weights", weights_cut_deflated, "p.h5", NULL, "model info p.h5", "damaged data"},
    {"h5_weights", weights_long_chunk, "l.h5", NULL, "model info l.h5", "damaged data"},
    {"h5_weights", weights_uneven_chunks, "m.h5", NULL, "model info m.h5", "damaged data"},
    {"h5_weights", weights_short_chunk, "n.h5", NULL, "model info n.h5", "damaged data"},
    {"frames", frames_of_model_run, "f.h5", NULL, "model run glcic --weights c/zip.pt --input f.h5 --output out.h5",
     "input_u8"},
    {"safetensors", safetensors_of_100_tera, "a.st", NULL, "model info a.st", "of data, found its end at"},
    {"safetensors", safetensors_header, "b.st", NULL, "model info b.st", "expected"},
    {"pickle", numpy_of_100_tera, "a.pkl", NULL, "model info a.pkl", "expected"},
    {"pickle", pickle_bytes, "b.pkl", NULL, "model info b.pkl", "expected"},
    {"pickle", pickle_memo, "c.pkl", NULL, "model info c.pkl", "expected"},
    {"pickle", NULL, "d.pkl", DEEP("(") "d.pkl", "model info d.pkl", "expected"},
    {"torch_legacy", legacy_of_100_tera, "a.pth", NULL, "model info a.pth", "bytes of storages, found"},
    {"torch_zip", NULL, "a.pt", "cp c/bad/lying_stored.pt a.pt", "model info a.pt", "fit into a file of 433 bytes"},
    {"torch_zip", NULL, "b.pt", "cp c/bad/lying_deflated.pt b.pt", "model info b.pt", "fit into a file of 433 bytes"},
    {"torch_zip", zip_of_a_huge_pickle, "c.pt", NULL, "model info c.pt", "a data.pkl of at most"},
    {"torch_zip", zip_of_a_large_pickle, "d.pt", NULL, "model info d.pt", "a data.pkl that fits into a file of"},
    {"torch_zip", zip_of_many_entries, "e.pt", NULL, "model info e.pt", "at most 65536 entries"},
    {"baseline", NULL, "a.json", DEEP("[") "a.json", BASELINE "a.json", "expected JSON"},
    {"baseline", NULL, "b.json", "truncate -s 300G b.json", BASELINE "b.json", "expected at most"},
    {"limits", NULL, "c.json", DEEP("{\"a\":") "c.json", BASELINE "m/baseline/baseline.json --limits c.json",
     "expected"},
    {"limits", NULL, "d.json", "truncate -s 300G d.json", BASELINE "m/baseline/baseline.json --limits d.json",
     "expected at most"},
    {"manifest", NULL, "e.json", DEEP("[") "e.json", "dataset build e.json --out out.h5", "expected JSON"},
    {"manifest", NULL, "f.json", "truncate -s 300G f.json", "dataset build f.json --out out.h5", "expected at most"},
    {"manifest", NULL, "g.json", "sed 's/\"end\": *[0-9]*/\"end\": 1e300/' m/manifest/popeye.json >g.json",
     "dataset build g.json --out out.h5", "\"end\""},
    {"run", NULL, "big", "mkdir -p big && truncate -s 300G big/run.json", "report big", "expected at most"},
    {"run", NULL, "deep", "mkdir -p deep && " DEEP("[") "deep/run.json", "report deep", "expected JSON"},
    {"rows", NULL, "long", "cp -r base long && truncate -s 300G long/frames.jsonl", "report long --format html",
     "a line of more than"},
    {"rows", NULL, "nested", "cp -r base nested && " DEEP("[") "nested/frames.jsonl", "report nested --format html",
     "a line of more than"},
};

static bool is_said(const char *line)
{
    char first[128];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(line, "|"), line);
    const char *const other = strchr(line, '|');
    return strstr(output, first) || (other && strstr(output, other + 1));
}

static void each_claim_is_one_line(void **state)
{
    (void)state;
    int bad = 0;
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        const claim *c = &claims[i];
        if (c->write) c->write(c->name);
        const int code = run(32 << 20, c->make, c->command);
        const char *newline = strchr(output, '\n');
        if (code == 3 && newline && !newline[1] && is_said(c->line) && !strstr(output, "memory")) continue;
        print_error("%s, %s: exit %d, expected 3 and one line with \"%s\": %s\n", c->parser, c->name, code, c->line,
                    output);
        bad++;
    }
    assert_int_equal(bad, 0);
}

/* What is sound needs less than that; and a program that asked for more would be noticed. */
static void the_limit_is_one(void **state)
{
    (void)state;
    static const char *const sound[] = {
        "score m/png/* --metric psnr_rgb", "score m/jpeg/edge.jpg m/jpeg/edge.jpg --metric psnr_rgb",
        "dataset verify m/pack/video.h5",  "model info c/zip.pt", "model info c/legacy.pth", "model info c/state.h5",
        "model info c/state.safetensors",  "model info c/numpy_p4.pkl",
        "gate base --baseline m/baseline/baseline.json --limits m/limits/limits.json",
        "report base --format csv --quiet"};
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++) {
        if (run(32 << 20, NULL, sound[i]) != 0) fail_msg("%s: %s", sound[i], output);
        assert_int_not_equal(run(1000, NULL, sound[i]), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_claim_is_one_line), cmocka_unit_test(the_limit_is_one)};
    return cmocka_run_group_tests(tests, make_material, NULL);
}
