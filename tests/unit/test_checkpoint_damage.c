/* What is damaged, lies or wants to run code is refused in one line, before anything large is allocated; nothing that a
 * file says is ever run. tests/reference/make_checkpoints.py wrote the files; the rest is made here byte by byte. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checkpoint/checkpoint.h"
#include "core/buffer.h"
#include "core/file.h"

#define FIXTURES "tests/fixtures/checkpoints/"
#define CUTS 150 /* places tried in each file */

static const char *const sound[] = {
    "zip.pt",       "deflated.pt",       "zip64.pt",      "big_endian.pt",    "legacy.pth",    "training.ckpt",
    "training_p4.ckpt", "training_legacy.pth", "shared.pt", "shared_legacy.pth", "state.safetensors", "numpy_p0.pkl",
    "numpy_p1.pkl", "numpy_p2.pkl",      "numpy_p3.pkl",  "numpy_p4.pkl",     "numpy_p5.pkl",  "state.h5",
};

static const char *put(const void *bytes, size_t size)
{
    const char *path = test_scratch("file");
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void refused(const void *bytes, size_t size, gb_status code, const char *part)
{
    gb_error err = {0};
    gb_weights *weights = NULL;
    assert_fails(gb_checkpoint_read(put(bytes, size), &weights, NULL, &err), code, &err, part);
    assert_null(weights);
}

#define REFUSED(literal, code, part) refused(literal, sizeof(literal) - 1, code, part)

static void file_refused(const char *name, gb_status code, const char *part)
{
    char path[256];
    gb_error err = {0};
    gb_weights *weights = NULL;
    snprintf(path, sizeof path, FIXTURES "bad/%s", name);
    assert_true(gb_file_exists(path));
    assert_fails(gb_checkpoint_read(path, &weights, NULL, &err), code, &err, part);
    assert_non_null(strstr(err.text, name));
    assert_null(strchr(err.text, '\n'));
}

static char *load(const char *name, size_t *size)
{
    char path[256], *bytes = NULL;
    gb_error err;
    snprintf(path, sizeof path, FIXTURES "%s", name);
    assert_ok(gb_file_read(path, 1 << 20, &bytes, size, &err), &err);
    return bytes;
}

static bool equal(const gb_weights *a, const gb_weights *b)
{
    if (gb_weights_count(a) != gb_weights_count(b)) return false;
    for (size_t i = 0; i < gb_weights_count(a); i++) {
        const gb_tensor *x = gb_weights_at(a, i), *y = gb_weights_find(b, x->name);
        if (!y || !x->data != !y->data || gb_tensor_size(x) != gb_tensor_size(y)) return false;
        if (x->data && memcmp(x->data, y->data, (size_t)gb_tensor_size(x) * sizeof(float)) != 0) return false;
    }
    return true;
}

/* ---- Damage ---- */

static void test_cut_files_fail_or_are_whole(void **state)
{
    (void)state;
    for (size_t f = 0; f < sizeof sound / sizeof sound[0]; f++) {
        size_t size, failed = 0, tried = 0;
        char *bytes = load(sound[f], &size);
        gb_error err;
        gb_weights *whole = NULL;
        assert_ok(gb_checkpoint_read(put(bytes, size), &whole, NULL, &err), &err);
        for (size_t cut = 0; cut < size; cut += 1 + size / CUTS, tried++) {
            gb_weights *weights = NULL;
            err.text[0] = '\0';
            if (gb_checkpoint_read(put(bytes, cut), &weights, NULL, &err) != GB_OK) {
                failed++;
                assert_null(weights);
                assert_true(err.text[0] != '\0');
            } else if (!equal(weights, whole)) {
                fail_msg("%s cut at %zu gave other tensors", sound[f], cut);
            }
            gb_weights_free(weights);
        }
        assert_true(failed * 10 >= tried * 9); /* only what ends a file without need may be missing */
        gb_weights_free(whole);
        free(bytes);
    }
}

/* Not HDF5: what is inside its library is not this project's to test. */
static void test_changed_bytes_do_no_harm(void **state)
{
    (void)state;
    static const unsigned char change[] = {0x01, 0x80, 0xff};
    for (size_t f = 0; f + 1 < sizeof sound / sizeof sound[0]; f++) {
        size_t size;
        char *bytes = load(sound[f], &size);
        for (size_t at = 0; at < size; at += 1 + size / CUTS) {
            for (size_t c = 0; c < sizeof change; c++) {
                gb_error err;
                gb_weights *weights = NULL;
                bytes[at] = (char)(bytes[at] ^ change[c]);
                const gb_status status = gb_checkpoint_read(put(bytes, size), &weights, NULL, &err);
                bytes[at] = (char)(bytes[at] ^ change[c]);
                assert_true((status == GB_OK) == (weights != NULL));
                assert_true(status != GB_E_NOMEM); /* no size is believed before it is checked */
                gb_weights_free(weights);
            }
        }
        free(bytes);
    }
}

static void test_what_is_no_checkpoint_is_told(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights = NULL;
    REFUSED("", GB_E_FORMAT, "found an empty file");
    REFUSED("\x89PNG\r\n\x1a\n", GB_E_FORMAT, "found one that begins with the bytes 89 50 4e 47");
    assert_fails(gb_checkpoint_read("nowhere.pt", &weights, NULL, &err), GB_E_NOT_FOUND, &err, "nowhere.pt: ");
    assert_fails(gb_checkpoint_read("tests", &weights, NULL, &err), GB_E_IO, &err, "tests: expected a file");
    char tar[512] = "sys_info";
    memcpy(tar + 257, "ustar", 5);
    refused(tar, sizeof tar, GB_E_UNSUPPORTED, "found a tar file");
    REFUSED("\x80\x04}.", GB_E_FORMAT, "expected tensors, found none");
    file_refused("no_pickle.zip", GB_E_FORMAT, "found no data.pkl");
    file_refused("script.pt", GB_E_UNSUPPORTED, "TorchScript");
    file_refused("objects.pkl", GB_E_UNSUPPORTED, "Python objects");
}

/* ---- Code ---- */

static void test_code_is_never_run(void **state)
{
    (void)state;
    static const char *const evil[] = {"evil.pt",     "evil_legacy.pth", "evil_p0.pkl", "evil_p1.pkl",
                                       "evil_p2.pkl", "evil_p3.pkl",     "evil_p4.pkl", "evil_p5.pkl"};
    unlink("ganime-evil-was-here");
    for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++)
        file_refused(evil[i], GB_E_FORMAT,
                     "expected tensors and plain containers, found the global \"posix.system\", which is not allowed");
    file_refused("module.pt", GB_E_FORMAT, "\"torch.nn.modules.activation.ReLU\", which is not allowed");
    assert_false(gb_file_exists("ganime-evil-was-here"));
}

