#include <string.h>

#include "cli/completion.h"
#include "cli/exit_codes.h"
#include "cli/options.h"
#include "version.h"

/* Environment variables and files: all that the program looks at. */
typedef struct entry {
    const char *name, *text;
} entry;

static const entry environment[] = {
    {"GANIME_CACHE", "Folder of fetched weights and built datasets, instead of ganime-bench in $XDG_CACHE_HOME or "
                     "~/.cache."},
    {"GANIME_WEIGHTS", "A further folder of generators' weights, looked into first; a file's name is "
                       "GENERATOR[@VARIANT].EXTENSION."},
    {"GANIME_PLUGINS", "Folder of ganime-cuda.so, instead of those beside the program."},
    {"GANIME_CUDA_PLANS", "0: neither keep cuDNN's execution plans on disk nor take those that are there."},
    {"GANIME_SCORE_CACHE", "1: every run uses the cache of scores, as with --cache."},
    {"GANIME_CUDA_SCORES", "0: frames come back from a card and are scored by the processor: the same rows."},
    {"GANIME_CUDA_FUSED", "0: on a card what follows a convolution is a kernel of its own."},
    {"GANIME_CUDA_GRAPHS", "0: runs on a card are not recorded and played again, but called one by one."},
    {"GITHUB_STEP_SUMMARY", "File that gate --github adds its summary to."},
    {"GANIME_RANKS, GANIME_RANK, GANIME_LOCAL_RANK, GANIME_JOB",
     "How many processes share one run, which of them this is, which of those on this machine (it takes that card), "
     "and the run's name, where no mpirun tells."},
    {"COLUMNS", "How wide help and tables on a terminal may be, instead of what the terminal says."},
    {"GANIME_RANK_TIMEOUT", "Seconds after which a process of a shared run that says nothing is taken for dead."},
    {"OMPI_COMM_WORLD_SIZE, OMPI_COMM_WORLD_RANK, OMPI_COMM_WORLD_LOCAL_RANK, PMIX_NAMESPACE, OMPI_MCA_ess_base_jobid",
     "The same, as Open MPI's mpirun sets them."},
    {"PMI_RANK, PMI_SIZE, MPI_LOCALRANKID, PMI_JOBID", "The same, of MPICH and launchers like it."},
    {"SLURM_LOCALID, SLURM_JOB_ID", "Which of this machine's processes, and the run's name, where nothing above says."},
    {"ONEDNN_MAX_CPU_ISA", "oneDNN's own: the instructions it may use. Cached scores are kept apart by it."},
    {"USER", "Who made a baseline, kept in it; else the name of the user's id."},
    {"TERM", "dumb: no line of progress, which is drawn over and over."},
    {"XDG_CACHE_HOME, HOME", "Where ganime-bench's cache lies, see above."},
    {"TMPDIR", "Where what is needed for a short time lies."},
};

static const entry files[] = {
    {"results/runs/UTC-COMMIT/", "A run, unless --out names another folder: run.json, frames.jsonl, summary.csv, "
                                 "summary.md, report.html, junit.xml, panels/. Always under the working folder."},
    {"results/latest", "Link to the newest of them."},
    {"results/baseline.json", "What gate compares with, unless --baseline names another file."},
    {"~/.cache/ganime-bench/", "Fetched weights and built datasets."},
};

/* Text of a paragraph: what roff takes for its own is escaped. */
static void put_text(FILE *out, const char *text)
{
    bool begins = true;
    for (; *text; text++) {
        if (begins && (*text == '.' || *text == '\'')) fputs("\\&", out);
        begins = *text == '\n';
        switch (*text) {
        case '\\': fputs("\\e", out); break;
        case '-': fputs("\\-", out); break;
        case '~': fputs("\\(ti", out); break;
        case '^': fputs("\\(ha", out); break;
        case '`': fputs("\\(ga", out); break;
        case '\'': fputs("\\(aq", out); break;
        default: fputc(*text, out);
        }
    }
}

static void put_line(FILE *out, const char *text)
{
    put_text(out, text);
    fputc('\n', out);
}

