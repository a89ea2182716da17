#include "run/job.h"

#include <stdlib.h>
#include <string.h>

#include "cli/interrupt.h"
#include "core/json.h"
#include "core/memory.h"

#define SCHEMA "ganime-bench/job/1"
#define MAX_WORDS 4096

/* `ganime-bench run …`, or `ganime-bench --all …`, which is the same. */
static bool is_run(const gb_options *options)
{
    if (options->word_count < 2) return false;
    const char *first = options->words + strlen(options->words) + 1;
    return !strcmp(first, gb_commands[0].name) || !strncmp(first, "--", 2);
}

gb_status gb_job_write(const gb_cell_folder *folder, const gb_options *options, const char *created,
                       const char *command, gb_error *err)
{
    cJSON *job = cJSON_CreateObject(), *words = cJSON_AddArrayToObject(job, "words");
    bool whole = words && cJSON_AddStringToObject(job, "schema", SCHEMA) &&
                 cJSON_AddStringToObject(job, "created", created) && cJSON_AddStringToObject(job, "command", command);
    const char *word = options->words;
    for (int i = 0; whole && is_run(options) && i < options->word_count; i++, word += strlen(word) + 1)
        whole = gb_json_append(words, cJSON_CreateString(word));
    const gb_status status = whole ? gb_cell_folder_write_job(folder, job, err) : gb_fail_memory(err, "job", 4096);
    cJSON_Delete(job);
    return status;
}

void gb_job_free(gb_job *job)
{
    if (!job) return;
    gb_cli_free(&job->options);
    for (int i = 0; job->word && i < job->words; i++) free(job->word[i]);
    free(job->word);
    free(job->created);
    free(job->command);
    free(job);
}

static gb_status take_words(const char *what, const cJSON *root, gb_job *job, gb_error *err)
{
    const cJSON *words = cJSON_GetObjectItemCaseSensitive(root, "words"), *word;
    const int count = cJSON_GetArraySize(words);
    if (!cJSON_IsArray(words) || count > MAX_WORDS) return gb_fail(err, GB_E_FORMAT, "%s: expected \"words\"", what);
    if (count < 2)
        return gb_fail(err, GB_E_NOT_FOUND, "%s: this run was made by another command than `run`: only that command "
                       "makes it again", what);
    job->word = gb_alloc((size_t)count + 1, sizeof *job->word);
    if (!job->word) return gb_fail_memory(err, what, (size_t)count);
    cJSON_ArrayForEach(word, words)
    {
        if (!cJSON_IsString(word)) return gb_fail(err, GB_E_FORMAT, "%s: expected \"words\"", what);
        job->word[job->words] = gb_strdup(word->valuestring);
        if (!job->word[job->words++]) return gb_fail_memory(err, what, (size_t)count);
    }
    return GB_OK;
}

static gb_status understand(const char *what, const cJSON *root, gb_job *job, gb_error *err)
{
    const gb_command *command = NULL;
    const char *schema, *created, *text;
    GB_TRY(gb_json_get_string(root, "schema", what, &schema, err));
    GB_TRY(gb_json_get_string(root, "created", what, &created, err));
    GB_TRY(gb_json_get_string(root, "command", what, &text, err));
    if (strcmp(schema, SCHEMA) != 0)
        return gb_fail(err, GB_E_FORMAT, "%s: expected \"%s\", found \"%.60s\"", what, SCHEMA, schema);
    job->created = gb_strdup(created);
    job->command = gb_strdup(text);
    if (!job->created || !job->command) return gb_fail_memory(err, what, 4096);
    GB_TRY(take_words(what, root, job, err));
    if (gb_cli_parse(job->words, job->word, &command, &job->options, err) != GB_OK)
        return gb_fail_in(err, "%s", what);
    if (command == &gb_commands[0]) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: expected the words of `run`", what);
}

gb_status gb_job_read(const char *directory, gb_job **out, gb_error *err)
{
    cJSON *root = NULL;
    gb_job *job = gb_alloc(1, sizeof *job);
    char *what = gb_format("%s/cells/job.json", directory);
    gb_status status = job && what ? GB_OK : gb_fail_memory(err, directory, sizeof *job);
    if (status == GB_OK) status = gb_cell_folder_read_job(directory, &root, err);
    if (status == GB_E_NOT_FOUND)
        gb_fail(err, status, "%s: nothing to go on with: expected an unfinished run, or a part of one, with %s",
                directory, what);
    if (status == GB_OK) status = understand(what, root, job, err);
    if (status == GB_OK)
        *out = job;
    else
        gb_job_free(job);
    cJSON_Delete(root);
    free(what);
    return status;
}

void gb_job_arm(const gb_options *options, const char *directory)
{
    char *quoted = gb_alloc(4 * strlen(directory) + 4, 1);
    const char *where = directory;
    if (quoted) gb_cli_quote(quoted, directory);
    if (quoted) where = quoted;
    if (is_run(options))
        gb_interrupt_arm("interrupted: what is finished is kept; go on with: ganime-bench run --resume %s", where);
    else
        gb_interrupt_arm("interrupted: what is finished is kept; the same command with --out %s goes on", where);
    free(quoted);
}
