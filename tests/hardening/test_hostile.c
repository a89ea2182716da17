/* Files and folders that mean harm or are in a bad way, each refused in one line by the program: names that lead
 * elsewhere, what waits for a writer, a disk that fills up, a folder that may not be written, files that change while
 * they are read. Claims beyond reason are in test_sizes.c. */
#include "support/support.h"

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"

static char output[1 << 14];

/* In the scratch folder; `code` 0 takes any output, else it is one line that contains `part`. */
static void expect(int code, const char *part, const char *command)
{
    const int found = test_command(output, sizeof output, "BENCH=$(readlink -f $BENCH); cd '%s' && %s",
                                   test_scratch(""), command);
    if (found != code || !strstr(output, part))
        fail_msg("%s: exit %d, expected %d with \"%s\": %s", command, found, code, part, output);
    if (code && strchr(output, '\n') != output + strlen(output) - 1) fail_msg("%s: not one line: %s", command, output);
}

static int make_material(void **state)
{
    (void)state;
    return test_command(output, sizeof output,
                        "program=$(readlink -f $BENCH); tests/fuzz/corpus.sh $BENCH '%s/m' && "
                        "cp -r tests/fixtures/checkpoints '%s/c' && cp results/pictures/truth.png '%s/a.png'",
                        test_scratch(""), test_scratch(""), test_scratch(""));
}

/* ---- Names that lead elsewhere ---- */

static void write_file(const char *name, const void *bytes, size_t size)
{
    gb_error err;
    assert_ok(gb_file_write(test_scratch(name), bytes, size, &err), &err);
}