static void test_other_ways_to_name_code(void **state)
{
    (void)state;
    REFUSED("cos\nsystem\n(S'touch ganime-evil-was-here'\ntR.", GB_E_FORMAT, "\"os.system\", which is not allowed");
    REFUSED("(S'touch ganime-evil-was-here'\nios\nsystem\n.", GB_E_FORMAT, "\"os.system\", which is not allowed");
    REFUSED("(cos\nsystem\nS'touch ganime-evil-was-here'\no.", GB_E_FORMAT, "\"os.system\", which is not allowed");
    REFUSED("\x80\x04\x8c\x08" "builtins\x8c\x04" "eval\x93.", GB_E_FORMAT, "\"builtins.eval\", which is not allowed");
    REFUSED("c__builtin__\ngetattr\n.", GB_E_FORMAT, "\"__builtin__.getattr\", which is not allowed");
    REFUSED("ctorch\nload\n.", GB_E_FORMAT, "\"torch.load\", which is not allowed");
    REFUSED("cnumpy\nndarray.__reduce__\n.", GB_E_FORMAT, "which is not allowed");
    REFUSED("ctorch._utils\n_rebuild_tensor_v2.__globals__\n.", GB_E_FORMAT, "which is not allowed");
    REFUSED("\x80\x02\x82\x01.", GB_E_FORMAT, "expected an opcode of plain data"); /* EXT1 */
    assert_false(gb_file_exists("ganime-evil-was-here"));
}

static void test_allowed_names_make_only_what_they_should(void **state)
{
    (void)state;
    REFUSED("cnumpy\nndarray\n)R.", GB_E_FORMAT, "expected something that can be made, found numpy.ndarray");
    REFUSED("ctorch\nFloatStorage\n)R.", GB_E_FORMAT, "found torch.FloatStorage");
    REFUSED("(S'text'\n)R.", GB_E_FORMAT, "expected something that can be made, found a string");
    REFUSED("ccollections\nOrderedDict\n}R.", GB_E_FORMAT, "expected a tuple of arguments, found a dict");
    REFUSED("ctorch._utils\n_rebuild_tensor_v2\n)R.", GB_E_FORMAT, "expected a storage, found too few arguments");
    REFUSED("ctorch._utils\n_rebuild_tensor_v2\n(NNNNtR.", GB_E_FORMAT, "expected a storage, found None");
    REFUSED("ccopyreg\n_reconstructor\n(cbuiltins\nint\nNNtR.", GB_E_FORMAT, "found builtins.int");
    REFUSED("}cnumpy\ndtype\nb.", GB_E_FORMAT, "expected tensors, found none"); /* a state is no more than data */
    REFUSED("(I1\nNb.", GB_E_FORMAT, "expected an object that takes a state, found a number");
    REFUSED("(S'storage'\ntQ.", GB_E_FORMAT, "expected a global, found too few arguments");
}

