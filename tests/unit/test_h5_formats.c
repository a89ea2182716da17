/* Sound HDF5 files of both formats are read, whatever their metadata look like on the file: each block is looked at
 * before HDF5 has it (core/h5_guard.h), and none of these may be taken for damage. */
#include "support/support.h"

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "core/file.h"

enum { NUMBERS = 173, LAYERS = 300, ATTRIBUTES = 14, CHUNKS = 5000 };

typedef struct format {
    const char *name;
    H5F_libver_t from;
} format;

static const format formats[] = {{"older.h5", H5F_LIBVER_EARLIEST}, {"newer.h5", H5F_LIBVER_V110}};

static void put(hid_t place, const char *name, int rows, hid_t how)
{
    static float data[CHUNKS];
    for (int i = 0; i < rows; i++) data[i] = (float)i;
    const hid_t space = H5Screate_simple(1, (hsize_t[]){(hsize_t)rows}, NULL);
    const hid_t made = H5Dcreate2(place, name, H5T_NATIVE_FLOAT, space, H5P_DEFAULT, how, H5P_DEFAULT);
    assert_true(H5Dwrite(made, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    H5Dclose(made);
    H5Sclose(space);
}

/* A header longer than HDF5 reads at first. */
static void put_compact(hid_t file)
{
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_layout(how, H5D_COMPACT);
    put(file, "compact", NUMBERS, how);
    H5Pclose(how);
}

/* A tree of chunks with nodes below nodes. */
static void put_chunks(hid_t file)
{
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(how, 1, (hsize_t[]){1});
    put(file, "chunks", CHUNKS, how);
    H5Pclose(how);
}

/* Names that fill more than the beginning of their heap. */
static void put_layers(hid_t file)
{
    const hid_t group = H5Gcreate2(file, "net", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    char name[64];
    for (int i = 0; i < LAYERS; i++) {
        snprintf(name, sizeof name, "a_layer_with_a_long_name_%d", i);
        put(group, name, 1, H5P_DEFAULT);
    }
    H5Gclose(group);
}

/* A header that goes on elsewhere, more than once, with texts, structures and numbers of other kinds. */
static void put_attributes(hid_t file)
{
    const hid_t space = H5Screate_simple(1, (hsize_t[]){3}, NULL), text = H5Tcopy(H5T_C_S1);
    const hid_t pair = H5Tcreate(H5T_COMPOUND, 16), list = H5Tarray_create2(H5T_STD_I16BE, 1, (hsize_t[]){4});
    const hid_t choice = H5Tenum_create(H5T_NATIVE_INT8);
    const int8_t yes = 1;
    H5Tset_size(text, 40);
    H5Tinsert(pair, "first", 0, H5T_IEEE_F64BE);
    H5Tinsert(pair, "second", 8, list);
    H5Tenum_insert(choice, "yes", &yes);
    const hid_t types[] = {text, pair, list, choice, H5T_STD_U64LE};
    char name[64];
    static const char zeros[200];
    for (int i = 0; i < ATTRIBUTES; i++) {
        const hid_t type = types[i % 5];
        snprintf(name, sizeof name, "what the training was told, number %d", i);
        const hid_t made = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(H5Awrite(made, type, zeros) >= 0);
        H5Aclose(made);
    }
    H5Tclose(choice), H5Tclose(list), H5Tclose(pair), H5Tclose(text), H5Sclose(space);
}

static void write_file(const format *f)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, f->from, H5F_LIBVER_LATEST);
    const hid_t file = H5Fcreate(test_scratch(f->name), H5F_ACC_TRUNC, H5P_DEFAULT, access);
    assert_true(file >= 0);
    put_attributes(file);
    put_compact(file);
    put_chunks(file);
    put_layers(file);
    H5Fclose(file);
    H5Pclose(access);
}

static void check_tensor(const gb_weights *weights, const char *name, int rows)
{
    const gb_tensor *t = gb_weights_find(weights, name);
    if (!t) fail_msg("expected \"%s\"", name);
    assert_int_equal((int)t->dim[0], rows);
    for (int i = 0; i < rows; i++) assert_true(t->data[i] == (float)i);
}

static void sound_files_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        gb_weights *weights = NULL;
        gb_error err;
        write_file(&formats[i]);
        assert_ok(gb_checkpoint_read(test_scratch(formats[i].name), &weights, NULL, &err), &err);
        assert_int_equal(gb_weights_count(weights), LAYERS + 2);
        check_tensor(weights, "compact", NUMBERS);
        check_tensor(weights, "chunks", CHUNKS);
        check_tensor(weights, "net.a_layer_with_a_long_name_299", 1);
        gb_weights_free(weights);
    }
}

/* A group that is in itself under two names, and says that it has one: HDF5 1.10 would go into it for ever; 1.14 sees
 * that it has been there. */
static void a_group_within_itself_has_an_end(void **state)
{
    (void)state;
    const char *path = test_scratch("circle.h5");
    H5O_info_t info;
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t group = H5Gcreate2(file, "net", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    put(file, "weight", 1, H5P_DEFAULT);
    H5Lcreate_hard(file, "net", group, "a", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_hard(file, "net", group, "b", H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Oget_info2(group, &info, H5O_INFO_BASIC) >= 0);
    assert_int_equal(info.rc, 3);
    H5Gclose(group);
    H5Fclose(file);
    gb_weights *weights = NULL;
    gb_error err;
    char *text = NULL;
    size_t size = 0;
    assert_ok(gb_checkpoint_read(path, &weights, NULL, &err), &err); /* once, as HDF5 has seen it already */
    gb_weights_free(weights);
    weights = NULL;
    assert_ok(gb_file_read(path, 1 << 20, &text, &size, &err), &err);
    assert_int_equal(text[info.addr + 4], 3);
    text[info.addr + 4] = 1;
    assert_ok(gb_file_write(path, text, size, &err), &err);
    free(text);
    const gb_status status = gb_checkpoint_read(path, &weights, NULL, &err);
    if (status != GB_OK) assert_fails(status, GB_E_FORMAT, &err, "names of at most");
    gb_weights_free(weights);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_files_are_read),
        cmocka_unit_test(a_group_within_itself_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