/* Whole lines, shown as they are. */
static void put_example(FILE *out, const char *lines)
{
    fputs(".PP\n.nf\n", out);
    put_text(out, lines);
    fputs(".fi\n", out);
}

static void put_option(FILE *out, const gb_option *option)
{
    fputs(".TP\n\\fB", out);
    put_text(out, "--");
    put_text(out, option->name);
    fputs("\\fR", out);
    if (option->value) {
        fputs(" \\fI", out);
        put_text(out, option->value);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    char explained[512];
    gb_option_explain(NULL, option, explained, sizeof explained);
    put_line(out, explained);
    for (const gb_command *command = gb_commands; command->name; command++) {
        const char *const words = gb_option_words(command, option);
        if (words == option->help) continue;
        fputs(".br\nOf ", out);
        put_text(out, command->name);
        fputs(":\n", out);
        put_line(out, words);
    }
}

static void put_command(FILE *out, const gb_command *command)
{
    fputs(".SS ", out);
    put_text(out, command->name);
    if (*command->arguments) {
        fputc(' ', out);
        put_text(out, command->arguments);
    }
    fputc('\n', out);
    put_line(out, command->summary);
    if (command->details) {
        fputs(".PP\n", out);
        put_line(out, command->details);
    }
    fputs(".PP\nOptions:", out);
    const char *before = " ";
    for (int i = 0; i < GB_OPT_COUNT; i++) {
        if (!gb_command_takes(command, i)) continue;
        fprintf(out, "%s\\fB", before);
        put_text(out, "--");
        put_text(out, gb_option_table[i].name);
        fputs("\\fR", out);
        before = ",\n";
    }
    fputs(".\n", out);
    if (command->examples) put_example(out, command->examples);
}

static void put_entries(FILE *out, const char *section, const entry *list, size_t count)
{
    fprintf(out, ".SH %s\n", section);
    for (size_t i = 0; i < count; i++) {
        fputs(".TP\n", out);
        put_line(out, list[i].name);
        put_line(out, list[i].text);
    }
}

static void put_beginning(FILE *out)
{
    fprintf(out, ".TH GANIME\\-BENCH 1 %s \"ganime\\-bench %s\"\n", GB_RELEASED, GB_VERSION);
    fputs(".SH NAME\nganime\\-bench \\- evaluates generators that widen 4:3 animation to 16:9\n"
          ".SH SYNOPSIS\n.B ganime\\-bench\n.I COMMAND\n[arguments] [options]\n.br\n.B ganime\\-bench \\-\\-all\n"
          ".br\n.B ganime\\-bench \\-\\-version\n[\\fB\\-\\-json\\fR]\n.SH DESCRIPTION\n", out);
    put_line(out, "Generators that turn old 4:3 animation into 16:9 have to invent the two side strips. ganime-bench "
                  "runs every generator over held-out pairs of frames, scores each frame against the real wide one "
                  "(LPIPS, PSNR, SSIM, flicker), times everything, and writes one page that shows why the numbers are "
                  "what they are.");
    fputs(".PP\n", out);
    put_line(out, "An option's value may also follow an equals sign (--limit=48). Lists are separated by commas or the "
                  "option is repeated. What follows -- is an argument even if it begins with dashes.");
}

void gb_manual(FILE *out)
{
    put_beginning(out);
    fputs(".SH COMMANDS\n", out);
    for (const gb_command *command = gb_commands; command->name; command++) put_command(out, command);
    fputs(".SH OPTIONS\n", out);
    for (int i = 0; i < GB_OPT_COUNT; i++) put_option(out, &gb_option_table[i]);
    fputs(".SH EXIT STATUS\n", out);
    for (const gb_exit_code *one = gb_exit_codes; one->meaning; one++)
        fprintf(out, ".TP\n%d\n%s\n", one->code, one->meaning);
    put_entries(out, "ENVIRONMENT", environment, sizeof environment / sizeof *environment);
    put_entries(out, "FILES", files, sizeof files / sizeof *files);
}