/* ---- Structure ---- */

static void test_broken_pickles(void **state)
{
    (void)state;
    REFUSED("\x80\x06}.", GB_E_FORMAT, "found one that begins with");
    REFUSED("}\x80\x06.", GB_E_FORMAT, "expected protocol 0 to 5");
    REFUSED("}}.", GB_E_FORMAT, "expected one value at the end");
    REFUSED("(.", GB_E_FORMAT, "expected one value at the end");
    REFUSED("}s.", GB_E_FORMAT, "expected a value on the stack");
    REFUSED("]e.", GB_E_FORMAT, "expected a mark on the stack");
    REFUSED("](K\1u.", GB_E_FORMAT, "expected a dict, found a list");
    REFUSED("}(K\1u.", GB_E_FORMAT, "expected keys with values");
    REFUSED(")K\1a.", GB_E_FORMAT, "expected a list, found a tuple");
    REFUSED("}h\0.", GB_E_FORMAT, "expected a value kept before");
    REFUSED("}r\xff\xff\xff\xff.", GB_E_FORMAT, "expected a memo index");
    REFUSED("}g99999999999999999999\n.", GB_E_FORMAT, "expected a memo index");
    REFUSED("}.more", GB_E_FORMAT, "found its end at 2");
    REFUSED("\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.", GB_E_FORMAT, "expected a whole pickle");
    REFUSED("\x80\x02\x8b\xff\xff\xff\xff.", GB_E_FORMAT, "expected a whole pickle");
    REFUSED("cnumpy\ndtype\n(S'O8'\ntRI1\nb.", GB_E_FORMAT, "byte order");
}

static void test_cycles_and_depth(void **state)
{
    (void)state;
    REFUSED("]q\0h\0a.", GB_E_FORMAT, "(or a cycle)");
    REFUSED("}q\0K\1h\0s.", GB_E_FORMAT, "(or a cycle)");
    REFUSED("]q\0(h\0h\0h\0e.", GB_E_FORMAT, "(or a cycle)");
    gb_buffer pickle;
    gb_error err;
    gb_buffer_init(&pickle, 1 << 20);
    for (int i = 0; i < 100000; i++) gb_buffer_text(&pickle, "]");
    for (int i = 0; i < 99999; i++) gb_buffer_text(&pickle, "a");
    gb_buffer_text(&pickle, ".");
    assert_ok(gb_buffer_status(&pickle, &err), &err);
    refused(pickle.data, pickle.size, GB_E_FORMAT, "at most 64 levels");
    gb_buffer_free(&pickle);
    gb_buffer_init(&pickle, 1 << 20); /* 40 lists, each with the last one twice: 2^40 paths */
    gb_buffer_text(&pickle, "]");
    for (int i = 0; i < 40; i++) gb_buffer_text(&pickle, "p0\n0](g0\ng0\ne");
    gb_buffer_text(&pickle, ".");
    refused(pickle.data, pickle.size, GB_E_FORMAT, "values, found more");
    gb_buffer_free(&pickle);
}

/* A legacy PyTorch file with one storage "0" of `count` elements, `there` of which follow it, and the tensors that
 * `object` makes; "$" in it stands for the storage. */
static gb_buffer legacy_file(const char *count, const char *object, int there)
{
    static const char head[] = "\x80\x02\x8a\x0al\xfc\x9c" "F\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.";
    gb_buffer file;
    gb_buffer_init(&file, 1 << 20);
    gb_buffer_append(&file, head, sizeof head - 1);
    for (const char *at = object; *at; at++) {
        if (*at == '$') gb_buffer_printf(&file, "(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nL%sL\ntQ", count);
        else gb_buffer_append(&file, at, 1);
    }
    gb_buffer_text(&file, ".(lS'0'\na.");
    const unsigned char length[8] = {(unsigned char)there};
    gb_buffer_append(&file, length, sizeof length);
    for (int i = 0; i < there; i++) gb_buffer_append(&file, "\0\0\x80?", 4);
    return file;
}

