#include "cli/options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(gb_options, field)

const gb_option gb_option_table[GB_OPT_COUNT] = {
    [GB_OPT_GENERATOR] = {"generator", GB_OPTION_LIST, AT(generator), "A,B", NULL, 0, 0,
                          "generators to run; a base name selects its sized variants too (default: all); G+hold: "
                          "with its strips stabilised, see `extend --stabilise`"},
    [GB_OPT_DATASET] = {"dataset", GB_OPTION_LIST, AT(dataset), "D", NULL, 0, 0,
                        "dataset id, or the path of a pack, folder or video; repeatable (default: all that are here)"},
    [GB_OPT_METRIC] = {"metric", GB_OPTION_LIST, AT(metric), "M,N", NULL, 0, 0,
                       "metrics to compute (default: all but those taken only when named, see `list metrics`)"},
    [GB_OPT_DIALECT] = {"dialect", GB_OPTION_LIST, AT(dialect), "T,U", NULL, 0, 0,
                        "also as other tools give it, with the difference: skimage, torchmetrics, ffmpeg, lpips"},
    [GB_OPT_SPLIT] = {"split", GB_OPTION_CHOICE, AT(split), "test|val|train|all", NULL, 0, 0,
                      "which shots (default: test)"},
    [GB_OPT_LIMIT] = {"limit", GB_OPTION_NUMBER, AT(limit), "N", "0", 0, 100000000,
                      "N frames a dataset, in runs of consecutive frames spread over the shots (0: all)"},
    [GB_OPT_DEVICE] = {"device", GB_OPTION_CHOICE, AT(device), "auto|cpu|cuda[:N]|ref", "auto", 0, 0,
                       "where nets run (cuda:1 is the second card); a named device that is missing is an error"},
    [GB_OPT_PRECISION] = {"precision", GB_OPTION_CHOICE, AT(precision), "fp32|tf32|fp16|bf16", "fp32", 0, 0,
                          "what generators' nets compute products in; scores are always computed in fp32"},
    [GB_OPT_THREADS] = {"threads", GB_OPTION_NUMBER, AT(threads), "N", "0", 0, 1024,
                        "worker threads (0: one a core); results do not depend on it"},
    [GB_OPT_BATCH] = {"batch", GB_OPTION_NUMBER, AT(batch), "N", "1", 1, 64,
                      "frames a worker takes at a time; results do not depend on it"},
    [GB_OPT_OUT] = {"out", GB_OPTION_TEXT, AT(out), "DIR", NULL, 0, 0,
                    "folder to write (default: results/runs/<utc>-<commit>)"},
    [GB_OPT_PROTOCOL] = {"protocol", GB_OPTION_CHOICE, AT(protocol), "strict|ganime", "strict", 0, 0,
                         "strict: round to nearest, score exactly what was generated; ganime: as the study did, batch "
                         "statistics of 15 frames, truncation, JPEG 95, the split's first 264 frames; the strict "
                         "number and each step between them are shown beside it"},
    [GB_OPT_BATCHNORM] = {"batchnorm", GB_OPTION_CHOICE, AT(batchnorm), "running|batch", NULL, 0, 0,
                          "statistics used by batch norm (default: running; batch under --protocol ganime)"},
    [GB_OPT_WEIGHTS] = {"weights", GB_OPTION_LIST, AT(weights), "[G=]F", NULL, 0, 0,
                        "checkpoint file; G=F gives it to generator G, and G@NAME=F calls it so (several of one "
                        "generator); it takes the place of the weights found for G"},
    [GB_OPT_EXTERNAL] = {"external", GB_OPTION_TEXTS, AT(external), "N=DIR", NULL, 0, 0,
                         "frames made elsewhere, as generator N: a folder (paired by name, see `dataset export`), or a "
                         "video or pack (by order); repeatable"},
    [GB_OPT_EXEC] = {"exec", GB_OPTION_TEXTS, AT(exec), "N=CMD", NULL, 0, 0,
                     "a process that widens frames, as generator N: a shell command; {in} and {out} are its pipes "
                     "(default: stdin and stdout); repeatable"},
    [GB_OPT_EXEC_TIMEOUT] = {"exec-timeout", GB_OPTION_NUMBER, AT(exec_timeout), "S", "120", 1, 86400,
                             "seconds that a process may take for one frame, its start included"},
    [GB_OPT_COMPOSITE] = {"composite", GB_OPTION_LIST, AT(composite), "N,M", NULL, 0, 0,
                          "put the input's centre over the frames of these --external or --exec generators (lossy "
                          "files need it; without it a changed centre fails)"},
    [GB_OPT_WHAT] = {"what", GB_OPTION_CHOICE, AT(what), "input|canvas|truth", "input", 0, 0,
                     "the 4:3 picture, the wide frame with black strips, or the real wide frame"},
    [GB_OPT_SIDE] = {"side", GB_OPTION_NUMBER, AT(side), "PX", "-1", 0, 8192,
                     "width of each side strip (default: what 4:3 lacks of 16:9, or W/8)"},
    [GB_OPT_WIDTH] = {"width", GB_OPTION_NUMBER, AT(width), "PX", "512", 8, 16384,
                      "width of the wide frame; a pack keeps its own"},
    [GB_OPT_HEIGHT] = {"height", GB_OPTION_NUMBER, AT(height), "PX", "288", 8, 16384,
                       "height of the frame; a pack keeps its own"},
    [GB_OPT_FROM] = {"from", GB_OPTION_TEXT, AT(from), "DIR", NULL, 0, 0, "folder that already holds the source files"},
    [GB_OPT_ARCHIVE] = {"archive", GB_OPTION_TEXT, AT(archive), "FILE", NULL, 0, 0,
                        "an already downloaded archive, instead of fetching it"},
    [GB_OPT_INPUT] = {"input", GB_OPTION_TEXT, AT(input), "IN.h5", NULL, 0, 0,
                      "HDF5 file with `input_u8` (N,3,H,W) uint8"},
    [GB_OPT_OUTPUT] = {"output", GB_OPTION_TEXT, AT(output), "OUT.h5", NULL, 0, 0,
                       "HDF5 file to write `output` (N,3,H,W) float32 into"},
    [GB_OPT_NET] = {"net", GB_OPTION_TEXT, AT(net), "NET", NULL, 0, 0,
                    "ce, glcic, fourier-lite, lama-fourier or big-lama"},
    [GB_OPT_HALF] = {"half", GB_OPTION_FLAG, AT(half), NULL, NULL, 0, 0, "store float16"},
    [GB_OPT_ID] = {"id", GB_OPTION_TEXT, AT(id), "NAME", NULL, 0, 0, "name of the new dataset (default: the file's)"},
    [GB_OPT_DOMAIN] = {"domain", GB_OPTION_CHOICE, AT(domain), "in|out", NULL, 0, 0,
                       "whether it is of the kind that the generators were trained on; a run over both kinds says what "
                       "is lost outside (default: what a manifest or a drawn show says; else neither)"},
    [GB_OPT_FLOW] = {"flow", GB_OPTION_FLAG, AT(flow), NULL, NULL, 0, 0,
                     "keep where the truth's pixels go, so that e_warp need not estimate it in every run: exact of a "
                     "drawn show, else estimated as e_warp does (to 1/64 px)"},
    [GB_OPT_FIRST] = {"first", GB_OPTION_NUMBER, AT(first), "N", "0", 0, 2000000000, "first source frame"},
    [GB_OPT_END] = {"end", GB_OPTION_NUMBER, AT(end), "N", "0", 0, 2000000000, "end before this source frame (0: all)"},
    [GB_OPT_STRIDE] = {"stride", GB_OPTION_NUMBER, AT(stride), "N", "1", 1, 100000, "keep every N-th source frame"},
    [GB_OPT_SHOTS] = {"shots", GB_OPTION_LIST, AT(shots), "train=N,val=N,test=N", NULL, 0, 0,
                      "how many shots of a drawn show (default: those of its standard pack; not named: none)"},
    [GB_OPT_COMPARE] = {"compare", GB_OPTION_LIST, AT(compare), "A,B", NULL, 0, 0,
                        "a labelled clip of the input and these generators' outputs, side by side"},
    [GB_OPT_SIDE_BY_SIDE] = {"side-by-side", GB_OPTION_FLAG, AT(side_by_side), NULL, NULL, 0, 0,
                             "a labelled clip of the input beside the output"},
    [GB_OPT_STABILISE] = {"stabilise", GB_OPTION_FLAG, AT(stabilise), NULL, NULL, 0, 0,
                          "against flicker: held drawings keep their strips, others are blended with the last frame's, "
                          "moved as the centre moves; the same as --generator G+hold"},
    [GB_OPT_DEINTERLACE] = {"deinterlace", GB_OPTION_CHOICE, AT(deinterlace), "no|yes|film", "no", 0, 0,
                            "of interlaced video (default: no, it is refused): yes makes one whole frame of each "
                            "(bwdif); film puts film's 24 frames a second together again out of 30 (fieldmatch, "
                            "decimate)"},
    [GB_OPT_CROP] = {"crop", GB_OPTION_TEXT, AT(crop), "auto|none|W:H:X:Y", "auto", 0, 0,
                     "the part to widen, in stored pixels; auto leaves out black bars, and black columns at the sides"},
    [GB_OPT_WORK_HEIGHT] = {"work-height", GB_OPTION_NUMBER, AT(work_height), "PX", "0", 0, 16384,
                            "lines at which strips are invented (0: 288 for nets, the picture's own for baselines)"},
    [GB_OPT_CODEC] = {"codec", GB_OPTION_CHOICE, AT(codec), "h264|av1|ffv1", NULL, 0, 0,
                      "how to encode (default: av1 in .webm, else h264; ffv1 is lossless)"},
    [GB_OPT_QUALITY] = {"quality", GB_OPTION_NUMBER, AT(quality), "CRF", "-1", 0, 63,
                        "lower is better and larger (default: 18 for h264, 30 for av1)"},
    [GB_OPT_SEGMENT] = {"segment", GB_OPTION_NUMBER, AT(segment), "N", "240", 1, 100000,
                        "frames that are encoded as one piece, and are not made again after an interruption"},
    [GB_OPT_FPS] = {"fps", GB_OPTION_NUMBER, AT(fps), "N", "24", 1, 240, "frames a second of a folder of images"},
    [GB_OPT_PANEL] = {"panel", GB_OPTION_NUMBER, AT(panel), "PX", "0", 0, 4096,
                      "lines of each panel of a comparison (0: the picture's own, at most 360)"},
    [GB_OPT_DROP] = {"drop", GB_OPTION_LIST, AT(drop), "audio,subtitle,attachment", NULL, 0, 0,
                     "kinds of streams not to carry over"},
    [GB_OPT_FORMAT] = {"format", GB_OPTION_LIST, AT(format), "F,G", NULL, 0, 0,
                       "html, md, csv, json, jsonl, junit (default: these); png, svg, pdf: figures for papers"},
    [GB_OPT_PEER] = {"peer", GB_OPTION_CHOICE, AT(peer), "pytorch", NULL, 0, 0,
                     "time PyTorch beside it (makes its own virtual environment)"},
    [GB_OPT_MODEL] = {"model", GB_OPTION_FLAG, AT(model), NULL, NULL, 0, 0,
                      "run nothing: what nets cost by their graphs, and the least time at the roof of cards and here"},
    [GB_OPT_NO_TIMING] = {"no-timing", GB_OPTION_FLAG, AT(no_timing), NULL, NULL, 0, 0, "leave out the timing pass"},
    [GB_OPT_NO_PANELS] = {"no-panels", GB_OPTION_FLAG, AT(no_panels), NULL, NULL, 0, 0, "leave out the pictures"},
    [GB_OPT_ALL] = {"all", GB_OPTION_FLAG, AT(all), NULL, NULL, 0, 0,
                    "every generator, dataset and metric (the same as `run` with nothing selected; what is selected "
                    "beside it counts)"},
    [GB_OPT_JSON] = {"json", GB_OPTION_FLAG, AT(json), NULL, NULL, 0, 0, "machine-readable output on stdout"},
    [GB_OPT_QUIET] = {"quiet", GB_OPTION_FLAG, AT(quiet), NULL, NULL, 0, 0, "no progress, no tables"},
    [GB_OPT_BASELINE] = {"baseline", GB_OPTION_TEXT, AT(baseline), "B", "results/baseline.json", 0, 0,
                         "what to compare with: a baseline file, or a run's folder (default: results/baseline.json)"},
    [GB_OPT_REBASELINE] = {"rebaseline", GB_OPTION_FLAG, AT(rebaseline), NULL, NULL, 0, 0,
                           "write the run as the new baseline file, small enough to be committed"},
    [GB_OPT_WHY] = {"why", GB_OPTION_TEXT, AT(why), "TEXT", NULL, 0, 0, "the reason for a new baseline, kept in it"},
    [GB_OPT_LIMITS] = {"limits", GB_OPTION_TEXT, AT(limits), "FILE", NULL, 0, 0,
                       "which loss matters, metric by metric, as JSON (default: built in, see results/gate.md)"},
    [GB_OPT_SPEED] = {"speed", GB_OPTION_CHOICE, AT(speed), "on|strict|off", "on", 0, 0,
                      "compare times too, where both were taken on the same machine; on: what cannot be decided is "
                      "shown, strict: it fails"},
    [GB_OPT_SUMMARY] = {"summary", GB_OPTION_TEXT, AT(summary), "FILE.md", NULL, 0, 0,
                        "write a Markdown summary for a pull request"},
    [GB_OPT_GITHUB] = {"github", GB_OPTION_FLAG, AT(github), NULL, NULL, 0, 0,
                       "add the Markdown summary to the file that $GITHUB_STEP_SUMMARY names"},
    [GB_OPT_JUNIT] = {"junit", GB_OPTION_TEXT, AT(junit), "FILE.xml", NULL, 0, 0, "write JUnit: a test case a row"},
    [GB_OPT_SELF_TEST] = {"self-test", GB_OPTION_FLAG, AT(self_test), NULL, NULL, 0, 0,
                          "measure how often the gate misses known changes and complains of none"},
    [GB_OPT_RESAMPLES] = {"resamples", GB_OPTION_NUMBER, AT(resamples), "N", "400", 20, 100000,
                          "samples of shots that the self-test judges for each case"},
    [GB_OPT_RESUME] = {"resume", GB_OPTION_TEXT, AT(resume), "DIR", NULL, 0, 0,
                       "go on with the run in DIR, which was cut off or in which something failed, as it was started"},
    [GB_OPT_SHARD] = {"shard", GB_OPTION_TEXT, AT(shard), "K/N", NULL, 0, 0,
                      "only the K-th of N parts of the frames; `merge` puts the parts together"},
    [GB_OPT_CACHE] = {"cache", GB_OPTION_FLAG, AT(cache), NULL, NULL, 0, 0,
                      "take scores that an earlier run computed from the very same frames, weights, protocol, code and "
                      "engine from the cache, and put new ones there; times are always measured"},
    [GB_OPT_NO_CACHE] = {"no-cache", GB_OPTION_FLAG, AT(no_cache), NULL, NULL, 0, 0,
                         "compute everything (the default, unless $GANIME_SCORE_CACHE is 1)"},
    [GB_OPT_CACHE_SIZE] = {"cache-size", GB_OPTION_NUMBER, AT(cache_size), "MB", "1024", 1, 100000000,
                           "what the cache may take; what was used longest ago goes first"},
    [GB_OPT_ALLOW_MISSING] = {"allow-missing", GB_OPTION_FLAG, AT(allow_missing), NULL, NULL, 0, 0,
                              "merge though parts are missing: their frames' rows have failed"},
    [GB_OPT_HELP] = {"help", GB_OPTION_FLAG, AT(help), NULL, NULL, 0, 0, "this text"},
    [GB_OPT_VERSION] = {"version", GB_OPTION_FLAG, AT(version), NULL, NULL, 0, 0, "versions of this and its libraries"},
};

