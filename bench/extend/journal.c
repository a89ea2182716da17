#include "extend/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"

#define MAX_JOB (1 << 20)

struct gb_journal {
    char *folder, *job_path, *lock_path;
    int lock;
};

static gb_status take_lock(gb_journal *j, gb_error *err)
{
    j->lock = open(j->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (j->lock < 0) return gb_fail(err, GB_E_IO, "%s: %s", j->lock_path, strerror(errno));
    if (flock(j->lock, LOCK_EX | LOCK_NB) == 0) return GB_OK;
    return gb_fail(err, GB_E_IO, "%s: another process is working on it", j->folder);
}

static gb_status compare(const gb_journal *j, const cJSON *job, gb_error *err)
{
    cJSON *there = NULL;
    GB_TRY(gb_json_read(j->job_path, MAX_JOB, &there, err));
    gb_status status = GB_OK;
    for (const cJSON *item = job->child; item && status == GB_OK; item = item->next) {
        const cJSON *old = cJSON_GetObjectItemCaseSensitive(there, item->string);
        if (old && cJSON_Compare(old, item, true)) continue;
        char *was = old ? cJSON_PrintUnformatted(old) : NULL, *is = cJSON_PrintUnformatted(item);
        status = gb_fail(err, GB_E_MISMATCH, "%s holds an unfinished job with another %s (%s, not %s): remove it to "
                         "begin again, or give another OUT", j->folder, item->string, was ? was : "none", is ? is : "");
        free(was);
        free(is);
    }
    cJSON_Delete(there);
    return status;
}

gb_status gb_journal_open(const char *out, const cJSON *job, gb_journal **journal, gb_error *err)
{
    gb_status status;
    gb_journal *j = gb_alloc(1, sizeof *j);
    if (!j) return gb_fail_memory(err, out, sizeof *j);
    j->lock = -1;
    j->folder = gb_format("%s.parts", out);
    j->job_path = gb_format("%s.parts/job.json", out);
    j->lock_path = gb_format("%s.parts/lock", out);
    if (!j->folder || !j->job_path || !j->lock_path) GB_GO(gb_fail_memory(err, out, strlen(out)));
    GB_GO(gb_directory_make(j->folder, err));
    GB_GO(take_lock(j, err));
    if (gb_file_exists(j->job_path)) GB_GO(compare(j, job, err));
    else GB_GO(gb_json_write(j->job_path, job, err));
done:
    if (status == GB_OK) *journal = j;
    else gb_journal_close(j);
    return status;
}

const char *gb_journal_folder(const gb_journal *journal)
{
    return journal->folder;
}

gb_status gb_journal_clear(gb_journal *journal, gb_error *err)
{
    char **names = NULL;
    size_t count = 0;
    /* In order of names: numbered segments go before the file that says whose they are. */
    GB_TRY(gb_directory_list(journal->folder, &names, &count, err));
    for (size_t i = 0; i < count; i++) {
        char *path = gb_path_join(journal->folder, names[i]);
        if (path) unlink(path);
        free(path);
    }
    gb_directory_free(names, count);
    if (rmdir(journal->folder) == 0) return GB_OK;
    return gb_fail(err, GB_E_IO, "%s: %s", journal->folder, strerror(errno));
}

void gb_journal_close(gb_journal *journal)
{
    if (!journal) return;
    if (journal->lock >= 0) close(journal->lock);
    free(journal->folder);
    free(journal->job_path);
    free(journal->lock_path);
    free(journal);
}