static void legacy_refused(const char *count, const char *object, int there, gb_status code, const char *part)
{
    gb_buffer file = legacy_file(count, object, there);
    refused(file.data, file.size, code, part);
    gb_buffer_free(&file);
}

#define TENSOR(offset, dims, strides) \
    "ctorch._utils\n_rebuild_tensor_v2\n($I" offset "\n(" dims "t(" strides "tI00\n}tR"

/* Without a fault in it, what legacy_file makes is read. */
static void test_the_frame_of_the_next_test_is_sound(void **state)
{
    (void)state;
    gb_error err;
    gb_weights *weights = NULL;
    const char *two = "}S'a'\n" TENSOR("0", "I2\nI2\n", "I1\nI2\n") "sS'b'\n" TENSOR("3", "I1\n", "I1\n") "s";
    gb_buffer file = legacy_file("4", two, 4);
    assert_ok(gb_checkpoint_read(put(file.data, file.size), &weights, NULL, &err), &err);
    assert_int_equal(gb_tensor_size(gb_weights_find(weights, "a")), 4);
    assert_true(gb_weights_find(weights, "b")->data[0] == 1);
    gb_weights_free(weights);
    gb_buffer_free(&file);
}

static void test_tensors_that_claim_too_much(void **state)
{
    (void)state;
    const char *beyond = "expected a tensor inside its storage";
    legacy_refused("4", "}S'a'\n" TENSOR("0", "I2\nI2\n", "I2\nI1\n") "sS'a'\n" TENSOR("0", "I4\n", "I1\n") "s", 4,
                   GB_E_FORMAT, "found \"a\" twice");
    legacy_refused("27487790694400", "}S'a'\n" TENSOR("0", "L27487790694400L\n", "I1\n") "s", 4, GB_E_FORMAT,
                   "bytes of storages, found 24"); /* 100 TiB */
    legacy_refused("9223372036854775807", "}S'a'\n" TENSOR("0", "I1\n", "I1\n") "s", 4, GB_E_FORMAT, "storage's size");
    legacy_refused("-4", "}S'a'\n" TENSOR("0", "I1\n", "I1\n") "s", 4, GB_E_FORMAT, "storage's size");
    legacy_refused("4", "}S'a'\n" TENSOR("1", "I4\n", "I1\n") "s", 4, GB_E_FORMAT, beyond);
    legacy_refused("4", "}S'a'\n" TENSOR("-1", "I2\n", "I1\n") "s", 4, GB_E_FORMAT, beyond);
    legacy_refused("4", "}S'a'\n" TENSOR("0", "I-2\n", "I1\n") "s", 4, GB_E_FORMAT, beyond);
    legacy_refused("4", "}S'a'\n" TENSOR("0", "I2\n", "I4\n") "s", 4, GB_E_FORMAT, beyond);
    legacy_refused("4", "}S'a'\n" TENSOR("3", "I2\n", "I-1\n") "s", 4, GB_E_FORMAT, beyond);
    legacy_refused("4", "}S'a'\n" TENSOR("0", "I5\nI1\n", "L4611686018427387904L\nI1\n") "s", 4, GB_E_FORMAT, beyond);
    legacy_refused("4", "}S'a'\n" TENSOR("0", "L4294967296L\nL4294967296L\n", "I0\nI0\n") "s", 4, GB_E_FORMAT, beyond);
    legacy_refused("4", "}S'a'\n" TENSOR("0", "L1099511627776L\n", "I0\n") "s", 4, GB_E_FORMAT,
                   "at most 16 times their storages"); /* one number repeated 2^40 times */
    legacy_refused("4", "}S'a'\n" TENSOR("0", "I4\n", "I1\nI1\n") "s", 4, GB_E_FORMAT, "one stride for each dimension");
    legacy_refused("4", "}S'a'\n" TENSOR("0", "I1\nI1\nI1\nI1\nI1\nI1\nI1\n", "I1\nI1\nI1\nI1\nI1\nI1\nI1\n") "s", 4,
                   GB_E_UNSUPPORTED, "at most 6 dimensions");
    legacy_refused("4", "}S'a'\n" TENSOR("0", "I4\n", "I1\n") "s", 5, GB_E_FORMAT, "expected 4 elements in storage 0");
    legacy_refused("4", "}S'a'\n" TENSOR("0", "I4\n", "I1\n") "s", 3, GB_E_FORMAT, "bytes of storages");
    legacy_refused("4", "}S'a'\n}S'b'\n" TENSOR("0", "I4\n", "I1\n") "ssS'a.b'\n" TENSOR("0", "I4\n", "I1\n") "s", 4,
                   GB_E_FORMAT, "found \"a.b\" twice");
    file_refused("lying_stored.pt", GB_E_FORMAT, "fit into a file of 433 bytes");
    file_refused("lying_deflated.pt", GB_E_FORMAT, "fit into a file of 433 bytes");
}