static const struct {
    const char *command;
    int option;
    const char *words;
} other_words[] = {
    {"extend", GB_OPT_GENERATOR,
     "the generator to widen with; G+hold: with its strips stabilised, as with --stabilise"},
    {"extend", GB_OPT_FORMAT, "what goes to standard output: y4m (default), mkv or nut"},
    {"compare", GB_OPT_GENERATOR, "G: this one alone; within one run G,H: H against G"},
    {"perf", GB_OPT_DATASET,
     "dataset id, or the path of a pack, folder or video; repeatable (default: none, everything is timed on noise)"},
    {"perf", GB_OPT_LIMIT, "N frames of each --dataset (default: 25)"},
    {"report", GB_OPT_OUT, "folder to write into (default: the run's own)"},
    {"merge", GB_OPT_OUT, "folder to write the whole run into; must be given"},
    {"dataset build", GB_OPT_OUT, "pack to write (default: SOURCE's name with .h5, here)"},
    {"dataset build", GB_OPT_SPLIT,
     "what all shots are for (default: 70 % train, 20 % val, 10 % test, in their order)"},
    {"dataset export", GB_OPT_OUT, "folder to write; must be given"},
};

const char *gb_option_words(const gb_command *command, const gb_option *option)
{
    for (size_t i = 0; command && i < sizeof other_words / sizeof *other_words; i++)
        if (option == &gb_option_table[other_words[i].option] && !strcmp(command->name, other_words[i].command))
            return other_words[i].words;
    return option->help;
}

void gb_option_explain(const gb_command *command, const gb_option *option, char *out, size_t size)
{
    const char *const words = gb_option_words(command, option), *const initial = option->initial;
    const bool tells = initial && strcmp(initial, "0") != 0 && strcmp(initial, "-1") != 0 && !strstr(words, "default");
    snprintf(out, size, "%s%s%s%s", words, tells ? " (default: " : "", tells ? initial : "", tells ? ")" : "");
}