/* A sound pack whose dataset `name` is a link to the one in another file. */
static void link_out(const char *name)
{
    gb_error err;
    char *bytes = NULL;
    size_t size = 0;
    assert_ok(gb_file_read(test_scratch("m/pack/folder.h5"), 1 << 20, &bytes, &size, &err), &err);
    write_file("linked.h5", bytes, size);
    free(bytes);
    const hid_t file = H5Fopen(test_scratch("linked.h5"), H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
    assert_true(H5Lcreate_external("m/pack/video.h5", name, file, name, H5P_DEFAULT, H5P_DEFAULT) >= 0);
    H5Fclose(file);
}

static void packs_hold_their_own_data(void **state)
{
    (void)state;
    expect(0, "", "$BENCH dataset verify m/pack/folder.h5");
    link_out("wide");
    expect(3, "no dataset \"wide\" of its own", "$BENCH dataset verify linked.h5");
    link_out("shots");
    expect(3, "no dataset \"shots\" of its own", "$BENCH dataset verify linked.h5");
}

/* Entries are read by name and never become files. */
static void zip_entries_stay_inside(void **state)
{
    (void)state;
    if (test_command(NULL, 0, "python3 -c pass") != 0) skip_because("python3 is not here: no hostile zip is made");
    expect(3, "found no data.pkl",
           "mkdir -p z && cd z && python3 - <<'E'\nimport zipfile\nold=zipfile.ZipFile('../c/zip.pt')\n"
           "new=zipfile.ZipFile('../up.pt','w')\n"
           "for i in old.infolist(): new.writestr('../../outside/'+i.filename, old.read(i))\nE\n"
           "cd ..; $BENCH model info up.pt");
    expect(0, "", "test ! -e outside && test ! -e ../outside && test ! -e ../../outside");
    expect(3, "a file name without a folder",
           "sed 's/\"name\": *\"[^\"]*\"/\"name\": \"..\\/a.mkv\"/' m/manifest/live_action.json >up.json; "
           "$BENCH dataset build up.json --out out.h5");
}

static void links_and_pipes_in_folders(void **state)
{
    (void)state;
    expect(3, "pipe.png: expected a file, found a pipe",
           "mkdir -p p && mkfifo p/pipe.png && timeout 20 $BENCH dataset build p --out out.h5");
    expect(3, "expected a file, found a pipe", "timeout 20 $BENCH score p/pipe.png a.png");
    expect(3, "expected a file, found a pipe",
           "mkfifo pipe.mkv; timeout 20 $BENCH dataset build pipe.mkv --out out.h5");
    expect(3, "No such file", "mkdir -p q && ln -s /nowhere/at/all q/a.png && $BENCH dataset build q --out out.h5");
    expect(3, "levels of symbolic links", "mkdir -p s && ln -s a.png s/a.png && $BENCH dataset build s --out out.h5");
    expect(3, "expected", "mkdir -p l && ln -s ../l l/l && $BENCH dataset build l --out out.h5");
    expect(3, "expected a file, found a pipe",
           "mkdir -p e && for i in 0 1; do mkfifo e/in-00000$i.png; done; "
           "timeout 20 $BENCH run --dataset m/pack/video.h5 --split test --external mine=e --generator mine "
           "--metric psnr_rgb --no-timing --quiet --out er");
    expect(3, "a list of other files",
           "printf '#EXTM3U\\n#EXT-X-TARGETDURATION:1\\n#EXTINF:1,\\n%s/m/video/mirror.mkv\\n' \"$PWD\" >list.m3u8; "
           "$BENCH score list.m3u8 list.m3u8");
}

/* ---- Where it is written ---- */

/* A file system of its own, as small as that; false where the system does not allow one. */
static bool can_mount(void)
{
    return test_command(NULL, 0, "unshare -rm sh -c 'mount -t tmpfs -o size=64k none /mnt' 2>/dev/null") == 0;
}

static void a_disk_that_is_full(void **state)
{
    (void)state;
    if (!can_mount()) skip_because("no file system can be mounted here: a full one is not tried");
    static const char *const commands[] = {
        "dataset build m/video/in.y4m --out /mnt/out.h5 --quiet --width 512 --height 288 --split test",
        "extend a.png /mnt/out.png --generator mirror --quiet",
        "run --dataset m/pack/video.h5 --generator edge --metric psnr_rgb --no-timing --quiet --out /mnt/out",
        "dataset export toon --limit 24 --out /mnt/out --quiet",
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char command[1000];
        snprintf(command, sizeof command, "export BENCH; unshare -rm sh -c 'mount -t tmpfs -o size=16k none /mnt; "
                 "head -c 16384 /dev/zero >/mnt/some; $BENCH %s; code=$?; "
                 "find /mnt -name \"*.tmp\" -o -name out.h5 -o -name out.png >&2; exit $code'", commands[i]);
        expect(3, "No space left on device", command);
    }
}

static void a_folder_that_may_not_be_written(void **state)
{
    (void)state;
    if (!can_mount()) skip_because("no file system can be mounted here: a read-only one is not tried");
    static const char *const commands[] = {
        "dataset build m/video/in.y4m --width 32 --height 18 --side 4 --out /mnt/out.h5 --quiet",
        "extend a.png /mnt/out.png --generator mirror --quiet",
        "extend m/video/in.y4m /mnt/out.mkv --generator mirror --quiet",
        "run --dataset m/pack/video.h5 --generator edge --metric psnr_rgb --no-timing --quiet --out /mnt/out",
        "gate m/base --rebaseline --why x --baseline /mnt/out.json",
    };
    expect(0, "", "mkdir -p m/base && cp m/run/run.json m/base/ && cat m/rows/* >m/base/frames.jsonl");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char command[1000];
        snprintf(command, sizeof command, "export BENCH; unshare -rm sh -c 'mount -t tmpfs -o ro none /mnt; $BENCH %s'",
                 commands[i]);
        expect(3, "Read-only file system", command);
    }
}

/* What was hashed is what was read, or the user is told. */
static void a_checkpoint_that_changes(void **state)
{
    (void)state;
    expect(0, "told", "cp c/zip.pt moving.pt; (while test ! -e stop; do touch moving.pt; done) & "
           "for i in $(seq 200); do $BENCH model info moving.pt 2>&1 | grep -q 'changed while it was read' && "
           "{ echo told; break; }; done; touch stop; wait");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packs_hold_their_own_data),
        cmocka_unit_test(zip_entries_stay_inside),
        cmocka_unit_test(links_and_pipes_in_folders),
        cmocka_unit_test(a_disk_that_is_full),
        cmocka_unit_test(a_folder_that_may_not_be_written),
        cmocka_unit_test(a_checkpoint_that_changes),
    };
    return cmocka_run_group_tests(tests, make_material, NULL);
}