/* ---- safetensors ---- */

/* A file with this header and `data` zero bytes. */
static void safetensors_refused(const char *header, size_t data, gb_status code, const char *part)
{
    static const char zeros[64];
    gb_buffer file;
    gb_buffer_init(&file, 1 << 20);
    const unsigned char length[8] = {(unsigned char)(strlen(header) & 0xff), (unsigned char)(strlen(header) >> 8)};
    gb_buffer_append(&file, length, sizeof length);
    gb_buffer_text(&file, header);
    gb_buffer_append(&file, zeros, data);
    refused(file.data, file.size, code, part);
    gb_buffer_free(&file);
}

#define ST(name, dtype, shape, begin, end) \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":[" shape "],\"data_offsets\":[" begin "," end "]}"

static void test_bad_safetensors(void **state)
{
    (void)state;
    const char *shape = "as many bytes as the shape of \"a\" asks for", *order = "two data_offsets in order";
    safetensors_refused("{" ST("a", "F32", "4", "0", "16") "," ST("b", "F32", "4", "8", "24") "}", 24, GB_E_FORMAT,
                        "found an overlap at 8");
    safetensors_refused("{" ST("a", "F32", "4", "0", "16") "," ST("b", "F32", "4", "20", "36") "}", 36, GB_E_FORMAT,
                        "found a hole before it at 20");
    safetensors_refused("{" ST("a", "F32", "4", "0", "16") "}", 20, GB_E_FORMAT, "expected 16 bytes of data, found 20");
    safetensors_refused("{" ST("a", "F32", "4", "0", "16") "}", 12, GB_E_FORMAT, "inside 12 bytes of data");
    safetensors_refused("{" ST("a", "F32", "4", "0", "16") "," ST("a", "F32", "4", "16", "32") "}", 32, GB_E_FORMAT,
                        "found \"a\" twice");
    safetensors_refused("{" ST("a", "F32", "3", "0", "16") "}", 16, GB_E_FORMAT, shape);
    safetensors_refused("{" ST("a", "F32", "4294967296,4294967296", "0", "16") "}", 16, GB_E_FORMAT, shape);
    safetensors_refused("{" ST("a", "F32", "1e300", "0", "16") "}", 16, GB_E_FORMAT, "whole numbers in the shape");
    safetensors_refused("{" ST("a", "F32", "1.5", "0", "16") "}", 16, GB_E_FORMAT, "whole numbers in the shape");
    safetensors_refused("{" ST("a", "F32", "-4", "0", "16") "}", 16, GB_E_FORMAT, "whole numbers in the shape");
    safetensors_refused("{" ST("a", "F32", "1,1,1,1,1,1,4", "0", "16") "}", 16, GB_E_FORMAT, "at most 6 numbers");
    safetensors_refused("{" ST("a", "F32", "4", "16", "0") "}", 16, GB_E_FORMAT, order);
    safetensors_refused("{" ST("a", "F32", "4", "-16", "0") "}", 16, GB_E_FORMAT, order);
    safetensors_refused("{" ST("a", "F32", "4", "0", "\"x\"") "}", 16, GB_E_FORMAT, order);
    safetensors_refused("{" ST("a", "Q7", "4", "0", "16") "}", 16, GB_E_UNSUPPORTED, "found \"Q7\"");
    safetensors_refused("{\"a\":[]}", 0, GB_E_FORMAT, "\"dtype\"");
    safetensors_refused("{\"a\":", 0, GB_E_FORMAT, "expected JSON");
    safetensors_refused("{}", 0, GB_E_FORMAT, "expected tensors, found none");
    REFUSED("\xff\xff\xff\x7f\0\0\0\0{}", GB_E_FORMAT, "expected a header of at most 2 bytes, found 2147483647");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_files_fail_or_are_whole),
        cmocka_unit_test(test_changed_bytes_do_no_harm),
        cmocka_unit_test(test_what_is_no_checkpoint_is_told),
        cmocka_unit_test(test_code_is_never_run),
        cmocka_unit_test(test_other_ways_to_name_code),
        cmocka_unit_test(test_allowed_names_make_only_what_they_should),
        cmocka_unit_test(test_broken_pickles),
        cmocka_unit_test(test_cycles_and_depth),
        cmocka_unit_test(test_the_frame_of_the_next_test_is_sound),
        cmocka_unit_test(test_tensors_that_claim_too_much),
        cmocka_unit_test(test_bad_safetensors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
